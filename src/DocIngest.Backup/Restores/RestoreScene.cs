using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Restores;

/// <summary>What all parts of one restore share.</summary>
internal sealed class RestoreScene(Repository repository, BlobIndex index, RestoreOptions options, RestoreReport report)
{
    internal Repository Repository { get; } = repository;

    internal BlobIndex Index { get; } = index;

    internal RestoreOptions Options { get; } = options;

    internal RestoreReport Report { get; } = report;

    internal TemporaryNames Temporary { get; } = new();

    internal UnfinishedWork Unfinished { get; } = new();

    /// <summary>Reports what could not be set of an entry's metadata.</summary>
    internal void Tell(string path, MetadataOutcome outcome)
    {
        if (outcome.IsOwnerMissing)
            Report.OwnerNotSet();
        foreach (string problem in outcome.Problems)
            Report.Problem(path, RestoreProblemKind.IncompleteMetadata, problem);
    }
}
