using System.Diagnostics;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Disposition.Forgetting;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.Retention;

namespace DocIngest.Pipeline.Disposition;

/// <summary>The one path on which records are destroyed (I8). Every condition is asked here, under the locks that whoever could change it takes.</summary>
/// <remarks>
/// For some records at a time, under the lock of the holds and those of the records: 1 each is judged; 2 the destructions are recorded in the audit; 3 the objects
/// leave the archive; 4 the data folder forgets them. A crash after 2 leaves entries of what is destroyed by the next run; one after 3, records that are gone and not
/// forgotten: the next run forgets them.
/// </remarks>
/// <param name="environment">What the pipeline works with.</param>
/// <param name="schedule">The retention schedule.</param>
/// <param name="holds">The register of holds.</param>
internal sealed class RecordDestroyer(IngestEnvironment environment, RetentionSchedule schedule, HoldRegister holds)
{
    private const int RecordsAtOnce = 16;   // who wants to place a hold waits for as many

    private readonly RecordForgetting _forgetting = new(environment);

    /// <summary>When the register of holds was read last; null before the first.</summary>
    public DateTimeOffset? HoldsReadAt { get; private set; }

    /// <summary>Destroys records that were approved, but for those that something speaks for.</summary>
    /// <param name="disposition">Under which: <c>d-1</c>.</param>
    /// <param name="approved">Which records, of which bytes.</param>
    /// <param name="wasBegun">Whether an earlier run may have destroyed some of them.</param>
    /// <param name="report">What became of each, as it is known.</param>
    /// <param name="cancellation">Heeded between some records and the next.</param>
    /// <exception cref="DamagedObjectException">The register of holds cannot be read. What was destroyed is reported.</exception>
    public async Task DestroyAsync(string disposition, IReadOnlyList<ProposedRecord> approved, bool wasBegun, Action<RecordOutcome> report, CancellationToken cancellation)
    {
        foreach (var some in approved.Chunk(RecordsAtOnce))
        {
            using var noHoldArrives = await HoldRegister.TakeAsync(environment.Locks, cancellation);
            await using var recordsStand = await ObjectLocks.TakeAsync(environment.Locks, some.Select(record => record.Id), cancellation);
            foreach (var outcome in await DestroySomeAsync(disposition, some, wasBegun))
            {
                report(outcome);
            }

            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Overwrites what the database still holds of records that were forgotten.</summary>
    /// <inheritdoc cref="RecordForgetting.ScourAsync" path="/exception" />
    public Task<ScouringResult> ScourAsync(CancellationToken cancellation) => _forgetting.ScourAsync(cancellation);

    private async Task<IReadOnlyList<RecordOutcome>> DestroySomeAsync(string disposition, ProposedRecord[] some, bool wasBegun)
    {
        var inForce = holds.InForce();
        HoldsReadAt = environment.Time.GetUtcNow();
        using var catalog = new RetentionReader(environment.Database);
        var planner = new RetentionPlanner(schedule, catalog, environment.SystemObjects, environment.Time);
        var judged = some.Select(record => (Record: record, Objection: Objection(record, wasBegun, inForce, planner))).ToList();   // 1
        var condemned = judged.Where(one => one.Objection is null).Select(one => one.Record).ToList();
        if (condemned.Count > 0)
        {
            await environment.Audit.AppendAsync([.. condemned.Select(record => Entry(disposition, record))], CancellationToken.None);   // 2
        }

        var outcomes = new List<RecordOutcome>();
        foreach (var (record, objection) in judged)
        {
            outcomes.Add(Outcome(record, objection ?? await DestroyAsync(record)));   // 3
        }

        await _forgetting.ForgetAsync([.. outcomes.Where(one => one.Destroyed).Select(one => one.Id)], CancellationToken.None);   // 4
        return outcomes;
    }

    private async Task<string?> DestroyAsync(ProposedRecord record)
    {
        switch (await environment.Archive.DestroyAsync(record.Id.ToString(), new Sha512Digest(record.InventorySha512), cancellation: CancellationToken.None))
        {
            case DestroyOutcome.Destroyed or DestroyOutcome.AlreadyGone:
                return null;
            case DestroyOutcome.Changed:
                return Changed;
            case DestroyOutcome.Damaged:
                return Damaged;
            default:
                throw new UnreachableException();
        }
    }

    private const string Changed = "it has another version since it was proposed";
    private const string Damaged = "it is damaged: nobody can say whether it is what was approved";

    // Null where nothing speaks for keeping it.
    private string? Objection(ProposedRecord record, bool wasBegun, HoldsInForce inForce, RetentionPlanner planner)
    {
        try
        {
            if (environment.Archive.Find(record.Id.ToString()) is not { } found)
            {
                return wasBegun ? null : "the archive does not have it";
            }

            return found.InventoryDigest != new Sha512Digest(record.InventorySha512) ? Changed
                : _forgetting.WorkOn(record.Id) is { IsBusy: true } work ? $"it is in use: {string.Join(", ", work.Open.Select(InWords))}"
                : RecordFamily.HoldsOf(environment.Archive, found, inForce) is { Count: > 0 } covering ? $"held by {string.Join(", ", covering.Select(hold => hold.Id))}"
                : NotDue(planner.Plan(record.Id), found);
        }
        catch (Exception error) when (error is DamagedObjectException or FixityException)
        {
            return Damaged;
        }
    }

    private static string? NotDue(PlannedRecord? planned, OcflObject found) => planned switch
    {
        null => "the catalog does not have it: 'catalog rebuild'",
        { Version: var version } when version != found.Head.Value => "the catalog has another version of it: 'catalog rebuild'",
        { Verdict: RetentionVerdict.Due, Schedule.Action: RetentionAction.Destroy or RetentionAction.Review } => null,
        { Verdict: RetentionVerdict.Due } => "its class is not one that is destroyed",
        _ => "it is not due any more: an event, its class or the schedule has changed",
    };

    private static string InWords(OpenWork work) => work switch
    {
        OpenWork.Scan => "a scan is being taken in that may belong to it",
        OpenWork.Revision => "a version of it is being made",
        OpenWork.Stack => "it waits for its other side",
        OpenWork.Source => "the scanner's file still stands in its drop folder",
        OpenWork.Whole => "the whole scan it was cut from still stands",
        _ => throw new UnreachableException(),
    };

    private RecordOutcome Outcome(ProposedRecord record, string? kept) => new(record.Id, kept is null, environment.Time.GetUtcNow(), kept);

    private AuditEvent Entry(string disposition, ProposedRecord record) => environment.Audit.Origin.Event(
        AuditType.Disposition, "destroy", AuditAction.Delete, new AuditEntity(AuditEntity.Record, record.Id.ToString(), record.Versions), new AuditEntity(AuditEntity.Disposition, disposition));
}
