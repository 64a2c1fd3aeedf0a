using System.Globalization;
using DocIngest.Archive;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Reports.Html;
using DocIngest.Assurance.Runs;
using DocIngest.Assurance.Sources;
using DocIngest.Backup;
using DocIngest.Backup.Restores;
using DocIngest.Backup.Trees;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Runs;

namespace DocIngest.Assurance.Drills;

/// <summary>What a drill has found so far, and the report that comes of it, whatever it has come to.</summary>
internal sealed class DrillReport(DrillScene scene, DrillOrder order, Run run) : RunReport(scene, order, run)
{
    private const string Everything = "Every record is restored, with the bytes that were taken in";
    private const string Drawn = "Every record that was drawn is restored, with the bytes that were taken in";

    private static readonly string[] NotTested =
    [
        "Whether a document shows what was scanned: digests are compared and pages counted, nobody looked at it.",
        "Restoring on another machine, by people who have only the instructions.",
        "Whether a backup older than a destruction brings back what was destroyed.",
    ];

    private static readonly TimeSpan UsualAge = TimeSpan.FromHours(26);   // of a backup a day, with some delay

    private static readonly RunCheck Snapshots = new("snapshots", "Every snapshot of the repository can be read: none that is newer is hidden by damage", CheckKind.Structure, "the list of snapshots");

    private static readonly RunCheck Usable = new("backup", "The backup can be used", CheckKind.Structure, "what a restore needs");

    private readonly HashSet<string> _drawn = new(StringComparer.Ordinal);
    private readonly DrillOrder _order = order;
    private readonly Run _run = run;
    private bool _isBroken;

    public PhaseClock Clock { get; } = new(scene.Time);

    public OpenedBackup? Backup { get; set; }

    public BackedUpArchive? Archive { get; set; }

    public ReportedPopulation? Population { get; set; }

    /// <summary>Documents that could not be read when they were filed either.</summary>
    public int NotOpenable { get; set; }

    private ReportedSample? Sample { get; set; }

    private RestoreResult? Restored { get; set; }

    /// <summary>Whether one is among the drawn ones, of a full drill too.</summary>
    public bool IsToBeOpened(RecordId id) => _drawn.Contains(id.ToString());

    /// <summary>Notes what was drawn.</summary>
    public void Draw(IReadOnlyList<RecordId> drawn, ReportedSample? sample)
    {
        _drawn.UnionWith(drawn.Select(id => id.ToString()));
        Sample = sample;
    }

    /// <summary>Notes what is wrong with the backup before anything is restored.</summary>
    public void Judge(BackedUpArchive archive, RecordPopulation population)
    {
        Record?.CloseCounted(
            Snapshots, archive.Readable, archive.Unreadable, "Snapshots of the repository cannot be read: 'docingest backup check' says which. A newer backup may be among them.", []);
        if (archive.Ahead > 0)
        {
            Record?.Find("snapshot-ahead", string.Create(CultureInfo.InvariantCulture, $"{archive.Ahead:N0} snapshots say that they were made after now, and were passed over: a clock was wrong."), []);
        }

        if (population.Unaudited.Count > 0)
        {
            Record?.Find(
                "destruction-unaudited", "The destruction ledger says that these were destroyed, and the audit does not. They are asked for like all others.",
                [.. population.Unaudited.Select(id => id.ToString())]);
        }

        var allowed = _order.RpoObjective ?? UsualAge;
        if (population.Intake.FirstLater is { } first && _run.StartedAt - first > allowed)
        {
            Record?.Find(
                "backup-behind",
                string.Create(CultureInfo.InvariantCulture, $"{population.Intake.LaterCount:N0} records and versions are in no backup, the first since {first:yyyy-MM-dd HH:mm} UTC: longer than {Words.Duration(allowed.TotalSeconds)}. Look at what keeps backups from running."), []);
        }
    }

    /// <summary>Notes what was restored.</summary>
    public void Judge(RestoreResult result)
    {
        Restored = result;
        if (result.ProblemCount > 0)
        {
            Record?.Find(
                "restore-incomplete",
                string.Create(CultureInfo.InvariantCulture, $"{result.ProblemCount:N0} files could not be restored as the backup has them. 'docingest backup check --read-data' says what is damaged."), []);
        }
    }

    /// <inheritdoc />
    public override bool IsDrawn(string id) => _order.IsFull || _drawn.Contains(id);

    /// <inheritdoc />
    protected override bool IsResult(Exception error) =>
        error is DamagedRepositoryException or MalformedTreeException or UnsupportedRepositoryException or ArchiveException or NoBackupException;

    /// <inheritdoc />
    protected override void NoteResult(RunRecord record, Exception error)
    {
        _isBroken = true;
        record.CloseCounted(Usable, 0, 1, error.Message, []);
        if (record.Checks.All(check => check.Id != Canary.Id))
        {
            Canary.Skip(record);
        }
    }

    /// <inheritdoc />
    public override AssuranceReport Finish()
    {
        bool isWhole = Aborted is null && !_isBroken;
        var checks = Record?.Checks ?? [];
        var rpo = Rpo();
        var rto = isWhole ? Rto() : null;
        return new AssuranceReport(
            ReportId, DescribeRun(), _order.IsFull ? ReportKind.FullDrill : Backup?.UnlockedBy == "escrow" ? ReportKind.KeyDrill : ReportKind.SampleDrill, _order.Policy,
            Acceptance(checks, rpo, rto), Source(), Archive is null ? null : new ReportedTarget(IsIsolated: true, IsWiped),
            PopulationOf(isWhole), isWhole ? Sample : null, checks, Items, rpo, rto,
            Coverage: null, Copies(), [.. NotTested, .. More()], Record?.Findings ?? [], ReportResult.Aborted, isWhole ? Bound() : null, [], _order.NextDue, new ReportChain(null, null, 0, ""));
    }

    // A list that nobody can check the sample against is not named.
    private ReportedPopulation PopulationOf(bool isWhole)
    {
        var population = Population ?? new ReportedPopulation("records", 0, null, "the audit's entries of intake, less what the destruction ledger names", null, []);
        return isWhole && Sample is not null ? population : population with { ListSha256 = null };
    }

    private List<AcceptanceCriterion> Acceptance(IReadOnlyList<ReportedCheck> checks, RecoveryPoint? rpo, RecoveryTime? rto)
    {
        bool? Met(string check) => checks.FirstOrDefault(one => one.Id == check) is { } found ? found is { Failed: 0, Skipped: 0, Passed: > 0 } : null;
        List<AcceptanceCriterion> criteria = [new("restored", _order.IsFull ? Everything : Drawn, Met("restored")), new("canary", "Damage made on purpose is found", Met("canary"))];
        if (_order.RpoObjective is { } lost)
        {
            criteria.Add(new AcceptanceCriterion("rpo", $"No more than {Words.Duration(lost.TotalSeconds)} would be lost", rpo?.AchievedSeconds is { } achieved ? achieved <= lost.TotalSeconds : null));
        }

        if (_order.RtoObjective is { } until)
        {
            criteria.Add(new AcceptanceCriterion("rto", _order.IsFull ? $"Work goes on within {Words.Duration(until.TotalSeconds)}" : $"Restoring and checking everything, reckoned from the sample and without making the catalog anew, takes no longer than {Words.Duration(until.TotalSeconds)}", rto?.AchievedSeconds is { } achieved ? achieved <= until.TotalSeconds : null));
        }

        return criteria;
    }

    private ReportedSource? Source() => Backup is null ? null : new ReportedSource(
        Backup.Name, Backup.Kind, Archive?.Id.ToString(), Archive?.Time, Backup.Repository.KeyId?.ToString() ?? "", Backup.UnlockedBy, DeletesRefused: null);

    private RecoveryPoint? Rpo() => Archive is null ? null : new RecoveryPoint(
        Seconds(_order.RpoObjective), (long)Math.Max(0, (_run.StartedAt - Archive.Time).TotalSeconds),
        "From the beginning of the newest backup, which holds everything that was filed before it, to the beginning of the drill.");

    private RecoveryTime? Rto()
    {
        var time = _order.IsFull ? Clock.Total
            : Archive?.Snapshot.Summary is { } summary && Restored is { BytesRestored: > 0 } restored ? Clock.ForBytes((long)summary.BytesProcessed, restored.BytesRestored)
            : (TimeSpan?)null;   // snapshots of old programs do not say how large they are
        return new RecoveryTime(Seconds(_order.RtoObjective), time is { } known ? (long)Math.Ceiling(known.TotalSeconds) : null, IsExtrapolated: !_order.IsFull, Clock.Phases);
    }

    private List<ReportedCopy> Copies() => Backup is null ? [] :
    [
        new ReportedCopy(
            Backup.Name, Backup.Kind, Archive?.Time, _order.IsFull && Aborted is null && !_isBroken ? _run.StartedAt : null,
            string.Join("; ", new[] { Backup.Remark, _order.IsFull && Aborted is null && !_isBroken ? "read: all of the archive in the newest snapshot" : "" }.Where(remark => remark.Length > 0))),
    ];

    private IEnumerable<string> More()
    {
        if (!_order.IsFull)
        {
            yield return "Records that were not drawn, and how long it takes to make the catalog anew: a full drill does.";
        }

        if (Backup is not { UnlockedBy: "escrow" })
        {
            yield return "The escrowed key: this drill opened the repository with the password of the running service.";
        }

        if (NotOpenable > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Whether {NotOpenable:N0} restored documents can be opened: they could not be read when they were filed either.");
        }
    }

    private DefectStatement? Bound()
    {
        if (Record is null || Population is null || (_order.IsFull && Record.CheckedCount != Population.Count))
        {
            return null;   // what is not drawn at random says nothing about the rest
        }

        return ReportVerdict.Bound(Population.Count, Population.Unit, Record.CheckedCount, Record.FailedCount, _order.Confidence);
    }

    private static long? Seconds(TimeSpan? span) => span is { } known ? (long)known.TotalSeconds : null;
}
