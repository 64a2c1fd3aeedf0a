namespace DocIngest.Pipeline;

/// <summary>What became of one file: the line that <c>ingest</c> prints (DESIGN section 6).</summary>
/// <param name="File">Path as given or found, fit for reading.</param>
/// <param name="Outcome"><c>filed</c>, <c>versioned</c>, <c>duplicate</c>, <c>quarantined</c>, <c>failed</c> or <c>skipped</c>.</param>
/// <param name="Id">The record, or the scan's id where there is no record.</param>
/// <param name="Version">The record's version, <c>v1</c> on.</param>
/// <param name="Pages">Pages of the original, where known.</param>
/// <param name="Sha512">Digest of the original, where it was read.</param>
/// <param name="TextStatus">How far its text was read.</param>
/// <param name="Reason">Why, where the outcome needs one.</param>
public sealed record ScanReport(
    string File,
    string Outcome,
    string? Id,
    string? Version,
    int? Pages,
    string? Sha512,
    string? TextStatus,
    string? Reason)
{
    /// <summary>Of a document that was cut out of a scan: its pages there, as <c>3-5,7</c>.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public string? FilePages { get; init; }

    /// <summary>The outcome of a file that changed while it was copied, or is no plain file.</summary>
    public const string Skipped = "skipped";
}
