using DocIngest.Backup.Backups;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Sources;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Trees;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Backup.Tests.Backups;

/// <summary>Backups into a folder, and what a reader that knows nothing of restoring finds in them.</summary>
internal static class BackupWorld
{
    public static BackupOptions Options { get; } = new() { HostName = "test-host", ProgramVersion = "docingest 0.1.0" };

    private static int _processes;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Content that does not compress and is of several chunks if it is long enough.</summary>
    public static byte[] Random(int length, int seed)
    {
        byte[] content = new byte[length];
        new System.Random(seed).NextBytes(content);
        return content;
    }

    /// <summary>A repository without a snapshot.</summary>
    public static async Task<MemoryFolder> NewRepositoryAsync()
    {
        var folder = RepositoryWorld.NewFolder();
        (await RepositoryWorld.InitAsync(folder)).Dispose();
        return folder;
    }

    public static Task<BackupResult> BackUpAsync(IDurableFolder folder, IBackupSource source, BackupOptions? options = null) =>
        BackUpAsync(folder, source, new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56)), options);

    public static async Task<BackupResult> BackUpAsync(IDurableFolder folder, IBackupSource source, FakeTimeProvider clock, BackupOptions? options = null, LockTerms? terms = null)
    {
        using var repository = await RepositoryWorld.OpenAsync(folder);
        return await HurryAsync(clock, BackupRun.RunAsync(repository, source, options ?? Options, terms ?? Terms(clock), null, Cancellation));
    }

    /// <summary>Waits for work that waits for a clock, which is moved on meanwhile.</summary>
    public static async Task<T> HurryAsync<T>(FakeTimeProvider clock, Task<T> work)
    {
        while (!work.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation));
        }

        return await work;
    }

    /// <summary>As a process of its own: whatever an earlier one left locked is that of a dead one.</summary>
    public static LockTerms Terms(TimeProvider clock, string hostName = "test-host") => new(
        new LockOwner
        {
            HostName = hostName,
            UserName = "tester",
            ProcessId = Interlocked.Increment(ref _processes),
            Started = UnixTime.Now(clock),
            StartOf = _ => null,
        },
        clock,
        TimeSpan.Zero);

    /// <summary>The content of every file of a snapshot by its path, each blob held against its id.</summary>
    public static async Task<SortedDictionary<string, byte[]>> ReadAsync(IDurableFolder folder, FileId snapshot)
    {
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var index = await repository.LoadIndexAsync(Cancellation);
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        await ReadAsync(repository, index, (await repository.LoadSnapshotAsync(snapshot, Cancellation)).Tree, "", files);
        return files;
    }

    /// <summary>Reads every snapshot there is, and returns how many.</summary>
    public static async Task<int> ReadAllAsync(IDurableFolder folder)
    {
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var snapshots = await repository.ListSnapshotsAsync(Cancellation).ToListAsync(Cancellation);
        foreach (var listed in snapshots)
        {
            Assert.Null(listed.Fault);
            await ReadAsync(folder, listed.Id);
        }

        return snapshots.Count;
    }

    /// <summary>Bytes of all packs.</summary>
    public static long PackBytes(IDurableFolder folder) => folder.Files("data").Where(path => !path.Contains("-tmp-", StringComparison.Ordinal)).Sum(path => folder.Find(path)!.Stamp.SizeBytes);

    private static async Task ReadAsync(Repository repository, BlobIndex index, BlobId tree, string path, SortedDictionary<string, byte[]> files)
    {
        using var blob = await repository.LoadBlobAsync(index, BlobType.Tree, tree, Cancellation);
        foreach (var node in TreeReader.ReadAll(blob.Memory))
        {
            string inner = $"{path}/{node.Name.ToRaw()}";
            if (node.Subtree is { } subtree)
                await ReadAsync(repository, index, subtree, inner, files);
            if (node.Content is { } content)
                files.Add(inner, await ReadAsync(repository, index, node, content));
        }
    }

    private static async Task<byte[]> ReadAsync(Repository repository, BlobIndex index, Node node, IReadOnlyList<BlobId> content)
    {
        using var all = new MemoryStream();
        foreach (var id in content)
        {
            using var blob = await repository.LoadBlobAsync(index, BlobType.Data, id, Cancellation);
            all.Write(blob.Span);
        }

        Assert.Equal(node.SizeBytes, (ulong)all.Length);
        return all.ToArray();
    }
}
