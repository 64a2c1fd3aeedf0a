using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;
using DocIngest.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests;

/// <summary>
/// A data folder and a drop folder on one memory volume, with a real SQLite file. Each <see cref="RunAsync"/> is a process of its
/// own as far as the pipeline can tell: new objects, locks of the former given up.
/// </summary>
internal sealed class IngestWorld : IDisposable
{
    public const string DataPath = "/volume/data";
    public const string DropPath = "/volume/drop";

    private static readonly Lazy<byte[]> EmptyDatabase = new(MigrateOne);

    private readonly TempFolder _disk = new(inMemory: true);
    private readonly MemoryLocks _locks = new(TimeProvider.System);
    private readonly List<ScanReport> _reports = [];
    private readonly FakeTimeProvider _leases = new(DateTimeOffset.UnixEpoch.AddYears(60));
    private readonly TimeProvider _time;
    private readonly MemoryBlobStore _protecting;
    private ArchiveOwnership? _ownership;

    public IngestWorld(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _protecting = new MemoryBlobStore(_time, protects: true);
        Volume = new MemoryVolume(time);
        Volume.FolderAt("").CreateFolder("data");
        Volume.FolderAt("").CreateFolder("drop");
        Volume.PowerCut(PowerCutChoice.KeepAll);   // durable from the start
        Drop = Volume.FolderAt("drop");
        Data = Volume.FolderAt("data");
        File.WriteAllBytes(_disk["docingest.db"], EmptyDatabase.Value);
    }

    public MemoryVolume Volume { get; }

    public IDurableFolder Drop { get; }

    public IDurableFolder Data { get; }

    public ProfileOptions Profile { get; } = new() { Folder = DropPath, Watch = WatchMode.Polling };

    /// <summary>
    /// Whether the archive is a blob store, not a folder; its blobs are files in the folder <c>archive</c> all the same. <c>DOCINGEST_TEST_ARCHIVE=blobs</c> makes it so for every world.
    /// </summary>
    public bool IsInBlobs { get; init; } = Environment.GetEnvironmentVariable("DOCINGEST_TEST_ARCHIVE") == "blobs";

    /// <summary>For how long the store of the archive keeps immutable what is committed; its blobs are then in memory (<see cref="Protecting"/>). Null: not at all.</summary>
    public TimeSpan? ProtectedFor { get; init; }

    /// <summary>The blobs of such an archive.</summary>
    public MemoryBlobStore Protecting => _protecting;

    /// <summary>Further profiles.</summary>
    public List<ProfileOptions> OtherProfiles { get; } = [];

    public long FreeSpaceReserveBytes { get; set; }

    /// <summary>Makes something of the drop folder fail for the product, not for the test.</summary>
    public Func<IDurableFolder, IDurableFolder> Wrap { get; set; } = folder => folder;

    public IExtractor Reader { get; set; } = new PlainReader();

    public Classifier Classifier { get; set; } = Classifier.WithoutRules;

    /// <summary>What events there may be.</summary>
    public RetentionSchedule Schedule { get; set; } = RetentionSchedule.None;

    /// <summary>Whether events cannot be recorded until somebody mends the key that names them.</summary>
    public bool IsEventKeyDamaged { get; set; }

    /// <summary>Names objects of events.</summary>
    public static EventNaming EventNames { get; } = new(new byte[EventNaming.KeyBytes]);

    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>The locks of all processes; each new one finds those of the former given up.</summary>
    public INamedLocks Locks => _locks;

    /// <summary>What the process that was started last works with.</summary>
    public IngestEnvironment? Process { get; private set; }

    /// <summary>What the last run reported.</summary>
    public IReadOnlyList<ScanReport> Reports => _reports;

    /// <summary>Puts a whole file into the drop folder, as a scanner long ago did: durable.</summary>
    public void Put(string name, byte[] content)
    {
        using (var file = Drop.Create(name))
        {
            file.Write(content);
        }

        Volume.PowerCut(PowerCutChoice.KeepAll);
    }

    /// <summary>A document that recognition takes for a PDF, with its own bytes.</summary>
    public static byte[] Document(string words) => Encoding.UTF8.GetBytes($"%PDF-1.4\n{words}\n%%EOF\n");

    /// <summary>Takes in everything in the drop folder, removing what is filed, in a process of its own.</summary>
    public Task RunAsync(FaultPlan? plan = null) => RunAsync(
        (session, cancellation) => session.TakeInAsync([DropPath], Profile.Name, removesSource: true, _reports.Add, cancellation), plan);

    /// <summary>Lets a person take a quarantined file in again, in a process of its own.</summary>
    public Task ResumeQuarantinedAsync(RecordId scan, bool accept, FaultPlan? plan = null) => RunAsync(
        (session, cancellation) => session.ResumeQuarantinedAsync(scan, accept, _reports.Add, cancellation), plan);

    /// <summary>Does something with a session in a process of its own; the former's locks are given up.</summary>
    public Task RunAsync(Func<IngestSession, CancellationToken, Task> work, FaultPlan? plan = null) => RunWithEnvironmentAsync(
        (_, session) =>
        {
            _reports.Clear();
            return work(session, TestContext.Current.CancellationToken);
        },
        plan);

    /// <summary>The same with all that a process works with.</summary>
    public async Task RunWithEnvironmentAsync(Func<IngestEnvironment, IngestSession, Task> work, FaultPlan? plan = null)
    {
        _locks.HoldersDie();
        _leases.Advance(ArchiveOwnership.LeaseDuration + TimeSpan.FromSeconds(1));   // and their leases run out
        using var database = OpenDatabase();
        using var instance = Instances.Enter(Volume.FolderAt("data"), _locks);
        var environment = await EnvironmentAsync(database, instance, plan ?? FaultPlan.None);
        Process = environment;
        try
        {
            await work(environment, new IngestSession(environment));
        }
        finally
        {
            _ownership?.Dispose();
        }
    }

    /// <summary>Runs the service, letting the clock run (the world must have a <see cref="FakeTimeProvider"/>), until something holds.</summary>
    public Task WatchUntilAsync(Func<bool> holds, FaultPlan? plan = null) => WatchAsync(async until => await until(holds), plan);

    /// <summary>Runs the service while a test does things and waits for what follows.</summary>
    public Task WatchAsync(Func<Func<Func<bool>, Task>, Task> script, FaultPlan? plan = null) => RunAsync(
        async (session, cancellation) =>
        {
            var time = (FakeTimeProvider)_time;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var service = Task.Run(() => session.WatchAsync(stop.Token), cancellation);
            try
            {
                await script(holds => UntilAsync(holds, time, () => service.IsCompleted));
            }
            finally
            {
                await stop.CancelAsync();
                await Task.WhenAny(service);
            }

            if (service.IsFaulted)
            {
                await service;
            }
        },
        plan);

    private static async Task UntilAsync(Func<bool> holds, FakeTimeProvider time, Func<bool> hasEnded)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.False(hasEnded(), "the service has ended");
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20), "what was waited for did not happen");
            time.Advance(TimeSpan.FromMilliseconds(250));
            for (int turn = 0; turn < 50; turn++)
            {
                await Task.Yield();   // lets the service work before its clock goes on
            }
        }
    }

    /// <summary>Names in the drop folder.</summary>
    public IReadOnlyList<string> DroppedNames() => [.. Drop.List("").Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    /// <summary>Alarms that stand, by word.</summary>
    public IReadOnlyList<Alarm> Alarms() => Ask(AlarmTable.Standing);

    /// <summary>Scans by outcome word, over all profiles.</summary>
    public IReadOnlyDictionary<string, long> Counts() => Ask(ScanTable.Counts)
        .GroupBy(row => row.Outcome).ToDictionary(rows => rows.Key, rows => rows.Sum(row => row.Count));

    public IReadOnlyList<RecordDocument> Records()
    {
        var archive = OcflStorageRoot.Open(Data, DataFolder.Archive, DataFolder.Staging);
        return [.. archive.EnumerateObjects().Select(listing => Assert.IsType<ObjectListing.Readable>(listing).Object)
            .Where(RecordDocuments.IsRecord).Select(found => RecordDocuments.Read(archive, found).Record)];
    }

    public static string ReadText(IDurableFolder folder, string path) => Read(folder.OpenRead(path));

    public SqliteDatabase OpenDatabase() => SqliteDatabase.Open(_disk["docingest.db"]);

    /// <summary>The files of the database, as they are on the disk.</summary>
    public IReadOnlyList<(string Name, byte[] Content)> DatabaseFiles() =>
        [.. Directory.GetFiles(_disk.Path, "docingest.db*").Select(path => (Path.GetFileName(path), File.ReadAllBytes(path)))];

    /// <summary>The catalog as text, and the same after it was rebuilt from the archive.</summary>
    public async Task<(string Live, string Rebuilt)> DumpAndRebuildAsync()
    {
        using var database = OpenDatabase();
        string live = Dump(database);
        var archive = OcflStorageRoot.Open(Data, DataFolder.Archive, DataFolder.Staging);
        await new CatalogFromArchive(database, archive, TimeProvider.System)
            .RebuildAsync(damage => Assert.Fail($"{damage.Code} {damage.Path} {damage.Message}"), null, static _ => Task.CompletedTask, TestContext.Current.CancellationToken);
        return (live, Dump(database));
    }

    /// <summary>Every content in the archive's heads, by scanner file name.</summary>
    public IReadOnlyList<(string FileName, string Content)> Archived()
    {
        var archive = OcflStorageRoot.Open(Data, DataFolder.Archive, DataFolder.Staging);
        var found = new List<(string, string)>();
        foreach (var listing in archive.EnumerateObjects())
        {
            var record = Assert.IsType<ObjectListing.Readable>(listing).Object;
            foreach (var version in record.Versions)
            {
                foreach (var original in ArchivedOriginal.All(record, version.Number))
                {
                    found.Add((FileNameOf(archive, record, version.Number), Read(archive.OpenContent(record, version.Number, original.LogicalPath))));
                }
            }
        }

        return found;
    }

    /// <summary>A record's object as it is now.</summary>
    public (OcflStorageRoot Archive, OcflObject Found) Find(RecordId id)
    {
        var archive = OcflStorageRoot.Open(Data, DataFolder.Archive, DataFolder.Staging);
        return (archive, Assert.IsType<OcflObject>(archive.Find(id.ToString())));
    }

    /// <summary>Names of the files of a record's head.</summary>
    public IEnumerable<string> NamesIn(RecordId id) => Find(id).Found is var found ? found.ListVersion(found.Head).Select(file => file.LogicalPath) : [];

    /// <summary>A file of a record's head as text.</summary>
    public string Read(RecordId id, string name)
    {
        var (archive, found) = Find(id);
        return Read(archive.OpenContent(found, found.Head, name));
    }

    /// <summary>The text of a record's head, pages divided by form feeds.</summary>
    public string TextOf(RecordId id)
    {
        var (archive, found) = Find(id);
        return ArchivedText.Read(archive, found).ToPlainText();
    }

    /// <summary>Every claim has ended, and staging is empty.</summary>
    public void DemandNothingOpen()
    {
        Assert.Equal(0, Counts().GetValueOrDefault("pending"));
        Assert.Empty(Data.List(DataFolder.Staging));
    }

    /// <summary>Every version's scan and searchable rendition; null where it has none.</summary>
    public IReadOnlyList<(string ScanId, string? Rendition)> Renditions()
    {
        var archive = OcflStorageRoot.Open(Data, DataFolder.Archive, DataFolder.Staging);
        var found = new List<(string, string?)>();
        foreach (var listing in archive.EnumerateObjects())
        {
            var record = Assert.IsType<ObjectListing.Readable>(listing).Object;
            foreach (var version in record.Versions)
            {
                using var json = System.Text.Json.JsonDocument.Parse(Read(archive.OpenContent(record, version.Number, "record.json")));
                found.Add((
                    json.RootElement.GetProperty("scanId").GetString() ?? "",
                    record.FindFile(version.Number, "rendition.pdf") is null ? null : Read(archive.OpenContent(record, version.Number, "rendition.pdf"))));
            }
        }

        return found;
    }

    /// <summary>Changes a byte of each archived original, as a failing disk might.</summary>
    public void RotOriginals()
    {
        foreach (string path in Below(DataFolder.Archive).Where(path => path.Contains("/original.", StringComparison.Ordinal)).ToList())
        {
            byte[] content = Encoding.UTF8.GetBytes(ReadText(Data, path));
            content[^10] ^= 1;
            Data.Delete(path);
            using var file = Data.Create(path);
            file.Write(content);
        }

        Volume.PowerCut(PowerCutChoice.KeepAll);
    }

    private IEnumerable<string> Below(string folder) => Data.List(folder).ToList().SelectMany(entry =>
        entry.Kind == EntryKind.Folder ? Below($"{folder}/{entry.Name}") : [$"{folder}/{entry.Name}"]);

    /// <summary>Whole files in the drop folder, those set aside too.</summary>
    public IReadOnlyList<string> Dropped() =>
        [.. Drop.List("").Where(entry => entry.Kind == EntryKind.File).Select(entry => Read(Drop.OpenRead(entry.Name)))];

    /// <summary>Contents in quarantine.</summary>
    public IReadOnlyList<string> Quarantined() => Data.Find(DataFolder.Quarantine) is null
        ? []
        : [.. Data.List(DataFolder.Quarantine)
            .Select(entry => $"{DataFolder.Quarantine}/{entry.Name}/{DataFolder.PrivateCopyName}")
            .Where(path => Data.Find(path) is not null)
            .Select(path => Read(Data.OpenRead(path)))];

    public T Ask<T>(Func<System.Data.Common.DbConnection, T> question)
    {
        using var database = OpenDatabase();
        using var connection = database.OpenReader();
        return question(connection);
    }

    public void Dispose() => _disk.Dispose();

    private async Task<IngestEnvironment> EnvironmentAsync(SqliteDatabase database, Instances instance, FaultPlan plan)
    {
        var data = new FaultyFolder(Volume.FolderAt("data"), plan);
        foreach (string folder in new[] { DataFolder.Staging, DataFolder.Locks, DataFolder.Receipts, DataFolder.Quarantine })
        {
            data.CreateFolder(folder);
        }

        var actor = new Actor("tester", "urn:docingest:account:test:tester");
        var archive = await OpenArchiveAsync(data);
        return new IngestEnvironment
        {
            Options = new IngestOptions
            {
                Profiles = [Profile, .. OtherProfiles],
                FreeSpaceReserveBytes = FreeSpaceReserveBytes,
                RetryDelay = _time is FakeTimeProvider ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(1),
            },
            Data = data,
            DataPath = DataPath,
            OpenFolder = path => Wrap(new FaultyFolder(Volume.FolderAt(path["/volume".Length..].TrimStart('/')), plan)),
            Database = database,
            Catalog = new SqliteCatalog(database),
            Archive = archive,
            Audit = AuditTrail.Open(data, _locks, AuditOrigin.Of(actor, isService: false, "test"), () => archive, _time, Logger),
            OpenKeys = () =>
            {
                data.CreateFolder(DataFolder.Keys);
                return new FaultyFolder(Volume.FolderAt($"data/{DataFolder.Keys}"), plan);
            },
            Extractor = Reader,
            Cutter = Reader as IPageCutter ?? new NoCutter(),
            Classifier = Classifier,
            SidecarEvents = new SidecarEvents(
                () => Schedule,
                _ => IsEventKeyDamaged
                    ? throw new EventsUnavailableException("The key is damaged.")
                    : Task.FromResult(new EventStore(new SystemObjectStore(archive, data, _locks, actor, _time), database, _locks, EventNames, actor, _time, Logger)),
                _time, Logger),
            ExtractorCount = 2,
            Instances = instance,
            Locks = _locks,
            Ids = new RecordIdSource(_time),
            Actor = actor,
            Time = _time,
            Logger = Logger,
        };
    }

    private async Task<IArchive> OpenArchiveAsync(IDurableFolder data)
    {
        if (!IsInBlobs && ProtectedFor is null)
        {
            return await OcflStorageRoot.OpenOrCreateAsync(data, DataFolder.Archive, DataFolder.Staging, TestContext.Current.CancellationToken);
        }

        if (ProtectedFor is { } window)
        {
            _ownership = new ArchiveOwnership(_protecting, "owner.of.archive", static () => new Guid("0b9f5b3e-1111-4222-8333-444455556666"), _leases);
            var guarded = await OcflBlobRoot.OpenOrCreateAsync(_protecting, DataFolder.Archive, _time, cancellation: TestContext.Current.CancellationToken);
            return new OcflBlobArchive(guarded.ProtectedFor(window), data, DataFolder.Staging, _ownership, DataFolder.Archive);
        }

        var store = new LocalBlobStore(data, _locks, _leases, "~archive");
        _ownership = new ArchiveOwnership(store, "owner.of.archive", static () => new Guid("0b9f5b3e-1111-4222-8333-444455556666"), _leases);
        var root = await OcflBlobRoot.OpenOrCreateAsync(store, DataFolder.Archive, _leases, cancellation: TestContext.Current.CancellationToken);
        return new OcflBlobArchive(root, data, DataFolder.Staging, _ownership, DataFolder.Archive);
    }

    // Migrating costs more than the rest of a small world; a torture makes hundreds of them.
    private static byte[] MigrateOne()
    {
        using var disk = new TempFolder(inMemory: true);
        SqliteDatabase.Open(disk["docingest.db"]).Dispose();
        return File.ReadAllBytes(disk["docingest.db"]);
    }

    private static string Dump(SqliteDatabase database)
    {
        using var connection = database.OpenReader();
        return CatalogDump.Of(connection);
    }

    private static string FileNameOf(OcflStorageRoot archive, OcflObject record, VersionNumber version)
    {
        using var json = System.Text.Json.JsonDocument.Parse(Read(archive.OpenContent(record, version, "record.json")));
        return json.RootElement.GetProperty("fileName").GetString() ?? "";
    }

    private static string Read(Stream content)
    {
        using (content)
        using (var reader = new StreamReader(content))
        {
            return reader.ReadToEnd();
        }
    }
}
