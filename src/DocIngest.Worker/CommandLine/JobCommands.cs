using System.CommandLine;
using System.Globalization;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Runs;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Jobs;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>job list|run|history</c>: what the service does by itself.</summary>
internal static class JobCommands
{
    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "job", "Jobs: what the service runs by itself, at the times of the configuration.", CreateList(commands), CreateRun(commands), CreateHistory(commands));

    /// <summary>A job as one line for people.</summary>
    public static void Tell(TextWriter words, JobState state, TimeSpan jitter = default)
    {
        string last = state.Runs switch
        {
            { AtWork: { } run } => $"run {run.Number} since {Minute(run.StartedAt)}",
            { Last: { EndedAt: { } ended } run } => $"run {run.Number} {run.Result} {Minute(ended)}",
            _ => "has not run yet",
        };
        string later = jitter > TimeSpan.Zero ? $" (up to {jitter:c} later)" : "";
        words.WriteLine($"{state.Job.Name,-24} {state.Word,-8} {last}; next {(state.Next is { } next ? Minute(next) : "never")}{later}");
    }

    /// <summary>A job for programs.</summary>
    public static object ItemOf(JobState state) => new
    {
        state.Job.Name, state.Job.Run, state.Job.Cron, TimeZone = state.Job.TimeZone ?? TimeZoneInfo.Local.Id, State = state.Word, state.Next, OverdueSince = state.Overdue,
        Last = ShortItem(state.Runs.Last), AtWork = ShortItem(state.Runs.AtWork), LastWell = state.Runs.Well?.StartedAt,
    };

    private static Command CreateList(CommandFactory commands) => commands.Create(
        "list", "List the jobs of the configuration: how they stand, when they ran, when they are planned next.",
        context =>
        {
            using var workspace = context.OpenExisting();
            var states = AlarmsOf(workspace).StatesOf(workspace.Options.Jobs);
            foreach (var state in states)
            {
                context.Output.Item(ItemOf(state), words => Tell(words, state, state.Job.Jitter));
            }

            context.Output.Remark(states.Count == 0 ? "There are no jobs: nothing is backed up or verified by itself. The section 'jobs' of the configuration has them." : $"{states.Count:N0} job(s).");
            return Task.FromResult(states.Any(state => state.IsFailing || state.Overdue is not null) ? ExitCode.Findings : ExitCode.Done);
        });

    private static Command CreateRun(CommandFactory commands)
    {
        var name = new Argument<string>("NAME") { Description = "The job." };
        return commands.Create(
            "run", "Run a job now, whatever its schedule says. Exit code and output are those of its command.",
            async context =>
            {
                using var workspace = context.OpenExisting();
                var job = Find(workspace, context.Get(name) ?? "");
                if (workspace.Database.IsReadOnly)
                {
                    throw new CommandException(ExitCode.EnvironmentFailed, Workspace.MayOnlyRead);
                }

                context.Output.Words.Flush();   // the child writes to the terminal past it
                try
                {
                    var runner = new JobRunner(workspace, workspace.Audit, context.NamedConfig, NullLogger.Instance);
                    var (run, exitCode) = await runner.RunAsync(job, RunTrigger.Command, context.Output.IsJson, context.Cancellation);
                    context.Output.Remark($"Run {run.Number} of the job {job.Name}: {run.Result}.");
                    return exitCode;
                }
                catch (JobAtWorkException error)
                {
                    throw new CommandException(ExitCode.Busy, error.Message);
                }
            },
            name);
    }

    private static Command CreateHistory(CommandFactory commands)
    {
        var name = new Argument<string?>("NAME") { Description = "The job; all, where none is named.", Arity = ArgumentArity.ZeroOrOne };
        var limit = new Option<int>("--limit") { Description = "How many, newest first.", HelpName = "N", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(result => { if (result.GetValue(limit) < 1) { result.AddError("--limit is at least 1."); } });
        return commands.Create(
            "history", "List the runs of jobs, newest first, with what went wrong.",
            context =>
            {
                using var workspace = context.OpenExisting();
                var runs = RunsOf(workspace).Scheduled(context.Get(name), context.Get(limit));
                if (runs.Count == 0 && context.Get(name) is { } named)
                {
                    _ = Find(workspace, named);   // one that has not run yet is no mistake
                }

                foreach (var run in runs)
                {
                    context.Output.Item(RunItem(run), words => Tell(words, run));
                }

                context.Output.Remark($"{runs.Count:N0} run(s).");
                return Task.FromResult(ExitCode.Done);
            },
            name, limit);
    }

    private static void Tell(TextWriter words, Run run)
    {
        string took = run.EndedAt is { } ended ? (ended - run.StartedAt).ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture) : "";
        words.WriteLine($"run {run.Number,-7} {Minute(run.StartedAt)}  {run.Schedule,-24} {run.Trigger,-8} {run.Result ?? "at work",-18} {took} {(run.Report is { } report ? $"report {report}" : "")}".TrimEnd());
        foreach (string line in (run.Message ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            words.WriteLine($"    {TerminalText.OneLine(line)}");
        }
    }

    // Without what it said, which may name files: monitoring reads 'status'.
    private static object? ShortItem(Run? run) => run is null ? null : new { Run = run.Number, run.Trigger, run.StartedAt, run.EndedAt, run.Result, ReportId = run.Report };

    private static object RunItem(Run run) => new { Run = run.Number, Name = run.Schedule, run.Job, run.Trigger, run.Account, run.StartedAt, run.EndedAt, run.Result, ReportId = run.Report, run.Message };

    private static JobOptions Find(Workspace workspace, string name) => workspace.Options.Jobs.FirstOrDefault(job => job.Name == name)
        ?? throw new CommandException(
            ExitCode.NotFound, $"The configuration has no job '{TerminalText.OneLine(name)}'.{NearestWords.Hint(name, workspace.Options.Jobs.Select(job => job.Name))}");

    /// <summary>How jobs stand, for commands.</summary>
    public static JobAlarms AlarmsOf(Workspace workspace) => new(workspace.Database, RunsOf(workspace), workspace.Time);

    private static RunRegister RunsOf(Workspace workspace) => new(workspace.Data, workspace.Locks, workspace.Audit, workspace.Database, workspace.Time);

    private static string Minute(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
