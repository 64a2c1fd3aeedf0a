using System.CommandLine;
using DocIngest.Pipeline;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>ingest</c></summary>
internal static class IngestCommand
{
    public static Command Create(CommandFactory commands)
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files, or folders with all they hold.", Arity = ArgumentArity.OneOrMore };
        var move = new Option<bool>("--move") { Description = "Remove each file once it is safely archived." };
        var profile = new Option<string>("--profile") { Description = "Whose rules apply.", HelpName = "NAME", DefaultValueFactory = _ => "default" };
        return commands.Create(
            "ingest", "Take in files now, and say what became of each.",
            context => RunAsync(context, context.Get(paths) ?? [], context.Get(move), context.Get(profile) ?? "default"),
            paths, move, profile);
    }

    private static async Task<int> RunAsync(CommandContext context, string[] paths, bool move, string profile)
    {
        string[] absolute = [.. paths.Select(path => TypedPath.Absolute(path, "PATH"))];
        if (absolute.FirstOrDefault(path => !Path.Exists(path) && !IsDanglingLink(path)) is { } missing)
        {
            throw new CommandException(ExitCode.NotFound, $"There is no file {missing}. Nothing was taken in.");
        }

        var options = context.LoadConfig();
        var classifier = context.LoadClassifier(options);
        var schedule = context.ScheduleForIntake(options);
        using var workspace = Workspace.OpenOrCreate(context.DataPath, options);
        if (workspace.Options.Intake.Profiles.All(known => known.Name != profile))
        {
            throw new CommandException(
                ExitCode.Usage,
                $"There is no profile \"{profile}\". Known: {string.Join(", ", workspace.Options.Intake.Profiles.Select(known => known.Name))}.");
        }

        await using var host = await IngestHost.StartAsync(workspace, classifier, schedule, consoleLevel: null, context.Cancellation);
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        long total = CountFiles(absolute);
        try
        {
            await ProgressBar.RunAsync(context.Output.ShowsProgressBesideItems, "Taking in", total, tick => host.Session.TakeInAsync(
                absolute, profile, move, report =>
                {
                    Print(context.Output, report);
                    counts[report.Outcome] = counts.GetValueOrDefault(report.Outcome) + 1;
                    tick();
                },
                context.Cancellation));
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            context.Output.Remark(
                $"{Math.Max(0, total - counts.Values.Sum()):N0} of {total:N0} files are not finished. The next 'ingest' or 'run' goes on with those begun; "
                + "the same command takes in the rest.");
            throw;
        }

        context.Output.Remark(counts.Count == 0 ? "Nothing to take in." : string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}")) + ".");
        return counts.Keys.All(outcome => outcome is "filed" or "versioned" or "duplicate") ? ExitCode.Done : ExitCode.Partial;
    }

    // Only for the progress bar and the like: what is really taken in is decided file by file.
    private static long CountFiles(string[] paths)
    {
        var all = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return paths.Sum(path => Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", all).LongCount() : 1);
    }

    private static bool IsDanglingLink(string path) => new FileInfo(path).LinkTarget is not null;

    private static void Print(CommandOutput output, ScanReport report)
    {
        output.Item(report, words => words.WriteLine(
            $"{report.Outcome,-11} {report.Id} {report.Version}{(report.TextStatus is null ? "" : $" text {report.TextStatus}")}  {TerminalText.OneLine(report.File)}{(report.FilePages is null ? "" : $", pages {report.FilePages}")}"
            + (report.Reason is null ? "" : $"\n            {TerminalText.OneLine(report.Reason)}")));
        output.Words.Flush();   // a pipe's reader must not wait for the buffer to fill
    }
}
