using System.Runtime.CompilerServices;

namespace DocIngest.Storage;

/// <summary>Blobs as plain files in a durable folder: a name is a path, so that other tools find what they know.</summary>
/// <remarks>
/// <para>Beside the blobs stand two folders whose names no blob can have: <c>~part</c>, files still being written, and <c>~lease</c>.
/// Safe for several processes that are given the same locks.</para>
/// <para>A put: 1. the bytes are written and flushed under a name in <c>~part</c>; 2. renamed to their place; 3. the rename flushed. A crash at
/// 1 leaves a part, which whoever next takes the dead writer's slot deletes; at 2 the former state or the new one, whole; at 3 likewise.</para>
/// <para>A version is the identity, size and write time of the file behind it. Each put makes a new file, so it differs from the version it
/// replaced. Two versions with one in between could be equal only where the file system keeps no birth time and gives the same inode to a
/// file of the same size within one tick of its clock.</para>
/// </remarks>
public sealed class LocalBlobStore : IBlobStore, IDisposable
{
    private const int Stripes = 256;

    // Longer than any put under a stripe takes on a disk that works: two flushes.
    private static readonly TimeSpan StripeTimeout = TimeSpan.FromMinutes(1);

    // A parent folder may be pruned as empty between its creation and the rename, by the deletion of a neighbour.
    private const int PlaceAttempts = 5;

    private readonly IDurableFolder _folder;
    private readonly string _blobs;   // what stands before every blob's name in the folder
    private readonly INamedLocks _locks;
    private readonly BlobParts _parts;
    private readonly BlobLeases _leases;

    /// <param name="folder">Holds the store; should hold nothing else.</param>
    /// <param name="locks">The same for all who use the folder, for example <see cref="OsLocks"/> on a local path outside it.</param>
    /// <param name="time">Decides when leases run out; the processes' clocks must agree.</param>
    /// <param name="workFolder">A folder in it where unfinished files and leases are kept, whose name begins with <c>~</c>: where other tools look into
    /// what lies beside it. Empty: in the folder itself.</param>
    /// <param name="blobFolder">A folder in it that holds the blobs and nothing else, of whatever name; made with the first blob. Empty: the folder itself.</param>
    /// <exception cref="ArgumentException">The name of the work folder could be a blob's.</exception>
    public LocalBlobStore(IDurableFolder folder, INamedLocks locks, TimeProvider time, string workFolder = "", string blobFolder = "")
    {
        if (workFolder.Length > 0 && (workFolder[0] != '~' || workFolder.Contains('/')))
            throw new ArgumentException("The name of a work folder begins with '~', and is no path.", nameof(workFolder));
        string work = workFolder.Length == 0 ? "" : $"{workFolder}/";
        _folder = folder;
        _blobs = blobFolder.Length == 0 ? "" : $"{blobFolder}/";
        _locks = locks;
        _parts = new BlobParts(folder, locks, work);
        _leases = new BlobLeases(folder, _parts, time, work);
    }

    /// <inheritdoc />
    public string DisplayName => Path.Join(_folder.DisplayName, _blobs).TrimEnd('/');

    /// <inheritdoc />
    public IBlobStore OnCallersThread => this;

    /// <inheritdoc />
    public IBlobProtection? Protection => null;   // whoever may write the folder may change its files

    /// <inheritdoc />
    public Task<BlobInfo?> FindAsync(string name, CancellationToken cancellation)
    {
        BlobName.Check(name);
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(Find(name));
    }

    /// <inheritdoc />
    public Task<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation)
    {
        BlobName.Check(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        cancellation.ThrowIfCancellationRequested();
        var file = _folder.OpenRead(_blobs + name);
        file.Position = offset;
        return Task.FromResult(length is { } most ? new PartOfStream(file, most) : file);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<BlobInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        foreach (var blob in List("", prefix))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return blob;
        }
    }

    /// <inheritdoc />
    public async Task<BlobInfo> PutIfAbsentAsync(string name, Stream content, CancellationToken cancellation)
    {
        BlobName.Check(name);
        if (Find(name) is not null)
            throw await ExistsAsync(cancellation);
        var mark = _folder.Mark();
        string part = await _parts.WriteAsync(content, cancellation);
        try
        {
            await _folder.FlushAsync(mark, cancellation); // 1
            MoveBelowParents(part, name); // 2
        }
        catch (NameTakenException)
        {
            _parts.Discard(part);
            throw await ExistsAsync(cancellation);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            _parts.Discard(part);
            throw;
        }

        await FlushRenameAsync(mark); // 3
        return Find(name) ?? throw Changed();
    }

    /// <inheritdoc />
    public async Task<BlobInfo> PutIfMatchAsync(
        string name, Stream content, BlobVersion version, IBlobLease? lease, CancellationToken cancellation)
    {
        BlobName.Check(name);
        var mark = _folder.Mark();
        string part = await _parts.WriteAsync(content, cancellation);
        try
        {
            await _folder.FlushAsync(mark, cancellation); // 1
            using var stripe = await LockAsync(name, cancellation);
            if (Find(name)?.Version != version)
                throw Changed();
            _leases.Check(name, lease);
            _folder.Replace(part, _blobs + name); // 2
            await FlushRenameAsync(mark); // 3
            return Find(name) ?? throw Changed();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            _parts.Discard(part);
            throw;
        }
    }

    /// <inheritdoc />
    public async Task DeleteAsync(string name, IBlobLease? lease, CancellationToken cancellation)
    {
        BlobName.Check(name);
        var mark = _folder.Mark();
        using (await LockAsync(name, cancellation))
        {
            _leases.Check(name, lease);
            _folder.Delete(_blobs + name);
            _leases.Forget(name);
            PruneEmptyParents(name);
        }

        await FlushRenameAsync(mark);
    }

    /// <inheritdoc />
    public Task<IBlobLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellation) =>
        TryShareLeaseAsync(name, Guid.NewGuid(), duration, cancellation);

    /// <inheritdoc />
    public async Task<IBlobLease?> TryShareLeaseAsync(string name, Guid holder, TimeSpan duration, CancellationToken cancellation)
    {
        BlobName.Check(name);
        LeaseDuration.Check(duration);
        using var stripe = await LockAsync(name, cancellation);
        if (Find(name) is null)
            throw new EntryNotFoundException($"{DisplayName}: no such blob.");
        return _leases.TryGrant(name, holder, duration, () => LockAsync(name, CancellationToken.None), () => Find(name) is not null);
    }

    /// <summary>Removes folders without a blob, which a power cut in a deletion may have left: other programs look into them (OCFL E073). Safe while others write.</summary>
    /// <returns>How many.</returns>
    public async Task<int> SweepEmptyFoldersAsync(CancellationToken cancellation)
    {
        var mark = _folder.Mark();
        int swept = Sweep("");
        if (swept > 0)
            await _folder.FlushAsync(mark, cancellation);
        return swept;
    }

    /// <summary>Gives up the slot in <c>~part</c>; unfinished parts go with it.</summary>
    public void Dispose() => _parts.Dispose();

    private BlobInfo? Find(string name) =>
        _folder.Find(_blobs + name) is { Kind: EntryKind.File } file ? Describe(name, file) : null;

    private static BlobInfo Describe(string name, FolderEntry file) =>
        new(name, file.Stamp.SizeBytes, new BlobVersion($"{file.Stamp.FileId}/{file.Stamp.SizeBytes}/{file.Stamp.WriteTimeNanoseconds}"));

    /// <summary>Folder by folder; a folder sorts as its name with the separator behind it, which is how its blobs' names go on.</summary>
    private IEnumerable<BlobInfo> List(string folder, string prefix)
    {
        var entries = EntriesOf(folder).Select(entry => (Path: folder + entry.Name + (entry.Kind is EntryKind.Folder ? "/" : ""), entry));
        foreach (var (path, entry) in entries.OrderBy(one => one.Path, StringComparer.Ordinal))
        {
            if (entry.Kind is EntryKind.File && path.StartsWith(prefix, StringComparison.Ordinal))
                yield return Describe(path, entry);
            if (entry.Kind is not EntryKind.Folder || !MayHold(path, prefix))
                continue;
            foreach (var blob in List(path, prefix))
                yield return blob;
        }
    }

    private static bool MayHold(string folder, string prefix) =>
        folder.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(folder, StringComparison.Ordinal);

    private List<FolderEntry> EntriesOf(string folder)
    {
        try
        {
            return [.. _folder.List((_blobs + folder).TrimEnd('/')).Where(entry => !entry.Name.StartsWith('~'))];
        }
        catch (EntryNotFoundException)
        {
            return []; // Deleted while we listed; its blobs with it.
        }
    }

    // Deepest first; one that a blob came into meanwhile is not empty, and stays.
    private int Sweep(string folder)
    {
        int swept = 0;
        foreach (var entry in EntriesOf(folder).Where(entry => entry.Kind is EntryKind.Folder))
        {
            swept += Sweep($"{folder}{entry.Name}/");
            if (EntriesOf($"{folder}{entry.Name}/").Count == 0 && _folder.DeleteEmptyFolder($"{_blobs}{folder}{entry.Name}"))
                swept++;
        }

        return swept;
    }

    private void CreateParent(string name)
    {
        string path = _blobs + name;
        if (path.LastIndexOf('/') is > 0 and int end)
            _folder.CreateFolder(path[..end]);
    }

    private void MoveBelowParents(string part, string name)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                CreateParent(name);
                _folder.Move(part, _blobs + name);
                return;
            }
            catch (EntryNotFoundException) when (attempt < PlaceAttempts && _folder.Find(part) is not null)
            {
                // Pruned in between: make the parents again.
            }
        }
    }

    /// <summary>A prefix that no blob has any more is no folder any more either.</summary>
    private void PruneEmptyParents(string name)
    {
        int end = name.LastIndexOf('/');
        while (end > 0 && _folder.DeleteEmptyFolder(_blobs + name[..end]))
            end = name.LastIndexOf('/', end - 1);
    }

    // Past the rename there is no way back, and no reason to stop: cancelling here would leave the caller in doubt for nothing.
    private ValueTask FlushRenameAsync(FlushMark mark) => _folder.FlushAsync(mark, CancellationToken.None);

    private Task<IDisposable> LockAsync(string name, CancellationToken cancellation)
    {
        uint hash = 2166136261; // FNV-1a: the same in every process, unlike string.GetHashCode
        foreach (char c in name)
            hash = (hash ^ c) * 16777619;
        return _locks.AcquireAsync($"blob-{hash % Stripes:x2}", StripeTimeout, cancellation);
    }

    /// <summary>Flushed first: who is told that a blob exists relies on it, and its writer may have died before its own flush.</summary>
    private async Task<PreconditionFailedException> ExistsAsync(CancellationToken cancellation)
    {
        await _folder.FlushAsync(cancellation);
        return new PreconditionFailedException($"{DisplayName}: the blob exists.");
    }

    private PreconditionFailedException Changed() => new($"{DisplayName}: the blob is absent or at another version.");
}
