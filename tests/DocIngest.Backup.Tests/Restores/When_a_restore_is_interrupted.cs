using DocIngest.Backup.Restores;
using DocIngest.Backup.Trees;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Restores;

/// <summary>However a restore ends, what is under its name is whole, and the next run brings the rest.</summary>
public sealed class When_a_restore_is_interrupted : IAsyncLifetime
{
    private const int Files = 24;

    private readonly RestoreWorld _world = new();
    private SnapshotMaker _maker = null!;   // from InitializeAsync on

    public When_a_restore_is_interrupted() => Needs.Linux();

    public async ValueTask InitializeAsync() => _maker = await SnapshotMaker.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _maker.Dispose();
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Cancelled_at_any_file_it_leaves_whole_files_and_goes_on_from_there()
    {
        var snapshot = await ManyFilesAsync();
        for (int n = 1; n <= Files; n++)
        {
            using var stop = new CancellationTokenSource();
            var progress = new CancelAt(n, stop);
            var run = new RestoreRun(_maker.Repository, new RestoreOptions(), null);
            bool isDone = false;
            try
            {
                _ = await run.RunAsync(snapshot, _world.Target, progress, stop.Token);
                isDone = true;   // the last file was on its way
            }
            catch (OperationCanceledException)
            {
                Assert.True(progress.HasFired);
            }

            int there = AssertWhole();
            Assert.True(there >= n || isDone);
            var result = await _world.RestoreAsync(_maker.Repository, snapshot);
            Assert.Equal([], RestoreWorld.Problems(result));
            Assert.Equal((there, Files - there), (result.Files.Equal, result.Files.Restored));
            Assert.Equal(Files, AssertWhole());
            Directory.Delete(_world.Target, recursive: true);
        }
    }

    [Fact]
    public async Task What_a_killed_run_left_goes_and_what_only_looks_like_it_stays()
    {
        var snapshot = await ManyFilesAsync();
        Directory.CreateDirectory(_world["folder"]);
        string[] leftovers = [new TemporaryNames().Next().ToRaw(), $"folder/{new TemporaryNames().Next().ToRaw()}"];
        string[] others = [".docingest-restore-", ".docingest-restore-notes.txt", "folder/.docingest-restore-0123456789abcdef-x"];
        foreach (string name in leftovers.Concat(others))
            File.WriteAllText(_world[name], "half");
        await _world.RestoreAsync(_maker.Repository, snapshot, new RestoreOptions { IsDryRun = true });
        Assert.All(leftovers, name => Assert.True(File.Exists(_world[name])));
        await _world.RestoreAsync(_maker.Repository, snapshot);
        Assert.All(leftovers, name => Assert.False(File.Exists(_world[name])));
        Assert.All(others, name => Assert.True(File.Exists(_world[name])));
    }

    [Fact]
    public async Task A_full_disk_ends_it_and_leaves_nothing_half_written()
    {
        Needs.Root();
        var noise = new Random(5);
        string[] parts = [.. Enumerable.Range(0, 8).Select(_ => Convert.ToHexString(Bytes(noise, 100_000)))];
        var snapshot = await _maker.SnapshotAsync(
            await _maker.FileAsync("a", parts[0]), await _maker.FileAsync("b", [.. parts[1..]]), await _maker.FileAsync("c", parts[0], parts[0], parts[0]));
        Directory.CreateDirectory(_world.Target);
        try
        {
            RestoreWorld.Shell(_world.Target, "mount -t tmpfs -o size=1m tmpfs .");
        }
        catch (InvalidOperationException)
        {
            Needs.Lacks("mount", "A file system in memory cannot be mounted here.");
        }

        try
        {
            var error = await Assert.ThrowsAsync<StorageFullException>(() => _world.RestoreAsync(_maker.Repository, snapshot));
            Assert.True(error.MayRetry);
            Assert.DoesNotContain(_world.Entries(), name => name.StartsWith('.') || name == "b");
            RestoreWorld.Shell(_world.Target, "mount -o remount,size=8m .");
            var result = await _world.RestoreAsync(_maker.Repository, snapshot);
            Assert.Equal([], RestoreWorld.Problems(result));
            Assert.Equal(string.Concat(parts[1..]), File.ReadAllText(_world["b"]));
        }
        finally
        {
            RestoreWorld.Shell(_world.Beside("."), "umount target");
        }
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private async Task<FileId> ManyFilesAsync()
    {
        var nodes = new List<Node>();
        for (int i = 0; i < Files; i++)
            nodes.Add(await _maker.FileAsync($"f{i:d2}", [.. Content(i).Chunk(40).Select(chunk => new string(chunk))]));
        return await _maker.SnapshotAsync([.. nodes.Skip(Files / 2), await _maker.FolderAsync("folder", [.. nodes.Take(Files / 2)])]);
    }

    private static string Content(int i) => string.Concat(Enumerable.Range(0, 20 + i).Select(j => $"{i}-{j} "));

    /// <summary>Every name is that of a file of the snapshot with all its content and its metadata.</summary>
    /// <returns>How many there are.</returns>
    private int AssertWhole()
    {
        int count = 0;
        foreach (string name in _world.Entries().Where(name => name != "folder"))
        {
            int i = int.Parse(Path.GetFileName(name)[1..]);
            Assert.Equal(Content(i), File.ReadAllText(_world[name]));
            Assert.Equal(1_600_000_000, new DateTimeOffset(File.GetLastWriteTimeUtc(_world[name])).ToUnixTimeSeconds());
            count++;
        }

        return count;
    }

    private sealed class CancelAt(int n, CancellationTokenSource stop) : IProgress<WorkProgress>
    {
        private int _count;

        public bool HasFired { get; private set; }

        public void Report(WorkProgress value)
        {
            if (Interlocked.Increment(ref _count) != n)
                return;
            HasFired = true;
            stop.Cancel();
        }
    }
}
