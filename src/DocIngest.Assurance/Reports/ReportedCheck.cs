using System.Text.Json.Serialization;

namespace DocIngest.Assurance.Reports;

/// <summary>What the run speaks about.</summary>
/// <param name="Unit">What is counted: <c>records</c>, <c>objects</c>, <c>packs</c>.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Bytes">How much that is; null where it is not known.</param>
/// <param name="From">Where the list comes from, for a person.</param>
/// <param name="ListSha256">SHA-256 of <c>population.txt</c>: one id a line, sorted by bytes; null where there is no list.</param>
/// <param name="Excluded">What does not belong to it, and why.</param>
public sealed record ReportedPopulation(string Unit, long Count, long? Bytes, string From, string? ListSha256, IReadOnlyList<string> Excluded);

/// <summary>How the sample was drawn (docs/formats/draw-sample.py draws it again).</summary>
/// <param name="Size">How many were drawn at random. Only these make the statement about all.</param>
/// <param name="Nonce">What the auditor named, or <c>none</c> and the run's own id.</param>
/// <param name="AuditHead">The end of the audit when the population was frozen.</param>
/// <param name="Seed">SHA-256 of both.</param>
/// <param name="Confidence">What was asked for: 0.95.</param>
/// <param name="DefectRate">What was asked for: 0.01.</param>
/// <param name="Always">What was taken besides: the newest, the oldest, the largest.</param>
public sealed record ReportedSample(long Size, string Nonce, string AuditHead, string Seed, decimal Confidence, decimal DefectRate, IReadOnlyList<string> Always);

/// <summary>What was done, and how often it went well.</summary>
/// <param name="Id">A short name: <c>digest</c>.</param>
/// <param name="Name">What it is, for a person.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="ExpectedFrom">What the result was compared with, for a person.</param>
/// <param name="Planned">How many were to be checked.</param>
/// <param name="Passed">How many were, and were as they should be.</param>
/// <param name="Failed">How many were, and were not.</param>
/// <param name="Skipped">How many were not checked.</param>
/// <param name="SkippedBecause">Why, for a person; empty where none was skipped.</param>
/// <param name="HasItems">Whether each stands in the list of items.</param>
public sealed record ReportedCheck(
    string Id, string Name, CheckKind Kind, string ExpectedFrom, long Planned, long Passed, long Failed, long Skipped, IReadOnlyList<string> SkippedBecause, bool HasItems)
{
    /// <summary>Whether its counts add up.</summary>
    [JsonIgnore]
    internal bool AddsUp => Passed >= 0 && Failed >= 0 && Skipped >= 0 && Passed + Failed + Skipped == Planned;
}

/// <summary>What a check does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckKind>))]
public enum CheckKind
{
    /// <summary>The form: an OCFL root, a repository.</summary>
    [JsonStringEnumMemberName("structure")]
    Structure,

    /// <summary>Bytes against their digest.</summary>
    [JsonStringEnumMemberName("digest")]
    Digest,

    /// <summary>What was restored against what is known from elsewhere.</summary>
    [JsonStringEnumMemberName("restore-compare")]
    RestoreCompare,

    /// <summary>Everything that should be there is.</summary>
    [JsonStringEnumMemberName("completeness")]
    Completeness,

    /// <summary>A document was opened and read.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>What was destroyed is not there.</summary>
    [JsonStringEnumMemberName("destroyed")]
    Destroyed,

    /// <summary>Holds are in force.</summary>
    [JsonStringEnumMemberName("holds")]
    Holds,

    /// <summary>The chain of the audit.</summary>
    [JsonStringEnumMemberName("audit-chain")]
    AuditChain,

    /// <summary>Who may do what.</summary>
    [JsonStringEnumMemberName("permission")]
    Permission,

    /// <summary>Damage that was made on purpose, to see that it is found.</summary>
    [JsonStringEnumMemberName("canary")]
    Canary,
}

/// <summary>The list of single results (<c>items.jsonl</c>).</summary>
/// <param name="Count">Lines in it.</param>
/// <param name="Sha512">Digest of the file.</param>
public sealed record ReportedItems(long Count, string Sha512);

/// <summary>What the sample says about all.</summary>
/// <param name="Confidence">With which confidence.</param>
/// <param name="Sampled">Drawn at random and checked.</param>
/// <param name="Failed">Of these, how many were not as they should be.</param>
/// <param name="UpperRate">The rate that is not exceeded: 0 to 1.</param>
/// <param name="Text">In words.</param>
public sealed record DefectStatement(decimal Confidence, long Sampled, long Failed, double UpperRate, string Text);
