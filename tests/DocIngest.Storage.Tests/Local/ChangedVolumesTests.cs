using DocIngest.TestKit;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage.Tests;

public sealed class ChangedVolumesTests : IDisposable
{
    private static readonly SafeFileHandle AnyFolder = new();

    private readonly FailingDisk _disk = new();
    private readonly LocalVolume _volume;

    public ChangedVolumesTests() => _volume = new LocalVolume(new VolumeId(1), _disk, new VolumeFlusher(_disk.Sync, "the test volume"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _volume.Dispose();

    [Fact]
    public async Task Whoever_wrote_before_a_failure_learns_of_it_once_though_another_waited()
    {
        var (one, other) = (Folder(), Folder());
        _disk.FailNext();
        await Assert.ThrowsAsync<FlushFailedException>(() => one.FlushAsync(Cancellation));
        await Assert.ThrowsAsync<FlushFailedException>(() => other.FlushAsync(Cancellation));
        await one.FlushAsync(Cancellation);
        await other.FlushAsync(Cancellation);
    }

    [Fact]
    public async Task Each_mark_from_before_a_failure_fails_and_none_from_after()
    {
        var folder = Folder();
        var (first, second) = (folder.Mark(), folder.Mark());
        _disk.FailNext();
        await Assert.ThrowsAsync<FlushFailedException>(() => folder.FlushAsync(first, Cancellation));
        await Assert.ThrowsAsync<FlushFailedException>(() => folder.FlushAsync(second, Cancellation));
        await folder.FlushAsync(folder.Mark(), Cancellation);
    }

    [Fact]
    public async Task A_failure_before_the_first_change_is_nobodys_concern()
    {
        _disk.FailNext();
        await Assert.ThrowsAsync<FlushFailedException>(() => Folder().FlushAsync(Cancellation));
        await Folder().FlushAsync(Cancellation);
    }

    [Fact]
    public async Task Every_volume_written_to_is_flushed()
    {
        using var mounted = new FailingDisk();
        using var below = new LocalVolume(new VolumeId(2), mounted, new VolumeFlusher(mounted.Sync, "the volume mounted below"));
        var folder = new ChangedVolumes((id, _) => id == below.Id ? below : _volume);
        folder.Before(_volume.Id, AnyFolder);
        folder.Before(below.Id, AnyFolder);
        await folder.FlushAsync(Cancellation);
        Assert.Equal((1, 1), (_disk.Count, mounted.Count));
        mounted.FailNext();
        await Assert.ThrowsAsync<FlushFailedException>(() => folder.FlushAsync(Cancellation));
    }

    [Fact]
    public void Two_folders_on_one_file_system_share_its_flusher()
    {
        using var temp = new TempFolder();
        using var volumes = new LocalVolumes();
        var seen = new List<LocalVolume>();
        foreach (string path in new[] { temp.Folder("a"), temp.Folder("b") })
        {
            LocalSystem.OfThisMachine.OpenTree(path, new ChangedVolumes((id, folder) =>
            {
                seen.Add(volumes.Of(id, folder, path));
                return seen[^1];
            }), EntryPermissions.Default).TouchRoot();
        }

        Assert.Equal(2, seen.Count);
        Assert.Same(seen[0], seen[1]);
    }

    private ChangedVolumes Folder()
    {
        var folder = new ChangedVolumes((_, _) => _volume);
        folder.Before(_volume.Id, AnyFolder);
        return folder;
    }

    private sealed class FailingDisk : IVolumeSync
    {
        private volatile bool _failNext;
        private int _count;

        public bool TracksFolders => false;

        internal int Count => Volatile.Read(ref _count);

        internal void FailNext() => _failNext = true;

        public void FileOpened(SafeFileHandle file)
        {
        }

        public void FileClosing(SafeFileHandle file)
        {
        }

        public void FolderChanged(FolderId folder, Func<SafeFileHandle> open)
        {
        }

        public void Sync()
        {
            Interlocked.Increment(ref _count);
            if (!_failNext)
                return;
            _failNext = false;
            throw new IOException("The disk failed.");
        }

        public void Dispose()
        {
        }
    }
}
