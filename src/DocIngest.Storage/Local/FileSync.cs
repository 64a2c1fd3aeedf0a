using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage;

/// <summary>Carries files one by one when they are closed, and changed folders when asked to, or after a while if nobody asks.</summary>
/// <remarks>
/// <para>Changes that an earlier process left unflushed are unknown here. So the first <see cref="Sync"/> also flushes the whole volume,
/// as far as its file system does that.</para>
/// <para>Whatever is carried before a <see cref="Sync"/> stays known until its outcome is recorded: that call waits for it and reports its error.</para>
/// </remarks>
internal sealed class FileSync : IVolumeSync
{
    // Open handles are kept to a quarter of the smallest usual limit (1,024); one of the folders is synced early.
    private const int MostWaitingFolders = 256;

    // Drop folders are changed and never flushed: their handles would keep a share from being unmounted.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly Action<SafeFileHandle> _flushToDisk;
    private readonly ITimer _nobodyAsks;   // set anew with the first folder after each sync
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly Dictionary<SafeFileHandle, Uncarried> _files = [];
    private readonly Dictionary<FolderId, Uncarried> _folders = [];
    private readonly HashSet<Uncarried> _early = [];
    private Uncarried? _leftByOthers;
    private IOException? _failure;

    /// <param name="volume">A folder on the volume; taken over.</param>
    /// <param name="flushVolume">Carries all changes of a volume, where its file system does that.</param>
    /// <param name="flushToDisk">Carries one file or folder.</param>
    /// <param name="time">The clock.</param>
    internal FileSync(SafeFileHandle volume, Action<SafeFileHandle> flushVolume, Action<SafeFileHandle> flushToDisk, TimeProvider time)
    {
        _flushToDisk = flushToDisk;
        _leftByOthers = new Uncarried(volume, flushVolume);
        _nobodyAsks = time.CreateTimer(_ => CarryAllEarly(), null, LongestWait, Timeout.InfiniteTimeSpan);
    }

    public bool TracksFolders => true;

    public void FileOpened(SafeFileHandle file)
    {
        lock (_gate)
            _files.Add(file, new Uncarried(file, _flushToDisk));
    }

    public void FileClosing(SafeFileHandle file)
    {
        Uncarried open;
        lock (_gate)
            open = _files[file];
        Carry(open, isLast: true);
        lock (_gate)
            _files.Remove(file);
    }

    public void FolderChanged(FolderId folder, Func<SafeFileHandle> open)
    {
        Uncarried[] early;
        lock (_gate)
        {
            if (_folders.Count == 0)
                _nobodyAsks.Change(LongestWait, Timeout.InfiniteTimeSpan);
            if (!_folders.ContainsKey(folder))
                _folders.Add(folder, new Uncarried(open(), _flushToDisk));
            early = _folders.Count > MostWaitingFolders ? [TakeOne()] : [];
            _early.UnionWith(early);
        }

        CarryEarly(early);
    }

    public void Sync()
    {
        Uncarried[] open;
        Uncarried[] others;
        lock (_gate)
        {
            open = [.. _files.Values];
            others = TakeAllIntoEarly();
        }

        // Content before the names that lead to it.
        foreach (var file in open)
            Carry(file, isLast: false);
        CarryEarly(others);
        ThrowFailure();
    }

    public void Dispose()
    {
        _nobodyAsks.Dispose();
        Uncarried[] left;
        lock (_gate)
            left = TakeAllIntoEarly();
        foreach (var one in left)
        {
            lock (one.Turn)   // the timer may just be at work
                one.IsCarried = true;
            one.Handle.Dispose();
        }
    }

    private void CarryAllEarly()
    {
        Uncarried[] early;
        lock (_gate)
            early = TakeAllIntoEarly();
        CarryEarly(early);
    }

    private Uncarried TakeOne()
    {
        // A dictionary nothing was removed from since it was cleared keeps the order of adding; after that, any folder is as good.
        var (id, folder) = _folders.First();
        _folders.Remove(id);
        return folder;
    }

    /// <summary>The volume, the folders, and what others are carrying just now.</summary>
    private Uncarried[] TakeAllIntoEarly()
    {
        if (_leftByOthers is { } volume)
            _early.Add(volume);
        _leftByOthers = null;
        _early.UnionWith(_folders.Values);
        _folders.Clear();
        return [.. _early];
    }

    private void CarryEarly(Uncarried[] early)
    {
        foreach (var one in early)
        {
            Carry(one, isLast: true);
            lock (_gate)
                _early.Remove(one);
            one.Handle.Dispose();
        }
    }

    // Closing and flushing take turns, and the outcome is recorded within the turn: an error that the kernel reports once is known
    // before anybody is told that all is well.
    private void Carry(Uncarried one, bool isLast)
    {
        lock (one.Turn)
        {
            if (!one.IsCarried)
                Try(one.Flush);
            one.IsCarried |= isLast;
        }
    }

    // Whatever fails, the others are tried: an error that is not fetched now would be reported to somebody else, or never.
    private void Try(Action flush)
    {
        try
        {
            flush();
        }
        catch (IOException error)
        {
            lock (_gate)
                _failure ??= error;
        }
    }

    private void ThrowFailure()
    {
        IOException? failure;
        lock (_gate)
            (failure, _failure) = (_failure, null);
        if (failure is not null)
            throw new IOException(failure.Message, failure);
    }

    private sealed class Uncarried(SafeFileHandle handle, Action<SafeFileHandle> flush)
    {
        internal Lock Turn { get; } = new();

        internal SafeFileHandle Handle => handle;

        /// <summary>Under <see cref="Turn"/>. For the last time: the handle may be closed.</summary>
        internal bool IsCarried { get; set; }

        internal void Flush() => flush(handle);
    }
}
