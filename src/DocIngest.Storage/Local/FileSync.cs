using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage;

/// <summary>Carries files one by one when they are closed, and changed folders when asked to.</summary>
/// <remarks>
/// Changes that an earlier process left unflushed are unknown here. So the first <see cref="Sync"/> also flushes the whole volume,
/// as far as its file system does that.
/// </remarks>
internal sealed class FileSync(SafeFileHandle volume, Action<SafeFileHandle> flushVolume, Action<SafeFileHandle> flushToDisk) : IVolumeSync
{
    // Open handles are kept to a quarter of the smallest usual limit (1,024); the folder that waited longest is synced early.
    private const int MostWaitingFolders = 256;

    private readonly Lock _gate = new();

    // Under _gate.
    private readonly Dictionary<SafeFileHandle, OpenFile> _files = [];
    private readonly List<IOException> _failures = [];
    private Dictionary<FolderId, SafeFileHandle> _folders = [];

    // Only Sync.
    private SafeFileHandle? _leftByOthers = volume;

    public bool TracksFolders => true;

    public void FileOpened(SafeFileHandle file)
    {
        lock (_gate)
            _files.Add(file, new OpenFile(file));
    }

    public void FileClosing(SafeFileHandle file)
    {
        OpenFile open;
        lock (_gate)
            open = _files[file];
        Try(() => open.Flush(flushToDisk));
        open.Close();
        lock (_gate)
            _files.Remove(file);
    }

    public void FolderChanged(FolderId folder, Func<SafeFileHandle> open)
    {
        SafeFileHandle? early;
        lock (_gate)
        {
            if (!_folders.ContainsKey(folder))
                _folders.Add(folder, open());
            early = _folders.Count > MostWaitingFolders ? TakeOldest() : null;
        }

        if (early is not null)
            Try(() => FlushFolder(early));
    }

    public void Sync()
    {
        var (files, folders) = TakeWaiting();
        Try(FlushWhatOthersLeft);

        // Content before the names that lead to it.
        foreach (var file in files)
            Try(() => file.Flush(flushToDisk));
        foreach (var folder in folders)
            Try(() => FlushFolder(folder));
        ThrowFailures();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var folder in _folders.Values)
                folder.Dispose();
            _folders.Clear();
        }

        _leftByOthers?.Dispose();
    }

    private SafeFileHandle TakeOldest()
    {
        // A dictionary nothing was removed from since it was made keeps the order of adding; after that, any folder is as good.
        var (id, handle) = _folders.First();
        _folders.Remove(id);
        return handle;
    }

    private (OpenFile[] Files, SafeFileHandle[] Folders) TakeWaiting()
    {
        lock (_gate)
        {
            var folders = _folders;
            _folders = [];
            return ([.. _files.Values], [.. folders.Values]);
        }
    }

    private void FlushWhatOthersLeft()
    {
        using var left = _leftByOthers;
        _leftByOthers = null;
        if (left is not null)
            flushVolume(left);
    }

    private void FlushFolder(SafeFileHandle folder)
    {
        using (folder)
            flushToDisk(folder);
    }

    // All of them are tried: an error that is not fetched now would be reported to somebody else, or never.
    private void Try(Action flush)
    {
        try
        {
            flush();
        }
        catch (IOException error)
        {
            lock (_gate)
                _failures.Add(error);
        }
    }

    private void ThrowFailures()
    {
        lock (_gate)
        {
            if (_failures.Count == 0)
                return;
            var first = _failures[0];
            _failures.Clear();
            throw new IOException(first.Message, first);
        }
    }

    /// <summary>Lets closing and flushing take turns, so that an error the kernel reports once is recorded before anybody is told all is well.</summary>
    private sealed class OpenFile(SafeFileHandle handle)
    {
        private readonly Lock _turn = new();
        private bool _closed;

        internal void Flush(Action<SafeFileHandle> flushToDisk)
        {
            lock (_turn)
            {
                if (!_closed)
                    flushToDisk(handle);
            }
        }

        internal void Close()
        {
            lock (_turn)
                _closed = true;
        }
    }
}
