using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Stores;

/// <summary>Files are saved and deleted, stopped at every operation in turn, with every behaviour of the disk.</summary>
public sealed class When_the_power_is_cut
{
    private const int Seeds = 12;

    private static readonly byte[][] Contents = [[.. "first"u8], [.. "second"u8], [.. "third"u8]];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_there_whole_or_not_at_all_and_stays_once_it_was_saved()
    {
        int cuts = 0;
        foreach (var choice in PowerCutChoice.Samples(Seeds))
        {
            for (int n = 1; ; n++)
            {
                var plan = new FaultPlan(n, FaultKind.PowerCut);
                var folder = new MemoryVolume().FolderAt("repository");
                var done = await SaveAllAsync(new FolderStore(new FaultyFolder(folder, plan)));
                folder.Volume.PowerCut(choice);
                await AssertWholeAsync(folder, done, $"cut at {n}, {choice}");
                if (!plan.Fired)
                    break;
                cuts++;
            }
        }

        Assert.True(cuts > 18 * (Seeds + 7));   // three saves and a config of several operations each
    }

    [Fact]
    public async Task A_file_that_is_saved_again_is_never_gone()
    {
        foreach (var choice in PowerCutChoice.Samples(Seeds))
        {
            bool isCut = true;
            for (int n = 1; isCut; n++)
            {
                var folder = new MemoryVolume().FolderAt("repository");
                var id = FileId.Of(Contents[0]);
                await new FolderStore(folder).SaveAsync(FileKind.Pack, id, Contents[0], Cancellation);
                var plan = new FaultPlan(n, FaultKind.PowerCut);
                isCut = await IsCutAsync(() => new FolderStore(new FaultyFolder(folder, plan)).SaveAsync(FileKind.Pack, id, Contents[0], Cancellation));
                folder.Volume.PowerCut(choice);
                Assert.Equal(Contents[0], await new FolderStore(folder).ReadAllAsync(FileKind.Pack, id, 100, Cancellation));
            }
        }
    }

    [Fact]
    public async Task A_file_that_was_deleted_does_not_come_back()
    {
        foreach (var choice in PowerCutChoice.Samples(Seeds))
        {
            bool isCut = true;
            for (int n = 1; isCut; n++)
            {
                var folder = new MemoryVolume().FolderAt("repository");
                var id = FileId.Of(Contents[0]);
                await new FolderStore(folder).SaveAsync(FileKind.Pack, id, Contents[0], Cancellation);
                var plan = new FaultPlan(n, FaultKind.PowerCut);
                isCut = await IsCutAsync(() => new FolderStore(new FaultyFolder(folder, plan)).DeleteAsync(FileKind.Pack, id, Cancellation));
                folder.Volume.PowerCut(choice);
                long? size = await new FolderStore(folder).FindAsync(FileKind.Pack, id, Cancellation);
                Assert.True(size is null || (isCut && size == Contents[0].Length), $"{size} after a cut at {n}, {choice}");
            }
        }
    }

    /// <summary>How many saves returned before the cut.</summary>
    private static async Task<int> SaveAllAsync(FolderStore store)
    {
        int done = 0;
        await IsCutAsync(async () =>
        {
            foreach (byte[] content in Contents)
            {
                await store.SaveAsync(FileKind.Pack, FileId.Of(content), content, Cancellation);
                done++;
            }

            await store.CreateConfigAsync(Contents[0], Cancellation);
            done++;
        });
        return done;
    }

    private static async Task AssertWholeAsync(MemoryFolder folder, int done, string when)
    {
        var store = new FolderStore(folder);
        var listed = await store.ListAsync(FileKind.Pack, Cancellation).ToListAsync(Cancellation);
        foreach (var file in listed)
            Assert.True(FileId.Of(await store.ReadAllAsync(FileKind.Pack, file.Id, 100, Cancellation)) == file.Id, when);
        foreach (byte[] content in Contents.Take(done))
            Assert.True(listed.Contains(new StoredFile(FileId.Of(content), content.Length)), when);
        byte[]? config = await store.ReadConfigAsync(Cancellation);
        Assert.True(config is null ? done < 4 : config.AsSpan().SequenceEqual(Contents[0]), when);
    }

    private static async Task<bool> IsCutAsync(Func<Task> work)
    {
        try
        {
            await work();
            return false;
        }
        catch (PowerCutException)
        {
            return true;
        }
    }
}
