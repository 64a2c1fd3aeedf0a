using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Recovering;

namespace DocIngest.Worker.Backups;

/// <summary>The backups of a data folder, as whoever destroys records needs them.</summary>
/// <param name="workspace">The data folder.</param>
/// <param name="guard">Knows whether it was rolled back.</param>
internal sealed class BackupCopies(Workspace workspace, RollbackGuard guard) : ICopiesOfRecords
{
    private readonly ConfiguredRepositories _repositories = new(workspace.DataPath, workspace.Options);
    private readonly string _dataPath = workspace.DataPath;

    public async Task<IReadOnlyList<string>> SaveLedgerAsync(CancellationToken cancellation) =>
    [
        .. (await new DestructionLedgerCopies(_dataPath, _repositories).WriteAsync(cancellation)).Where(copy => !copy.IsSafe).Select(copy => $"{copy.Repository}: {copy.Problem}"),
    ];

    public async Task DemandNotRolledBackAsync(CancellationToken cancellation)
    {
        RecoveryGate.DemandAccepted(workspace.Data);
        if ((await guard.CompareAsync(cancellation)).Demand() is { Count: > 0 } unasked)
        {
            throw new StorageUnavailableException($"Before anything is destroyed every backup is asked whether this machine was rolled back: {string.Join("; ", unasked)}. Nothing was destroyed; the same command goes on once they answer.");
        }
    }

    public async Task<FoundCopies> FindAsync(IReadOnlyList<(RecordId Record, string Path)> objects, CancellationToken cancellation)
    {
        if (objects.Count == 0)
        {
            return new FoundCopies([], []);
        }

        var outcomes = await new CopiesOfRecords(_dataPath, _repositories).FindAsync([.. objects.Select(one => Path.Combine(_dataPath, one.Path))], cancellation);
        var snapshots = outcomes.SelectMany(outcome => (outcome.Value?.Found.Holding ?? []).Select(snapshot => new SnapshotCopies(
            outcome.Repository, snapshot.Snapshot.ToString(), DateTimeOffset.FromUnixTimeSeconds(snapshot.Time?.Instant.Seconds ?? 0), [.. snapshot.Objects.Select(at => objects[at].Record)])));
        var unclear = outcomes.SelectMany(outcome => outcome.Reach is RepositoryReach.Done or RepositoryReach.NotMade
            ? (outcome.Value?.Found.Unclear ?? []).Select(snapshot => $"{outcome.Repository}: snapshot {snapshot.Snapshot}: {snapshot.Fault}")
            : [$"{outcome.Repository}: {outcome.Problem}"]);
        return new FoundCopies([.. snapshots.OrderBy(one => one.Time)], [.. unclear])
        {
            // One that was never made holds nothing, and is none of those that once held some.
            Asked = [.. outcomes.Where(outcome => outcome.Reach != RepositoryReach.NotMade).Select(outcome => new AskedRepository(
                outcome.Repository, outcome.Value?.RepositoryId, outcome.Value?.Found.Unclear.Any() == false,
                [.. (outcome.Value?.Found.Snapshots ?? []).Select(snapshot => snapshot.Snapshot.ToString())]))],
        };
    }
}
