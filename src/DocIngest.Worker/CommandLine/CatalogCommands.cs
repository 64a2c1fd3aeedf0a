using System.CommandLine;
using DocIngest.Archive;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Retention;
using DocIngest.Worker.Archives;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>catalog rebuild</c></summary>
internal static class CatalogCommands
{
    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "catalog", "The search index over the archive.",
        commands.Create("rebuild", "Make the catalog anew from the archive. Searches and ingest go on meanwhile.", RebuildAsync));

    private static async Task<int> RebuildAsync(CommandContext context)
    {
        bool isInAzure = ConfiguredArchive.LocationOf(context.LoadConfig().Archive) is not null;
        if (!isInAzure && !Directory.Exists(Path.Combine(context.DataPath, DataFolder.Archive)))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no archive in {context.DataPath}. Nothing was made.");   // a mistyped --data would get a new ledger
        }

        using var workspace = context.OpenOrCreate();   // from an archive alone, too: its catalog and ledger may be what was lost
        using var held = workspace.Locks.TryAcquire(CatalogRebuild.LockName)
            ?? throw new CommandException(ExitCode.Busy, "The catalog is being rebuilt already.");
        var archive = isInAzure ? await workspace.OpenOrCreateArchiveAsync(context.Cancellation) : workspace.OpenArchive();
        await AuditedActs.RecordAsync(workspace, origin => origin.Event(AuditType.Catalog, "rebuild", AuditAction.Execute), context.Cancellation);
        var damages = new List<Finding>();
        RebuildSummary? summary = null;
        await ProgressBar.RunAsync(context.Output.ShowsProgress, "Rebuilding", workspace.Catalog.Count(), async tick =>
        {
            var progress = new EachRecord(tick);
            var events = new EventRebuild(workspace.Database, workspace.SystemObjectsOf(archive), damages.Add);
            await events.BeginAsync(context.Cancellation);
            summary = await new CatalogFromArchive(workspace.Database, archive, workspace.Time)
                .RebuildAsync(damages.Add, progress, found => events.AddAsync(found, context.Cancellation), context.Cancellation);
            await events.EndAsync(context.Cancellation);
        });
        context.Output.Result(
            new { summary?.Records, summary?.Read, summary?.Superseded, Damaged = damages },
            words =>
            {
                words.WriteLine($"{summary?.Records:N0} records.");
                damages.ForEach(damage => words.WriteLine($"{damage.Code} {damage.Path}: {damage.Message}"));
            });
        return damages.Count == 0 ? ExitCode.Done : ExitCode.Findings;
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
