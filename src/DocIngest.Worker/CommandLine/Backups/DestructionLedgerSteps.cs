using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Recovering;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>What a backup of the data folder does about the destruction ledger: whoever restores an older snapshot gets the newest holds with it, and whoever recovers knows what was destroyed.</summary>
/// <remarks>What is destroyed waits for copies of its own.</remarks>
internal static class DestructionLedgerSteps
{
    /// <summary>Leaves a copy of the ledger with the backups, and begins one where nothing was ever destroyed. Failing at it is told.</summary>
    /// <param name="context">The command.</param>
    /// <param name="opened">The repository that was backed up to.</param>
    /// <param name="access">The same.</param>
    /// <param name="exitCode">That of the command.</param>
    /// <returns>The exit code: another where the ledger is lost, or could not be copied.</returns>
    public static async Task<int> LeaveAsync(CommandContext context, Repository opened, RepositoryAccess access, int exitCode)
    {
        if (!DestructionFolder.HasEntries(access.DataPath))
        {
            bool canComeBack = await DestructionLedgerCopies.KnowsOneAsync(opened, access, context.Cancellation);
            if (canComeBack || AuditTellsOfLoss(access))
            {
                string why = canComeBack
                    ? $"the repository has copies of it ('docingest backup restore latest --tag {DestructionLedger.Tag}' brings it back), and {DestructionFolder.PathIn(access.DataPath)} has none."
                    : "the audit knows of records that were destroyed, or of a recovery without a ledger.";
                context.Output.Error($"THE DESTRUCTION LEDGER IS LOST: {why} None is begun: an empty one would say that nothing was ever destroyed.");
                return canComeBack ? Worse(exitCode) : exitCode;   // what nobody can mend must not be an alarm for ever
            }

            if (!await TryStartAsync(context, access))
            {
                return exitCode;
            }
        }

        return await CopyAsync(context, access) ? exitCode : Worse(exitCode);
    }

    private static async Task<bool> CopyAsync(CommandContext context, RepositoryAccess access)
    {
        bool isSafe = true;
        foreach (var copy in await new DestructionLedgerCopies(access.DataPath, new ConfiguredRepositories(access.DataPath, context.LoadConfig())) { SkipsUnchanged = true }.WriteAsync(context.Cancellation))
        {
            if (!copy.IsSafe)
            {
                context.Output.Error($"warning: the destruction ledger and the newest holds could not be copied. {copy.Repository}: {copy.Problem}");
                isSafe &= copy.Reach is not RepositoryReach.Failed;
            }
        }

        return isSafe;
    }

    private static bool AuditTellsOfLoss(RepositoryAccess access) =>
        Workspace.HasCatalog(access.DataPath) && AuditLog.Read(access.Volumes.Open(access.DataPath), new AuditQuery()).Any(TellsOfLoss);

    private static bool TellsOfLoss(AuditEntry entry)
    {
        string? type = entry.Json.GetProperty("type").GetString();
        string? subtype = entry.Json.TryGetProperty("subtype", out var what) ? what.GetString() : null;
        return (type, subtype) is (AuditType.Disposition, "destroy" or "replay") or (AuditType.Recovery, RecoveryRecords.AcceptWithoutLedger);
    }

    private static async Task<bool> TryStartAsync(CommandContext context, RepositoryAccess access)
    {
        try
        {
            if (!Workspace.HasCatalog(access.DataPath))
            {
                return false;   // no data folder of this program
            }

            await new Pipeline.Disposition.DestructionLedger(access.Volumes.Open(access.DataPath)).StartAsync(access.Time.GetUtcNow(), context.Cancellation);
            return true;
        }
        catch (Exception error) when (error is CommandException or StorageException)
        {
            context.Output.Error($"warning: the destruction ledger could not be begun: a recovery will ask two people. Run backups as the account of the service. ({error.Message})");
            return false;
        }
    }

    private static int Worse(int exitCode) => exitCode == ExitCode.Done ? ExitCode.Findings : exitCode;
}
