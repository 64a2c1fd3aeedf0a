using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Stores;

public sealed class When_the_disk_fails
{
    private static readonly byte[] Content = "content"u8.ToArray();

    private static readonly FileId Id = FileId.Of(Content);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.FailBefore, typeof(StorageUnavailableException))]
    [InlineData(FaultKind.FailAfter, typeof(StorageUnavailableException))]
    [InlineData(FaultKind.TornWrite, typeof(StorageUnavailableException))]
    [InlineData(FaultKind.Full, typeof(StorageFullException))]
    [InlineData(FaultKind.FlushFails, typeof(FlushFailedException))]
    public async Task The_error_is_told_nothing_half_is_visible_and_saving_again_works(FaultKind kind, Type expected)
    {
        int failures = 0;
        for (int n = 1; ; n++, failures++)
        {
            var plan = new FaultPlan(n, kind);
            var folder = new MemoryVolume().FolderAt("repository");
            var faulty = new FolderStore(new FaultyFolder(folder, plan));
            var error = await Record.ExceptionAsync(() => faulty.SaveAsync(FileKind.Pack, Id, Content, Cancellation));
            if (!plan.Fired)
            {
                Assert.Null(error);
                break;
            }

            Assert.IsType(expected, error);
            var listed = await faulty.ListAsync(FileKind.Pack, Cancellation).ToListAsync(Cancellation);
            Assert.True(listed is [] or [{ SizeBytes: 7 }]);
            Assert.Equal(listed.Count, folder.Files("").Count);   // no temporary file is left
            await faulty.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
            folder.Volume.PowerCut(PowerCutChoice.KeepNothing);
            Assert.Equal(Content, await new FolderStore(folder).ReadAllAsync(FileKind.Pack, Id, 100, Cancellation));
        }

        Assert.True(failures >= 4, $"{failures}");
    }

    [Fact]
    public async Task A_full_disk_keeps_what_is_there()
    {
        var folder = new MemoryVolume { CapacityBytes = 10 }.FolderAt("repository");
        var store = new FolderStore(folder);
        await store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        byte[] other = new byte[8];
        await Assert.ThrowsAsync<StorageFullException>(() => store.SaveAsync(FileKind.Pack, FileId.Of(other), other, Cancellation));
        Assert.Single(folder.Files(""));
        Assert.Equal(Content, await store.ReadAllAsync(FileKind.Pack, Id, 100, Cancellation));
    }
}
