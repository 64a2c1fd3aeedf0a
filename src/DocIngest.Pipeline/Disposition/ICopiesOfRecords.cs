using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Disposition;

/// <summary>Where, beside the archive, records and the destruction ledger are: the backups.</summary>
public interface ICopiesOfRecords
{
    /// <summary>Puts the destruction ledger, as it is in the data folder, into every backup repository there is.</summary>
    /// <returns>What could not be done, in words for an operator: then nothing may be destroyed. Empty where all have it, or there is no repository.</returns>
    Task<IReadOnlyList<string>> SaveLedgerAsync(CancellationToken cancellation);

    /// <summary>Asks the backups whether they know of a later state of this data folder than it has itself: then nothing may be destroyed.</summary>
    /// <exception cref="Audit.Rollback.RolledBackException">They do.</exception>
    /// <exception cref="Storage.StorageUnavailableException">Some of them could not be asked. A retry helps.</exception>
    Task DemandNotRolledBackAsync(CancellationToken cancellation);

    /// <summary>The snapshots that hold any of these records.</summary>
    /// <param name="objects">Records, with the folder of each in the archive, relative to its root.</param>
    /// <param name="cancellation">Ends the look.</param>
    Task<FoundCopies> FindAsync(IReadOnlyList<(RecordId Record, string Path)> objects, CancellationToken cancellation);
}

/// <summary>A repository that was asked.</summary>
/// <param name="Name">As the configuration names it, without secrets.</param>
/// <param name="Id">Its own, wherever it lies; null where it did not answer.</param>
/// <param name="IsClear">Whether all its snapshots could be looked through.</param>
/// <param name="Snapshots">Ids of all there are.</param>
public sealed record AskedRepository(string Name, string? Id, bool IsClear, IReadOnlyList<string> Snapshots);

/// <summary>Where copies are.</summary>
/// <param name="Snapshots">Those that hold some.</param>
/// <param name="Unclear">Backups of which it could not be told, in words for an operator.</param>
public sealed record FoundCopies(IReadOnlyList<SnapshotCopies> Snapshots, IReadOnlyList<string> Unclear)
{
    /// <summary>The repositories there are.</summary>
    public IReadOnlyList<AskedRepository> Asked { get; init; } = [];

    /// <summary>Whether it is known that there are none.</summary>
    public bool AreNone => Snapshots.Count + Unclear.Count == 0;
}
