using System.Diagnostics;
using DocIngest.Storage;

namespace DocIngest.Backup.Stores;

/// <summary>Opens the stores that repositories' names mean. Remote ones try passing failures again.</summary>
/// <param name="volumes">For folders of this machine; stays the caller's.</param>
/// <param name="credentials">For remote stores.</param>
/// <param name="time">The clock.</param>
public sealed class StoreOpening(LocalVolumes volumes, StoreCredentials credentials, TimeProvider time)
{
    /// <summary>How long a remote store is asked again.</summary>
    public RetryTerms Retry { get; init; } = new();

    /// <summary>Is told when something is about to be tried again.</summary>
    public Action<StoreRetry>? Retrying { get; init; }

    /// <summary>Connects to REST servers instead of the framework's own, for a certificate authority of the house; stays the caller's.</summary>
    public HttpMessageHandler? RestHandler { get; init; }

    /// <summary>Opens the place of an existing repository. Asks nothing of it yet.</summary>
    /// <exception cref="RepositoryLocationException">The credentials are missing or of no known form.</exception>
    public OpenedStore Open(RepositoryLocation location) => location switch
    {
        RepositoryLocation.Folder folder => new OpenedStore(new FolderStore(volumes.Open(folder.Path, EntryPermissions.Sealed)), null),
        RepositoryLocation.Container container => new OpenedStore(Retried(new ContainerStore(Blobs(container))), null),
        RepositoryLocation.Server server => Opened(Rest(server)),
        _ => throw new UnreachableException(),
    };

    /// <summary>Opens the place of a new repository, and makes what it lies in: the folder, the container, the server's folders. Safe to repeat.</summary>
    /// <exception cref="RepositoryLocationException">The credentials are missing or of no known form.</exception>
    /// <exception cref="StorageException">It cannot be made.</exception>
    public async Task<OpenedStore> CreateAsync(RepositoryLocation location, CancellationToken cancellation)
    {
        switch (location)
        {
            case RepositoryLocation.Folder folder:
                await volumes.OpenOrCreate(folder.Path, EntryPermissions.Sealed).FlushAsync(cancellation);
                break;
            case RepositoryLocation.Container container:
                await Retries().RunAsync("create the container", Blobs(container).CreateContainerAsync, cancellation);
                break;
            case RepositoryLocation.Server server:
                using (var rest = Rest(server))
                    await Retries().RunAsync("create the repository's place", rest.CreateAsync, cancellation);
                break;
            default:
                throw new UnreachableException();
        }

        return Open(location);
    }

    private AzureBlobStore Blobs(RepositoryLocation.Container container)
    {
        try
        {
            return new AzureBlobStore(credentials.Azure ?? throw NoAccount(), container.Name, container.Prefix);
        }
        catch (ArgumentException error)
        {
            throw new RepositoryLocationException($"{container}: {error.Message}", error);
        }
    }

    private RestStore Rest(RepositoryLocation.Server server) => new(server.Address, server.Credentials ?? credentials.Rest, time, RestHandler);

    private OpenedStore Opened(RestStore rest) => new(Retried(rest), rest);

    private RetryingStore Retried(IRepositoryStore store) => new(store, Retries());

    private Retries Retries() => new(time, Retry, Retrying);

    private static RepositoryLocationException NoAccount() =>
        new("A repository in Azure needs the name of the storage account: AZURE_ACCOUNT_NAME, and one of AZURE_ACCOUNT_KEY and AZURE_ACCOUNT_SAS where this machine has no identity of its own.");
}

/// <summary>A store and its connections.</summary>
/// <param name="store">The store.</param>
/// <param name="connections">Closed with it; null for none.</param>
public sealed class OpenedStore(IRepositoryStore store, IDisposable? connections) : IDisposable
{
    /// <summary>The store, until this is disposed.</summary>
    public IRepositoryStore Store => store;

    /// <inheritdoc />
    public void Dispose() => connections?.Dispose();
}
