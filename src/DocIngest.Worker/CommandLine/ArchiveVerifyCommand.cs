using System.CommandLine;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Verifications;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Verification;
using DocIngest.Worker.Alarms;
using DocIngest.Worker.CommandLine.Backups;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>archive verify</c>: reads the archive again, bit by bit, so that all of it is read within a set time.</summary>
internal static class ArchiveVerifyCommand
{
    /// <summary>What its alarms are about.</summary>
    public const string Subject = "archive";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public static Command Create(CommandFactory commands)
    {
        var repository = new RepositoryOptions();
        var all = new Option<bool>("--all") { Description = "Read everything, whenever it was read last." };
        var noHeal = new Option<bool>("--no-heal") { Description = "Put nothing right from backups: only tell." };
        var most = new Option<TimeSpan?>("--for")
        {
            Description = "How long it may read (6h). What is not reached then comes first the next time.", HelpName = "DURATION",
            CustomParser = result => TypedValue.Parse<TimeSpan>(
                result, text => DurationText.Parse(text) is { } span && span > TimeSpan.Zero && span <= Longest ? span : null, "a duration of at most 30 days, as 90s, 15m or 6h"),
        };
        var verify = commands.Create(
            "verify",
            "Read what was never read, and what was not read for longest, so that everything is within assurance.archiveVerifiedWithin; compare it with its digests and the audit; put damage right from a backup; and file a signed report.",
            context => RunAsync(context, repository, new VerificationOrder { ReadsAll = context.Get(all), Heals = !context.Get(noHeal), ReadsFor = context.Get(most) }),
            all, most, noHeal);
        repository.AddTo(verify);
        return verify;
    }

    private static async Task<int> RunAsync(CommandContext context, RepositoryOptions repository, VerificationOrder asked)
    {
        using var workspace = context.OpenExisting();
        if (workspace.Database.IsReadOnly)
        {
            throw new CommandException(ExitCode.EnvironmentFailed, Workspace.MayOnlyRead);
        }

        var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
        using var access = repository.Resolve(context);
        await AuditedActs.DrainAsync(workspace, context.Cancellation);   // what was filed must be in the audit before it says what there must be
        var assurance = workspace.Options.Assurance;
        var order = AssuredRuns.Describe(asked, workspace, ArchiveVerification.Job) with { Within = assurance.ArchiveVerifiedWithin, Walks = Stands(workspace) };
        var (report, error) = await new ArchiveVerification(AssuredRuns.SceneOf(workspace, archive, access)).RunAsync(order, context.Cancellation);
        await RaiseAsync(workspace, report.Report);
        AssuredRuns.Tell(context.Output, report);
        context.Cancellation.ThrowIfCancellationRequested();
        return AssuredRuns.ExitCodeOf(report.Report.Result, error);
    }

    // While it stands, each run looks for what is missing, and for what should not be there: else it could not end it.
    private static bool Stands(Workspace workspace)
    {
        using var connection = workspace.Database.OpenReader();
        return AlarmTable.Stands(connection, AlarmKind.ArchiveDamaged, Subject);
    }

    // One that was not carried through says nothing: what stands, stands.
    private static async Task RaiseAsync(Workspace workspace, AssuranceReport report)
    {
        if (report.Run.Aborted is not null)
        {
            return;
        }

        var book = new AlarmBook(workspace.Database, workspace.Time, NullLogger.Instance);
        string show = $"'docingest report show {report.ReportId}'";
        bool isDamaged = new VerificationRegister(workspace.Database).HasDamaged() || report.Checks.Any(check => check.Failed > 0 || (check.Skipped > 0 && check.Id == "fixity"));
        await book.SetAsync(AlarmKind.ArchiveDamaged, Subject, isDamaged, $"A verification found damage that it could not put right, or something that it could not read: {show}.", CancellationToken.None);
        await book.SetAsync(
            AlarmKind.VerificationOverdue, Subject, report.Acceptance.Any(criterion => criterion is { Id: "in-time", IsMet: false }),
            $"Not all of the archive was read within {workspace.Options.Assurance.ArchiveVerifiedWithin.TotalDays:0.#} days: {show}.", CancellationToken.None);
    }
}
