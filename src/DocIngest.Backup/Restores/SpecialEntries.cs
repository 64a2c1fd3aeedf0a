using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>Restores what has no content: symbolic links, FIFOs and devices.</summary>
internal sealed class SpecialEntries(RestoreScene scene)
{
    internal void Restore(RestoreFolder folder, Node node)
    {
        try
        {
            Make(folder, node);
        }
        catch (EntryNotRestoredException error)
        {
            scene.Report.NotRestored(node, folder.PathOf(node.Name), error.Kind, error.Message);
        }
    }

    private void Make(RestoreFolder folder, Node node)
    {
        string path = folder.PathOf(node.Name);
        if (node.Type is NodeType.Symlink && (node.LinkTarget.IsEmpty || node.LinkTarget.Span.Contains((byte)0)))
            throw new EntryNotRestoredException(RestoreProblemKind.Damaged, "The snapshot does not say where the link leads.");
        var existing = folder.IsNew ? null : folder.Handle?.Find(node.Name);
        if (existing is not null && IsEqual(existing, node))
        {
            // What has other names must not be changed through this one.
            if (!scene.Options.IsDryRun && existing.LinkCount == 1)
                scene.Tell(path, folder.Handle!.DescribeSpecial(node.Name, node));   // something was found in it
            scene.Report.Equal(node);
            return;
        }

        if (existing is { Type: NodeType.Directory })
            throw new EntryNotRestoredException(RestoreProblemKind.Conflict, "A directory stands there.");
        if (existing is not null && !scene.Options.ReplacesDifferent)
            throw new EntryNotRestoredException(RestoreProblemKind.Conflict, "Something else stands there.");
        if (!scene.Options.IsDryRun)
            scene.Tell(path, Publish(folder.Handle!, node, replaces: existing is not null));   // no dry run, so it is open
        scene.Report.Restored(node);
    }

    private MetadataOutcome Publish(TargetFolder folder, Node node, bool replaces)
    {
        var temporary = scene.Temporary.Next();
        try
        {
            var outcome = folder.MakeSpecial(temporary, node);
            folder.Publish(temporary, node.Name, replaces);
            return outcome;
        }
        catch
        {
            folder.Discard(temporary);
            throw;
        }
    }

    private static bool IsEqual(TargetEntry existing, Node node) => existing.Type == node.Type && node.Type switch
    {
        NodeType.Symlink => existing.LinkTarget.Span.SequenceEqual(node.LinkTarget.Span),
        NodeType.Device or NodeType.CharDevice => existing.Device == node.Device,
        _ => true,
    };
}
