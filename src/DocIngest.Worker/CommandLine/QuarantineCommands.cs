using System.CommandLine;
using System.Data.Common;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Recovering;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>quarantine list|show|get|retry|accept|discard</c>: files that are no document.</summary>
internal static class QuarantineCommands
{
    private const string Discarded = "discarded";

    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "quarantine", "Files that are no document and wait for a decision.",
        CreateList(commands),
        CreateShow(commands),
        CreateGet(commands),
        CreateResume(commands, "retry", "Take the file in again, for example after an update of the program.", accept: false),
        CreateResume(commands, "accept", "Archive the file as it is, though nothing can read it.", accept: true),
        CreateDiscard(commands));

    private static Command CreateList(CommandFactory commands)
    {
        var all = new Option<bool>("--all") { Description = "Also those that were decided: retried, accepted or discarded, by whom and why." };
        return commands.Create("list", "List what waits, oldest first, and why it is there.", async context =>
        {
            using var workspace = context.OpenExisting();
            List<QuarantineItem> items;
            using (var connection = workspace.Database.OpenReader())
            {
                items = [.. context.Get(all) ? QuarantineTable.All(connection) : QuarantineTable.List(connection)];
            }

            await AuditedActs.SearchAsync(workspace, "quarantine-list", [.. items.Select(item => EntityOf(item.ScanId))], purpose: null, context.Cancellation);
            items.ForEach(item => Print(context.Output, item));

            return ExitCode.Done;
        }, all);
    }

    private static AuditEntity EntityOf(RecordId scan) => new(AuditEntity.Scan, scan.ToString());

    private static Task RecordReadAsync(Workspace workspace, RecordId scan, CancellationToken cancellation) => AuditedActs.RecordAsync(
        workspace, origin => origin.Event(AuditType.Read, "quarantined", AuditAction.Read, EntityOf(scan)), cancellation);

    private static void Print(CommandOutput output, QuarantineItem item) => output.Item(AsJson(item), words =>
    {
        words.WriteLine($"{item.ScanId}  {item.Since:yyyy-MM-dd HH:mm}Z  {item.Code}  {item.SizeBytes:N0} bytes  {TerminalText.OneLine(item.FileName)}");
        words.WriteLine($"    {TerminalText.OneLine(item.Decision is null ? item.Reason : InWords(item.Decision))}");
    });

    private static Command CreateShow(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        return commands.Create("show", "Show why a file was quarantined, and who decided what about it, when and why.", async context =>
        {
            using var workspace = context.OpenExisting();
            var item = FindAny(workspace, RecordCommands.ParseId(context.Get(id)));
            await RecordReadAsync(workspace, item.ScanId, context.Cancellation);
            context.Output.Result(AsJson(item), words =>
            {
                words.WriteLine($"file      {TerminalText.OneLine(item.FileName)} ({item.SizeBytes:N0} bytes), profile {item.Profile}");
                words.WriteLine($"since     {item.Since:yyyy-MM-dd HH:mm:ss}Z");
                words.WriteLine($"reason    {item.Code}{(item.Reason is null ? "" : $": {TerminalText.OneLine(item.Reason)}")}");
                words.WriteLine($"decision  {(item.Decision is null ? "none yet" : TerminalText.OneLine(InWords(item.Decision)))}");
                if (item.RecordId is { } record)
                {
                    words.WriteLine($"record    {record}");
                }
            });
            return ExitCode.Done;
        }, id);
    }

    private static object AsJson(QuarantineItem item) => new
    {
        Id = item.ScanId.ToString(),
        item.Code,
        item.Since,
        item.Profile,
        item.FileName,
        item.SizeBytes,
        item.Reason,
        Decision = item.Decision?.Word,
        DecidedBy = item.Decision?.By,
        DecidedAt = item.Decision?.At,
        DecisionReason = item.Decision?.Reason,
        Record = item.RecordId?.ToString(),
    };

    private static string InWords(QuarantineDecision decision) =>
        $"{decision.Word} by {decision.By} at {decision.At:yyyy-MM-dd HH:mm}Z{(decision.Reason is null ? "" : $": {decision.Reason}")}";

    private static Command CreateGet(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var file = new Option<string>("-o", "--output") { Description = "Write to this file.", HelpName = "FILE", Required = true };
        return commands.Create("get", "Copy a quarantined file out. It may be anything: handle it with care.", async context =>
        {
            using var workspace = context.OpenExisting();
            var item = Find(workspace, RecordCommands.ParseId(context.Get(id)));
            await RecordReadAsync(workspace, item.ScanId, context.Cancellation);
            using var content = workspace.Data.OpenRead($"{DataFolder.QuarantineOf(item.ScanId)}/{DataFolder.PrivateCopyName}");
            await ResultFile.WriteAsync(workspace, context.Get(file) ?? "", target => content.CopyToAsync(target, context.Cancellation), context.Cancellation);
            return ExitCode.Done;
        }, id, file);
    }

    private static Command CreateResume(CommandFactory commands, string name, string description, bool accept)
    {
        var id = RecordCommands.IdArgument();
        return commands.Create(name, description, async context =>
        {
            using var workspace = context.OpenExisting();
            var item = Find(workspace, RecordCommands.ParseId(context.Get(id)));
            var result = await ResumeAsync(workspace, context.LoadClassifier(workspace.Options), context.ScheduleForIntake(workspace.Options), item.ScanId, accept, context.Cancellation);
            context.Output.Result(result, words => words.WriteLine($"{result?.Outcome} {result?.Id} {result?.Version} {result?.Reason}"));
            return result?.Outcome is "filed" or "versioned" or "duplicate" ? ExitCode.Done : ExitCode.Partial;
        }, id);
    }

    /// <summary>Takes a quarantined file in again.</summary>
    /// <exception cref="CommandException">Another person decided about it meanwhile; exit 5. Nothing changed.</exception>
    internal static async Task<ScanReport?> ResumeAsync(Workspace workspace, Classifier classifier, Func<RetentionSchedule> schedule, RecordId id, bool accept, CancellationToken cancellation)
    {
        await using var host = await IngestHost.StartAsync(workspace, classifier, schedule, consoleLevel: null, cancellation);
        ScanReport? result = null;
        if (!await host.Session.ResumeQuarantinedAsync(id, accept, report => result = report, cancellation))
        {
            throw NoLongerWaits(FindAny(workspace, id));
        }

        host.Logger.QuarantineDecided(id, accept ? "accepted" : "retried");
        return result;
    }

    private static Command CreateDiscard(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var reason = new Option<string>("--reason") { Description = "Why nothing is lost by it.", HelpName = "R", Required = true };
        return commands.Create("discard", "Delete a quarantined file for good. Who, when and why is kept.", async context =>
        {
            using var workspace = context.OpenExisting();
            RecoveryGate.DemandAccepted(workspace.Data);
            var item = Find(workspace, RecordCommands.ParseId(context.Get(id)), orDecided: Discarded);
            using var noHoldArrives = await HoldRegister.TakeAsync(workspace.Locks, context.Cancellation);
            DemandNotHeld(workspace, item);
            using var log = new ServiceLog(workspace.DataPath, workspace.Options.Logging, consoleLevel: null);
            await DiscardAsync(workspace, item.ScanId, context.Get(reason) ?? "", context.Cancellation);
            log.Factory.CreateLogger("DocIngest").QuarantineDecided(item.ScanId, Discarded);
            context.Output.Result(new { Id = item.ScanId.ToString(), Result = "discarded" }, words => words.WriteLine("Discarded."));
            return ExitCode.Done;
        }, id, reason);
    }

    // It is no record yet, but what its sidecar and profile say of it is known: a hold on that keeps it too.
    private static void DemandNotHeld(Workspace workspace, QuarantineItem item)
    {
        if (workspace.Archive.TryOpen() is not { } archive)
        {
            return;
        }

        using var connection = workspace.Database.OpenReader();
        var sidecar = ScanTable.Find(connection, item.ScanId)?.Claim.SidecarJson is { } json ? Sidecar.Read(json).Sidecar : null;
        string recordClass = sidecar?.RecordClass ?? workspace.Options.Intake.Profiles.FirstOrDefault(profile => profile.Name == item.Profile)?.RecordClass ?? RecordDocument.Unclassified;
        var holds = workspace.HoldsIn(archive).InForce().Of(item.ScanId, recordClass, sidecar?.Fields ?? new Dictionary<string, string>());
        if (holds.Count > 0)
        {
            throw new CommandException(ExitCode.Usage, $"It is held by {string.Join(", ", holds.Select(hold => hold.Id))}, and may not be deleted. Nothing changed.");
        }
    }

    /// <summary>Notes the decision and deletes the bytes.</summary>
    /// <exception cref="CommandException">Another person decided otherwise meanwhile; exit 5. The bytes are theirs: nothing was deleted.</exception>
    /// <remarks>Crash points: 1 the decision, which is then recorded in the audit; 2 the bytes. In between it leaves a decided item, which the same command deletes when repeated.</remarks>
    internal static async Task DiscardAsync(Workspace workspace, RecordId id, string reason, CancellationToken cancellation)
    {
        await workspace.Database.WriteAsync(                                                                        // 1
            (_, transaction) => Decide(workspace, transaction, id, reason),
            cancellation);
        await AuditedActs.DrainAsync(workspace, cancellation);
        var decided = FindAny(workspace, id);
        if (decided.Decision?.Word != Discarded)
        {
            throw NoLongerWaits(decided);
        }

        workspace.Data.DeleteTree(DataFolder.QuarantineOf(id));                                                     // 2
        await workspace.Data.FlushAsync(CancellationToken.None);
    }

    private static bool Decide(Workspace workspace, DbTransaction transaction, RecordId id, string reason)
    {
        bool isDecided = QuarantineTable.Decide(transaction, id, Discarded, workspace.Actor.Name, reason, workspace.Time.GetUtcNow());
        if (isDecided)
        {
            workspace.Audit.Note(transaction, workspace.Audit.Origin.Event(AuditType.Quarantine, Discarded, AuditAction.Delete, EntityOf(id)));
        }

        return isDecided;
    }

    // A file that waits, or one whose decision has not been carried out to its end.
    private static QuarantineItem Find(Workspace workspace, RecordId id, string? orDecided = null)
    {
        var item = FindAny(workspace, id);
        bool bytesLeft = workspace.Data.Find(DataFolder.QuarantineOf(id)) is not null;
        return item.Decision is null || (item.Decision.Word == orDecided && bytesLeft) ? item : throw NoLongerWaits(item);
    }

    private static QuarantineItem FindAny(Workspace workspace, RecordId id)
    {
        using var connection = workspace.Database.OpenReader();
        return QuarantineTable.Find(connection, id) ?? throw new CommandException(ExitCode.NotFound, $"There is no quarantined file {id}.");
    }

    private static CommandException NoLongerWaits(QuarantineItem item) => new(
        ExitCode.NotFound,
        $"{item.ScanId} no longer waits for a decision{(item.Decision is null ? "" : $": {InWords(item.Decision)}")}. Nothing changed; see 'docingest quarantine show'.");
}
