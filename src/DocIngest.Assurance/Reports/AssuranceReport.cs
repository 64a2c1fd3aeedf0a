using System.Text.Json.Serialization;

namespace DocIngest.Assurance.Reports;

/// <summary>What one run of the assurance found: a verification or a restore drill (<c>report.json</c>; docs/formats/report.md). Signed as its bytes stand.</summary>
/// <remarks>Holds ids, counts and digests, nothing of the content of records (I6). What it says of itself, above all <see cref="Result"/>, follows from its counts:
/// <see cref="ReportRules"/> tells where it does not.</remarks>
/// <param name="ReportId">A UUID.</param>
/// <param name="Run">Which run it was, by what program, and when.</param>
/// <param name="Kind">What kind of run.</param>
/// <param name="Policy">By which rules.</param>
/// <param name="Acceptance">What had to be met, as it was set before the run.</param>
/// <param name="Source">The backup that was read; null where none was.</param>
/// <param name="Target">Where it was restored to; null where nothing was.</param>
/// <param name="Population">What the run speaks about.</param>
/// <param name="Sample">How it was drawn; null where the whole population was taken.</param>
/// <param name="Checks">What was done, and how often it went well.</param>
/// <param name="Items">The list of single results.</param>
/// <param name="Rpo">Data that would have been lost; null where the run does not measure it.</param>
/// <param name="Rto">How long it took until work could go on; null where the run does not measure it.</param>
/// <param name="Coverage">How old the oldest reading is.</param>
/// <param name="Copies">Where copies are, and when each was read last.</param>
/// <param name="NotTested">What this run does not say anything about, for a person.</param>
/// <param name="Findings">What was found, and what is still open of earlier runs.</param>
/// <param name="Result">What comes of it.</param>
/// <param name="Bound">What the sample says about all of the population; null where there was none.</param>
/// <param name="Earlier">The last runs of this kind, newest first.</param>
/// <param name="NextDue">When the next is due; null where nothing is scheduled.</param>
/// <param name="Chain">What it hangs on.</param>
public sealed record AssuranceReport(
    [property: JsonRequired] Guid ReportId, ReportedRun Run, ReportKind Kind, ReportedPolicy Policy, IReadOnlyList<AcceptanceCriterion> Acceptance,
    ReportedSource? Source, ReportedTarget? Target, ReportedPopulation Population, ReportedSample? Sample, IReadOnlyList<ReportedCheck> Checks, ReportedItems Items,
    RecoveryPoint? Rpo, RecoveryTime? Rto, ReportedCoverage? Coverage, IReadOnlyList<ReportedCopy> Copies, IReadOnlyList<string> NotTested, IReadOnlyList<ReportedFinding> Findings,
    ReportResult Result, DefectStatement? Bound, IReadOnlyList<EarlierRun> Earlier, DateTimeOffset? NextDue, ReportChain Chain)
{
    /// <summary>Format and version of this document.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = CurrentFormat;

    /// <summary>The format that this program writes.</summary>
    public const string CurrentFormat = "docingest-report/1";
}

/// <summary>What kind of run a report is about.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReportKind>))]
public enum ReportKind
{
    /// <summary>Files of the archive were read again and compared with their digests.</summary>
    [JsonStringEnumMemberName("archive-verification")]
    ArchiveVerification,

    /// <summary>Packs of a repository were read again, decrypted, and compared.</summary>
    [JsonStringEnumMemberName("backup-verification")]
    BackupVerification,

    /// <summary>A random sample of records was restored and compared.</summary>
    [JsonStringEnumMemberName("sample-drill")]
    SampleDrill,

    /// <summary>Everything was restored, and the archive rebuilt from it.</summary>
    [JsonStringEnumMemberName("full-drill")]
    FullDrill,

    /// <summary>Restored with the escrowed key alone.</summary>
    [JsonStringEnumMemberName("key-drill")]
    KeyDrill,

    /// <summary>One record was asked for, as a clerk would, and fetched from a backup.</summary>
    [JsonStringEnumMemberName("request-drill")]
    RequestDrill,

    /// <summary>A backup older than a destruction was restored: what was destroyed must not come back.</summary>
    [JsonStringEnumMemberName("destruction-drill")]
    DestructionDrill,
}

/// <summary>What comes of a run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReportResult>))]
public enum ReportResult
{
    /// <summary>Something failed, nothing was checked, or a criterion is not met.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,

    /// <summary>It was not carried through.</summary>
    [JsonStringEnumMemberName("aborted")]
    Aborted,

    /// <summary>Nothing failed and every criterion is met, but something was skipped or found.</summary>
    [JsonStringEnumMemberName("pass-with-findings")]
    PassWithFindings,

    /// <summary>Everything that was planned was checked, and all of it was as it should be.</summary>
    [JsonStringEnumMemberName("pass")]
    Pass,
}
