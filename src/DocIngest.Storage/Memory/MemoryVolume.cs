namespace DocIngest.Storage;

/// <summary>A file system in memory that can lose its power: what a test runs the product on to see that nothing is lost.</summary>
/// <remarks>
/// <para>The model. A volume has a durable state and the changes since the last flush. What callers see is both together. A flush applies
/// the changes, in order, to the durable state. <see cref="PowerCut"/> applies those that a <see cref="PowerCutChoice"/> picks, and what
/// callers see from then on is the result. Changes are kept in terms of inodes, so each can be applied without those before it:</para>
/// <list type="bullet">
/// <item>a name given or a rename, also over another file, is one change: whole or lost. A rename kept without the file's creation leaves
/// the file under its new name; one lost leaves the old name if that was kept. A file never has two names.</item>
/// <item>a write may be kept, lost (a file shorter than written, often empty: XFS, ext4 with delayed allocation), zeroed (its length is
/// there, its bytes are not: ext4 data=writeback), or torn (the first half). A later write kept without an earlier one leaves zeros in the gap.</item>
/// <item>a deletion lost brings the name back.</item>
/// <item>changes arrive in any order, names before data and later before earlier. What a journaling file system never does is left out:
/// a folder that still holds something is not removed, a folder is not moved into itself, flushed content of a file nobody wrote is kept.</item>
/// <item>a file renamed over another without a flush in between may so replace flushed bytes by none. That is no fault of the model: it is the
/// classic way to lose a file.</item>
/// </list>
/// <para>A failed flush (<see cref="FailFlush"/>) keeps the names and forgets the data although it can still be read, as Linux does when writing
/// back fails: the pages count as clean, and the next flush succeeds without them.</para>
/// </remarks>
public sealed class MemoryVolume
{
    private const long FreeWithoutLimit = 1L << 40;

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly List<MemoryChange> _unflushed = [];
    private MemoryImage _seen = new();
    private MemoryImage _durable = new();
    private long _lastNumber = MemoryImage.RootNumber;
    private long _generation;
    private long _failedFlushes;

    /// <param name="time">Gives files their write time; the system's clock if null.</param>
    public MemoryVolume(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    /// <summary>Refuses all changes, as a file system remounted read-only does.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Refuses everything, as an unmounted share or a pulled disk does.</summary>
    public bool IsGone { get; set; }

    /// <summary>Bytes of content the volume holds at most; names cost nothing. Null, the default: more than a test writes.</summary>
    public long? CapacityBytes { get; set; }

    /// <summary>Changes that the next power cut may lose.</summary>
    public int UnflushedChanges
    {
        get
        {
            lock (_gate)
                return _unflushed.Count;
        }
    }

    internal Lock Gate => _gate;

    internal MemoryImage Seen => _seen;

    /// <summary>Tells streams opened before a power cut from those after.</summary>
    internal long Generation => _generation;

    /// <summary>The folder at a path on this volume; created, durably, where it is missing.</summary>
    public MemoryFolder FolderAt(string path)
    {
        var parsed = EntryPath.Parse(path);
        Place(parsed, EntryKind.Folder);
        return new MemoryFolder(this, parsed.Text);
    }

    /// <summary>Puts a link, FIFO, device or other entry there, durably, as somebody else on the machine would. Its folders are created.</summary>
    public void Place(string path, EntryKind kind) => Place(EntryPath.ParseBelow(path), kind);

    /// <summary>Cuts the power and turns it on again. Streams still open are dead.</summary>
    public void PowerCut(PowerCutChoice choice)
    {
        ArgumentNullException.ThrowIfNull(choice);
        lock (_gate)
        {
            Carry(choice, ChangeFate.Lost);
            _seen = _durable.Copy();
            _durable = _seen.Copy();
            _generation++;
        }
    }

    /// <summary>Lets a flush fail: names become durable, of the data what <paramref name="choice"/> keeps. Callers go on seeing all of it.</summary>
    public void FailFlush(PowerCutChoice choice)
    {
        ArgumentNullException.ThrowIfNull(choice);
        lock (_gate)
        {
            Carry(choice, ChangeFate.Kept);
            _failedFlushes++;
        }
    }

    internal long FailedFlushes
    {
        get
        {
            lock (_gate)
                return _failedFlushes;
        }
    }

    internal void Flush()
    {
        lock (_gate)
        {
            CheckThere();
            Carry(PowerCutChoice.KeepAll, ChangeFate.Kept);
        }
    }

    internal long FreeBytes() => CapacityBytes is { } capacity ? Math.Max(capacity - Used(_seen.Root), 0) : FreeWithoutLimit;

    internal long NewNumber() => ++_lastNumber;

    internal long Now() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Makes a change visible and remembers it until it is flushed.</summary>
    internal void Change(MemoryChange change)
    {
        change.ApplyTo(_seen, ChangeFate.Kept);
        _unflushed.Add(change);
    }

    internal void CheckThere()
    {
        if (IsGone)
            throw new StorageUnavailableException("The memory volume is gone.");
    }

    internal void CheckWritable()
    {
        CheckThere();
        if (IsReadOnly)
            throw new StorageUnavailableException("The memory volume is read-only.");
    }

    private void Carry(PowerCutChoice choice, ChangeFate namesAtLeast)
    {
        for (int index = 0; index < _unflushed.Count; index++)
        {
            var change = _unflushed[index];
            var fate = choice.FateOf(index, _unflushed.Count, change.IsData);
            if (!change.IsData && namesAtLeast == ChangeFate.Kept)
                fate = ChangeFate.Kept;
            if (fate != ChangeFate.Lost)
                change.ApplyTo(_durable, fate);
        }

        _unflushed.Clear();
    }

    private void Place(EntryPath path, EntryKind kind)
    {
        lock (_gate)
        {
            if (path.IsRoot)
                return;
            Place(path.Parent, EntryKind.Folder);
            long parent = new MemoryWalk(_seen).Folder(path.Parent).Number;
            if (_seen.TryGet(parent) is { } folder && folder.Children.ContainsKey(path.Name))
                return;
            var change = new MemoryChange.Named(NewNumber(), kind, parent, path.Name);
            change.ApplyTo(_seen, ChangeFate.Kept);
            change.ApplyTo(_durable, ChangeFate.Kept);
        }
    }

    private static long Used(Inode inode) => inode.Content.Length + inode.Children.Values.Sum(Used);
}
