using DocIngest.Backup.Indexes;

namespace DocIngest.Backup.Trees;

/// <summary>Is told what a <see cref="TreeWalk"/> finds.</summary>
/// <remarks>
/// Everything about one tree is told by one worker, one call after the other: its nodes in their order, and right after a directory
/// the fault of a subtree that no index has (each time it is referred to); then <see cref="Read"/> or <see cref="Fault"/>. Different
/// trees are told by several threads at once. The faults of roots that no index has come first, from the caller's thread. Whatever
/// is thrown ends the walk.
/// </remarks>
internal interface ITreeVisitor
{
    /// <summary>A node of a tree. Its subtree is walked without anybody asking for it.</summary>
    /// <param name="tree">The directory it is in.</param>
    /// <param name="node">What the tree says; may be kept.</param>
    /// <param name="faults">What is odd about it.</param>
    void Node(VisitedTree tree, Node node, NodeFaults faults);

    /// <summary>A tree was read to its end.</summary>
    void Read(VisitedTree tree);

    /// <summary>A tree was not read, or not to its end: what is below it is unknown.</summary>
    void Fault(TreeFault fault);
}

/// <summary>A tree that a walk came to.</summary>
/// <param name="Id">Its blob.</param>
/// <param name="EntryNumber">Its first entry in the index.</param>
/// <param name="Entry">Where it lies first.</param>
/// <param name="Path">Where it is; null where the caller does not want paths.</param>
internal sealed record VisitedTree(BlobId Id, int EntryNumber, IndexEntry Entry, TreePath? Path);

/// <summary>Why a tree was not read.</summary>
/// <param name="Kind">What kind of fault.</param>
/// <param name="Tree">Its blob.</param>
/// <param name="Path">Where it is; null where the caller does not want paths.</param>
/// <param name="Error">What was wrong; null where no index has it.</param>
internal sealed record TreeFault(TreeFaultKind Kind, BlobId Tree, TreePath? Path, Exception? Error);

/// <summary>Kinds of faults of a tree.</summary>
internal enum TreeFaultKind
{
    /// <summary>No index has it.</summary>
    Missing,

    /// <summary>No pack gives it.</summary>
    Unreadable,

    /// <summary>It was read, and is no tree. Nodes that were told before are not to be trusted.</summary>
    Malformed,
}

/// <summary>Where a walk begins.</summary>
/// <param name="Tree">A root tree.</param>
/// <param name="Snapshot">For paths: the snapshot it is of.</param>
internal readonly record struct TreeRoot(BlobId Tree, FileId? Snapshot);
