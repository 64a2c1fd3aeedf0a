using DocIngest.Storage;

namespace DocIngest.Backup.Trees;

/// <summary>Where in a snapshot something is: a chain up to the root, shared by all that is below the same directory.</summary>
/// <remarks>A tree that is in many places has the path it was first met at.</remarks>
internal sealed class TreePath
{
    /// <summary>Longer paths are cut at their beginning: a hostile repository may nest a million directories.</summary>
    internal const int MostElements = 100;

    private readonly TreePath? _parent;
    private readonly FileName _name;

    private TreePath(FileId? snapshot, TreePath? parent, FileName name) => (Snapshot, _parent, _name) = (snapshot, parent, name);

    /// <summary>The snapshot that the root belongs to, where the caller told.</summary>
    internal FileId? Snapshot { get; }

    /// <summary>The root directory.</summary>
    internal static TreePath Root(FileId? snapshot) => new(snapshot, null, default);

    /// <summary>An entry of this directory.</summary>
    internal TreePath Inner(FileName name) => new(Snapshot, this, name);

    /// <summary>The names from the root on.</summary>
    internal IReadOnlyList<FileName> Names()
    {
        var names = new Stack<FileName>();
        for (var at = this; at._parent is { } parent; at = parent)
            names.Push(at._name);
        return [.. names];
    }

    /// <summary>The path fit for people, from the root on, <c>/</c> between the elements; what is odd in a name is escaped.</summary>
    public override string ToString()
    {
        var elements = new Stack<string>();
        var at = this;
        for (; at._parent is { } parent && elements.Count < MostElements; at = parent)
            elements.Push(RawName.ToDisplay(at._name.ToRaw()));
        return (at._parent is null ? "/" : "…/") + string.Join('/', elements);
    }
}
