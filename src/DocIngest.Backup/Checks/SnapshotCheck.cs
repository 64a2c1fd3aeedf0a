using DocIngest.Backup.Repositories;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Checks;

/// <summary>Reads all snapshots.</summary>
internal sealed class SnapshotCheck(Repository repository, FindingList findings)
{
    private readonly List<TreeRoot> _roots = [];

    /// <summary>The roots of those that can be read.</summary>
    internal IReadOnlyList<TreeRoot> Roots => _roots;

    /// <summary>Snapshots; sound is one that can be read.</summary>
    internal Tally Files { get; private set; }

    internal async Task RunAsync(CancellationToken cancellation)
    {
        var faults = new FileFaults(repository, findings);
        long damaged = 0;
        await foreach (var listed in repository.ListSnapshotsAsync(cancellation))
        {
            if (listed.Snapshot is { } snapshot)
                _roots.Add(new TreeRoot(snapshot.Tree, listed.Id));
            else if (listed.Fault is { } fault && await faults.TellAsync(FileKind.Snapshot, listed.Id, FindingRules.SnapshotUnreadable, fault, cancellation))
                damaged++;
        }

        Files = new Tally(_roots.Count, damaged);
    }
}
