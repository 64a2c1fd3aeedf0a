using DocIngest.TestKit;

namespace DocIngest.Storage.Tests;

public sealed class LocalBlobStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_processes_that_put_the_same_blobs_win_each_once()
    {
        const int Count = 100;
        using var temp = new TempFolder();
        string[] task = ["put-blobs", temp.Folder("store"), temp["locks"], $"{Count}"];
        using var one = await ChildProcess.StartAsync(Cancellation, task);
        using var other = await ChildProcess.StartAsync(Cancellation, task);
        one.Continue();
        other.Continue();
        int ofOne = int.Parse(await one.ReadLineAsync(Cancellation) ?? "");
        int ofOther = int.Parse(await other.ReadLineAsync(Cancellation) ?? "");
        Assert.Equal(Count, ofOne + ofOther);
        Assert.Equal(Count, Directory.GetFiles(temp["store/race"]).Length);
        Assert.All(Directory.GetFiles(temp["store/race"]), file => Assert.Equal(4, new FileInfo(file).Length));
    }

    [Fact]
    public async Task Folders_that_a_power_cut_left_empty_are_swept_and_all_others_stay()
    {
        var folder = new MemoryVolume().FolderAt("");
        using var store = new LocalBlobStore(folder, new MemoryLocks(TimeProvider.System), TimeProvider.System, "~work", "blobs");
        await store.PutIfAbsentAsync("a/b/c", new MemoryStream([1]), Cancellation);
        folder.CreateFolder("blobs/a/x/y");
        folder.CreateFolder("blobs/d");
        folder.CreateFolder("~work/kept");
        Assert.Equal(3, await store.SweepEmptyFoldersAsync(Cancellation));
        Assert.Equal(["a"], folder.List("blobs").Select(entry => entry.Name));
        Assert.Equal(["b"], folder.List("blobs/a").Select(entry => entry.Name));
        Assert.NotNull(folder.Find("~work/kept"));
        Assert.NotNull(await store.FindAsync("a/b/c", Cancellation));
        Assert.Equal(0, await store.SweepEmptyFoldersAsync(Cancellation));
    }

    [Fact]
    public async Task Parts_of_the_living_stay_and_parts_of_the_dead_are_swept()
    {
        var folder = new MemoryVolume().FolderAt("");
        var locks = new MemoryLocks(TimeProvider.System);
        foreach (int slot in new[] { 0, 1, 7 })
        {
            folder.CreateFolder($"~part/{slot}");
            folder.Create($"~part/{slot}/1").Dispose();
        }

        using var living = locks.TryAcquire("part-1");
        using var store = new LocalBlobStore(folder, locks, TimeProvider.System);
        await store.PutIfAbsentAsync("a", new MemoryStream(), Cancellation);
        Assert.NotNull(folder.Find("~part/1/1"));
        Assert.Empty(folder.List("~part/0"));
        Assert.Null(folder.Find("~part/7"));
    }

    [Fact]
    public async Task Folders_that_hold_no_blob_any_more_are_removed()
    {
        var folder = new MemoryVolume().FolderAt("");
        using var store = new LocalBlobStore(folder, new MemoryLocks(TimeProvider.System), TimeProvider.System);
        await store.PutIfAbsentAsync("f/g/a", new MemoryStream(), Cancellation);
        await store.PutIfAbsentAsync("f/b", new MemoryStream(), Cancellation);
        await store.DeleteAsync("f/g/a", null, Cancellation);
        Assert.Null(folder.Find("f/g"));
        Assert.NotNull(folder.Find("f/b"));
        await store.DeleteAsync("f/b", null, Cancellation);
        Assert.Null(folder.Find("f"));
    }

    [Fact]
    public async Task The_folder_of_the_blobs_holds_nothing_else_and_may_have_any_name()
    {
        var folder = new MemoryVolume().FolderAt("");
        using var store = new LocalBlobStore(folder, new MemoryLocks(TimeProvider.System), TimeProvider.System, "~old archive", "old archive");
        var put = await store.PutIfAbsentAsync("f/a", new MemoryStream(), Cancellation);
        put = await store.PutIfMatchAsync("f/a", new MemoryStream([1]), put.Version, lease: null, Cancellation);
        await using var lease = await store.TryLeaseAsync("f/a", TimeSpan.FromSeconds(15), Cancellation);
        Assert.Equal(["old archive", "~old archive"], folder.List("").Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["f"], folder.List("old archive").Select(entry => entry.Name));
        Assert.Equal([put], await store.ListAsync("f/", Cancellation).ToListAsync(Cancellation));
        Assert.Equal(put, await store.FindAsync("f/a", Cancellation));
        await store.DeleteAsync("f/a", lease, Cancellation);
        Assert.Empty(folder.List("old archive"));
        Assert.Throws<ArgumentException>(() => new LocalBlobStore(folder, new MemoryLocks(TimeProvider.System), TimeProvider.System, "archive"));
    }

    [Fact]
    public async Task A_put_is_whole_or_not_at_all_whenever_the_power_is_cut()
    {
        foreach (var choice in PowerCutChoice.Samples(20))
        {
            var plan = new FaultPlan(1, FaultKind.PowerCut);
            for (int n = 1; plan.Fired || n == 1; n++)
            {
                var volume = new MemoryVolume();
                plan = new FaultPlan(n, FaultKind.PowerCut);
                var error = await Record.ExceptionAsync(() => PutAndReplaceAsync(new FaultyFolder(volume.FolderAt(""), plan)));
                volume.PowerCut(choice);
                string? left = await ReadIfThereAsync(volume.FolderAt(""));
                Assert.True(error is null ? left is "second" : left is null or "first" or "second", $"{left} at {n}, {choice}");
            }
        }
    }

    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.Full)]
    [InlineData(FaultKind.TornWrite)]
    [InlineData(FaultKind.FlushFails)]
    public async Task A_put_that_fails_leaves_no_part_and_no_torn_blob(FaultKind kind)
    {
        var plan = new FaultPlan(1, kind);
        for (int n = 1; plan.Fired || n == 1; n++)
        {
            var volume = new MemoryVolume();
            plan = new FaultPlan(n, kind);
            var error = await Record.ExceptionAsync(() => PutAndReplaceAsync(new FaultyFolder(volume.FolderAt(""), plan)));
            Assert.Equal(plan.Fired, error is StorageException);
            Assert.Contains(await ReadIfThereAsync(volume.FolderAt("")), new[] { null, "first", "second" });
        }
    }

    private static async Task PutAndReplaceAsync(IDurableFolder folder)
    {
        using var store = new LocalBlobStore(folder, new MemoryLocks(TimeProvider.System), TimeProvider.System);
        var first = await store.PutIfAbsentAsync("f/a", new MemoryStream("first"u8.ToArray()), Cancellation);
        await store.PutIfMatchAsync("f/a", new MemoryStream("second"u8.ToArray()), first.Version, null, Cancellation);
    }

    private static async Task<string?> ReadIfThereAsync(IDurableFolder folder)
    {
        using var store = new LocalBlobStore(folder, new MemoryLocks(TimeProvider.System), TimeProvider.System);
        if (await store.FindAsync("f/a", Cancellation) is null)
            return null;
        using var text = new StreamReader(await store.OpenReadAsync("f/a", 0, null, Cancellation));
        return await text.ReadToEndAsync(Cancellation);
    }
}
