using System.Globalization;
using System.Runtime.InteropServices;
using DocIngest.Assurance.Reports;
using DocIngest.Backup.Restores;
using DocIngest.Pipeline.Runs;

namespace DocIngest.Assurance.Drills;

/// <summary>What a drill has found so far, and the report that comes of it, whatever it has come to.</summary>
internal sealed class DrillReport(DrillScene scene, DrillOrder order, Run run)
{
    private const string Everything = "Every record is restored, with the bytes that were taken in";
    private const string Drawn = "Every record that was drawn is restored, with the bytes that were taken in";

    private static readonly string[] NotTested =
    [
        "Whether a document shows what was scanned: digests are compared and pages counted, nobody looked at it.",
        "Restoring on another machine, by people who have only the instructions.",
        "Whether a backup older than a destruction brings back what was destroyed.",
    ];

    private bool _isWiped;

    /// <summary>Its id.</summary>
    public Guid ReportId { get; } = Guid.CreateVersion7(scene.Time.GetUtcNow());

    public PhaseClock Clock { get; } = new(scene.Time);

    public OpenedBackup? Backup { get; set; }

    public BackedUpArchive? Archive { get; set; }

    public ReportedPopulation? Population { get; set; }

    public ReportedSample? Sample { get; set; }

    public DrillRecord? Record { get; set; }

    public RestoreResult? Restored { get; set; }

    public ReportedItems? Items { get; set; }

    /// <summary>Why it was not carried through.</summary>
    public string? Aborted { get; set; }

    /// <summary>Removes what was restored, and notes whether it is gone.</summary>
    public void WipeOf(DrillFolder folder)
    {
        _isWiped = folder.Wipe();
        if (!_isWiped)
        {
            Aborted ??= "What was restored could not be removed: records lie in the clear in drill/ of the data folder. The next drill removes them; or do it by hand.";
        }
    }

    /// <summary>The report, but for what it hangs on.</summary>
    public AssuranceReport Finish()
    {
        bool isWhole = Aborted is null;
        var checks = Record?.Checks ?? [];
        var rpo = Rpo();
        var rto = isWhole ? Rto() : null;
        return new AssuranceReport(
            ReportId, DescribeRun(), order.IsFull ? ReportKind.FullDrill : Backup?.UnlockedBy == "escrow" ? ReportKind.KeyDrill : ReportKind.SampleDrill, order.Policy,
            Acceptance(checks, rpo, rto), Source(), Archive is null ? null : new ReportedTarget(IsIsolated: true, _isWiped),
            PopulationOf(isWhole), isWhole ? Sample : null, checks, Items ?? throw new InvalidOperationException("Lists are closed first."), rpo, rto,
            Coverage: null, Copies(), [.. NotTested, .. More()], Record?.Findings ?? [], ReportResult.Aborted, isWhole ? Bound() : null, [], NextDue: null, new ReportChain(null, null, 0, ""));
    }

    private ReportedRun DescribeRun() => new(
        run.Number, run.Trigger, run.Account, order.Organisation, Environment.MachineName, RuntimeInformation.OSDescription, scene.Program,
        PlannedAt: null, run.StartedAt, scene.Time.GetUtcNow(), Aborted);

    // A list that nobody can check the sample against is not named.
    private ReportedPopulation PopulationOf(bool isWhole)
    {
        var population = Population ?? new ReportedPopulation("records", 0, null, "the audit's entries of intake, less what the destruction ledger names", null, []);
        return isWhole && Sample is not null ? population : population with { ListSha256 = null };
    }

    private List<AcceptanceCriterion> Acceptance(IReadOnlyList<ReportedCheck> checks, RecoveryPoint? rpo, RecoveryTime? rto)
    {
        bool? Met(string check) => checks.FirstOrDefault(one => one.Id == check) is { } found ? found.Failed == 0 && found.Passed > 0 : null;
        List<AcceptanceCriterion> criteria = [new("restored", order.IsFull ? Everything : Drawn, Met("restored")), new("canary", "Damage made on purpose is found", Met("canary"))];
        if (order.RpoObjective is { } lost)
        {
            criteria.Add(new AcceptanceCriterion("rpo", $"No more than {Words(lost)} would be lost", rpo?.AchievedSeconds is { } achieved ? achieved <= lost.TotalSeconds : null));
        }

        if (order.RtoObjective is { } until)
        {
            criteria.Add(new AcceptanceCriterion("rto", $"Work goes on within {Words(until)}", rto?.AchievedSeconds is { } achieved ? achieved <= until.TotalSeconds : null));
        }

        return criteria;
    }

    private ReportedSource? Source() => Backup is null ? null : new ReportedSource(
        Backup.Name, Backup.Kind, Archive?.Id.ToString(), Archive?.Time, Backup.Repository.KeyId?.ToString() ?? "", Backup.UnlockedBy, DeletesRefused: null);

    private RecoveryPoint? Rpo() => Archive is null ? null : new RecoveryPoint(
        Seconds(order.RpoObjective), (long)Math.Max(0, (run.StartedAt - Archive.Time).TotalSeconds),
        "From the beginning of the newest backup, which holds everything that was filed before it, to the beginning of the drill.");

    private RecoveryTime? Rto()
    {
        var time = order.IsFull ? Clock.Total : Clock.ForBytes((long)(Archive?.Snapshot.Summary?.BytesProcessed ?? 0), Restored?.BytesRestored ?? 0);
        return new RecoveryTime(Seconds(order.RtoObjective), (long)Math.Ceiling(time.TotalSeconds), IsExtrapolated: !order.IsFull, Clock.Phases);
    }

    private List<ReportedCopy> Copies()
    {
        List<ReportedCopy> copies = [new("archive", "archive", scene.Time.GetUtcNow(), null, "the archive itself; not read by this drill")];
        if (Backup is not null)
        {
            copies.Add(new ReportedCopy(Backup.Name, Backup.Kind, Archive?.Time, order.IsFull && Aborted is null ? run.StartedAt : null, Backup.Remark));
        }

        return copies;
    }

    private IEnumerable<string> More()
    {
        if (!order.IsFull)
        {
            yield return "Records that were not drawn, and how long it takes to make the catalog anew: a full drill does.";
        }

        if (Backup is not { UnlockedBy: "escrow" })
        {
            yield return "The escrowed key: this drill opened the repository with the password of the running service.";
        }

        if (Restored is { ProblemCount: > 0 } result)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{result.ProblemCount:N0} files of the backup that could not be restored as it has them: the checks say what that means for records.");
        }
    }

    private DefectStatement? Bound()
    {
        if (Record is null || Population is null || (order.IsFull && Record.CheckedCount != Population.Count))
        {
            return null;   // what is not drawn at random says nothing about the rest
        }

        return ReportVerdict.Bound(Population.Count, Population.Unit, Record.CheckedCount, Record.FailedCount, order.Confidence);
    }

    private static long? Seconds(TimeSpan? span) => span is { } known ? (long)known.TotalSeconds : null;

    private static string Words(TimeSpan span) => span.TotalHours >= 48
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.##} days")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.##} hours");
}
