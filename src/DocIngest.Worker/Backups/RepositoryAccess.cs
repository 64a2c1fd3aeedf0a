using System.Security.Cryptography;
using DocIngest.Backup;
using DocIngest.Backup.Checks;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Pipeline;
using DocIngest.Storage;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Archives;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Jobs;

namespace DocIngest.Worker.Backups;

/// <summary>The repository a command works on: opens it, and says in whose name locks and keys are made.</summary>
internal sealed class RepositoryAccess(RepositoryChoice choice, string dataPath, DocIngestOptions configuration) : IDisposable
{
    /// <summary>The files that remember when packs were read, one for each repository that was ever checked.</summary>
    public const string VerificationLogs = "verified-*.jsonl";

    // Of the id: enough to tell the repositories of one data folder apart.
    private const int IdDigits = 16;

    // As much of a guesser's time as a person does not notice.
    private static readonly TimeSpan GuessTime = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan PatienceOfJobs = TimeSpan.FromHours(1);

    private OpenedStore? _opened;

    public RepositoryLocation Location { get; } = choice.LocationIn(dataPath, configuration.Backup);

    /// <summary>Where local files are opened.</summary>
    public LocalVolumes Volumes { get; } = new(configuration.Storage.Durability);

    /// <summary>The files of the repository, whether there are any or not. Lives as long as this.</summary>
    public IRepositoryStore Store => (_opened ??= Opening.Open(Location)).Store;

    /// <summary>Is told when a remote store is about to be asked again.</summary>
    public Action<StoreRetry>? Retrying { get; init; }

    /// <summary>How long a remote store that does not answer is asked again; null: as configured.</summary>
    public TimeSpan? RetryFor { get; init; }

    public string DataPath => dataPath;

    public BackupOptions Options => configuration.Backup;

    /// <summary>Where the archive of the data folder is when it is not in it.</summary>
    public RepositoryLocation? ArchiveElsewhere { get; } = ConfiguredArchive.LocationOf(configuration.Archive);

    public TimeProvider Time { get; } = TimeProvider.System;

    /// <summary>Whether it is opened by an escrowed master key.</summary>
    public bool IsByEscrow => choice.EscrowKeyFile is not null;

    /// <summary>Its absolute path, where it is one of this machine.</summary>
    public string? Folder => (Location as RepositoryLocation.Folder)?.Path;

    /// <summary>Whether the data folder holds it, by whatever path it is reached, so that one disk's death takes both.</summary>
    public bool IsInDataFolder => Folder is { } folder && FolderPath.Contains(RealPath.Of(dataPath), RealPath.Of(folder));

    /// <summary>Whether nobody chose it: it is made when it is first needed, with a password drawn by this program.</summary>
    public bool IsEmbedded => Options is { Repository: null, Password: null } && Location == RepositoryChoice.Configured(dataPath, Options);

    /// <summary>Where the password of the embedded one is.</summary>
    public string GeneratedPasswordFile => GeneratedPassword.PathIn(dataPath);

    /// <summary>The host that snapshots and keys name.</summary>
    public string HostName => Options.HostName ?? Environment.MachineName;

    /// <summary>How operations take their locks.</summary>
    public LockTerms LockTerms => new(LockOwner.ThisProcess(ProcessSpace.UniqueHostName), Time, Patience);

    // Nobody is there to try a job again.
    private TimeSpan Patience => JobProcess.RunOfThisProcess is not null && Options.LockWait < PatienceOfJobs ? PatienceOfJobs : Options.LockWait;

    /// <summary>Who makes a key just now.</summary>
    public KeyOrigin Origin => new(Environment.UserName, HostName, new ZonedTime(UnixTime.Now(Time)));

    /// <summary>What guessing a password shall cost.</summary>
    public ScryptParameters ParametersFor(ReadOnlySpan<byte> password) =>
        GeneratedPassword.IsOne(password) ? ScryptParameters.ForGeneratedPasswords : ScryptParameters.Calibrate(GuessTime, Time);

    /// <summary>Whether there is a repository at the place.</summary>
    public async Task<bool> ExistsAsync(CancellationToken cancellation) => await ReadConfigAsync(cancellation) is not null;

    /// <summary>The file <c>config</c> of the repository; null where there is none.</summary>
    public async Task<byte[]?> ReadConfigAsync(CancellationToken cancellation) =>
        Folder is { } folder && !Path.Exists(folder) ? null : await Store.ReadConfigAsync(cancellation);

    /// <summary>Opens the repository.</summary>
    /// <exception cref="CommandException">No password or key is to be had, or the key is that of another repository; exit 2.</exception>
    /// <exception cref="BackupException">There is none, the password is wrong, or it is damaged.</exception>
    public async Task<Repository> OpenAsync(CancellationToken cancellation)
    {
        // Without a repository its password is of no interest: it may be missing for the same reason.
        if (!await ExistsAsync(cancellation))
        {
            throw NotThere();
        }

        if (choice.EscrowKeyFile is { } file)
        {
            return await EscrowKeyFile.OpenAsync(Store, file, cancellation);
        }

        byte[] password = await choice.PasswordOf(Location, dataPath, Options).ReadAsync(cancellation);
        try
        {
            return await Repository.OpenAsync(Store, password, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }

    /// <summary>Makes the repository.</summary>
    /// <exception cref="RepositoryExistsException">There is one. Nothing changed.</exception>
    /// <exception cref="CommandException">Something else of the data folder is to be at the place, or there is no password; exit 2. Nothing changed.</exception>
    public async Task<Repository> CreateAsync(CancellationToken cancellation)
    {
        if (Folder is { } folder && Workspace.HasCatalog(dataPath) && BackupRules.FaultsOfFolder(folder, dataPath).FirstOrDefault() is { } fault)
        {
            throw new CommandException(ExitCode.Usage, $"{folder} {fault}. No repository was made.");
        }

        var reference = choice.PasswordOf(Location, dataPath, Options);
        if (IsEmbedded && reference == GeneratedPassword.ReferenceIn(dataPath))
        {
            await GeneratedPassword.EnsureAsync(Volumes, dataPath, cancellation);   // first: a repository without its password is lost
        }

        byte[] password = await reference.ReadAsync(cancellation);
        try
        {
            return await Repository.InitAsync(await CreateStoreAsync(cancellation), password, ParametersFor(password), Origin, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }

    /// <summary>When the packs of the repository were last read, kept in the data folder; null where there is none: nobody is there to remember for.</summary>
    public IVerificationLog? VerificationLogOf(Repository repository)
    {
        if (!Directory.Exists(dataPath))
        {
            return null;
        }

        try
        {
            var reports = Volumes.OpenOrCreate(Path.Combine(dataPath, DataFolder.Reports));
            return new FileVerificationLog(reports, $"verified-{repository.Config.Id[..IdDigits]}.jsonl");
        }
        catch (StorageException error)
        {
            return new UnkeptVerificationLog(error);   // what the repository is worth, any account may find out that can read it
        }
    }

    public void Dispose()
    {
        _opened?.Dispose();
        Volumes.Dispose();
    }

    private async Task<IRepositoryStore> CreateStoreAsync(CancellationToken cancellation)
    {
        _opened = await Opening.CreateAsync(Location, cancellation);
        return _opened.Store;
    }

    private StoreOpening Opening => new(Volumes, StoreCredentials.Read(Environment.GetEnvironmentVariable), Time)
    {
        Retry = new RetryTerms { TotalTime = RetryFor ?? Options.RetryFor },
        Retrying = Retrying,
    };

    private RepositoryNotFoundException NotThere() => new(
        $"There is no repository at {Location}. "
        + (IsEmbedded ? "The first 'docingest backup run' makes one." : "Is the right place mounted? A new one is made by 'docingest backup init'."));
}
