using System.Diagnostics;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Disposition.Forgetting;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;

namespace DocIngest.Pipeline.Disposition;

/// <summary>The one path on which records are destroyed (I8). Every condition is asked here, under the locks that whoever could change it takes.</summary>
/// <remarks>
/// For some records at a time, under the lock of the holds and those of the records: 1 each is judged; 2 the destructions are recorded in the audit; 3 the objects
/// leave the archive; 4 the data folder forgets them. Without these locks, since a share may hang: 5 feedback folders forget them. A crash after 2 leaves entries of what is destroyed by the next run; one after 3, records that are gone and not
/// forgotten: the next run forgets them.
/// </remarks>
/// <param name="environment">What the pipeline works with.</param>
/// <param name="schedule">The retention schedule.</param>
/// <param name="holds">The register of holds.</param>
internal sealed class RecordDestroyer(IngestEnvironment environment, RetentionSchedule schedule, HoldRegister holds)
{
    private static readonly TimeSpan EventsPatience = TimeSpan.FromMinutes(10);   // as whoever writes events waits for one another

    private const int RecordsAtOnce = 16;   // who wants to place a hold waits for as many

    private readonly RecordForgetting _forgetting = new(environment);

    private readonly SortedSet<string> _untold = new(StringComparer.Ordinal);

    /// <summary>When the register of holds was read last; null before the first.</summary>
    public DateTimeOffset? HoldsReadAt { get; private set; }

    /// <summary>Profiles whose feedback folders did not answer: receipts there name files of records that are gone.</summary>
    public IReadOnlyCollection<string> UntoldProfiles => _untold;

    /// <summary>Destroys records that were approved, but for those that something speaks for.</summary>
    /// <param name="disposition">Under which: <c>d-1</c>.</param>
    /// <param name="approved">Which records, of which bytes.</param>
    /// <param name="classes">Their classes as they were signed.</param>
    /// <param name="before">Records that an earlier run of this disposition was about to destroy, with the time of that.</param>
    /// <param name="report">What became of each, as it is known.</param>
    /// <param name="cancellation">Heeded between some records and the next.</param>
    /// <exception cref="DamagedObjectException">The register of holds cannot be read. What was destroyed is reported.</exception>
    public async Task DestroyAsync(
        string disposition, IReadOnlyList<ProposedRecord> approved, IReadOnlyList<ProposedClass> classes, IReadOnlyDictionary<RecordId, DateTimeOffset> before, Action<RecordOutcome> report,
        CancellationToken cancellation)
    {
        var signed = classes.ToDictionary(one => one.Id);
        foreach (var some in approved.Chunk(RecordsAtOnce))
        {
            await HoldRegister.LetOthersInAsync(environment.Locks, cancellation);
            await EventStore.LetOthersInAsync(environment.Locks, cancellation);   // scans that bring events wait for the end of some records, not of all
            var scans = await DestroyUnderLocksAsync(disposition, some, signed, before, report, cancellation);
            await TellFeedbackAsync(scans, cancellation);   // 5
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private async Task<IReadOnlySet<RecordId>> DestroyUnderLocksAsync(
        string disposition, ProposedRecord[] some, Dictionary<string, ProposedClass> signed, IReadOnlyDictionary<RecordId, DateTimeOffset> before, Action<RecordOutcome> report,
        CancellationToken cancellation)
    {
        using var noHoldArrives = await HoldRegister.TakeAsync(environment.Locks, cancellation);
        using var noEventArrives = await environment.Locks.AcquireAsync(EventStore.LockName, EventsPatience, cancellation);
        await using var recordsStand = await ObjectLocks.TakeAsync(environment.Locks, some.Select(record => record.Id), cancellation);
        var outcomes = await DestroySomeAsync(disposition, some, signed, before);
        foreach (var outcome in outcomes)
        {
            report(outcome);
        }

        return await _forgetting.ForgetHereAsync([.. outcomes.Where(one => one.Destroyed).Select(one => one.Id)], CancellationToken.None);   // 4
    }

    private async Task TellFeedbackAsync(IReadOnlySet<RecordId> scans, CancellationToken cancellation) =>
        _untold.UnionWith(await _forgetting.TellFeedbackAsync(scans, _untold, cancellation));

    /// <summary>Forgets records that are gone once more: where a folder did not answer, or somebody died in between.</summary>
    /// <inheritdoc cref="RecordForgetting.ForgetAsync" path="/exception" />
    public async Task ForgetAsync(IEnumerable<RecordId> gone, CancellationToken cancellation)
    {
        foreach (var some in gone.Chunk(RecordsAtOnce))
        {
            IReadOnlySet<RecordId> scans;
            await using (await ObjectLocks.TakeAsync(environment.Locks, some, cancellation))
            {
                scans = await _forgetting.ForgetHereAsync([.. some.Where(id => !environment.Archive.IsThere(id.ToString()))], cancellation);
            }

            await TellFeedbackAsync(scans, cancellation);
        }
    }

    /// <summary>Overwrites what the database still holds of records that were forgotten.</summary>
    /// <inheritdoc cref="RecordForgetting.ScourAsync" path="/exception" />
    public Task<ScouringResult> ScourAsync(CancellationToken cancellation) => _forgetting.ScourAsync(cancellation);

    private async Task<IReadOnlyList<RecordOutcome>> DestroySomeAsync(
        string disposition, ProposedRecord[] some, Dictionary<string, ProposedClass> signed, IReadOnlyDictionary<RecordId, DateTimeOffset> before)
    {
        var inForce = holds.InForce();
        HoldsReadAt = environment.Time.GetUtcNow();
        using var catalog = new RetentionReader(environment.Database);
        var planner = new RetentionPlanner(schedule, catalog, environment.SystemObjects, environment.Time);
        var judged = some.Select(record => (Record: record, Objection: Objection(record, signed, before, inForce, planner))).ToList();   // 1
        await environment.Audit.AppendAsync(
            [.. judged.Where(one => one.Objection is not null || environment.Archive.IsThere(one.Record.Id.ToString())).Select(one => Entry(disposition, one.Record, one.Objection))],
            CancellationToken.None);   // 2

        var outcomes = new List<RecordOutcome>();
        foreach (var (record, objection) in judged)
        {
            bool wasGone = !environment.Archive.IsThere(record.Id.ToString());
            string? kept = objection ?? await DestroyAsync(record);   // 3
            outcomes.Add(new RecordOutcome(
                record.Id, kept is null, wasGone && before.TryGetValue(record.Id, out var then) ? then : environment.Time.GetUtcNow(), record.Versions, kept));
        }

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
            case DestroyOutcome.Protected waits:
                return $"the store of the archive protects it{(waits.ImmutableUntil is { } until ? $" until {until:yyyy-MM-dd HH:mm}Z" : ", by a legal hold there")}";
            default:
                throw new UnreachableException();
        }
    }

    private const string Changed = "it has another version since it was proposed";
    private const string Damaged = "it is damaged: nobody can say whether it is what was approved";

    // Null where nothing speaks for keeping it.
    private string? Objection(
        ProposedRecord record, Dictionary<string, ProposedClass> signed, IReadOnlyDictionary<RecordId, DateTimeOffset> before, HoldsInForce inForce, RetentionPlanner planner)
    {
        try
        {
            if (environment.Archive.Find(record.Id.ToString()) is not { } found)
            {
                return before.ContainsKey(record.Id) ? null : "the archive does not have it, and this disposition did not destroy it";
            }

            return found.InventoryDigest != new Sha512Digest(record.InventorySha512) ? Changed
                : _forgetting.WorkOn(record.Id) is { IsBusy: true } work ? $"it is in use: {string.Join(", ", work.Open.Select(InWords))}"
                : RecordFamily.HoldsOf(environment.Archive, found, inForce) is { Count: > 0 } covering ? $"held by {string.Join(", ", covering.Select(hold => hold.Id))}"
                : NotDue(record, planner.Plan(RecordDocuments.ReadRecord(environment.Archive, found), found.Head.Value), signed);
        }
        catch (Exception error) when (error is DamagedObjectException or FixityException or JsonException)
        {
            return Damaged;
        }
    }

    // From the archive: the catalog may be behind. Whoever shortens a period in the schedule needs two others to sign that very period.
    private static string? NotDue(ProposedRecord approved, PlannedRecord planned, Dictionary<string, ProposedClass> signed) => planned switch
    {
        { RecordClass: var recordClass } when recordClass != approved.RecordClass => "it is of another class than was approved",
        { Verdict: not RetentionVerdict.Due } => "it is not due any more: an event or the schedule has changed",
        { Schedule: { Action: RetentionAction.Destroy or RetentionAction.Review } schedule } when ProposedClass.Of(schedule) == signed.GetValueOrDefault(approved.RecordClass) => null,
        _ => "the schedule of its class is not the one that was approved",
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

    private AuditEvent Entry(string disposition, ProposedRecord record, string? objection) => environment.Audit.Origin.Event(
        AuditType.Disposition, "destroy", AuditAction.Delete, new AuditEntity(AuditEntity.Record, record.Id.ToString(), record.Versions), new AuditEntity(AuditEntity.Disposition, disposition)) with
    {
        Outcome = objection is null ? AuditOutcome.Success : AuditOutcome.Failure,
    };
}
