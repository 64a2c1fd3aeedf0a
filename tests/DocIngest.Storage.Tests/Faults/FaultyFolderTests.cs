namespace DocIngest.Storage.Tests;

public sealed class FaultyFolderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.FailBefore, typeof(StorageUnavailableException))]
    [InlineData(FaultKind.FailAfter, typeof(StorageUnavailableException))]
    [InlineData(FaultKind.Full, typeof(StorageFullException))]
    [InlineData(FaultKind.TornWrite, typeof(StorageUnavailableException))]
    [InlineData(FaultKind.PowerCut, typeof(PowerCutException))]
    public async Task Each_operation_fails_once_until_none_is_left(FaultKind kind, Type expected)
    {
        int failed = 0;
        for (int n = 1; ; n++)
        {
            var plan = new FaultPlan(n, kind);
            var error = await Record.ExceptionAsync(() => SavingAsync(new FaultyFolder(new MemoryVolume().FolderAt(""), plan)));
            if (!plan.Fired)
            {
                Assert.Null(error);
                break;
            }

            Assert.IsType(expected, error);
            failed++;
        }

        Assert.Equal(5, failed); // create, write, flush, move, flush
    }

    [Fact]
    public async Task A_careful_save_survives_a_power_cut_at_every_operation()
    {
        foreach (var choice in PowerCutChoice.Samples(30))
        {
            var plan = new FaultPlan(1, FaultKind.PowerCut);
            for (int n = 1; plan.Fired || n == 1; n++)
            {
                var volume = new MemoryVolume();
                plan = new FaultPlan(n, FaultKind.PowerCut);
                var error = await Record.ExceptionAsync(() => SavingAsync(new FaultyFolder(volume.FolderAt(""), plan)));
                volume.PowerCut(choice);
                string? left = ReadIfThere(volume.FolderAt(""));
                Assert.True(left is "text" || (left is null && error is not null), $"{left} at {n}, {choice}");
            }
        }
    }

    [Fact]
    public async Task A_careless_save_does_not()
    {
        var volume = new MemoryVolume();
        var folder = volume.FolderAt("");
        using (var file = folder.Create("part"))
            file.Write("text"u8);
        folder.Move("part", "whole"); // before the flush: what the careful one avoids
        volume.PowerCut(PowerCutChoice.NamesWithoutData);
        Assert.Equal("", ReadIfThere(folder));
        await folder.FlushAsync(Cancellation);
    }

    [Fact]
    public async Task Operations_are_counted_over_all_folders_of_the_plan()
    {
        var plan = new FaultPlan(3, FaultKind.FailBefore);
        var (one, other) = (new FaultyFolder(new MemoryVolume().FolderAt(""), plan), new FaultyFolder(new MemoryVolume().FolderAt(""), plan));
        one.CreateFolder("a");
        await other.FlushAsync(Cancellation);
        Assert.Throws<StorageUnavailableException>(() => one.Delete("b"));
        one.Delete("b");
        Assert.Equal(4, plan.Operations);
    }

    [Fact]
    public void Reads_count_only_where_asked_for()
    {
        var folder = new MemoryVolume().FolderAt("");
        Assert.Null(new FaultyFolder(folder, new FaultPlan(1, FaultKind.FailBefore)).Find("a"));
        Assert.Throws<StorageUnavailableException>(() => new FaultyFolder(folder, new FaultPlan(1, FaultKind.FailBefore, countReads: true)).Find("a"));
    }

    [Fact]
    public void A_torn_write_leaves_its_first_half()
    {
        var volume = new MemoryVolume();
        var folder = new FaultyFolder(volume.FolderAt(""), new FaultPlan(2, FaultKind.TornWrite));
        using var file = folder.Create("whole");
        Assert.Throws<StorageUnavailableException>(() => file.Write("text"u8));
        Assert.Equal("te", ReadIfThere(volume.FolderAt("")));
    }

    [Fact]
    public void What_failed_after_was_done()
    {
        var volume = new MemoryVolume();
        var folder = new FaultyFolder(volume.FolderAt(""), new FaultPlan(1, FaultKind.FailAfter));
        Assert.Throws<StorageUnavailableException>(() => folder.Create("a"));
        Assert.NotNull(volume.FolderAt("").Find("a"));
        Assert.Equal(WriterProbe.NoWriter, folder.ProbeWriter("a"));
    }

    [Fact]
    public async Task A_failed_flush_forgets_the_data_of_everybody_on_the_volume()
    {
        var volume = new MemoryVolume();
        var neighbour = volume.FolderAt("neighbour");
        var folder = new FaultyFolder(volume.FolderAt(""), new FaultPlan(1, FaultKind.FlushFails));
        using (var file = folder.Create("whole"))
            file.Write("text"u8);
        await Assert.ThrowsAsync<FlushFailedException>(async () => await folder.FlushAsync(Cancellation));
        await folder.FlushAsync(Cancellation);
        await Assert.ThrowsAsync<FlushFailedException>(async () => await neighbour.FlushAsync(Cancellation));
        volume.PowerCut(PowerCutChoice.KeepAll);
        Assert.Equal("", ReadIfThere(volume.FolderAt("")));
    }

    [Fact]
    public void After_a_power_cut_even_reading_is_over()
    {
        var folder = new FaultyFolder(new MemoryVolume().FolderAt(""), new FaultPlan(1, FaultKind.PowerCut));
        Assert.Throws<PowerCutException>(() => folder.CreateFolder("a"));
        Assert.Throws<PowerCutException>(() => folder.Find("a"));
        Assert.IsNotType<IOException>(new PowerCutException(), exactMatch: false);
    }

    private static async Task SavingAsync(FaultyFolder folder)
    {
        await using (var file = folder.Create("part"))
            await file.WriteAsync("text"u8.ToArray(), Cancellation);
        await folder.FlushAsync(Cancellation);
        folder.Move("part", "whole");
        await folder.FlushAsync(Cancellation);
    }

    private static string? ReadIfThere(MemoryFolder folder)
    {
        if (folder.Find("whole") is null)
            return null;
        using var text = new StreamReader(folder.OpenRead("whole"));
        return text.ReadToEnd();
    }
}
