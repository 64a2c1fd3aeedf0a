using DocIngest.Pipeline.Recovering;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using DocIngest.Worker.CommandLine;

namespace DocIngest.Worker.Recovering;

/// <summary>What must wait while a data folder is recovered from a backup.</summary>
internal static class RecoveryGate
{
    /// <summary>Demands that everything was restored: before that nothing is taken in, changed or backed up.</summary>
    /// <exception cref="CommandException">It was not; exit 4. Nothing changed.</exception>
    public static void DemandRestored(IDurableFolder data)
    {
        if (RecoveryState.Open(data) is { IsRestoring: true } state)
        {
            throw new CommandException(
                ExitCode.Busy,
                $"This data folder is being recovered from {RawName.ToDisplay(state.Repository)}, and that has not come to its end. Run the same 'docingest recover' again until it says that everything is there. 'get' fetches single records meanwhile.");
        }
    }

    /// <summary>The same, where there may be no data folder.</summary>
    public static void DemandRestored(RepositoryAccess access)
    {
        if (Directory.Exists(access.DataPath))
        {
            DemandRestored(access.Volumes.Open(access.DataPath));
        }
    }

    /// <summary>Demands that a person has accepted what was recovered: before that nothing is destroyed, forgotten or pruned.</summary>
    /// <exception cref="CommandException">Nobody has; exit 4. Nothing changed.</exception>
    public static void DemandAccepted(IDurableFolder data)
    {
        if (RecoveryState.Open(data) is not null)
        {
            throw new CommandException(
                ExitCode.Busy, "This data folder was recovered from a backup, and nobody has accepted that yet. Until a person runs 'docingest recover accept', nothing is destroyed, forgotten, pruned or discarded. Nothing changed.");
        }
    }
}
