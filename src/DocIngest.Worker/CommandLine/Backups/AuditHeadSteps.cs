using DocIngest.Backup;
using DocIngest.Backup.Repositories;
using DocIngest.Pipeline.Audit.Rollback;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>What commands that write to a repository do about the heads of the audit there, where the data folder is one of this program.</summary>
internal static class AuditHeadSteps
{
    /// <summary>Demands that this machine was not rolled back, before something is deleted in a repository.</summary>
    /// <exception cref="RolledBackException">It was; exit 1. Nothing may be deleted.</exception>
    public static async Task DemandAsync(CommandContext context, Repository opened, RepositoryAccess access)
    {
        if (!Workspace.HasCatalog(context.DataPath))
        {
            return;
        }

        using var workspace = context.OpenExisting();
        foreach (string unasked in await new RollbackGuard(workspace, workspace.Audit, NullLogger.Instance).DemandAsync(opened, access, context.Cancellation))
        {
            context.Output.Error($"warning: whether this machine was rolled back could not be asked everywhere. {unasked}");
        }
    }

    /// <summary>Leaves the head of the audit in the repository that was worked in, and in every other that is known. What was done is done: failing at it is told.</summary>
    /// <param name="context">The command.</param>
    /// <param name="opened">The repository; null for those that are known only.</param>
    /// <param name="access">The same.</param>
    /// <param name="exitCode">That of the command.</param>
    /// <returns>The exit code: another where this machine was rolled back.</returns>
    public static async Task<int> LeaveAsync(CommandContext context, Repository? opened, RepositoryAccess? access, int exitCode)
    {
        try
        {
            if (!Workspace.HasCatalog(context.DataPath))
            {
                return exitCode;
            }

            using var workspace = context.OpenExisting();
            foreach (string unleft in await new RollbackGuard(workspace, workspace.Audit, NullLogger.Instance).LeaveAsync(opened, access, context.Cancellation))
            {
                context.Output.Error($"warning: the head of the audit could not be left everywhere. {unleft}");
            }

            return exitCode;
        }
        catch (RolledBackException rolledBack)
        {
            context.Output.Error($"ALARM: {rolledBack.Message}");
            return ExitCode.Findings;
        }
        catch (Exception error) when (error is CommandException or StorageException or SqliteException or BackupException)
        {
            context.Output.Error($"warning: the head of the audit could not be left with the backups. {error.Message}");
            return exitCode;
        }
    }
}
