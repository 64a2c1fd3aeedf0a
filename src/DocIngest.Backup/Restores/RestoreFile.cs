using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>A file in the making, under a temporary name until it is whole. Parts of it come in any order, from several threads.</summary>
/// <param name="scene">The restore.</param>
/// <param name="folder">Where it belongs. Held by who works on the file.</param>
/// <param name="node">The file.</param>
internal sealed class RestoreFile(RestoreScene scene, RestoreFolder folder, Node node)
{
    private readonly Lock _gate = new();

    // Under _gate until the last part has come, then of the one thread that finishes the file.
    private TargetFile? _target;
    private FileName _temporary;
    private EntryNotRestoredException? _failure;

    private int _missing;
    private volatile bool _isDoubtful;
    private volatile bool _hasHoles;

    internal RestoreFolder Folder => folder;

    internal Node Node => node;

    internal string Path => folder.PathOf(node.Name);

    /// <summary>Never null: a file without a list of content is told of and not made.</summary>
    internal IReadOnlyList<BlobId> Content => node.Content!;

    /// <summary>Whether what stands under its name goes.</summary>
    internal bool Replaces { get; set; }

    /// <summary>The other names of the file; null where it has none.</summary>
    internal LinkGroup? Group { get; set; }

    /// <summary>The batch it belongs to; null where it became a link as soon as it was met.</summary>
    internal RestoreBatch? Batch { get; set; }

    /// <summary>Whether the index, or a pack, did not give what it promised: the file is to be written again, blob by blob.</summary>
    internal bool IsDoubtful => _isDoubtful;

    internal void Doubt() => _isDoubtful = true;

    /// <summary>So many parts will come.</summary>
    internal void Expect(int parts) => _missing = parts;

    /// <summary>A part has come, or will not come. True for the last one.</summary>
    internal bool PartCame() => Interlocked.Decrement(ref _missing) == 0;

    /// <summary>Takes a part. What the system refuses is told when the file is finished.</summary>
    internal void Take(ReadOnlySpan<byte> content, long offset)
    {
        if (_isDoubtful)
            return;   // will be written again
        try
        {
            if (Open() is { } target)
                Put(target, content, offset);
        }
        catch (EntryNotRestoredException error)
        {
            lock (_gate)
                _failure ??= error;
        }
    }

    /// <summary>Begins anew. From here on the parts come in order, and from one thread.</summary>
    /// <exception cref="EntryNotRestoredException">The system refuses.</exception>
    internal void Restart()
    {
        _failure = null;
        _hasHoles = false;
        Opened().SetSize(0);
    }

    /// <summary>Puts a part into a file that was begun anew.</summary>
    /// <exception cref="EntryNotRestoredException">The system refuses.</exception>
    internal void Append(ReadOnlySpan<byte> content, long offset) => Put(Opened(), content, offset);

    /// <summary>Gives the whole file its metadata and its name.</summary>
    /// <exception cref="EntryNotRestoredException">The system refuses, now or when a part came.</exception>
    internal TargetIdentity? Publish()
    {
        var target = Opened();
        if (_hasHoles)
            target.SetSize((long)node.SizeBytes);
        var outcome = target.Describe(node);
        TargetIdentity? identity = Group is null ? null : target.Identity;
        Parent.Publish(_temporary, node.Name, Replaces);
        Close();
        scene.Tell(Path, outcome);
        return identity;
    }

    /// <summary>Removes what was written.</summary>
    internal void Discard()
    {
        if (_target is null)
            return;
        Close();
        Parent.Discard(_temporary);
    }

    private TargetFolder Parent => folder.Handle!;   // open for as long as the file holds the folder

    private TargetFile Opened() => Open() ?? throw _failure!;   // null only after a failure

    private TargetFile? Open()
    {
        lock (_gate)
        {
            if (_failure is not null || _target is not null)
                return _failure is null ? _target : null;
            _temporary = scene.Temporary.Next();
            _target = Parent.CreateFile(_temporary);
            scene.Unfinished.Add(this);
            return _target;
        }
    }

    /// <summary>Zeros are not written: the file is new, so what is not written is a hole.</summary>
    private void Put(TargetFile target, ReadOnlySpan<byte> content, long offset)
    {
        if (content.ContainsAnyExcept((byte)0))
            target.Write(content, offset);
        else
            _hasHoles = true;
    }

    private void Close()
    {
        scene.Unfinished.Remove(this);
        _target?.Dispose();
        _target = null;
    }
}
