using System.CommandLine;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Audit.Rollback;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Recovering;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Recovering;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.CommandLine.Recovery;

/// <summary><c>recover accept</c> and <c>recover accept-without-ledger</c>: what people decide about a recovery, each with an account of their own.</summary>
/// <remarks>Certificates are of no use here: the register of people, who has them, is what is being recovered. The chain has the accounts.</remarks>
internal static class RecoverAcceptCommands
{
    private static readonly string[] Roles = [PersonRole.RecordsManager, PersonRole.Auditor];

    public static Command CreateAccept(CommandFactory commands)
    {
        var findings = new Option<int>("--with-findings") { Description = "How many findings are accepted with it, where there are any: they are printed without this.", HelpName = "N" };
        return commands.Create(
            "accept", "Accept what was recovered: from then on records may be destroyed and backups forgotten again. By a person, not the service's account. Recorded.",
            context => AcceptAsync(context, context.Get(findings)), findings);
    }

    public static Command CreateAcceptWithoutLedger(CommandFactory commands) => commands.Create(
        "accept-without-ledger", "Accept that no destruction ledger was found, so that destroyed records may come back. Takes two people, each by this command. Recorded.", AcceptWithoutLedgerAsync);

    private static async Task<int> AcceptWithoutLedgerAsync(CommandContext context)
    {
        using var workspace = context.OpenExisting();
        var state = StateOf(workspace);
        var records = new RecoveryRecords(workspace, state);
        if (state.Stage != RecoveryStage.Founded || records.Find("no-ledger") is null)
        {
            throw new CommandException(ExitCode.NotFound, "Nothing is to be accepted: this recovery was not stopped for want of a ledger.");
        }

        await DemandPersonAsync(workspace, records, context.Cancellation);
        using var held = Hold(workspace);
        await records.NoteAsync(RecoveryRecords.AcceptWithoutLedger, static one => one, context.Cancellation);
        var accepted = records.AcceptedWithoutLedger();
        bool isEnough = accepted.Count >= RecoveryRecords.PeopleWithoutLedger;
        context.Output.Result(
            new { state.Id, Accepted = accepted, Needed = RecoveryRecords.PeopleWithoutLedger },
            words => words.WriteLine(isEnough
                ? $"Accepted by {string.Join(" and ", accepted)}. Run the same 'docingest recover' again."
                : $"Accepted by {string.Join(" and ", accepted)}: {accepted.Count} of {RecoveryRecords.PeopleWithoutLedger}. It takes another person, with another account."));
        return ExitCode.Done;
    }

    private static async Task<int> AcceptAsync(CommandContext context, int withFindings)
    {
        using var workspace = context.OpenExisting();
        var state = StateOf(workspace);
        if (state.IsRestoring)
        {
            throw new CommandException(ExitCode.Busy, "The recovery has not come to its end. Run the same 'docingest recover' again first.");
        }

        var records = new RecoveryRecords(workspace, state);
        await DemandPersonAsync(workspace, records, context.Cancellation);
        var findings = RecoveryResultFile.Findings(workspace.Data);
        if (findings.Count != withFindings)
        {
            foreach (string finding in findings)
            {
                context.Output.Error(TerminalText.OneLine($"finding: {finding}"));
            }

            throw new CommandException(
                ExitCode.Findings, $"The recovery has {findings.Count} findings. Once it is accepted backups are forgotten again, which may have what is missing. Who accepts them says so: --with-findings {findings.Count}. Nothing changed.");
        }

        using var held = Hold(workspace);
        await AcceptRollbackAsync(context, workspace, state);
        await records.NoteAsync("accept", one => one with { Count = findings.Count }, context.Cancellation);
        await (state with { Stage = RecoveryStage.Accepted }).WriteAsync(workspace.Data, CancellationToken.None);   // it is recorded
        await records.SetAlarmAsync(stands: false, CancellationToken.None);
        context.Output.Result(new { state.Id, Result = "accepted" }, words => words.WriteLine("Accepted. Records may be destroyed and backups forgotten again."));
        return ExitCode.Done;
    }

    // That the audit is older than what backups know of it is what was accepted.
    private static async Task AcceptRollbackAsync(CommandContext context, Workspace workspace, RecoveryState state)
    {
        var guard = new RollbackGuard(workspace, workspace.Audit, NullLogger.Instance);
        var heads = state.Heads.Select(head => AuditHash.TryParse(head.Chain, out var chain) && AuditHash.TryParse(head.Hash, out var hash) ? new KeptHead(chain, head.Seq, hash) : null).OfType<KeptHead>();
        var comparison = await guard.CompareAsync([new KeptHeads(state.Repository, [.. heads])], context.Cancellation);
        foreach (string unasked in comparison.NotCompared)
        {
            context.Output.Error($"warning: whether a later audit is known could not be asked everywhere. {unasked}");
        }

        await guard.AcceptAsync(RollbackReason.Restored, context.Cancellation);
    }

    private static RecoveryState StateOf(Workspace workspace) => RecoveryState.Open(workspace.Data)
        ?? throw new CommandException(ExitCode.NotFound, "Nothing is to be accepted: this data folder was not recovered, or that was accepted.");

    private static IDisposable Hold(Workspace workspace) =>
        workspace.Locks.TryAcquire(RecoveryState.LockName) ?? throw new CommandException(ExitCode.Busy, "A recovery into this data folder is at work, or another person is accepting it. Try again.");

    // Whoever has a role on this machine decides; on a new machine, where accounts have other names, nobody may have one.
    private static async Task DemandPersonAsync(Workspace workspace, RecoveryRecords records, CancellationToken cancellation)
    {
        string? refusal = workspace.IsServiceOrRoot() ? $"The account {workspace.Actor.Name} is root or that of the service: it takes a person, with an account of their own." : RefusalOfRoles(workspace);
        if (refusal is not null)
        {
            await records.NoteAsync("refused", static one => one with { Outcome = AuditOutcome.Failure }, cancellation);
            throw new CommandException(ExitCode.Usage, $"{refusal} Nothing changed.");
        }
    }

    private static string? RefusalOfRoles(Workspace workspace)
    {
        if (workspace.Archive.TryOpen() is not { } archive)
        {
            return null;   // no register yet
        }

        var people = workspace.PeopleIn(archive).Read();
        bool isAsked = Roles.Any(role => people.Having(workspace.Actor.Address, role).Count > 0);
        return !isAsked || (people.OfAccount(workspace.Actor.Address) is { } person && Roles.Any(person.Has)) ? null
            : $"The account {workspace.Actor.Name} is not that of a registered {string.Join(" or ", Roles)}.";
    }
}
