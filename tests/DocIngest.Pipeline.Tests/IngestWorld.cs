using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;
using DocIngest.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

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

    public IngestWorld(TimeProvider? time = null)
    {
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

    public ProfileOptions Profile { get; } = new() { Folder = DropPath };

    public IExtractor Reader { get; set; } = new PlainReader();

    public ILogger Logger { get; set; } = NullLogger.Instance;

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
    public async Task RunAsync(FaultPlan? plan = null)
    {
        _reports.Clear();
        _locks.HoldersDie();
        using var database = OpenDatabase();
        await RunAsync(database, plan ?? FaultPlan.None);
    }

    public SqliteDatabase OpenDatabase() => SqliteDatabase.Open(_disk["docingest.db"]);

    /// <summary>The catalog as text, and the same after it was rebuilt from the archive.</summary>
    public async Task<(string Live, string Rebuilt)> DumpAndRebuildAsync()
    {
        using var database = OpenDatabase();
        string live = Dump(database);
        var archive = OcflStorageRoot.Open(Data, DataFolder.Archive, DataFolder.Staging);
        await new CatalogFromArchive(database, archive, TimeProvider.System)
            .RebuildAsync(damage => Assert.Fail($"{damage.Code} {damage.Path} {damage.Message}"), null, TestContext.Current.CancellationToken);
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
                var original = record.ListVersion(version.Number).Single(file => file.LogicalPath.StartsWith("original.", StringComparison.Ordinal));
                found.Add((FileNameOf(archive, record, version.Number), Read(archive.OpenContent(record, version.Number, original.LogicalPath))));
            }
        }

        return found;
    }

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

    private async Task RunAsync(SqliteDatabase database, FaultPlan plan)
    {
        var data = new FaultyFolder(Volume.FolderAt("data"), plan);
        foreach (string folder in new[] { DataFolder.Staging, DataFolder.Locks, DataFolder.Receipts, DataFolder.Quarantine })
        {
            data.CreateFolder(folder);
        }

        var cancellation = TestContext.Current.CancellationToken;
        using var instance = Instances.Enter(Volume.FolderAt("data"), _locks);
        var session = new IngestSession(new IngestEnvironment
        {
            Options = new IngestOptions { Profiles = [Profile], FreeSpaceReserveBytes = 0, RetryDelay = TimeSpan.FromMilliseconds(1) },
            Data = data,
            DataPath = DataPath,
            OpenFolder = path => new FaultyFolder(Volume.FolderAt(path["/volume".Length..].TrimStart('/')), plan),
            Database = database,
            Catalog = new SqliteCatalog(database),
            Archive = await OcflStorageRoot.OpenOrCreateAsync(data, DataFolder.Archive, DataFolder.Staging, cancellation),
            Extractor = Reader,
            ExtractorCount = 2,
            Instances = instance,
            Locks = _locks,
            Ids = new RecordIdSource(TimeProvider.System),
            Actor = new Actor("tester", "urn:docingest:account:test:tester"),
            Time = TimeProvider.System,
            Logger = Logger,
        });
        await session.TakeInAsync([DropPath], Profile.Name, removesSource: true, _reports.Add, cancellation);
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
