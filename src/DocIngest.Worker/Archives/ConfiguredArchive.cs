using DocIngest.Archive;
using DocIngest.Backup.Stores;
using DocIngest.Pipeline;
using DocIngest.Storage;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Archives;

/// <summary>The archive of a data folder: in its folder <c>archive/</c>, or in Azure where the configuration says so. Opened once, and shared.</summary>
/// <param name="data">The data folder.</param>
/// <param name="options">Where the archive is.</param>
internal sealed class ConfiguredArchive(IDurableFolder data, ArchiveOptions options) : IDisposable
{
    private const string OwnerSuffix = ".owner";   // beside the storage root: nothing but the archive may lie below it

    private readonly RepositoryLocation.Container? _container = LocationOf(options);
    private readonly Lock _gate = new();

    // Under _gate.
    private InBlobs? _inBlobs;

    /// <summary>Whether it is in Azure.</summary>
    public bool IsInAzure => _container is not null;

    /// <summary>For how long its store keeps immutable what is archived; null for not at all.</summary>
    public TimeSpan? ImmutableFor { get; } = options.Immutability is { Days: var days } ? TimeSpan.FromDays(days) : null;

    /// <summary>Its name for people; null for the folder in the data folder.</summary>
    public RepositoryLocation? Location => _container;

    /// <summary>Cancelled when another installation has taken the archive over.</summary>
    public CancellationToken Lost
    {
        get
        {
            lock (_gate)
            {
                return _inBlobs?.Ownership.Lost ?? CancellationToken.None;
            }
        }
    }

    /// <summary>The container that the configuration names; null for the folder in the data folder.</summary>
    public static RepositoryLocation.Container? LocationOf(ArchiveOptions options) =>
        options.Store is { } store ? RepositoryLocation.Parse(store) as RepositoryLocation.Container : null;

    /// <summary>Which blob tells whose an archive in Azure is.</summary>
    /// <exception cref="CommandException">There is no account, or a name that cannot be one; exit 2.</exception>
    public static (IBlobStore Store, string Name) OwnerBlobOf(RepositoryLocation.Container container)
    {
        int slash = container.Prefix.LastIndexOf('/');
        return (AzureStores.Open(container.Name, slash < 0 ? "" : container.Prefix[..slash]), container.Prefix[(slash + 1)..] + OwnerSuffix);
    }

    /// <summary>Opens the archive; null where there is none yet.</summary>
    /// <inheritdoc cref="Open" path="/exception" />
    public IArchive? TryOpen() => _container is null
        ? data.Find(DataFolder.Archive) is null ? null : Open()
        : InAzure().TryOpen();

    /// <summary>Opens the archive, which must be there.</summary>
    /// <exception cref="StorageRootRefusedException">There is none, or one that is not for us.</exception>
    /// <exception cref="LockHeldException">It is the archive of another installation.</exception>
    public IArchive Open() => _container is null
        ? OcflStorageRoot.Open(data, DataFolder.Archive, DataFolder.Staging)
        : InAzure().TryOpen() ?? throw new CommandException(ExitCode.NotFound, $"There is no archive at {_container} yet. Take in files with 'ingest' or 'run'.");

    /// <summary>Opens the archive for writing, and makes it where there is none.</summary>
    /// <inheritdoc cref="Open" path="/exception" />
    public async Task<IArchive> OpenOrCreateAsync(CancellationToken cancellation)
    {
        if (_container is null)
        {
            return await OcflStorageRoot.OpenOrCreateAsync(data, DataFolder.Archive, DataFolder.Staging, cancellation);
        }

        await InstallationId.FindOrDrawAsync(data, cancellation);
        return await InAzure().OpenOrCreateAsync(cancellation);
    }

    /// <summary>Makes this data folder the one that works on its archive in Azure, and settles what the former left half written there.</summary>
    /// <param name="wait">How long to wait for the former to be dead.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The former owner, if it was another; and what recovery found.</returns>
    /// <exception cref="LockHeldException">The former lives. Nothing changed.</exception>
    public async Task<(ArchiveOwner? Former, BlobRecoverySummary Recovered)> AdoptAsync(TimeSpan wait, CancellationToken cancellation)
    {
        await InstallationId.FindOrDrawAsync(data, cancellation);
        return await InAzure().AdoptAsync(wait, cancellation);
    }

    /// <summary>Whether the container of an archive in Azure can protect blobs, whatever the configuration asks for. False for a folder.</summary>
    /// <exception cref="StorageException">The store does not answer, or not to us.</exception>
    /// <exception cref="CommandException">There is no account; exit 2.</exception>
    public async Task<bool> CanProtectAsync(CancellationToken cancellation) => IsInAzure && await InAzure().CanProtectAsync(cancellation);

    public void Dispose() => _inBlobs?.Ownership.Dispose();

    private InBlobs InAzure()
    {
        lock (_gate)
        {
            return _inBlobs ??= new InBlobs(data, ImmutableFor, _container ?? throw new InvalidOperationException("The archive is in a folder."));
        }
    }

    /// <summary>An archive in Azure, with the right to write it.</summary>
    private sealed class InBlobs
    {
        // A writer that died keeps an object for half a minute; whoever starts again must not fail on its own former self.
        private static readonly TimeSpan LeaseWait = TimeSpan.FromSeconds(45);

        private readonly IDurableFolder _data;
        private readonly AzureBlobStore _store;
        private readonly TimeSpan? _immutableFor;
        private readonly Lock _gate = new();

        // Under _gate.
        private OcflBlobArchive? _archive;

        public InBlobs(IDurableFolder data, TimeSpan? immutableFor, RepositoryLocation.Container container)
        {
            _data = data;
            _immutableFor = immutableFor;
            _store = AzureStores.Open(container.Name, container.Prefix);
            var (beside, name) = OwnerBlobOf(container);
            Ownership = new ArchiveOwnership(beside, name, () => InstallationId.Find(data), TimeProvider.System);
        }

        public ArchiveOwnership Ownership { get; }

        public IArchive? TryOpen()
        {
            lock (_gate)
            {
                Ownership.DemandNotAnothers();
                return _archive ??= OcflBlobRoot.TryOpen(_store, "", TimeProvider.System, LeaseWait) is { } root ? ArchiveIn(root) : null;
            }
        }

        public async Task<IArchive> OpenOrCreateAsync(CancellationToken cancellation)
        {
            await _store.CreateContainerAsync(cancellation);
            await DemandProtectionAsync(cancellation);
            await Ownership.EnsureAsync(cancellation);   // first: nothing is made in an archive of others
            if (_archive is { } opened)
            {
                return opened;
            }

            var root = await OcflBlobRoot.OpenOrCreateAsync(_store, "", TimeProvider.System, LeaseWait, cancellation);
            lock (_gate)
            {
                return _archive ??= ArchiveIn(root);
            }
        }

        public async Task<(ArchiveOwner? Former, BlobRecoverySummary Recovered)> AdoptAsync(TimeSpan wait, CancellationToken cancellation)
        {
            await DemandProtectionAsync(cancellation);
            var root = await OcflBlobRoot.OpenAsync(_store, "", TimeProvider.System, LeaseWait, cancellation);
            var former = await Ownership.TakeOverAsync(wait, cancellation);
            await Ownership.EnsureAsync(cancellation);
            return (former, await root.RecoverAllAsync(cancellation: cancellation));
        }

        /// <summary>Whether the container can protect blobs.</summary>
        public async Task<bool> CanProtectAsync(CancellationToken cancellation) =>
            _store.Protection is { } protection && await protection.IsSupportedAsync(cancellation);

        // A protection that somebody believes in and that is not there is worse than none.
        private async Task DemandProtectionAsync(CancellationToken cancellation)
        {
            if (_immutableFor is not null && !await CanProtectAsync(cancellation))
            {
                throw new CommandException(
                    ExitCode.Usage,
                    $"The configuration asks for archive.immutability, and the container of {_store.DisplayName} has no version-level immutability. It is set up where the container, or the account, is made (see "
                    + "docs/operations/azure-archive.md). Nothing was archived. Use a container that has it, or take the setting out.");
            }
        }

        private OcflBlobArchive ArchiveIn(OcflBlobRoot root) => new(_immutableFor is { } window ? root.ProtectedFor(window) : root, _data, DataFolder.Staging, Ownership, DataFolder.Archive);
    }
}
