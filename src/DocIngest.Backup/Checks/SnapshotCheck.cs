using DocIngest.Backup.Repositories;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>Reads all snapshots.</summary>
internal sealed class SnapshotCheck(Repository repository, FindingList findings)
{
    private readonly FileFaults _faults = new(repository, findings);
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly List<TreeRoot> _roots = [];
    private long _damaged;

    /// <summary>The roots of those that can be read.</summary>
    internal IReadOnlyList<TreeRoot> Roots => _roots;

    /// <summary>Snapshots; sound is one that can be read.</summary>
    internal Tally Files => new(_roots.Count, _damaged);

    internal async Task RunAsync(CancellationToken cancellation)
    {
        var files = await repository.Store.ListAsync(FileKind.Snapshot, cancellation).ToListAsync(cancellation);
        var parallel = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        await Parallel.ForEachAsync(files, parallel, async (file, stop) => await LoadAsync(file.Id, stop));
        _roots.Sort((left, right) => Nullable.Compare(left.Snapshot, right.Snapshot));   // the same damage is told of the same snapshot
    }

    private async Task LoadAsync(FileId id, CancellationToken cancellation)
    {
        try
        {
            var snapshot = await repository.LoadSnapshotAsync(id, cancellation);
            lock (_gate)
                _roots.Add(new TreeRoot(snapshot.Tree, id));
        }
        catch (Exception error) when (error is BackupException or StorageException)
        {
            if (await _faults.TellAsync(FileKind.Snapshot, id, FindingRules.SnapshotUnreadable, error, cancellation))
                Interlocked.Increment(ref _damaged);
        }
    }
}
