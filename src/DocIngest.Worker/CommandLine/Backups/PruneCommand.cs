using System.CommandLine;
using DocIngest.Backup;
using DocIngest.Backup.Pruning;
using DocIngest.Backup.Repositories;
using DocIngest.Pipeline.Audit;
using DocIngest.Worker.Backups;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup prune</c></summary>
internal static class PruneCommand
{
    /// <summary>What the bar says.</summary>
    public const string Progress = "Rewriting packs";

    public static Command Create(CommandFactory commands, RepositoryOptions repository)
    {
        var limits = new PruneLimitOptions();
        var mayRemoveAll = new Option<bool>("--unsafe-allow-remove-all")
        {
            Description = "Prune where there is no snapshot, which removes everything.",
        };
        var dryRun = new Option<bool>("--dry-run", "-n") { Description = "Only say what would be removed." };
        return commands.Create(
            "prune",
            "Remove from the repository what no snapshot needs. Refused while something that snapshots need is missing.",
            context => RunAsync(context, repository, limits, context.Get(mayRemoveAll), context.Get(dryRun)),
            [.. limits.All, mayRemoveAll, dryRun]);
    }

    private static async Task<int> RunAsync(CommandContext context, RepositoryOptions repository, PruneLimitOptions limits, bool mayRemoveAll, bool isDryRun)
    {
        using var access = repository.Resolve(context);
        using var opened = await access.OpenAsync(context.Cancellation);
        var options = await limits.OfAsync(context, access, opened, mayRemoveAll);
        if (!isDryRun)
        {
            await AuditHeadSteps.DemandAsync(context, opened, access);
            await AuditedActs.BackupAsync(access.DataPath, access.Volumes, "prune", AuditAction.Delete, [], context.Cancellation);
        }

        var kept = await SnapshotsOf(opened, context.Cancellation);
        var report = isDryRun
            ? PruneReport.Planned(await PruneRun.PlanAsync(opened, options, new HashSet<FileId>(), access.LockTerms, context.Cancellation), options)
            : PruneReport.Of(await ProgressBar.RunAsync(
                context.Output.ShowsProgress, Progress, progress => PruneRun.RunAsync(opened, options, access.LockTerms, progress, context.Cancellation)), options);
        if (!isDryRun)
        {
            await RecordEndAsync(access, opened, kept, report, context.Cancellation);
        }

        context.Output.Result(report.AsJson(), report.Write);
        foreach (string fault in report.Faults())
        {
            context.Output.Error(fault);
        }

        return isDryRun ? report.ExitCode : await AuditHeadSteps.LeaveAsync(context, opened, access, report.ExitCode);
    }

    /// <summary>The snapshots there are: a prune keeps what they hold.</summary>
    public static async Task<IReadOnlyList<FileId>> SnapshotsOf(Repository opened, CancellationToken cancellation) =>
        await opened.ListSnapshotsAsync(cancellation).Select(listed => listed.Id).ToListAsync(cancellation);

    /// <summary>Records that a prune of this repository left nothing to do, and which snapshots were there: certificates of destruction go by it.</summary>
    /// <param name="access">Where the data folder is.</param>
    /// <param name="opened">The repository.</param>
    /// <param name="kept">Snapshots that were there before it, without those that it forgot.</param>
    /// <param name="report">What it did.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <inheritdoc cref="AuditedActs.BackupAsync" path="/exception" />
    public static async Task RecordEndAsync(RepositoryAccess access, Repository opened, IReadOnlyList<FileId> kept, PruneReport report, CancellationToken cancellation)
    {
        if (report.ExitCode != CommandLine.ExitCode.Done)
        {
            return;
        }

        var there = kept.Union(await SnapshotsOf(opened, cancellation));   // what came meanwhile may have been kept as well
        await AuditedActs.PrunedAsync(access.DataPath, access.Volumes, opened.Config.Id, [.. there.Select(id => new AuditEntity(AuditEntity.Snapshot, id.ToString()))], cancellation);
    }
}
