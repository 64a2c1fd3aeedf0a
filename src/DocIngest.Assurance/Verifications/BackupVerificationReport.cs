using System.Globalization;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Assurance.Sources;
using DocIngest.Backup;
using DocIngest.Backup.Checks;
using DocIngest.Pipeline.Runs;

namespace DocIngest.Assurance.Verifications;

/// <summary>What a verification of a repository has found so far, and the report that comes of it.</summary>
internal sealed class BackupVerificationReport(AssuranceScene scene, BackupVerificationOrder order, Run run) : RunReport(scene, order, run)
{
    private static readonly RunCheck Usable = new("backup", "The repository can be used", CheckKind.Structure, "what any work on it needs");

    private static readonly string[] NotTested =
    [
        "Whether what it holds is what was filed: restore drills compare that with the audit.",
        "Whether people can restore it on another machine.",
    ];

    private readonly BackupVerificationOrder _order = order;

    /// <summary>The repository; closed by the end, and known all the same.</summary>
    public OpenedBackup? Backup { get; set; }

    /// <summary>What was found; null where it did not come so far.</summary>
    public CheckResult? Result { get; set; }

    /// <inheritdoc />
    public override bool IsDrawn(string id) => false;   // nothing is drawn

    /// <inheritdoc />
    public override AssuranceReport Finish() => new(
        ReportId, DescribeRun(), ReportKind.BackupVerification, _order.Policy, Acceptance(),
        Backup is null ? null : new ReportedSource(Backup.Name, Backup.Kind, Snapshot: null, SnapshotTime: null, Backup.Repository.KeyId?.ToString() ?? "", Backup.UnlockedBy, DeletesRefused: null), Target: null,
        new ReportedPopulation("packs", Result?.PackContents.Total ?? 0, null, "the index of the repository", null, []), Sample: null, Record?.Checks ?? [], Items, Rpo: null, Rto: null,
        Coverage(), Copies(), [.. NotTested, .. More()], Record?.Findings ?? [], ReportResult.Aborted, Bound: null, [], _order.NextDue, new ReportChain(null, null, 0, ""));

    /// <inheritdoc />
    protected override bool IsResult(Exception error) => error is DamagedRepositoryException or UnsupportedRepositoryException;

    /// <inheritdoc />
    protected override void NoteResult(RunRecord record, Exception error) => record.CloseCounted(Usable, 0, 1, error.Message, []);

    private List<AcceptanceCriterion> Acceptance() =>
    [
        new("sound", "Everything that was looked at is as it must be", Result is null ? null : Result.Verdict is not CheckVerdict.Errors),
        new(
            "in-time", string.Create(CultureInfo.InvariantCulture, $"Every pack was read to its last byte within {_order.Within.TotalDays:0.#} days"),
            Result?.Coverage is { } coverage ? coverage is { TooOld: 0, Never: 0 } : null),
    ];

    private ReportedCoverage? Coverage() => Result is { Coverage: { } coverage } result
        ? new ReportedCoverage((int)Math.Ceiling(_order.Within.TotalDays), coverage.InTime, coverage.Packs, result.BytesRead, coverage.Never > 0 ? null : coverage.Oldest)
        : null;

    private List<ReportedCopy> Copies() => Backup is null ? [] :
        [new ReportedCopy(Backup.Name, Backup.Kind, NewestAt: null, Coverage()?.OldestReading, Backup.Remark)];

    private IEnumerable<string> More()
    {
        if (Result is { Coverage.Never: > 0 } or { Coverage.TooOld: > 0 })
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{Result.PackContents.Skipped:N0} packs that were not read in this run.");
        }
    }
}
