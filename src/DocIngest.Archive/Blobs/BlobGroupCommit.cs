using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Puts staged versions into a blob store, several objects side by side.</summary>
/// <remarks>
/// 1 what is staged is flushed: from here on the staging entry tells recovery what was meant. 2 each object is put as <see cref="BlobObjectWriter"/> says: it
/// is there whole or not at all, whatever becomes of the others.
/// </remarks>
internal sealed class BlobGroupCommit(OcflBlobRoot root, IDurableFolder staging, ArchiveOwnership ownership)
{
    private const int Parallelism = 8;   // an object is a dozen requests, and each waits for the line, not for the disk

    public async Task<IReadOnlyList<CommitResult>> CommitAsync(IReadOnlyList<StagedVersion> group, CancellationToken cancellation)
    {
        if (group.FirstOrDefault(staged => !staged.IsSealed) is { } open)
        {
            throw new ArgumentException($"The staged version {open.StagingName} is not sealed.", nameof(group));
        }

        if (group.Count == 0)
        {
            return [];
        }

        await ownership.EnsureAsync(cancellation);
        await staging.FlushAsync(group.Select(staged => staged.Since).MinBy(mark => mark.FailedFlushes), cancellation);   // 1
        cancellation.ThrowIfCancellationRequested();
        var results = new CommitResult?[group.Count];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, ownership.Lost);
        var objects = Enumerable.Range(0, group.Count).GroupBy(index => group[index].ObjectId).ToList();   // versions of one object one after the other
        await Parallel.ForEachAsync(objects, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = CancellationToken.None }, async (indexes, _) =>
        {
            foreach (int index in indexes)
            {
                results[index] = await CommitAsync(group[index], stop.Token);   // 2
            }
        });

        // Cancelled before anything was decided: the group may be committed again.
        return results.All(result => result is null) && cancellation.IsCancellationRequested
            ? throw new OperationCanceledException(cancellation)
            : [.. results.Select((result, index) => result ?? Stopped(group[index]))];
    }

    private async Task<CommitResult?> CommitAsync(StagedVersion staged, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            return await root.CommitAsync(staged, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static CommitResult.Failed Stopped(StagedVersion staged) =>
        new(staged, new StorageUnavailableException($"The commit of {staged.ObjectId} was stopped before it was decided. It is safe to commit it again."));
}
