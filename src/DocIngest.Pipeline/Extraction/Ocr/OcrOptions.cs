namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>How pages without usable text are read.</summary>
public sealed record OcrOptions
{
    /// <summary>The programs found on this machine.</summary>
    public required OcrPrograms Programs { get; init; }

    /// <summary>Folder (absolute) that holds each worker's own writable folder. It is made when it is missing.</summary>
    public required string ScratchFolder { get; init; }

    /// <summary>Languages where a profile names none, as <c>en</c> or as tesseract's packs <c>eng</c>, in order of weight. Default <c>eng</c>.</summary>
    public IReadOnlyList<string> Languages { get; init; } = ["eng"];

    /// <summary>Longest time for one page. Default 1 min.</summary>
    public TimeSpan PageLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A document that would take longer is filed unread and read afterwards. Default 10 min.</summary>
    public TimeSpan LongDocument { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest time for one searchable rendition, or one picture of a first page. Default 5 min.</summary>
    public TimeSpan RenditionLimit { get; init; } = TimeSpan.FromMinutes(5);
}
