using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using DocIngest.Assurance.Runs;
using DocIngest.Backup;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Retention;
using DocIngest.Worker.Backups;
using DocIngest.Worker.CommandLine.Backups;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>retention propose|approve|reject|list|show|execute|certify|replay</c>: the only way by which records go.</summary>
internal static class DispositionCommands
{
    public static IEnumerable<Command> Create(CommandFactory commands) =>
    [
        CreatePropose(commands),
        CreateApprove(commands),
        CreateReject(commands),
        CreateList(commands),
        CreateShow(commands),
        CreateExecute(commands),
        CreateCertify(commands),
        CreateDeclareGone(commands),
        CreateReplay(commands),
    ];

    private static Command CreatePropose(CommandFactory commands)
    {
        var ids = new Argument<string[]>("ID") { Description = "Record ids, where somebody has decided of each. Default: all that are due and whose class is destroyed.", Arity = ArgumentArity.ZeroOrMore };
        var recordClass = new Option<string?>("--class") { Description = "Only records of this class.", HelpName = "C" };
        var reason = PersonsDecision.ReasonOption();
        reason.Required = true;
        return commands.Create(
            "propose", "Propose to destroy what is due. Two other people must approve; nothing goes before.",
            async context =>
            {
                string why = await PersonsDecision.WordsOfAsync(context, reason) ?? throw new CommandException(ExitCode.Usage, "Say why, with --reason.");
                using var workspace = context.OpenExisting();
                var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
                var person = await SigningOptions.DemandAsync(workspace, workspace.PeopleIn(archive).Read(), AuditType.Disposition, context.Cancellation, PersonRole.RecordsManager);
                var schedule = context.LoadSchedule(workspace.Options);
                var wanted = (context.Get(ids) ?? []).Select(RecordCommands.ParseId).ToList();
                using var catalog = new RetentionReader(workspace.Database);
                var planner = new RetentionPlanner(schedule, catalog, workspace.SystemObjectsOf(archive), workspace.Time, workspace.HoldsIn(archive).InForce());
                var planned = wanted.Count == 0
                    ? planner.Plan(context.Get(recordClass)).Where(one => one.Verdict is RetentionVerdict.Due)
                    : wanted.Select(id => planner.Plan(id) ?? throw RecordCommands.NotFound(id));
                var (records, classes, left) = new Proposing(archive).Choose(planned, isDecided: wanted.Count > 0, context.Cancellation);
                await RecordAsync(workspace, "propose", AuditAction.Create, null, context.Cancellation);
                var outcome = await workspace.DispositionsIn(archive).ProposeAsync(
                    records, classes, why, schedule.CoolOffDays, person, new DestructionLedger(workspace.Data).LastNumber, context.Cancellation);
                foreach (var one in left)
                {
                    context.Output.Remark($"{one.Id} is not proposed: {one.Why}");
                }

                Print(context.Output, Demand(outcome));
                return left.Count == 0 || wanted.Count == 0 ? ExitCode.Done : ExitCode.Partial;
            },
            ids, recordClass, reason);
    }

    private static Command CreateApprove(CommandFactory commands)
    {
        var id = DispositionArgument();
        var signing = new SigningOptions();
        return commands.Create(
            "approve", "Approve a proposal, with your signature over its list.",
            async context =>
            {
                int number = NumberOf(context.Get(id));
                using var workspace = context.OpenExisting();
                var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
                var register = workspace.DispositionsIn(archive);
                var person = await SigningOptions.DemandAsync(workspace, workspace.PeopleIn(archive).Read(), AuditType.Disposition, context.Cancellation, PersonRole.Approver);
                byte[] proposal = register.ProposalOf(number) ?? throw NoDisposition(number);
                if (signing.OnlyWantsStatement(context))
                {
                    await signing.WriteStatementAsync(context, proposal);
                    return ExitCode.Done;
                }

                var signature = await signing.SignAsync(context, person, proposal);
                await RecordAsync(workspace, "approve", AuditAction.Update, number, context.Cancellation);
                Print(context.Output, Demand(await register.ApproveAsync(number, signature, context.Cancellation)));
                return ExitCode.Done;
            },
            [id, .. signing.All]);
    }

    private static Command CreateReject(CommandFactory commands)
    {
        var id = DispositionArgument();
        var reason = PersonsDecision.ReasonOption();
        reason.Required = true;
        return commands.Create(
            "reject", "Reject a proposal, or take it back. Nothing of it is destroyed.",
            async context =>
            {
                int number = NumberOf(context.Get(id));
                string why = await PersonsDecision.WordsOfAsync(context, reason) ?? throw new CommandException(ExitCode.Usage, "Say why, with --reason.");
                using var workspace = context.OpenExisting();
                var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
                var person = await SigningOptions.DemandAsync(workspace, workspace.PeopleIn(archive).Read(), AuditType.Disposition, context.Cancellation, PersonRole.Approver, PersonRole.RecordsManager);
                await RecordAsync(workspace, "reject", AuditAction.Update, number, context.Cancellation);
                var rejected = Demand(await workspace.DispositionsIn(archive).RejectAsync(number, person, why, context.Cancellation));
                await new DestructionLedger(workspace.Data).RejectAsync(rejected, CancellationToken.None);
                Print(context.Output, rejected);
                return ExitCode.Done;
            },
            id, reason);
    }

    private static Command CreateList(CommandFactory commands) => commands.Create(
        "list", "List what was proposed, and what became of it.",
        async context =>
        {
            using var workspace = context.OpenExisting();
            var all = workspace.DispositionsIn(workspace.OpenArchive()).List();
            await RecordAsync(workspace, "list", AuditAction.Read, null, context.Cancellation);
            foreach (var disposition in all)
            {
                Print(context.Output, disposition);
            }

            context.Output.Remark(all.Count == 0 ? "Nothing was ever proposed." : $"{all.Count:N0} disposition(s).");
            return ExitCode.Done;
        });

    private static Command CreateShow(CommandFactory commands)
    {
        var id = DispositionArgument();
        var to = new Option<string?>("--out") { Description = "A new folder for all of it: proposal, list, signatures, certificates and a note how to verify them.", HelpName = "DIR" };
        return commands.Create(
            "show", "Show a proposal and its records; what approvers look at, and auditors.",
            async context =>
            {
                int number = NumberOf(context.Get(id));
                using var workspace = context.OpenExisting();
                var archive = workspace.OpenArchive();
                var register = workspace.DispositionsIn(archive);
                var disposition = register.List().FirstOrDefault(one => one.Number == number) ?? throw NoDisposition(number);
                var (proposal, records) = register.Find(number) ?? throw NoDisposition(number);
                foreach (var shown in records.Chunk(AuditedActs.MostInOneEntry))
                {
                    AuditEntity[] entities = [.. shown.Select(record => new AuditEntity(AuditEntity.Record, record.Id.ToString(), record.Versions))];
                    await AuditedActs.SearchAsync(workspace, "disposition", entities, purpose: null, context.Cancellation);
                }

                if (context.Get(to) is { } folder)
                {
                    string path = await DispositionExport.WriteAsync(TypedPath.Absolute(folder, "--out"), register, disposition, workspace.PeopleIn(archive).Read(), context.Cancellation);
                    context.Output.Result(new { disposition.Id, Folder = path }, words => words.WriteLine($"{disposition.Id} is in {path}; VERIFY.txt says how to verify it."));
                    return ExitCode.Done;
                }

                var outcomes = register.OutcomesOf(disposition).ToDictionary(one => one.Id);
                foreach (var record in records)
                {
                    var outcome = outcomes.GetValueOrDefault(record.Id);
                    context.Output.Item(
                        new
                        {
                            Id = record.Id.ToString(), record.RecordClass, record.DueDate, record.Triggers, record.ReceivedAt, record.Versions, record.Files, record.Bytes, record.InventorySha512,
                            outcome?.Destroyed, outcome?.Kept,
                        },
                        words => words.WriteLine(
                            $"{record.Id}  {TerminalText.OneLine(record.RecordClass)}  due {record.DueDate:yyyy-MM-dd}  {record.Versions} version(s), {record.Bytes:N0} bytes"
                            + (outcome is null ? "" : outcome.Destroyed ? "  destroyed" : $"  kept: {outcome.Kept}")));
                }

                if (!context.Output.IsJson)
                {
                    context.Output.Words.WriteLine($"proposed {proposal.ProposedAt:yyyy-MM-dd HH:mm}Z by {proposal.ProposedBy}: {TerminalText.OneLine(proposal.Reason)}");
                    foreach (var one in proposal.Classes)
                    {
                        context.Output.Words.WriteLine($"class {one.Id}: {TerminalText.OneLine(one.Title)}, {TerminalText.OneLine(one.Mandate)}, {TerminalText.OneLine(one.Expression ?? "")}");
                    }
                }

                Print(context.Output, disposition);
                return ExitCode.Done;
            },
            id, to);
    }

    private static Command CreateExecute(CommandFactory commands)
    {
        var id = DispositionArgument();
        return commands.Create(
            "execute", "Destroy what was approved, once its days of cool-off are over. Everything is asked again for each record; a hold keeps it.",
            context => WithExecutionAsync(context, async (workspace, execution) =>
            {
                int number = NumberOf(context.Get(id));
                if (!RunFolder.TryRemoveLeft(workspace.Data, workspace.Locks))
                {
                    throw new CommandException(ExitCode.Busy, "A restore drill or a verification is going on: copies of records lie in its folder. Nothing was destroyed; run this again when it is over.");
                }

                await RecordAsync(workspace, "execute", AuditAction.Execute, number, context.Cancellation);
                var outcome = await ProgressBar.RunAsync(
                    context.Output.ShowsProgress, "records",
                    progress => execution.RunAsync(number, decided => progress?.Report(new WorkProgress(decided, null, 0, null)), context.Cancellation));
                return Tell(context.Output, number, outcome);
            }),
            id);
    }

    private static int Tell(CommandOutput output, int number, ExecutionOutcome outcome)
    {
        switch (outcome)
        {
            case ExecutionOutcome.Ended ended:
                foreach (string warning in ended.Warnings)
                {
                    output.Error(warning);
                }

                foreach (var kept in ended.Records.Where(one => !one.Destroyed))
                {
                    output.Item(new { Id = kept.Id.ToString(), kept.Destroyed, kept.Kept }, words => words.WriteLine($"{kept.Id} was kept: {kept.Kept}"));
                }

                Print(output, ended.Disposition);
                return ended.Warnings.Count > 0 || ended.Records.Any(one => !one.Destroyed) ? ExitCode.Partial : ExitCode.Done;
            case ExecutionOutcome.Refused refused:
                throw new CommandException(ExitCode.Usage, $"{refused.Why} Nothing was destroyed.");
            case ExecutionOutcome.LedgerNotSaved unsaved:
                throw new CommandException(
                    ExitCode.EnvironmentFailed, $"The destruction ledger must be in every backup before anything is destroyed: {string.Join("; ", unsaved.Problems)}. Nothing was destroyed; the same command goes on once they answer.");
            case ExecutionOutcome.Absent:
                throw NoDisposition(number);
            default:
                throw new UnreachableException();
        }
    }

    private static Command CreateCertify(CommandFactory commands)
    {
        var id = DispositionArgument();
        return commands.Create(
            "certify", "Look which backups still hold what was destroyed; when none does, sign the certificate that says so.",
            context => WithExecutionAsync(context, async (workspace, execution) =>
            {
                int number = NumberOf(context.Get(id));
                await RecordAsync(workspace, "certify", AuditAction.Update, number, context.Cancellation);
                var (disposition, copies) = await execution.CertifyAgainAsync(number, context.Cancellation)
                    ?? throw new CommandException(ExitCode.NotFound, $"There is no d-{number} that came to its end.");
                foreach (var copy in copies.Snapshots)
                {
                    context.Output.Item(
                        new { copy.Repository, copy.Snapshot, copy.Time, Records = copy.Records.Select(record => record.ToString()) },
                        words => words.WriteLine($"{copy.Repository}: snapshot {copy.Snapshot[..Math.Min(8, copy.Snapshot.Length)]} of {copy.Time:yyyy-MM-dd HH:mm}Z holds {copy.Records.Count:N0} of them"));
                }

                foreach (string unclear in copies.Unclear)
                {
                    context.Output.Error(unclear);
                }

                Print(context.Output, disposition);
                return copies.AreNone ? ExitCode.Done : ExitCode.Partial;
            }),
            id);
    }

    private static Command CreateDeclareGone(CommandFactory commands)
    {
        var id = DispositionArgument();
        var repository = new Option<string>("--repository") { Description = "The repository, as the certificate and 'retention certify' name it.", HelpName = "R", Required = true };
        var reason = PersonsDecision.ReasonOption();
        reason.Required = true;
        return commands.Create(
            "declare-gone", "Say of a repository of backups that is not configured any more that it is gone, with everything in it. It stands in the certificate with your name.",
            async context =>
            {
                int number = NumberOf(context.Get(id));
                string why = await PersonsDecision.WordsOfAsync(context, reason) ?? throw new CommandException(ExitCode.Usage, "Say how you know, with --reason.");
                using var workspace = context.OpenExisting();
                var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
                var person = await SigningOptions.DemandAsync(workspace, workspace.PeopleIn(archive).Read(), AuditType.Disposition, context.Cancellation, PersonRole.RecordsManager);
                await RecordAsync(workspace, "declare-gone", AuditAction.Update, number, context.Cancellation);
                Print(context.Output, Demand(await workspace.DispositionsIn(archive).DeclareGoneAsync(number, context.Get(repository) ?? "", person, why, context.Cancellation)));
                context.Output.Remark($"It is asked no more. 'retention certify d-{number}', as the account of the service, says where copies still are.");
                return ExitCode.Done;
            },
            id, repository, reason);
    }

    private static Command CreateReplay(CommandFactory commands)
    {
        var trust = new Option<bool>("--trust-ledger") { Description = "Believe a ledger that another machine's service signed: after a recovery without its keys." };
        return commands.Create(
            "replay", "After an older archive was restored: put the holds placed since back, and destroy again what was destroyed since.",
            async context =>
            {
                using var workspace = context.OpenExisting();
                await using var host = await context.StartHostAsync(workspace);
                await RecordAsync(workspace, "replay", AuditAction.Execute, null, context.Cancellation);
                var result = await host.Replay.RunAsync(context.Cancellation, context.Get(trust));
                context.Output.Result(
                    new
                    {
                        result.HoldsRestored, DestroyedAgain = result.DestroyedAgain.Select(id => id.ToString()), Kept = result.Kept.Select(id => id.ToString()),
                        Undecided = result.Undecided.Select(id => id.ToString()), result.Unproven, LedgerRecreated = result.Recreated,
                    },
                    words => words.WriteLine(InWords(result)));
                return result.Kept.Count + result.Undecided.Count + result.Unproven.Count == 0 ? ExitCode.Done : ExitCode.Partial;
            },
            trust);
    }

    /// <summary>A replay for people.</summary>
    internal static string InWords(ReplayResult result) => result.IsEmpty
        ? "The archive is as new as the destruction ledger."
        : string.Join(
            Environment.NewLine,
            new[]
            {
                result.HoldsRestored ? "Holds placed since this archive was backed up are in force again." : "",
                result.DestroyedAgain.Count > 0 ? $"{result.DestroyedAgain.Count:N0} record(s) that had been destroyed were destroyed again." : "",
                result.Kept.Count > 0 ? $"{result.Kept.Count:N0} record(s) that had been destroyed came back and stay, since a hold covers them, or they have a version that nobody approved, or are in use or damaged: {string.Join(", ", result.Kept)}." : "",
                result.Unproven.Count > 0 ? $"The ledger says that {string.Join(", ", result.Unproven)} had been carried out, and this machine's service did not sign that: nothing of it was destroyed again. If the ledger is yours, use --trust-ledger." : "",
                result.Undecided.Count > 0 ? $"{result.Undecided.Count:N0} record(s) were about to be destroyed when the ledger was saved, and are here: propose them again, or keep them." : "",
                result.Recreated.Count > 0 ? $"The ledger lacked {string.Join(", ", result.Recreated)}: written again from the archive's register." : "",
            }.Where(line => line.Length > 0));

    private static async Task<int> WithExecutionAsync(CommandContext context, Func<Workspace, DispositionExecution, Task<int>> work)
    {
        using var workspace = context.OpenExisting();
        if (!workspace.IsServiceOrRoot())
        {
            throw new CommandException(ExitCode.Usage, $"The account {workspace.Actor.Name} may not read the keys of the service, with which certificates are signed: run it as the account of the service. Nothing was destroyed.");
        }

        var schedule = context.LoadSchedule(workspace.Options);
        await using var host = await context.StartHostAsync(workspace);
        var copies = new BackupCopies(workspace, new RollbackGuard(workspace, host.Audit, host.Logger));
        int exitCode = await work(workspace, host.ExecutionOf(schedule, copies));
        return await AuditHeadSteps.LeaveAsync(context, opened: null, access: null, exitCode);
    }

    private static Task RecordAsync(Workspace workspace, string subtype, string action, int? number, CancellationToken cancellation) => AuditedActs.RecordAsync(
        workspace, origin => origin.Event(AuditType.Disposition, subtype, action, number is null ? [] : [new AuditEntity(AuditEntity.Disposition, $"d-{number}")]), cancellation);

    private static Proposed Demand(DispositionOutcome outcome) => outcome switch
    {
        DispositionOutcome.Changed changed => changed.Disposition,
        DispositionOutcome.Refused refused => throw new CommandException(ExitCode.Usage, $"{refused.Why} Nothing changed."),
        DispositionOutcome.Absent => throw new CommandException(ExitCode.NotFound, "There is no such disposition."),
        _ => throw new UnreachableException(),
    };

    private static void Print(CommandOutput output, Proposed one) => output.Item(
        new
        {
            one.Id, one.State, one.Records, one.Destroyed, one.ProposedBy, one.ProposedAt, one.Account, one.Approvals, one.CoolOffDays, one.ExecutableFrom, one.Rejected, one.BegunAt, one.EndedAt,
            one.Certificates, one.IsGoneEverywhere, one.ProposalSha512,
        },
        words => words.WriteLine(
            $"{one.Id}  {one.State}  {one.Records:N0} record(s)  proposed {one.ProposedAt:yyyy-MM-dd} by {one.ProposedBy}"
            + (one.Approvals.Count == 0 ? "" : $"  approved by {string.Join(" and ", one.Approvals.Select(approval => approval.Person))}")
            + (one.State == "approved" ? $"  may be executed from {one.ExecutableFrom:yyyy-MM-dd HH:mm}Z on" : "")
            + (one.Rejected is { } rejected ? $"  rejected by {rejected.Person}: {TerminalText.OneLine(rejected.Reason)}" : "")
            + (one.EndedAt is { } ended ? $"  {one.Destroyed:N0} destroyed {ended:yyyy-MM-dd}, {(one.IsGoneEverywhere ? "nothing of them left in backups" : "backups still hold some")}" : "")));

    private static Argument<string> DispositionArgument() => new("DISPOSITION") { Description = "Which, as 'retention list' prints it: d-1." };

    private static int NumberOf(string? typed) =>
        int.TryParse((typed ?? "").Replace("d-", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new CommandException(ExitCode.Usage, "A disposition is named as 'retention list' prints it: d-1.");

    private static CommandException NoDisposition(int number) => new(ExitCode.NotFound, $"There is no d-{number}.");
}
