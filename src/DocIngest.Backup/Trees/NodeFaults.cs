namespace DocIngest.Backup.Trees;

/// <summary>What is odd about a node that can be read. restic itself notices few of these (restic-format 16 and 17).</summary>
[Flags]
internal enum NodeFaults
{
    None = 0,

    /// <summary>The name does not come after the one before it: readers that rely on order miss nodes.</summary>
    OutOfOrder = 1 << 0,

    /// <summary>The tree has had this name already.</summary>
    DuplicateName = 1 << 1,

    /// <summary>The name is empty, a path, <c>.</c>, <c>..</c> or holds NUL: restoring it would leave the target.</summary>
    UnsafeName = 1 << 2,

    /// <summary>The type is a word that nobody knows.</summary>
    UnknownType = 1 << 3,

    /// <summary>The mode's bits tell another type: it is <c>st_mode</c> instead of Go's, or plainly wrong.</summary>
    ModeOfAnotherType = 1 << 4,

    /// <summary>A file without a list of content: restic restores it empty and reports success.</summary>
    NoContent = 1 << 5,

    /// <summary>Content on what is no file.</summary>
    StrayContent = 1 << 6,

    /// <summary>A blob id of zeros.</summary>
    NullId = 1 << 7,

    /// <summary>A directory without a tree.</summary>
    NoSubtree = 1 << 8,

    /// <summary>A tree on what is no directory.</summary>
    StraySubtree = 1 << 9,

    /// <summary>A size without content to fill it: restic restores zeros and reports success.</summary>
    SizeWithoutContent = 1 << 10,
}

/// <summary>Finds the faults that show in the node alone.</summary>
internal static class NodeFaultFinder
{
    internal static NodeFaults Find(Node node)
    {
        bool isFile = node.Type is NodeType.File;
        bool isDirectory = node.Type is NodeType.Directory;
        return If(!node.Name.IsSafe, NodeFaults.UnsafeName)
            | If(node.Type is NodeType.Unknown, NodeFaults.UnknownType)
            | If(node.Type is not NodeType.Unknown && node.Mode.Kind != node.Type.ModeKind(), NodeFaults.ModeOfAnotherType)
            | If(node.Mode.HasForeignBits, NodeFaults.ModeOfAnotherType)
            | If(isFile && node.Content is null, NodeFaults.NoContent)
            | If(!isFile && node.Content is not null, NodeFaults.StrayContent)
            | If(HasNull(node.Content) || node.Subtree == default(BlobId), NodeFaults.NullId)
            | If(isDirectory && node.Subtree is null, NodeFaults.NoSubtree)
            | If(!isDirectory && node.Subtree is not null, NodeFaults.StraySubtree)
            | If(node.SizeBytes != 0 && node.Content is null or [], NodeFaults.SizeWithoutContent);
    }

    private static NodeFaults If(bool holds, NodeFaults fault) => holds ? fault : NodeFaults.None;

    private static bool HasNull(IReadOnlyList<BlobId>? content)
    {
        for (int i = 0; i < content?.Count; i++)
        {
            if (content[i] == default)
                return true;
        }

        return false;
    }
}
