using DocIngest.Backup.Indexes;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Checks;

/// <summary>Looks at every node of every tree that a snapshot needs.</summary>
internal sealed class TreeCheck(BlobIndex index, FindingList findings, CheckProgress progress) : ITreeVisitor
{
    private static readonly (NodeFaults Fault, FindingRule Rule, string Message)[] Rules =
    [
        (NodeFaults.OutOfOrder, FindingRules.OutOfOrder, "Its name does not come after the one before it."),
        (NodeFaults.DuplicateName, FindingRules.DuplicateName, "Its name is there twice."),
        (NodeFaults.UnsafeName, FindingRules.UnsafeName, "Its name cannot be that of a file."),
        (NodeFaults.UnknownType, FindingRules.UnknownType, "Its type is not known."),
        (NodeFaults.ModeOfAnotherType, FindingRules.WrongMode, "Its mode is that of another type."),
        (NodeFaults.NoContent, FindingRules.NoContent, "It is a file without a list of content."),
        (NodeFaults.StrayContent, FindingRules.StrayContent, "It is no file, and has content."),
        (NodeFaults.NullId, FindingRules.NullId, "It refers to an id of zeros."),
        (NodeFaults.NoSubtree, FindingRules.NoSubtree, "It is a directory without a tree."),
        (NodeFaults.StraySubtree, FindingRules.StraySubtree, "It is no directory, and has a tree."),
        (NodeFaults.SizeWithoutContent, FindingRules.WrongSize, "It has a size, and no content to fill it."),
    ];

    private long _sound;
    private long _damaged;

    internal Tally Trees => new(Interlocked.Read(ref _sound), Interlocked.Read(ref _damaged));

    /// <summary>The data that files need: a bit at the first entry of each blob.</summary>
    internal EntryMarks UsedData { get; } = new(index.Count);

    void ITreeVisitor.Node(VisitedTree tree, Node node, NodeFaults faults)
    {
        if (faults is not NodeFaults.None)
            AddFaults(tree, node, faults);
        if (node is { Type: NodeType.File, Content.Count: > 0 })
            CheckContent(tree, node, node.Content);
    }

    void ITreeVisitor.Read(VisitedTree tree)
    {
        Interlocked.Increment(ref _sound);
        progress.Done(tree.Entry.Blob.Length);
    }

    void ITreeVisitor.Fault(TreeFault fault)
    {
        Interlocked.Increment(ref _damaged);
        var (rule, message) = fault.Kind switch
        {
            TreeFaultKind.Missing => (FindingRules.TreeMissing, "no index has it."),
            TreeFaultKind.Unreadable => (FindingRules.TreeUnreadable, fault.Error?.Message ?? ""),
            _ => (FindingRules.TreeMalformed, fault.Error?.Message ?? ""),
        };
        var damaged = fault.Error as DamagedRepositoryException;
        findings.Add(new CheckFinding(rule, $"Tree {fault.Tree}: {message}")
        {
            Kind = damaged?.Kind,
            File = damaged?.File,
            BlobType = BlobType.Tree,
            Blob = fault.Tree,
            Snapshot = fault.Path?.Snapshot,
            Path = fault.Path?.ToString(),
        });
    }

    private void AddFaults(VisitedTree tree, Node node, NodeFaults faults)
    {
        foreach (var (fault, rule, message) in Rules)
        {
            if (faults.HasFlag(fault))
                findings.Add(About(tree, node, rule, message));
        }
    }

    private void CheckContent(VisitedTree tree, Node node, IReadOnlyList<BlobId> content)
    {
        ulong sum = 0;
        bool isWhole = true;
        for (int i = 0; i < content.Count; i++)
        {
            int number = index.Find(BlobType.Data, content[i]);
            if (number < 0)
            {
                // One finding for a file, however many of its pieces are missing.
                if (isWhole && content[i] != default)
                    findings.Add(About(tree, node, FindingRules.DataMissing, $"No index has the data blob {content[i]}, piece {i + 1} of {content.Count}."));
                isWhole = false;
                continue;
            }

            UsedData.TrySet(number);
            sum += (ulong)index[number].Blob.PlaintextLength;
        }

        if (isWhole && sum != node.SizeBytes)
            findings.Add(About(tree, node, FindingRules.WrongSize, $"Its size is {node.SizeBytes}, its content has {sum} bytes."));
    }

    private static CheckFinding About(VisitedTree tree, Node node, FindingRule rule, string message) =>
        new(rule, $"An entry of the tree {tree.Id}: {message}")
        {
            BlobType = BlobType.Tree,
            Blob = tree.Id,
            Snapshot = tree.Path?.Snapshot,
            Path = tree.Path?.Inner(node.Name).ToString(),
        };
}
