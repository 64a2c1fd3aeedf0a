using System.CommandLine;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Verifications;
using DocIngest.Pipeline.Ledger;
using DocIngest.Worker.Alarms;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup verify</c>: as <c>backup check</c>, reading what is due, with a signed report.</summary>
internal static class BackupVerifyCommand
{
    public static Command Create(CommandFactory commands, RepositoryOptions repository)
    {
        var all = new Option<bool>("--all") { Description = "Read every pack, whenever it was read last." };
        var most = new Option<long?>("--most")
        {
            Description = "How much of packs is read at most (20G); what is not reached then comes first the next time.", HelpName = "SIZE",
            CustomParser = result => TypedValue.Parse<long>(result, text => SizeText.Parse(text) is { } size and > 0 ? size : null, "a size, as 500M or 20G"),
        };
        return commands.Create(
            "verify",
            "Look for everything that could keep somebody from restoring, read the packs that were not read for longest, so that all are within backup.expect.verifiedWithin, and file a signed report.",
            context => RunAsync(context, repository, new BackupVerificationOrder { ReadsAll = context.Get(all), MostBytes = context.Get(most) }),
            all, most);
    }

    private static async Task<int> RunAsync(CommandContext context, RepositoryOptions repository, BackupVerificationOrder asked)
    {
        using var workspace = context.OpenExisting();
        if (workspace.Database.IsReadOnly)
        {
            throw new CommandException(ExitCode.EnvironmentFailed, Workspace.MayOnlyRead);
        }

        var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
        using var access = repository.Resolve(context);
        var order = AssuredRuns.Describe(asked, workspace, BackupVerification.Job) with { Within = access.Options.Expect.VerifiedWithin };
        var (report, error) = await ProgressBar.RunAsync(
            context.Output.ShowsProgress, "Verifying", progress => new BackupVerification(AssuredRuns.SceneOf(workspace, archive, access)).RunAsync(order, progress, context.Cancellation));
        await RaiseAsync(workspace, access.Location.DisplayName, order, report.Report);
        AssuredRuns.Tell(context.Output, report);
        context.Cancellation.ThrowIfCancellationRequested();
        return AssuredRuns.ExitCodeOf(report.Report.Result, error);
    }

    // One that was not carried through says nothing: what stands, stands.
    private static async Task RaiseAsync(Workspace workspace, string repository, BackupVerificationOrder order, AssuranceReport report)
    {
        if (report.Run.Aborted is not null)
        {
            return;
        }

        var book = new AlarmBook(workspace.Database, workspace.Time, NullLogger.Instance);
        string show = $"'docingest report show {report.ReportId}'";
        await book.SetAsync(
            AlarmKind.BackupRepositoryDamaged, repository, report.Acceptance.Any(criterion => criterion is { Id: "sound", IsMet: not true }) || report.Checks.Any(check => check.Failed > 0),
            $"A verification found the repository damaged: {show}.", CancellationToken.None);
        await book.SetAsync(
            AlarmKind.VerificationOverdue, repository, report.Acceptance.Any(criterion => criterion is { Id: "in-time", IsMet: false }),
            $"Not every pack was read within {order.Within.TotalDays:0.#} days: {show}.", CancellationToken.None);
    }
}
