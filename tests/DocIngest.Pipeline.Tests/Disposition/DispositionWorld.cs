using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.Tests.People;
using DocIngest.Storage;
using DocIngest.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Disposition;

/// <summary>A data folder with letters that are due, and the people it takes to destroy them.</summary>
internal sealed class DispositionWorld : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 15, 12, 0, 0, TimeSpan.Zero));

    public DispositionWorld(bool? isInBlobs = null, TimeSpan? protectedFor = null)
    {
        World = isInBlobs is { } given ? new IngestWorld(_time) { IsInBlobs = given } : new IngestWorld(_time) { ProtectedFor = protectedFor };
        World.Profile.RecordClass = "letter";
    }

    public IngestWorld World { get; }

    public Colleague Admin { get; } = new("ada");

    public Colleague Manager { get; } = new("ben");

    public Colleague First { get; } = new("cleo");

    public Colleague Second { get; } = new("dora");

    public RecordingCopies Copies { get; } = new();

    public RetentionSchedule Schedule { get; set; } = ScheduleOf(coolOffDays: 7);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static RetentionSchedule ScheduleOf(int coolOffDays, RetentionAction action = RetentionAction.Destroy, string expression = "received+1y") => RetentionSchedule.Build(
        new RetentionOptions
        {
            TimeZone = "UTC",
            CoolOffDays = coolOffDays,
            ForeignCopies = [new ForeignCopyOptions { Name = "tapes", KeptDays = 30 }],
            Classes = [new RetentionClassOptions { Id = "letter", Title = "Letters", Mandate = "a decision of the board", Action = action, Expression = expression }],
        },
        null, out var faults) ?? throw new InvalidOperationException(faults[0].Message);

    public void Advance(int days) => _time.Advance(TimeSpan.FromDays(days));

    public void Advance(TimeSpan time) => _time.Advance(time);

    public void GoTo(DateTimeOffset now) => _time.AdjustTime(now);

    /// <summary>Files letters, registers the people, and lets the letters become due.</summary>
    public async Task<IReadOnlyList<RecordId>> PrepareAsync(int letters)
    {
        for (int letter = 0; letter < letters; letter++)
        {
            World.Put($"letter-{letter}.pdf", IngestWorld.Document($"letter number {letter}"));
        }

        await World.RunAsync();
        var records = World.Reports.Select(report => RecordId.Parse(report.Id ?? "")).ToList();
        await InAsync(async environment =>
        {
            var register = new PeopleRegister(environment.SystemObjects, Admin.Actor, environment.Time);
            foreach (var person in new[] { Admin.As(PersonRole.Admin), Manager.As(PersonRole.RecordsManager), First.As(PersonRole.Approver), Second.As(PersonRole.Approver, PersonRole.RecordsManager) })
            {
                Assert.Null((await register.AddAsync(person, Cancellation)).Refusal);
            }
        });
        Advance(days: 400);
        return [.. records.Order()];
    }

    /// <summary>Does something in a process of its own.</summary>
    public Task InAsync(Func<IngestEnvironment, Task> work, FaultPlan? plan = null) => World.RunWithEnvironmentAsync((environment, _) => work(environment), plan);

    public async Task<DispositionOutcome> ProposeAsync(bool isDecided = false)
    {
        DispositionOutcome? outcome = null;
        await InAsync(async environment =>
        {
            using var catalog = new RetentionReader(environment.Database);
            var planner = new RetentionPlanner(Schedule, catalog, environment.SystemObjects, environment.Time, HoldsOf(environment, Manager).InForce());
            var (records, classes, _) = new Proposing(environment.Archive).Choose(planner.Plan((string?)null), isDecided, Cancellation);
            outcome = await RegisterOf(environment, Manager).ProposeAsync(
                records, classes, "due", Schedule.CoolOffDays, PersonOf(environment, Manager), new DestructionLedger(environment.Data).LastNumber, Cancellation);
        });
        return outcome ?? throw new InvalidOperationException("It was proposed.");
    }

    public async Task<DispositionOutcome> ApproveAsync(Colleague approver, int number = 1, Colleague? signedBy = null, byte[]? signedBytes = null)
    {
        DispositionOutcome? outcome = null;
        await InAsync(async environment =>
        {
            var register = RegisterOf(environment, approver);
            outcome = await register.ApproveAsync(number, (signedBy ?? approver).Sign(PersonOf(environment, approver), signedBytes ?? register.ProposalOf(number) ?? []), Cancellation);
        });
        return outcome ?? throw new InvalidOperationException("It was asked.");
    }

    public async Task ApproveByBothAsync(int number = 1)
    {
        Assert.IsType<DispositionOutcome.Changed>(await ApproveAsync(First, number));
        Assert.IsType<DispositionOutcome.Changed>(await ApproveAsync(Second, number));
    }

    public async Task<ExecutionOutcome> ExecuteAsync(int number = 1, FaultPlan? plan = null, Action<int>? progress = null)
    {
        ExecutionOutcome? outcome = null;
        await InAsync(async environment => outcome = await ExecutionOf(environment).RunAsync(number, progress, Cancellation), plan);
        return outcome ?? throw new InvalidOperationException("It was executed.");
    }

    public DispositionExecution ExecutionOf(IngestEnvironment environment) => new(environment, Schedule, Copies, "docingest test");

    public static DispositionRegister RegisterOf(IngestEnvironment environment, Colleague asks) => new(environment.SystemObjects, asks.Actor, environment.Time);

    public static HoldRegister HoldsOf(IngestEnvironment environment, Colleague asks) => new(environment.SystemObjects, environment.Data, environment.Locks, asks.Actor, environment.Time);

    public async Task HoldAsync(WantedScope scope) => await InAsync(async environment => Assert.IsType<HoldOutcome.Changed>(
        await HoldsOf(environment, Manager).PlaceAsync("a matter", "a court", scope, new PeopleRegister(environment.SystemObjects, Manager.Actor, environment.Time).Read(), Cancellation)));

    /// <summary>Which of these records the archive has.</summary>
    public IReadOnlyList<RecordId> InArchive(IEnumerable<RecordId> records)
    {
        var archive = DocIngest.Archive.OcflStorageRoot.Open(World.Data, DataFolder.Archive, DataFolder.Staging);
        return [.. records.Where(record => HoldsFiles(archive.PathOf(record.ToString())) && archive.Find(record.ToString()) is not null)];
    }

    // A blob store of files may keep an empty folder where a power cut came between the last file and its folder.
    private bool HoldsFiles(string path) => World.Data.Find(path) is not null
        && World.Data.List(path).Any(entry => entry.Kind != DocIngest.Storage.EntryKind.Folder || HoldsFiles($"{path}/{entry.Name}"));

    /// <summary>Which of these records the catalog has.</summary>
    public IReadOnlyList<RecordId> InCatalog(IEnumerable<RecordId> records)
    {
        using var database = World.OpenDatabase();
        var catalog = new SqliteCatalog(database);
        return [.. records.Where(record => catalog.Show(record) is not null)];
    }

    /// <summary>Every file of the archive.</summary>
    public IReadOnlyList<(string Path, byte[] Content)> CopyOfArchive() => [.. Below(DataFolder.Archive)];

    /// <summary>Puts an older archive in the place of the one there is, as a restore does; what is beside it stays.</summary>
    public void PutArchiveBack(IReadOnlyList<(string Path, byte[] Content)> copy)
    {
        World.Data.DeleteTree(DataFolder.Archive);
        foreach (var (path, content) in copy)
        {
            World.Data.CreateFolder(path[..path.LastIndexOf('/')]);
            using var file = World.Data.Create(path);
            file.Write(content);
        }

        World.Volume.PowerCut(PowerCutChoice.KeepAll);
    }

    private IEnumerable<(string Path, byte[] Content)> Below(string folder)
    {
        foreach (var entry in World.Data.List(folder).ToList())
        {
            string path = $"{folder}/{entry.Name}";
            if (entry.Kind == EntryKind.Folder)
            {
                foreach (var below in Below(path))
                {
                    yield return below;
                }

                continue;
            }

            using var stream = World.Data.OpenRead(path);
            using var content = new MemoryStream();
            stream.CopyTo(content);
            yield return (path, content.ToArray());
        }
    }

    public void Dispose()
    {
        World.Dispose();
        Admin.Dispose();
        Manager.Dispose();
        First.Dispose();
        Second.Dispose();
    }

    private static Person PersonOf(IngestEnvironment environment, Colleague colleague) =>
        new PeopleRegister(environment.SystemObjects, colleague.Actor, environment.Time).Read().OfAccount(colleague.Actor.Address) ?? throw new InvalidOperationException("They are registered.");
}

/// <summary>Backups that note what they were asked.</summary>
internal sealed class RecordingCopies : ICopiesOfRecords
{
    public List<string> Problems { get; } = [];

    public List<SnapshotCopies> Snapshots { get; } = [];

    /// <summary>The repositories that are configured.</summary>
    public IReadOnlyList<AskedRepository> Asked { get; set; } = [new AskedRepository("main", "id-of-main", IsClear: true, [])];

    public int Saved { get; private set; }

    /// <summary>What happens while the ledger is saved.</summary>
    public Func<Task> WhileSaving { get; set; } = static () => Task.CompletedTask;

    public async Task<IReadOnlyList<string>> SaveLedgerAsync(CancellationToken cancellation)
    {
        Saved++;
        await WhileSaving();
        return Problems;
    }

    /// <summary>What the backups answer when they are asked for a later audit.</summary>
    public Exception? RolledBack { get; set; }

    public Task DemandNotRolledBackAsync(CancellationToken cancellation) => RolledBack is { } error ? Task.FromException(error) : Task.CompletedTask;

    public Task<FoundCopies> FindAsync(IReadOnlyList<(RecordId Record, string Path)> objects, CancellationToken cancellation) =>
        Task.FromResult(new FoundCopies([.. Snapshots], [.. Asked.Where(one => !one.IsClear).Select(one => $"{one.Name}: it does not answer.")]) { Asked = [.. Asked] });
}
