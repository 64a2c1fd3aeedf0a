using System.CommandLine;
using DocIngest.Pipeline.Audit;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>archive protect</c></summary>
internal static class ArchiveProtectCommand
{
    public static Command Create(CommandFactory commands) => commands.Create(
        "protect", "Bring the immutability and the legal holds that the store of the archive has of its own up to date with retention and holds, now. The service does it daily, and when a hold changes.",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        using var workspace = context.OpenExisting();
        var schedule = context.LoadSchedule(workspace.Options);
        if (workspace.Archive.ImmutableFor is null)
        {
            throw new CommandException(ExitCode.Usage, "The configuration asks for no protection by the store (archive.immutability).");
        }

        await using var host = await context.StartHostAsync(workspace);
        var watch = workspace.ProtectionOf(workspace.OpenArchive(), () => schedule, host.Logger) ?? throw new InvalidOperationException("It is asked for.");
        var report = await watch.RunOnceAsync(context.Cancellation);
        await AuditedActs.RecordAsync(
            workspace, origin => origin.Event(AuditType.Archive, "protect", AuditAction.Execute) with { Outcome = report.Failed == 0 ? AuditOutcome.Success : AuditOutcome.Failure, Count = report.Objects }, context.Cancellation);
        context.Output.Result(
            report,
            words =>
            {
                words.WriteLine(
                    $"{report.Objects:N0} objects: {report.Renewed:N0} renewed, {report.RunningOut:N0} due and let run out, {report.Held:N0} put under a legal hold in the store, {report.Released:N0} taken from under one.");
                if (report.Failed > 0)
                {
                    words.WriteLine($"{report.Failed:N0} could not be changed: {TerminalText.OneLine(report.Problem)}");
                }
            });
        return report.Failed == 0 ? ExitCode.Done : ExitCode.Findings;
    }
}
