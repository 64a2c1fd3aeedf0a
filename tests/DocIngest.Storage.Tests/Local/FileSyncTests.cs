using DocIngest.TestKit;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage.Tests;

public sealed class FileSyncTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly List<SafeFileHandle> _flushed = [];
    private readonly FakeTimeProvider _time = new();
    private readonly SafeFileHandle _volume;
    private readonly FileSync _sync;
    private SafeFileHandle? _failing;
    private int _volumeFlushes;
    private Action<SafeFileHandle> _flush;

    public FileSyncTests()
    {
        _flush = Flush;
        _volume = Open("volume");
        _sync = new FileSync(_volume, _ => _volumeFlushes++, handle => _flush(handle), _time);
    }

    public void Dispose()
    {
        _sync.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void A_file_is_carried_when_closed_and_only_then_forgotten()
    {
        using var file = Open("a");
        _sync.FileOpened(file);
        _sync.Sync();
        _sync.FileClosing(file);
        _sync.Sync();
        Assert.Equal([file, file], _flushed);
    }

    [Fact]
    public void An_error_at_closing_fails_the_next_sync_once()
    {
        using var file = Open("a");
        _sync.FileOpened(file);
        _failing = file;
        _sync.FileClosing(file);
        Assert.Throws<IOException>(_sync.Sync);
        _sync.Sync();
    }

    [Fact]
    public void All_are_tried_though_the_first_fails()
    {
        using var file = Open("a");
        _sync.FileOpened(file);
        _failing = file;
        var folder = Open("folder");
        _sync.FolderChanged(new FolderId(1), () => folder);
        Assert.Throws<IOException>(_sync.Sync);
        Assert.Contains(folder, _flushed);
        _sync.FileClosing(file);
    }

    [Fact]
    public void A_folder_changed_often_is_carried_once_and_its_handle_closed()
    {
        var folder = Open("folder");
        _sync.FolderChanged(new FolderId(1), () => folder);
        _sync.FolderChanged(new FolderId(1), () => throw new InvalidOperationException("It is open already."));
        _sync.Sync();
        _sync.Sync();
        Assert.Equal([folder], _flushed);
        Assert.True(folder.IsClosed);
    }

    [Fact]
    public void Many_folders_do_not_use_up_all_handles()
    {
        for (int i = 0; i < 1000; i++)
            _sync.FolderChanged(new FolderId((UInt128)i), () => Open($"{i}"));
        Assert.InRange(_flushed.Count, 700, 1000);
        _sync.Sync();
        Assert.Equal(1000, _flushed.Distinct().Count());
    }

    [Fact]
    public void The_first_sync_also_carries_what_an_earlier_process_left()
    {
        _sync.Sync();
        _sync.Sync();
        Assert.Equal(1, _volumeFlushes);
    }

    [Fact]
    public async Task A_sync_waits_for_a_folder_that_is_carried_early_and_has_its_error()
    {
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        using var file = Open("file");
        SafeFileHandle? first = null;
        _flush = handle =>
        {
            if (handle == file)
            {
                goOn.Set();   // the sync has begun
            }
            else if (handle == first)
            {
                begun.Set();
                goOn.Wait(TestContext.Current.CancellationToken);
                Thread.Yield();
                throw new IOException("The disk failed.");
            }
        };
        _sync.FileOpened(file);
        _sync.FolderChanged(new FolderId(0), () => first = Open("0"));
        for (int i = 1; i < 256; i++)
            _sync.FolderChanged(new FolderId((UInt128)i), () => Open($"{i}"));
        var other = Task.Run(() => _sync.FolderChanged(new FolderId(256), () => Open("256")), TestContext.Current.CancellationToken);
        begun.Wait(TestContext.Current.CancellationToken);

        Assert.Throws<IOException>(_sync.Sync);
        await other;
        _sync.Sync();
    }

    [Fact]
    public void What_nobody_flushes_keeps_no_handle_for_long()
    {
        var folder = Open("folder");
        _failing = folder;
        _sync.FolderChanged(new FolderId(1), () => folder);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([folder], _flushed);
        Assert.True(folder.IsClosed);
        Assert.True(_volume.IsClosed);
        Assert.Equal(1, _volumeFlushes);
        Assert.Throws<IOException>(_sync.Sync);   // who asks after all has its error
        _sync.Sync();
    }

    private void Flush(SafeFileHandle handle)
    {
        _flushed.Add(handle);
        if (handle == _failing)
        {
            _failing = null;
            throw new IOException("The disk failed.");
        }
    }

    private SafeFileHandle Open(string name) => File.OpenHandle(_temp[name], FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
}
