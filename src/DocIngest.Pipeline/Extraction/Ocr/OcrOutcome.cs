using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>Why pages wait instead of being read now.</summary>
internal enum OcrWait
{
    /// <summary>Nothing waits, or what does has another cause.</summary>
    None,

    /// <summary>The configuration says so.</summary>
    Off,

    /// <summary>No tesseract, or one that does not work.</summary>
    NoProgram,

    /// <summary>None of the languages asked for is installed.</summary>
    NoLanguage,

    /// <summary>It would take too long now.</summary>
    LongDocument,
}

/// <summary>What OCR did for a document.</summary>
/// <param name="Pages">Pages it looked at, by number.</param>
/// <param name="Failures">Pages it could not read.</param>
/// <param name="Tools">Programs and models that took part.</param>
/// <param name="Wait">Why others wait.</param>
internal sealed record OcrOutcome(
    IReadOnlyDictionary<int, WorkerPage> Pages,
    IReadOnlyDictionary<int, OcrFailure> Failures,
    IReadOnlyList<ToolVersion> Tools,
    OcrWait Wait)
{
    /// <summary>Languages that were asked for and of which tesseract has no packs, as it names them: pages were read without.</summary>
    public IReadOnlyList<string> MissingLanguages { get; init; } = [];

    /// <summary>Pages with words of which a part could not be seen.</summary>
    public int DamagedPages => Pages.Values.Count(page => page.Ocr is { IsDamaged: true });

    /// <summary>Pages that are too large to be shown.</summary>
    public int TooLargePages => Pages.Values.Count(page => page.Fate == PageFate.TooLarge);

    /// <summary>It did nothing.</summary>
    public static OcrOutcome Nothing(OcrWait wait) => new(new Dictionary<int, WorkerPage>(), new Dictionary<int, OcrFailure>(), [], wait);
}
