namespace DocIngest.Storage;

/// <summary>A folder on a <see cref="MemoryVolume"/>.</summary>
public sealed class MemoryFolder : IDurableFolder
{
    private readonly string _root;
    private long _reportedFailures;

    internal MemoryFolder(MemoryVolume volume, string root)
    {
        Volume = volume;
        _root = root;
        _reportedFailures = volume.FailedFlushes;
    }

    /// <summary>The volume it is on.</summary>
    public MemoryVolume Volume { get; }

    /// <inheritdoc />
    public string DisplayName => $"memory:/{_root}";

    private MemoryWalk Walk => new(Volume.Seen);

    /// <inheritdoc />
    public FolderEntry? Find(string path)
    {
        var at = Below(path);
        lock (Volume.Gate)
        {
            Volume.CheckThere();
            return Walk.Find(at) is { } inode ? Describe(path.Length == 0 ? "" : at.Name, inode) : null;
        }
    }

    /// <inheritdoc />
    public IEnumerable<FolderEntry> List(string path)
    {
        foreach (var (name, number) in NamesIn(path))
        {
            if (FindIn(name, number) is { } entry)
                yield return entry;
        }
    }

    /// <inheritdoc />
    public Stream OpenRead(string path)
    {
        var at = Named(path);
        lock (Volume.Gate)
        {
            Volume.CheckThere();
            return new MemoryReadStream(Volume, Walk.File(at));
        }
    }

    /// <inheritdoc />
    public WriterProbe ProbeWriter(string path)
    {
        var at = Named(path);
        lock (Volume.Gate)
        {
            if (Volume.IsGone || Walk.Find(at, out _) is not { Kind: EntryKind.File } file)
                return WriterProbe.Unknown;
            return file.Writers > 0 ? WriterProbe.Writer : WriterProbe.NoWriter;
        }
    }

    /// <inheritdoc />
    public Stream Create(string path)
    {
        var at = Named(path);
        lock (Volume.Gate)
        {
            Volume.CheckWritable();
            var parent = Walk.Folder(at.Parent);
            if (Walk.Find(at) is not null)
                throw Taken();
            return new MemoryWriteStream(Volume, Add(parent, at.Name, EntryKind.File));
        }
    }

    /// <inheritdoc />
    public Stream OpenAppend(string path)
    {
        var at = Named(path);
        lock (Volume.Gate)
        {
            Volume.CheckWritable();
            var parent = Walk.Folder(at.Parent);
            var file = Walk.Find(at) is null ? Add(parent, at.Name, EntryKind.File) : Walk.File(at);
            return new MemoryWriteStream(Volume, file);
        }
    }

    /// <inheritdoc />
    public void Truncate(string path, long sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        var at = Named(path);
        lock (Volume.Gate)
        {
            Volume.CheckWritable();
            var file = Walk.File(at);
            if (file.Content.Length > sizeBytes)
                Volume.Change(new MemoryChange.Cut(file.Number, sizeBytes, Volume.Now()));
        }
    }

    /// <inheritdoc />
    public void CreateFolder(string path)
    {
        var at = Below(path);
        lock (Volume.Gate)
        {
            Volume.CheckWritable();
            CreateFolder(at);
        }
    }

    /// <inheritdoc />
    public void Move(string from, string to)
    {
        var (source, target) = (Named(from), Named(to));
        lock (Volume.Gate)
        {
            Volume.CheckWritable();
            var moved = Existing(source);
            var parent = Walk.Folder(target.Parent);
            if (Walk.Find(target) is not null)
                throw Taken();
            CheckNotWithin(parent, moved);
            Volume.Change(new MemoryChange.Named(moved.Number, moved.Kind, parent.Number, target.Name));
        }
    }

    /// <inheritdoc />
    public void Replace(string from, string to)
    {
        var (source, target) = (Named(from), Named(to));
        lock (Volume.Gate)
        {
            Volume.CheckWritable();
            var moved = Existing(source);
            var parent = Walk.Folder(target.Parent);
            if (moved.Kind is EntryKind.Folder || Walk.Find(target)?.Kind is EntryKind.Folder)
                throw Refused("A folder cannot be replaced, nor replace.");
            Volume.Change(new MemoryChange.Named(moved.Number, moved.Kind, parent.Number, target.Name));
        }
    }

    /// <inheritdoc />
    public void Delete(string path)
    {
        var at = Named(path);
        lock (Volume.Gate)
        {
            Volume.CheckWritable();
            if (Walk.Find(at) is not { } inode)
                return;
            if (inode.Kind is EntryKind.Folder)
                throw Refused("The entry is a folder.");
            Volume.Change(new MemoryChange.Deleted(inode.Number));
        }
    }

    /// <inheritdoc />
    public bool DeleteEmptyFolder(string path)
    {
        var at = Named(path);
        lock (Volume.Gate)
        {
            Volume.CheckWritable();
            if (Walk.Find(at) is not { } inode)
                return false;
            if (inode.Kind is not EntryKind.Folder)
                throw Refused("The entry is no folder.");
            if (inode.Children.Count > 0)
                return false;
            Volume.Change(new MemoryChange.Deleted(inode.Number));
            return true;
        }
    }

    /// <inheritdoc />
    public void DeleteTree(string path)
    {
        var at = Named(path);
        lock (Volume.Gate)
        {
            Volume.CheckWritable();
            if (Walk.Find(at) is { } inode)
                DeleteTree(inode);
        }
    }

    /// <inheritdoc />
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        try
        {
            await FlushAsync(new FlushMark(Volatile.Read(ref _reportedFailures)), cancellation);
        }
        catch (FlushFailedException)
        {
            Volatile.Write(ref _reportedFailures, Volume.FailedFlushes);
            throw;
        }
    }

    /// <inheritdoc />
    public FlushMark Mark() => new(Volume.FailedFlushes);

    /// <inheritdoc />
    public ValueTask FlushAsync(FlushMark since, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Volume.Flush();
        return Volume.FailedFlushes == since.FailedFlushes
            ? ValueTask.CompletedTask
            : throw new FlushFailedException("A flush of the memory volume failed: write again what was written since the last good one.");
    }

    /// <inheritdoc />
    public long FreeBytes()
    {
        lock (Volume.Gate)
        {
            Volume.CheckThere();
            return Volume.FreeBytes();
        }
    }

    /// <summary>Lets this folder's flush fail: its caller is told by whoever asked for the failure.</summary>
    internal void FailFlush(PowerCutChoice choice)
    {
        Volume.FailFlush(choice);
        Volatile.Write(ref _reportedFailures, Volume.FailedFlushes);
    }

    private EntryPath Below(string path)
    {
        var below = EntryPath.Parse(path);
        return _root.Length == 0 ? below : EntryPath.Parse(below.IsRoot ? _root : $"{_root}/{below.Text}");
    }

    private EntryPath Named(string path) => Below(EntryPath.ParseBelow(path).Text);

    private List<(string Name, long Number)> NamesIn(string path)
    {
        var at = Below(path);
        lock (Volume.Gate)
        {
            Volume.CheckThere();
            return [.. Walk.Folder(at).Children.Select(child => (child.Key, child.Value.Number))];
        }
    }

    private FolderEntry? FindIn(string name, long number)
    {
        lock (Volume.Gate)
        {
            // By number: a folder renamed or deleted while it is read still lists what it held, less what has gone.
            Volume.CheckThere();
            return Volume.Seen.TryGet(number) is { Parent: not null } inode && inode.Name == name ? Describe(name, inode) : null;
        }
    }

    private static FolderEntry Describe(string name, Inode inode) =>
        new(name, inode.Kind, new FileStamp($"{inode.Number:x}", inode.Content.Length, inode.WriteTime), 1);

    private Inode Existing(EntryPath path) => Walk.Find(path) ?? throw new EntryNotFoundException($"{DisplayName}: no such entry.");

    private Inode Add(Inode parent, string name, EntryKind kind)
    {
        long number = Volume.NewNumber();
        Volume.Change(new MemoryChange.Named(number, kind, parent.Number, name));
        var made = Volume.Seen.Get(number, kind);
        made.WriteTime = Volume.Now();
        return made;
    }

    private Inode CreateFolder(EntryPath at)
    {
        if (at.IsRoot)
            return Volume.Seen.Root;
        var parent = CreateFolder(at.Parent);
        return Walk.Find(at) switch
        {
            null => Add(parent, at.Name, EntryKind.Folder),
            { Kind: EntryKind.Folder } there => there,
            _ => throw Taken(),
        };
    }

    private static void CheckNotWithin(Inode parent, Inode moved)
    {
        for (Inode? at = parent; at is not null; at = at.Parent)
        {
            if (at == moved)
                throw new ArgumentException("A folder cannot be moved into itself.");
        }
    }

    private void DeleteTree(Inode inode)
    {
        foreach (var child in inode.Children.Values.ToList())
            DeleteTree(child);
        Volume.Change(new MemoryChange.Deleted(inode.Number));
    }

    private NameTakenException Taken() => new($"{DisplayName}: the name is taken.");

    private RefusedEntryException Refused(string why) => new($"{DisplayName}: {why}");
}
