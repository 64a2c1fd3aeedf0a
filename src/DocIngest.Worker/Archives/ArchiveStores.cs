using System.Diagnostics;
using DocIngest.Archive;
using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Archives;

/// <summary>Opens archives where they are named as repositories are: by a path, or <c>azure:CONTAINER:/PREFIX</c>. Owns what it opened.</summary>
/// <param name="durability">Of local folders.</param>
/// <param name="retries">For remote stores.</param>
internal sealed class ArchiveStores(Durability durability, Retries retries) : IDisposable
{
    // A writer that died keeps an object for half a minute; whoever takes a copy up again must not fail on its own former self.
    private static readonly TimeSpan LeaseWait = TimeSpan.FromSeconds(45);

    private readonly LocalVolumes _volumes = new(durability);
    private readonly List<IDisposable> _opened = [];

    /// <summary>How a command asks again that was told or configured how long.</summary>
    public static Retries RetriesOf(CommandContext context, DocIngestOptions configuration, TimeSpan? retryFor = null) => new(
        TimeProvider.System,
        new RetryTerms { TotalTime = retryFor ?? configuration.Backup.RetryFor },
        retry => context.Output.Remark($"{retry.Reason} Trying again in {retry.Pause.TotalSeconds:0.#} s: {retry.Operation}."));

    /// <summary>Reads a name as it was typed.</summary>
    /// <exception cref="CommandException">No archive can be there; exit 2.</exception>
    public static RepositoryLocation Parse(string name, string option)
    {
        try
        {
            return RepositoryLocation.Parse(name) is { } location and not RepositoryLocation.Server
                ? location
                : throw new CommandException(ExitCode.Usage, $"{option}: an archive lies in a folder or in Azure (azure:CONTAINER:/PREFIX), not behind a REST server.");
        }
        catch (RepositoryLocationException error)
        {
            throw new CommandException(ExitCode.Usage, $"{option}: {error.Message}");
        }
    }

    /// <summary>Opens an archive that must be there.</summary>
    /// <exception cref="CommandException">There is none (exit 5), or one that is not for us (exit 2).</exception>
    public async Task<OcflBlobRoot> OpenAsync(RepositoryLocation location, CancellationToken cancellation)
    {
        if (location is RepositoryLocation.Folder folder && !Directory.Exists(folder.Path))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no archive at {TerminalText.OneLine(folder.Path)}.");
        }

        var store = StoreOf(location);
        return await OpenAsync(location, stop => OcflBlobRoot.OpenAsync(store, "", TimeProvider.System, LeaseWait, stop), cancellation);
    }

    /// <summary>Opens an archive, and makes it where there is nothing.</summary>
    /// <exception cref="CommandException">Something else is there; exit 2. Nothing changed.</exception>
    /// <remarks>Of a folder, what a power cut left empty is removed: for validators it is an error.</remarks>
    public async Task<OcflBlobRoot> OpenOrCreateAsync(RepositoryLocation location, CancellationToken cancellation)
    {
        if (location is RepositoryLocation.Folder folder && File.Exists(folder.Path))
        {
            throw new CommandException(ExitCode.Usage, $"{TerminalText.OneLine(folder.Path)} is a file. Name a folder.");
        }

        var store = StoreOf(location);
        if (store is AzureBlobStore azure)
        {
            await retries.RunAsync("create the container", azure.CreateContainerAsync, cancellation);
        }
        else if (store is LocalBlobStore local)
        {
            await local.SweepEmptyFoldersAsync(cancellation);
        }

        return await OpenAsync(location, stop => OcflBlobRoot.OpenOrCreateAsync(store, "", TimeProvider.System, LeaseWait, stop), cancellation);
    }

    public void Dispose()
    {
        _opened.ForEach(store => store.Dispose());
        _volumes.Dispose();
    }

    private async Task<OcflBlobRoot> OpenAsync(RepositoryLocation location, Func<CancellationToken, Task<OcflBlobRoot>> open, CancellationToken cancellation)
    {
        try
        {
            return await retries.RunAsync($"open {location}", open, cancellation);
        }
        catch (StorageRootRefusedException refused)
        {
            throw new CommandException(ExitCode.Usage, $"{TerminalText.OneLine(location.DisplayName)} cannot be used as an archive. {TerminalText.OneLine(refused.Message)} Nothing was changed there.");
        }
    }

    private IBlobStore StoreOf(RepositoryLocation location) => location switch
    {
        RepositoryLocation.Folder folder => Local(folder.Path),
        RepositoryLocation.Container container => AzureStores.Open(container.Name, container.Prefix),
        _ => throw new UnreachableException(),
    };

    // Parts and leases lie beside the root, on its volume: in it, validators would find them (OCFL E072).
    private LocalBlobStore Local(string path)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            throw new CommandException(ExitCode.Usage, $"{path} is the top of a file system. Name a folder in it.");
        }

        string work = $"~{Path.GetFileName(path)}";
        var folder = _volumes.OpenOrCreate(parent, EntryPermissions.Private);
        var store = new LocalBlobStore(folder, new OsLocks(Path.Combine(parent, work, "locks"), TimeProvider.System), TimeProvider.System, work, Path.GetFileName(path));
        _opened.Add(store);
        return store;
    }
}
