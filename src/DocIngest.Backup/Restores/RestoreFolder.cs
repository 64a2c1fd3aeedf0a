using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>A directory in the making. It gets its metadata when all that belongs into it is done, and is closed then.</summary>
/// <remarks>
/// <see cref="TryOpen"/> is the walk's alone; who holds the folder may use <see cref="Handle"/>. Where it is not opened (a dry run, or
/// something in the way) there is none.
/// </remarks>
internal sealed class RestoreFolder
{
    private readonly RestoreScene _scene;
    private readonly Node? _node;   // null for the target itself
    private readonly bool _isSelected;

    private State _state;
    private int _holds = 1;   // the walk's
    private bool _isIncomplete;

    private RestoreFolder(RestoreScene scene, RestoreFolder? parent, Node? node, string path, bool isSelected)
    {
        (_scene, Parent, _node, Path, _isSelected) = (scene, parent, node, path, isSelected);
        Depth = parent is null ? 0 : parent.Depth + 1;
    }

    private enum State
    {
        NotAsked,
        Open,
        Absent,   // in a dry run: it would be made
        Lost,
    }

    /// <summary>The target itself.</summary>
    /// <param name="scene">The restore.</param>
    /// <param name="target">Null where there is none, in a dry run.</param>
    internal static RestoreFolder Top(RestoreScene scene, TargetFolder? target) => new(scene, null, null, "", isSelected: false)
    {
        Handle = target,
        _state = target is null ? State.Absent : State.Open,
    };

    internal RestoreFolder? Parent { get; }

    /// <summary>Names from the root of the snapshot on, a slash before each.</summary>
    internal string Path { get; }

    internal int Depth { get; }

    /// <summary>The open folder.</summary>
    internal TargetFolder? Handle { get; private set; }

    /// <summary>Whether this run made it: then nothing stands there but what this run makes.</summary>
    internal bool IsNew { get; private set; }

    /// <summary>Whether it is not there, and a dry run would make it.</summary>
    internal bool IsAbsent => _state is State.Absent;

    /// <summary>A directory below this one. Holds this one.</summary>
    /// <param name="node">The directory.</param>
    /// <param name="isSelected">Whether it is wanted itself, and not only on the way to something.</param>
    internal RestoreFolder Below(Node node, bool isSelected)
    {
        Hold();
        return new RestoreFolder(_scene, this, node, PathOf(node.Name), isSelected);
    }

    /// <summary>The path of an entry.</summary>
    internal string PathOf(FileName name) => $"{Path}/{name.ToRaw()}";

    /// <summary>Opens the folder, and makes it if it is not there. What keeps it from that is told once.</summary>
    /// <returns>Whether entries can be restored into it.</returns>
    internal bool TryOpen()
    {
        if (_state is State.NotAsked)
        {
            _state = Parent!.TryOpen() ? Open(Parent, _node!) : State.Lost;   // the target alone has neither, and is open
        }

        return _state is not State.Lost;
    }

    /// <summary>Does something in the folder, which is opened once more where it may be closed.</summary>
    /// <exception cref="EntryNotRestoredException">It is not there any more.</exception>
    internal T Within<T>(Func<TargetFolder, T> work)
    {
        if (Parent is null)
            return work(Handle!);   // the target; who asks has restored something into it
        return Parent.Within(above =>
        {
            using var folder = above.OpenFolder(_node!.Name)   // it has a parent, so it has a node
                ?? throw new EntryNotRestoredException(RestoreProblemKind.NotWritten, "Somebody removed the folder with another name of the file.");
            return work(folder);
        });
    }

    /// <summary>Something below is missing although the folder is there.</summary>
    internal void MarkIncomplete() => _isIncomplete = true;

    /// <summary>Keeps the folder open.</summary>
    internal void Hold() => Interlocked.Increment(ref _holds);

    /// <summary>The last one to let go gives the folder its metadata and closes it.</summary>
    internal void Release()
    {
        for (var folder = this; folder is not null && Interlocked.Decrement(ref folder._holds) == 0; folder = folder.Parent)
            folder.Complete();
    }

    private State Open(RestoreFolder parent, Node node)
    {
        if (parent.Handle is not { } above)
            return State.Absent;
        try
        {
            Handle = above.OpenFolder(node.Name);
            if (Handle is null && _scene.Options.IsDryRun)
                return State.Absent;
            IsNew = Handle is null;
            Handle ??= above.MakeFolder(node.Name);
            _scene.Unfinished.Add(this);
            if (!IsNew && !_scene.Options.IsDryRun)
                Handle.RemoveLeftovers();
            return State.Open;
        }
        catch (EntryNotRestoredException error)
        {
            _scene.Report.Problem(Path, error.Kind, $"{error.Message} Nothing below it was restored.");
            return State.Lost;
        }
    }

    private void Complete()
    {
        if (_isSelected)
            Count();
        if (Handle is null || Parent is null)
            return;
        try
        {
            if (!_scene.Options.IsDryRun)
                _scene.Tell(Path, Handle.Describe(_isSelected || IsNew ? _node : null));
        }
        catch (EntryNotRestoredException error)
        {
            _scene.Report.Problem(Path, RestoreProblemKind.IncompleteMetadata, error.Message);
        }
        finally
        {
            _scene.Unfinished.Remove(this);
            Handle.Dispose();
        }
    }

    private void Count()
    {
        if (_state is State.Lost || _isIncomplete)
            _scene.Report.NotRestored(_node!);   // selected, so it is not the target
        else if (IsNew || IsAbsent)
            _scene.Report.Restored(_node!);
        else
            _scene.Report.Equal(_node!);
    }
}
