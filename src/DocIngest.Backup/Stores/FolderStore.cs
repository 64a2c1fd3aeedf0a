using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using DocIngest.Storage;

namespace DocIngest.Backup.Stores;

/// <summary>A repository in a folder, as restic's local backend lays it out. Folders are made when their first file comes.</summary>
/// <remarks>
/// <para>Saving: (1) the bytes go to a temporary file beside the final name, (2) are flushed, (3) renamed, and (4) the rename is flushed.
/// A crash at 1 or 2 leaves a file that no program lists, at 3 or 4 the whole file or that one.</para>
/// <para>A damaged file is replaced by the right bytes when somebody saves them again: the name says which they are.</para>
/// </remarks>
/// <param name="folder">The root of the repository; must exist. On a disk of this machine opened with <see cref="EntryPermissions.Sealed"/>,
/// which gives what restic's backend gives: files that only their owner reads and nobody writes.</param>
public sealed class FolderStore(IDurableFolder folder) : IRepositoryStore, IStrayFiles
{
    private const string TemporaryMark = "-tmp-";   // restic's own
    private const int TemporaryDigits = 16;

    /// <inheritdoc />
    public string DisplayName => folder.DisplayName;

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;   // a local disk answers at once
        foreach (string path in kind is FileKind.Pack ? PackFolders() : [RepositoryLayout.Folder(kind)])
        {
            foreach (var entry in Entries(path))
            {
                cancellation.ThrowIfCancellationRequested();
                if (IsListed(kind, path, entry, out var id))
                    yield return new StoredFile(id, entry.Stamp.SizeBytes);
            }
        }
    }

    /// <inheritdoc />
    public Task<long?> FindAsync(FileKind kind, FileId id, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var entry = folder.Find(RepositoryLayout.Path(kind, id));
        return Task.FromResult(entry is { Kind: EntryKind.File } ? entry.Stamp.SizeBytes : (long?)null);
    }

    /// <inheritdoc />
    public async Task ReadAsync(FileKind kind, FileId id, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        await using var file = folder.OpenRead(RepositoryLayout.Path(kind, id));
        file.Position = offset;
        int read = await file.ReadAtLeastAsync(destination, destination.Length, throwOnEndOfStream: false, cancellation);
        if (read < destination.Length)
            throw new DamagedRepositoryException(kind, id, $"the file is too short: {destination.Length} bytes were asked for from {offset} on.");
    }

    /// <inheritdoc />
    public async Task<byte[]> ReadAllAsync(FileKind kind, FileId id, int maxBytes, CancellationToken cancellation)
    {
        await using var file = folder.OpenRead(RepositoryLayout.Path(kind, id));
        return await ReadAllAsync(file, kind, id, maxBytes, cancellation);
    }

    /// <inheritdoc />
    public Task SaveAsync(FileKind kind, FileId id, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        SaveAsync(RepositoryLayout.Folder(kind, id), $"{id}", content, folder.Replace, cancellation);

    /// <inheritdoc />
    public async Task DeleteAsync(FileKind kind, FileId id, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var before = folder.Mark();
        folder.Delete(RepositoryLayout.Path(kind, id));
        await folder.FlushAsync(before, cancellation);
    }

    /// <inheritdoc />
    public async Task<byte[]?> ReadConfigAsync(CancellationToken cancellation)
    {
        if (folder.Find(RepositoryLayout.Config) is null)
            return null;
        await using var file = folder.OpenRead(RepositoryLayout.Config);
        return await ReadAllAsync(file, FileKind.Config, null, RepositoryLayout.MaxConfigBytes, cancellation);
    }

    /// <inheritdoc />
    public Task CreateConfigAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        SaveAsync("", RepositoryLayout.Config, content, folder.Move, cancellation);

    /// <inheritdoc />
    public async IAsyncEnumerable<StrayFile> ListStraysAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;   // a local disk answers at once
        foreach (var entry in Entries("").Where(entry => IsTemporary(entry.Name)))
            yield return new StrayFile(entry.Name, StrayKind.Temporary, WrittenAt(entry));
        foreach (var kind in Enum.GetValues<FileKind>().Where(kind => kind is not FileKind.Config))
        {
            foreach (var stray in Strays(kind, RepositoryLayout.Folder(kind)))
            {
                cancellation.ThrowIfCancellationRequested();
                yield return stray;
            }
        }
    }

    /// <inheritdoc />
    public async Task<int> RemoveTemporaryAsync(DateTimeOffset writtenBefore, CancellationToken cancellation)
    {
        var left = new List<string>();
        await foreach (var stray in ListStraysAsync(cancellation))
        {
            if (stray.Kind is StrayKind.Temporary && stray.WrittenAt < writtenBefore)
                left.Add(stray.Path);
        }

        foreach (string path in left)
        {
            cancellation.ThrowIfCancellationRequested();
            folder.Delete(path);
        }

        return left.Count;
    }

    private async Task SaveAsync(
        string inFolder, string name, ReadOnlyMemory<byte> content, Action<string, string> rename, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var before = folder.Mark();
        folder.CreateFolder(inFolder);
        string path = inFolder.Length == 0 ? name : $"{inFolder}/{name}";
        string temporary = $"{path}{TemporaryMark}{RandomNumberGenerator.GetHexString(TemporaryDigits, lowercase: true)}";
        try
        {
            await using (var file = folder.Create(temporary))
                await file.WriteAsync(content, cancellation);   // 1: invisible
            await folder.FlushAsync(before, cancellation);   // 2: durable, still invisible
            rename(temporary, path);   // 3: visible and whole
        }
        catch (Exception error) when (error is StorageException or OperationCanceledException)
        {
            TryDelete(temporary);
            throw;
        }

        await folder.FlushAsync(before, cancellation);   // 4: the name itself durable
    }

    private void TryDelete(string temporary)
    {
        try
        {
            folder.Delete(temporary);
        }
        catch (StorageException)
        {
            // No program lists such a name, and its failure would hide the one that is on its way.
        }
    }

    private static async Task<byte[]> ReadAllAsync(Stream file, FileKind kind, FileId? id, int maxBytes, CancellationToken cancellation)
    {
        if (file.Length > maxBytes)
            throw new DamagedRepositoryException(kind, id, $"the file has {file.Length} bytes; at most {maxBytes} are possible.");
        byte[] content = GC.AllocateUninitializedArray<byte>((int)file.Length);
        int read = await file.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellation);
        return read == content.Length ? content : throw new DamagedRepositoryException(kind, id, "the file became shorter while it was read.");
    }

    private IEnumerable<string> PackFolders() =>
        Entries(RepositoryLayout.Folder(FileKind.Pack))
            .Where(entry => entry.Kind is EntryKind.Folder && RepositoryLayout.IsPackFolder(entry.Name))
            .Select(entry => $"{RepositoryLayout.Folder(FileKind.Pack)}/{entry.Name}");

    private IEnumerable<StrayFile> Strays(FileKind kind, string path)
    {
        bool isData = path == RepositoryLayout.Folder(FileKind.Pack);
        foreach (var entry in Entries(path))
        {
            string inner = $"{path}/{entry.Name}";
            if (isData && entry.Kind is EntryKind.Folder)
            {
                foreach (var stray in Strays(kind, inner))
                    yield return stray;
            }
            else if (!IsListed(kind, path, entry, out _))
            {
                yield return new StrayFile(inner, StrayKindOf(entry.Name), WrittenAt(entry));
            }
        }
    }

    private static bool IsListed(FileKind kind, string path, FolderEntry entry, out FileId id) =>
        RepositoryLayout.TryParse(entry.Name, out id) && entry.Kind is EntryKind.File && RepositoryLayout.Folder(kind, id) == path;

    private static DateTimeOffset WrittenAt(FolderEntry entry) =>
        DateTimeOffset.UnixEpoch.AddTicks(entry.Stamp.WriteTimeNanoseconds / TimeSpan.NanosecondsPerTick);

    private static StrayKind StrayKindOf(string name)
    {
        if (IsTemporary(name))
            return StrayKind.Temporary;
        return FileId.TryParse(name, out _) ? StrayKind.Misplaced : StrayKind.Other;
    }

    private static bool IsTemporary(string name) => name.Contains(TemporaryMark) || name.EndsWith(".tmp", StringComparison.Ordinal);

    private IEnumerable<FolderEntry> Entries(string path)
    {
        using var entries = folder.List(path).GetEnumerator();
        while (true)
        {
            try
            {
                if (!entries.MoveNext())
                    yield break;
            }
            catch (EntryNotFoundException)
            {
                yield break;   // never written to, or just removed
            }

            yield return entries.Current;
        }
    }
}
