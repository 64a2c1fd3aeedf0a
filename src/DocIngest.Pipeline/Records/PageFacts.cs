namespace DocIngest.Pipeline.Records;

/// <summary>What one page of a scan was found to be.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Content">What it shows.</param>
/// <param name="BarCodes">Its bar codes; null where they were not asked for, or could not be read.</param>
public sealed record PageFacts(int Number, PageContent Content, IReadOnlyList<BarCode>? BarCodes = null);

/// <summary>What a page shows.</summary>
public enum PageContent
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>Something that waits for OCR.</summary>
    PendingOcr,

    /// <summary>Nothing: no text of its own, and no ink.</summary>
    Blank,

    /// <summary>Nobody knows: it could not be read.</summary>
    Failed,

    /// <summary>Something on which OCR found no word.</summary>
    Wordless,
}

/// <summary>Whether the bar codes of a document were read.</summary>
/// <param name="Codes">Those found, in the order of pages.</param>
/// <param name="IsComplete">Every page was looked at. Otherwise a separator sheet may have been missed.</param>
/// <param name="WhyNot">In plain words, made by us; null where it is complete.</param>
public sealed record BarCodeReading(IReadOnlyList<BarCode> Codes, bool IsComplete, string? WhyNot);
