using System.CommandLine;
using DocIngest.Archive;
using DocIngest.Pipeline.Filing;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>catalog rebuild</c></summary>
internal static class CatalogCommands
{
    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "catalog", "The search index over the archive.",
        commands.Create("rebuild", "Make the catalog anew from the archive. Searches and ingest go on meanwhile.", RebuildAsync));

    private static async Task<int> RebuildAsync(CommandContext context)
    {
        using var workspace = context.OpenOrCreate();
        using var held = workspace.Locks.TryAcquire("rebuild") ?? throw new CommandException(ExitCode.Busy, "The catalog is being rebuilt already.");
        var archive = workspace.OpenArchive();
        var progress = new Progress<long>(read =>
        {
            if (context.Output.ShowsProgress)
            {
                Console.Error.Write($"\r{read:N0} records read");
            }
        });
        var damages = new List<Finding>();
        var summary = await new CatalogFromArchive(workspace.Database, archive, workspace.Time)
            .RebuildAsync(damages.Add, progress, context.Cancellation);
        context.Output.Result(
            new { summary.Records, summary.Read, summary.Superseded, Damaged = damages },
            words =>
            {
                words.WriteLine($"{summary.Records:N0} records.");
                damages.ForEach(damage => words.WriteLine($"{damage.Code} {damage.Path}: {damage.Message}"));
            });
        return damages.Count == 0 ? ExitCode.Done : ExitCode.Findings;
    }
}
