using System.Globalization;
using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Runs;

namespace DocIngest.Assurance.Verifications;

/// <summary>What a verification of the archive has found so far, and the report that comes of it.</summary>
internal sealed class VerificationReport(AssuranceScene scene, VerificationOrder order, Run run) : RunReport(scene, order, run)
{
    private static readonly string[] NotTested =
    [
        "Whether a document shows what was scanned: bytes are compared, nobody looked at them.",
        "Whether backups can be restored: restore drills show that.",
        "What the disk holds of files that were written a short time ago: the system may have answered from its memory.",
    ];

    private readonly VerificationOrder _order = order;
    private readonly Run _run = run;
    private readonly TimeProvider _time = scene.Time;
    private readonly bool _heals = scene.Archive is OcflStorageRoot;

    /// <summary>All objects that must be there, with their readings after this run; empty where it did not come so far.</summary>
    public IReadOnlyList<KnownObject> Objects { get; set; } = [];

    /// <summary>What does not belong to it, and why.</summary>
    public IReadOnlyList<string> Excluded { get; set; } = [];

    /// <summary>Bytes that were read.</summary>
    public long Bytes { get; set; }

    /// <summary>Whether everything that was to be read now was: the time was not up before.</summary>
    public bool IsThrough { get; set; }

    /// <summary>Records of which the audit has no digest.</summary>
    public long Undigested { get; set; }

    /// <inheritdoc />
    public override bool IsDrawn(string id) => false;   // nothing is drawn

    /// <inheritdoc />
    public override AssuranceReport Finish()
    {
        bool isWhole = Aborted is null;
        var checks = Record?.Checks ?? [];
        return new AssuranceReport(
            ReportId, DescribeRun(), ReportKind.ArchiveVerification, _order.Policy, Acceptance(checks, isWhole), Source: null, Target: null,
            new ReportedPopulation("objects", Objects.Count, null, "the audit (entries of intake, less those of destruction) and, of objects that are no records, the archive", null, Excluded),
            Sample: null, checks, Items, Rpo: null, Rto: null, isWhole ? Coverage() : null, isWhole ? Copies() : [], [.. NotTested, .. More()], Record?.Findings ?? [],
            ReportResult.Aborted, Bound: null, [], _order.NextDue, new ReportChain(null, null, 0, ""));
    }

    /// <inheritdoc />
    protected override bool IsResult(Exception error) => false;   // damage is found object by object

    /// <inheritdoc />
    protected override void NoteResult(RunRecord record, Exception error) => throw new System.Diagnostics.UnreachableException();

    private List<AcceptanceCriterion> Acceptance(IReadOnlyList<ReportedCheck> checks, bool isWhole)
    {
        var now = _time.GetUtcNow();
        return
        [
            new("sound", "Every object that was read is as it was filed", checks.FirstOrDefault(one => one.Id == "fixity") is { } fixity ? fixity is { Failed: 0, Passed: > 0 } : null),
            new(
                "in-time", string.Create(CultureInfo.InvariantCulture, $"Every object was read within {_order.Within.TotalDays:0.#} days, or is younger than that"),
                isWhole && Objects.Count > 0 ? Objects.All(one => one.IsInTime(now, _order.Within)) : null),
        ];
    }

    private ReportedCoverage Coverage()
    {
        var from = _time.GetUtcNow() - _order.Within;
        return new ReportedCoverage(
            (int)Math.Ceiling(_order.Within.TotalDays), Objects.LongCount(one => one.ReadAt >= from), Objects.Count, Bytes, Objects.Any(one => one.ReadAt is null) ? null : Objects.Min(one => one.ReadAt));
    }

    private List<ReportedCopy> Copies() =>
    [
        new ReportedCopy(
            "archive", "archive", Objects.Max(one => one.Expected?.Since), Objects.Any(one => one.ReadAt is null) ? null : Objects.Min(one => one.ReadAt),
            _heals ? "" : "in Azure: damage is told, and not put right by itself"),
    ];

    private IEnumerable<string> More()
    {
        if (Aborted is null && !IsThrough)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Objects that were due and not reached: its time ({_order.ReadsFor:c}) was up. They come first in the next run.");
        }

        if (Undigested > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Whether {Undigested:N0} records are those that were filed: an earlier program filed them, and the audit has no digest of them. That they are whole was checked.");
        }
    }
}
