namespace DocIngest.Storage.Tests;

public sealed class When_a_flush_fails
{
    private readonly MemoryVolume _volume = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_folder_object_learns_of_it_once()
    {
        var (one, other) = (_volume.FolderAt("a"), _volume.FolderAt("b"));
        _volume.FailFlush(PowerCutChoice.KeepNothing);
        await Assert.ThrowsAsync<FlushFailedException>(async () => await one.FlushAsync(Cancellation));
        await Assert.ThrowsAsync<FlushFailedException>(async () => await other.FlushAsync(Cancellation));
        await one.FlushAsync(Cancellation);
        await other.FlushAsync(Cancellation);
    }

    [Fact]
    public async Task Every_mark_taken_before_it_fails_for_ever_and_none_after()
    {
        var folder = _volume.FolderAt("");
        var (before, alsoBefore) = (folder.Mark(), folder.Mark());
        _volume.FailFlush(PowerCutChoice.KeepNothing);
        await Assert.ThrowsAsync<FlushFailedException>(async () => await folder.FlushAsync(before, Cancellation));
        await Assert.ThrowsAsync<FlushFailedException>(async () => await folder.FlushAsync(alsoBefore, Cancellation));
        await folder.FlushAsync(folder.Mark(), Cancellation);
    }
}
