using DocIngest.Archive;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.Intake;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.Signatures;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;
using DocIngest.Worker.Archives;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting.Linux;
using DocIngest.Worker.Recovering;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.Hosting;

/// <summary>An opened data folder: what commands and the service have in common.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly LocalVolumes _volumes;
    private AuditTrail? _audit;

    private Workspace(string dataPath, DocIngestOptions options, LocalVolumes volumes, IDurableFolder data, SqliteDatabase database)
    {
        _volumes = volumes;
        DataPath = dataPath;
        Options = options;
        Data = data;
        Database = database;
        Catalog = new SqliteCatalog(database);
        Locks = new OsLocks(Path.Combine(dataPath, DataFolder.Locks), TimeProvider.System);
        Archive = new ConfiguredArchive(data, options.Archive);
    }

    /// <summary>Absolute.</summary>
    public string DataPath { get; }

    private string PipelineDataPath => DataPath.Replace(Path.DirectorySeparatorChar, '/');

    public DocIngestOptions Options { get; }

    public IDurableFolder Data { get; }

    public SqliteDatabase Database { get; }

    public SqliteCatalog Catalog { get; }

    public INamedLocks Locks { get; }

    public TimeProvider Time { get; } = TimeProvider.System;

    public Actor Actor { get; } = Actor.OfThisProcess(Environment.MachineName);

    /// <summary>Where commands record what they show.</summary>
    public AuditTrail Audit => _audit ??= OpenAudit(isService: false, NullLogger.Instance);

    /// <summary>Opens a data folder, creating it where it is missing.</summary>
    /// <exception cref="CommandException">It cannot be used; exit 6.</exception>
    public static Workspace OpenOrCreate(string dataPath, DocIngestOptions options) => Open(dataPath, options, volumes =>
    {
        var data = volumes.OpenOrCreate(dataPath);
        foreach (string folder in new[] { DataFolder.Catalog, DataFolder.Staging, DataFolder.Locks, DataFolder.Receipts, DataFolder.Quarantine })
        {
            data.CreateFolder(folder);
        }

        return data;
    });

    /// <summary>Opens a data folder that must be there.</summary>
    /// <exception cref="CommandException">None there (exit 5), or it cannot be used (exit 6).</exception>
    public static Workspace OpenExisting(string dataPath, DocIngestOptions options)
    {
        if (!HasCatalog(dataPath))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no archive in {dataPath} yet. Take in files with 'ingest' or 'run', or name another data folder with --data.");
        }

        return Open(dataPath, options, volumes => volumes.Open(dataPath));
    }

    /// <summary>Whether there is a catalog.</summary>
    /// <exception cref="CommandException">This account may not look; exit 6.</exception>
    public static bool HasCatalog(string dataPath)
    {
        try
        {
            File.GetAttributes(Path.Combine(dataPath, DataFolder.CatalogFile));   // File.Exists says false where it may not look
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            throw Forbidden(dataPath, "look into");
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>What to say where the account lacks a permission.</summary>
    public static CommandException Forbidden(string dataPath, string toDo) => new(
        ExitCode.EnvironmentFailed,
        $"The account {Environment.UserName} may not {toDo} {dataPath}. Run the command as the account of the service, or have it permitted.");

    /// <summary>What to say where the account may look things up, and no more.</summary>
    public static string MayOnlyRead =>
        $"The account {Environment.UserName} may read this data folder, not change it. Nothing was changed. Run the command as the account of the service.";

    /// <summary>The archive, wherever it is.</summary>
    public ConfiguredArchive Archive { get; }

    /// <summary>The archive; must exist.</summary>
    public IArchive OpenArchive() => Archive.Open();

    /// <summary>The objects of the archive that are no records.</summary>
    public SystemObjectStore SystemObjectsOf(IArchive archive) => new(archive, Data, Locks, Actor, Time);

    /// <summary>Who has which role.</summary>
    public PeopleRegister PeopleIn(IArchive archive) => new(SystemObjectsOf(archive), Actor, Time);

    /// <summary>The legal holds.</summary>
    public HoldRegister HoldsIn(IArchive archive) => new(SystemObjectsOf(archive), Data, Locks, Actor, Time);

    /// <summary>Brings the protection that the store of the archive has of its own up to date; null where the configuration asks for none.</summary>
    /// <param name="archive">Opened for writing.</param>
    /// <param name="schedule">The retention schedule, read anew for each run.</param>
    /// <param name="logger">Events 1063 and 1064.</param>
    public ProtectionWatch? ProtectionOf(IArchive archive, Func<RetentionSchedule> schedule, ILogger logger) => archive.Protection is null ? null : new ProtectionWatch(
        () => new RecordProtection(archive, Database, SystemObjectsOf(archive), HoldsIn(archive), schedule(), Locks, Time), SystemObjectsOf(archive), Database, Time, logger);

    /// <summary>The destruction register.</summary>
    public DispositionRegister DispositionsIn(IArchive archive) => new(SystemObjectsOf(archive), Actor, Time);

    /// <summary>The archive, made where there is none.</summary>
    /// <exception cref="CommandException">This account may only read; exit 6.</exception>
    /// <exception cref="CommandException">A recovery of the data folder has not come to its end; exit 4.</exception>
    public async Task<IArchive> OpenOrCreateArchiveAsync(CancellationToken cancellation)
    {
        RecoveryGate.DemandRestored(Data);
        return Database.IsReadOnly ? throw new CommandException(ExitCode.EnvironmentFailed, MayOnlyRead) : await Archive.OpenOrCreateAsync(cancellation);
    }

    /// <summary>
    /// Whether this is root or the account of the service, which alone may look into its keys: neither is a person who signs (I9). Where there are no keys yet nobody
    /// can tell, and nobody signs.
    /// </summary>
    public bool IsServiceOrRoot() => (ReadsKeys(DataPath) ?? true) || Actor.IsRootOfThisMachine;

    /// <summary>Whether this account may look into the keys of a data folder, as that of the service may; null where there are none yet.</summary>
    public static bool? ReadsKeys(string dataPath)
    {
        try
        {
            _ = Directory.EnumerateFileSystemEntries(Path.Combine(dataPath, DataFolder.Keys)).Any();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes the folder of keys, by which the account of the service is known, and the key that signs destructions: its fingerprint is to be noted before the first.</summary>
    public async Task MakeKeysAsync(CancellationToken cancellation)
    {
        var keys = OpenKeys();
        if (keys.Find(ServiceKey.Destruction.File) is null)   // a damaged one is told where it is needed: scanning goes on
        {
            using var drawn = await ServiceSigner.OpenOrCreateAsync(keys, ServiceKey.Destruction, Time, cancellation);
        }
    }

    /// <summary>The folder of keys, made where there is none.</summary>
    public IDurableFolder OpenKeys() => _volumes.OpenOrCreate(Path.Combine(DataPath, DataFolder.Keys), EntryPermissions.Private);

    /// <summary>A folder by its absolute path for this account alone, made where there is none.</summary>
    public IDurableFolder MakePrivateFolder(string path) => _volumes.OpenOrCreate(path, EntryPermissions.Private);

    /// <summary>Events of patients and cases; makes the archive, and the key that names them, where there is none.</summary>
    /// <param name="logger">Events 1020 to 1029.</param>
    /// <param name="patience">How long to wait for another writer of events.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CommandException">This account may only read, or the key is damaged; exit 6.</exception>
    public async Task<EventStore> OpenEventsAsync(ILogger logger, TimeSpan patience, CancellationToken cancellation)
    {
        var archive = await OpenOrCreateArchiveAsync(cancellation);
        var naming = await EventKey.ReadOrDrawAsync(_volumes, DataPath, cancellation);
        return new EventStore(SystemObjectsOf(archive), Database, Locks, naming, Actor, Time, logger) { Patience = patience };
    }

    // Filing goes on without events; what a person has to put right is no fault of the scan.
    private async Task<EventStore> OpenEventsForFilingAsync(ILogger logger, CancellationToken cancellation)
    {
        try
        {
            return await OpenEventsAsync(logger, EventStore.PatienceOfFiling, cancellation);
        }
        catch (CommandException error)
        {
            throw new EventsUnavailableException(error.Message);
        }
    }

    /// <summary>Everything the pipeline needs. The caller disposes the extractor and the audit, and leaves the instance.</summary>
    public async Task<IngestEnvironment> CreateEnvironmentAsync(
        ExtractionWorkerPool pool, int extractorCount, Classifier classifier, Func<RetentionSchedule> schedule, bool isService, ILogger logger, CancellationToken cancellation) => new()
    {
        Options = Options.Intake,
        Data = Data,
        DataPath = PipelineDataPath,
        OpenFolder = path => _volumes.Open(path),
        Database = Database,
        Catalog = Catalog,
        Archive = await Archive.OpenOrCreateAsync(cancellation),
        Audit = OpenAudit(isService, logger),
        OpenKeys = OpenKeys,
        Extractor = pool,
        WantsOcr = Options.Extraction.Ocr,
        Cutter = pool,
        Classifier = classifier,
        SidecarEvents = new SidecarEvents(schedule, token => OpenEventsForFilingAsync(logger, token), Time, logger),
        ExtractorCount = extractorCount,
        Instances = Instances.Enter(Data, Locks),
        Locks = Locks,
        Ids = new RecordIdSource(Time),
        Actor = Actor,
        Time = Time,
        Logger = logger,
    };

    /// <summary>Looks through the drop folders.</summary>
    public IReadOnlyList<DropFolderLook> LookIntoDropFolders() => DropFolderLook.All(Options.Intake, PipelineDataPath, path => _volumes.Open(path));

    /// <summary>A folder for a result file, with the same care for half-written files as the archive.</summary>
    public IDurableFolder OpenFolder(string absolutePath) => _volumes.Open(absolutePath);

    /// <inheritdoc />
    public void Dispose()
    {
        _audit?.Dispose();
        Archive.Dispose();
        Database.Dispose();
        _volumes.Dispose();
    }

    private AuditTrail OpenAudit(bool isService, ILogger logger) => AuditTrail.Open(
        Data, Locks, AuditOrigin.Of(Actor, isService, ThisProgram.Version),
        Archive.TryOpen, Time, logger);

    // Whoever may only read can still look things up; what writes says so when it comes to writing.
    private static SqliteDatabase OpenDatabase(string path)
    {
        try
        {
            return SqliteDatabase.Open(path);
        }
        catch (SqliteException error) when (SqliteDatabase.IsForbidden(error) && File.Exists(path))
        {
            return SqliteDatabase.OpenReadOnly(path);
        }
    }

    // SQLite makes its file 0644 at most, and the others like that one.
    private static void ShareWithGroup(string catalog)
    {
        const UnixFileMode ForGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        if (!OperatingSystem.IsLinux() || !FileCreationMask.IsOpenToGroup || File.GetUnixFileMode(catalog) == ForGroup)
        {
            return;
        }

        try
        {
            foreach (string file in new[] { catalog, catalog + "-wal", catalog + "-shm" }.Where(File.Exists))
            {
                File.SetUnixFileMode(file, ForGroup);
            }
        }
        catch (UnauthorizedAccessException)
        {
            // Not its owner: whoever may not write it is told so when it comes to writing.
        }
    }

    private static Workspace Open(string dataPath, DocIngestOptions options, Func<LocalVolumes, IDurableFolder> open)
    {
        var volumes = new LocalVolumes(options.Storage.Durability);
        try
        {
            if (OperatingSystem.IsLinux() && Directory.Exists(dataPath))
            {
                FileCreationMask.FollowFolder(dataPath);
            }

            var data = open(volumes);
            string catalog = Path.Combine(dataPath, DataFolder.CatalogFile);
            var database = OpenDatabase(catalog);
            ShareWithGroup(catalog);
            return new Workspace(dataPath, options, volumes, data, database);
        }
        catch (SqliteException error) when (SqliteDatabase.IsForbidden(error))
        {
            volumes.Dispose();
            throw Forbidden(dataPath, "use the catalog in");
        }
        catch (Exception error) when (error is StorageException or SqliteException or IOException or UnauthorizedAccessException)
        {
            volumes.Dispose();
            throw new CommandException(ExitCode.EnvironmentFailed, $"The data folder {dataPath} cannot be used: {error.Message}");
        }
        catch (Exception error) when (error is DatabaseTooNewException or DatabaseTooOldException)
        {
            volumes.Dispose();
            throw new CommandException(ExitCode.EnvironmentFailed, error.Message);
        }
    }
}
