using System.ComponentModel.DataAnnotations;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Ocr;

namespace DocIngest.Worker.Configuration;

/// <summary>The child processes that read documents, and what one document may cost.</summary>
public sealed class ReadingOptions
{
    /// <summary>Documents read at the same time; 0 for one per core. Default 0; up to 64.</summary>
    [Range(0, 64)]
    public int Workers { get; set; }

    /// <summary>Longest time for one try at one document. Default 10 min; 1 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan DocumentLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest time without a page or another sign of progress. Default 2 min; 1 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan StallLimit { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest time one program called by a reader may run. Default 2 min; 1 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ExternalCallLimit { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Managed memory of one reader, in bytes. Default 768 MiB; 64 MiB to 64 GiB.</summary>
    [Range(64L << 20, 64L << 30)]
    public long HeapLimitBytes { get; set; } = 768L << 20;

    /// <summary>Largest number of pages of one document that are read. Default 20,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxPages { get; set; } = 20_000;

    /// <summary>Whether pages without text are read by OCR, where tesseract is installed. Default true.</summary>
    public bool Ocr { get; set; } = true;

    /// <summary>Languages where a profile names none, as <c>en</c> or as tesseract's packs <c>eng</c>, in order of weight. Default <c>eng</c>.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> OcrLanguages { get; set; } = ["eng"];

    /// <summary>Longest time for OCR of one page. Default 1 min; 1 s to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan OcrPageLimit { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A document whose OCR would take longer is filed unread, and read afterwards. Default 10 min; 0 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan OcrLongDocument { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The pool's options.</summary>
    /// <param name="workerExecutable">Absolute path of the program to start.</param>
    /// <param name="workerArguments">Its arguments.</param>
    /// <param name="readableFolders">What it may read.</param>
    /// <param name="scratchFolder">Where it may write.</param>
    internal ExtractionOptions ToExtractionOptions(
        string workerExecutable, IReadOnlyList<string> workerArguments, IReadOnlyList<string> readableFolders, string scratchFolder)
    {
        var options = new ExtractionOptions
        {
            WorkerExecutable = workerExecutable,
            WorkerArguments = workerArguments,
            ReadableFolders = readableFolders,
            DocumentLimit = DocumentLimit,
            StallLimit = StallLimit < DocumentLimit ? StallLimit : DocumentLimit,
            ExternalCallLimit = ExternalCallLimit < DocumentLimit ? ExternalCallLimit : DocumentLimit,
            HeapLimitBytes = HeapLimitBytes,
            MaxPages = MaxPages,
            IsOcrOff = !Ocr,
            Ocr = Ocr && OcrPrograms.Find() is { } programs
                ? new OcrOptions
                {
                    Programs = programs,
                    ScratchFolder = scratchFolder,
                    Languages = OcrLanguages,
                    PageLimit = OcrPageLimit,
                    LongDocument = OcrLongDocument,
                }
                : null,
        };
        return Workers == 0 ? options : options with { WorkerCount = Workers };
    }
}
