using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.Records;

/// <summary>How a scan was divided, and where each of its pages went: pages in = pages filed + separators + discarded blanks.</summary>
/// <param name="PagesIn">Pages of the scan.</param>
/// <param name="PagesFiled">Pages of its documents.</param>
/// <param name="Separators">Numbers of the separator sheets, which are in no document.</param>
/// <param name="DiscardedBlanks">Numbers of the blank pages that are in no document.</param>
/// <param name="Parts">Its documents, in the order of pages.</param>
public sealed record BatchAccount(
    int PagesIn, int PagesFiled, IReadOnlyList<int> Separators, IReadOnlyList<int> DiscardedBlanks, IReadOnlyList<BatchPart> Parts)
{
    /// <summary>The account as people read it.</summary>
    public override string ToString() =>
        $"{PagesIn} pages: {PagesFiled} in {Parts.Count} documents, {Separators.Count} separators, {DiscardedBlanks.Count} blank pages left out";
}

/// <summary>One document of a divided scan.</summary>
/// <param name="ScanId">Its claim; also its record's id, unless it became a version of another record or doubles one.</param>
/// <param name="Pages">Pages of the batch's original, as <c>3-5,7</c>.</param>
/// <param name="OpenedBy">The bar code of the separator before it, or on its first page; null in front of the first separator.</param>
public sealed record BatchPart(
    RecordId ScanId, string Pages, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BarCode? OpenedBy)
{
    /// <summary>
    /// SHA-512 of the document as it was cut, hexadecimal: where it doubles another record, the one with this <see cref="RecordDocument.Sha512"/>. Null in records
    /// of older programs.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sha512 { get; init; }
}

/// <summary>Which pages of which batch record a document was cut from.</summary>
/// <param name="Batch">The batch record.</param>
/// <param name="Version">Its version.</param>
/// <param name="Pages">Pages of its original, as <c>3-5,7</c>.</param>
public sealed record PartOf(RecordId Batch, int Version, string Pages)
{
    /// <summary>The bar code of the separator before it, or on its first page; null where there was none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BarCode? OpenedBy { get; init; }

    /// <summary>How many documents the batch became; 0 where that was not asked. The batch record has it.</summary>
    [JsonIgnore]
    public int DocumentCount { get; init; }

    /// <summary>What the sheet before it says, which is part of its identity; null where there was none, or one that says nothing.</summary>
    [JsonIgnore]
    public string? Sheet => OpenedBy is { IsPatchT: false } sheet ? sheet.Value : null;

    /// <summary>The bar codes that count as the document's: those of its pages, and that of the sheet before them, with page 0.</summary>
    public IReadOnlyList<BarCode> WithSheet(IReadOnlyList<BarCode> codes) =>
        OpenedBy is { } sheet && !codes.Any(code => code.Symbology == sheet.Symbology && code.Value == sheet.Value) ? [sheet with { Page = 0 }, .. codes] : codes;
}
