using System.CommandLine;
using DocIngest.Archive;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Retention;
using DocIngest.Worker.Archives;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Recovering;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>catalog rebuild|maintain</c></summary>
internal static class CatalogCommands
{
    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "catalog", "The search index over the archive.",
        commands.Create("rebuild", "Make the catalog anew from the archive. Searches and ingest go on meanwhile.", RebuildAsync),
        commands.Create("maintain", "Check the catalog's file, and tidy its indexes. Searches and ingest go on meanwhile.", MaintainAsync));

    // What has gathered in a month of scanning, on a slow disk; the rest waits for the next time.
    private static readonly TimeSpan MergesFor = TimeSpan.FromMinutes(30);

    private static async Task<int> MaintainAsync(CommandContext context)
    {
        using var workspace = context.OpenExisting();
        if (workspace.Database.IsReadOnly)
        {
            throw new CommandException(ExitCode.EnvironmentFailed, Workspace.MayOnlyRead);
        }

        using var held = workspace.Locks.TryAcquire(CatalogRebuild.LockName) ?? throw new CommandException(ExitCode.Busy, "The catalog is being rebuilt.");
        await AuditedActs.RecordAsync(workspace, origin => origin.Event(AuditType.Catalog, "maintain", AuditAction.Execute), context.Cancellation);
        var maintenance = new CatalogMaintenance(workspace.Database, workspace.Time);
        var damages = maintenance.Check();
        bool isMerged = damages.Count == 0 && await maintenance.RunAsync(MergesFor, whole: false, context.Cancellation);
        if (damages.Count == 0)
        {
            maintenance.Analyze();
        }

        bool isLogEmpty = damages.Count == 0 && maintenance.TryEmptyLog();
        context.Output.Result(
            new { Damages = damages, Merged = isMerged, LogEmptied = isLogEmpty },
            words =>
            {
                foreach (string damage in damages)
                {
                    words.WriteLine(damage);
                }

                words.WriteLine(
                    damages.Count > 0 ? "The catalog's file is damaged. Stop the service, keep a copy of the folder catalog/, and see docs/formats/catalog.md: 'catalog rebuild' makes the search index anew, not the ledger."
                    : $"The catalog is sound. {(isMerged ? "Its index is tidy" : "Its index is not tidy yet: the next time goes on")}; {(isLogEmpty ? "its log is empty." : "its log is in use.")}");
            });
        return damages.Count == 0 ? ExitCode.Done : ExitCode.Findings;
    }

    private static async Task<int> RebuildAsync(CommandContext context)
    {
        bool isInAzure = ConfiguredArchive.LocationOf(context.LoadConfig().Archive) is not null;
        if (!isInAzure && !Directory.Exists(Path.Combine(context.DataPath, DataFolder.Archive)))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no archive in {context.DataPath}. Nothing was made.");   // a mistyped --data would get a new ledger
        }

        using var workspace = context.OpenOrCreate();   // from an archive alone, too: its catalog and ledger may be what was lost
        RecoveryGate.DemandRestored(workspace.Data);
        using var held = workspace.Locks.TryAcquire(CatalogRebuild.LockName)
            ?? throw new CommandException(ExitCode.Busy, "The catalog is being rebuilt already.");
        var archive = isInAzure ? await workspace.OpenOrCreateArchiveAsync(context.Cancellation) : workspace.OpenArchive();
        await AuditedActs.RecordAsync(workspace, origin => origin.Event(AuditType.Catalog, "rebuild", AuditAction.Execute), context.Cancellation);
        var (summary, damages) = await FillAsync(workspace, archive, context.Output.ShowsProgress, context.Cancellation);
        context.Output.Result(
            new { summary.Records, summary.Read, summary.Superseded, Damaged = damages },
            words =>
            {
                words.WriteLine($"{summary.Records:N0} records.");
                foreach (var damage in damages)
                {
                    words.WriteLine($"{damage.Code} {damage.Path}: {damage.Message}");
                }
            });
        return damages.Count == 0 ? ExitCode.Done : ExitCode.Findings;
    }

    /// <summary>Makes the catalog anew. The caller holds the lock of rebuilding.</summary>
    /// <returns>What is in it now, and what of the archive could not be read.</returns>
    public static async Task<(RebuildSummary Summary, IReadOnlyList<Finding> Damages)> FillAsync(Workspace workspace, IArchive archive, bool showsProgress, CancellationToken cancellation)
    {
        var damages = new List<Finding>();
        var summary = new RebuildSummary(0, 0, 0);
        await ProgressBar.RunAsync(showsProgress, "Rebuilding", workspace.Catalog.Count(), async tick =>
        {
            var events = new EventRebuild(workspace.Database, workspace.SystemObjectsOf(archive), damages.Add);
            await events.BeginAsync(cancellation);
            summary = await new CatalogFromArchive(workspace.Database, archive, workspace.Time)
                .RebuildAsync(damages.Add, new EachRecord(tick), found => events.AddAsync(found, cancellation), cancellation);
            await events.EndAsync(cancellation);
        });
        return (summary, damages);
    }

    // The rebuild tells how many it has read; the bar counts steps.
    private sealed class EachRecord(Action tick) : IProgress<long>
    {
        private long _told;

        public void Report(long value)
        {
            for (; _told < value; _told++)
            {
                tick();
            }
        }
    }
}
