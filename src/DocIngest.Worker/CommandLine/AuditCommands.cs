using System.CommandLine;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Audit.Rollback;
using DocIngest.Pipeline.People;
using DocIngest.Storage;
using DocIngest.Worker.Archives;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>audit verify|show</c>. Verifying and showing only read: a copy of a data folder will do, and an account that may read it.</summary>
internal static class AuditCommands
{
    private static readonly string[] Columns =
        ["seq", "time", "type", "subtype", "action", "outcome", "purpose", "account", "kind", "host", "entities", "count", "correlation"];

    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "audit", "Who did and who saw what: a chain of entries that cannot be changed unseen.",
        CreateVerify(commands),
        CreateRotateKey(commands),
        CreateAcceptRollback(commands),
        CreateShow(commands));

    private static Command CreateVerify(CommandFactory commands)
    {
        var head = new Option<string?>("--expect-head") { Description = "A hash that was noted elsewhere: an entry must have it.", HelpName = "HASH" };
        var seq = new Option<long?>("--expect-seq") { Description = "The number that was noted with it: the chain must reach it.", HelpName = "N" };
        var certificate = new Option<string?>("--cert") { Description = "The certificates to trust, as PEM; those they handed over to are trusted with them. Default: the first beside the chain.", HelpName = "FILE" };
        return commands.Create(
            "verify", "Check every entry, each day's signed checkpoint and what is archived. Note the head that is printed, and ask for it the next time.",
            async context =>
            {
                var expected = new AuditExpectation(context.Get(seq), ParseHash(context.Get(head)));
                string? trusted = context.Get(certificate) is { } file ? await File.ReadAllTextAsync(TypedPath.Absolute(file, "FILE"), context.Cancellation) : null;
                using var volumes = new LocalVolumes();
                var data = OpenData(context, volumes);
                using var configured = new ConfiguredArchive(data, context.LoadConfig().Archive);
                var (archive, notAsked) = Open(configured);
                var locks = new OsLocks(Path.Combine(context.DataPath, DataFolder.Locks), TimeProvider.System);
                var verification = await new AuditVerifier(data, locks, archive, TimeProvider.System) { ArchiveNotAsked = notAsked }.VerifyAsync(expected, trusted, context.Cancellation);
                context.Output.Result(AsJson(verification), words => Write(words, verification));
                return !verification.IsSound ? ExitCode.Findings : notAsked is null ? ExitCode.Done : ExitCode.Partial;   // what was skipped has not passed (I7)
            },
            head, seq, certificate);
    }

    // An auditor has a copy of the data folder, and neither its archive's credentials nor its place: what is there is verified, and the rest is told.
    private static (IArchive? Archive, string? NotAsked) Open(ConfiguredArchive configured)
    {
        try
        {
            return (configured.TryOpen(), null);
        }
        catch (Exception error) when (configured.IsInAzure && error is CommandException or StorageException)
        {
            return (null, TerminalText.OneLine(error.Message));
        }
    }

    private static Command CreateRotateKey(CommandFactory commands) => commands.Create(
        "rotate-key", "Let another key sign the days of the audit; the former one signs that. The first certificate verifies all of it.",
        async context =>
        {
            using var workspace = context.OpenExisting();
            if (!workspace.IsServiceOrRoot())
            {
                throw new CommandException(ExitCode.Usage, $"The account {workspace.Actor.Name} may not read the keys of the service: run it as the account of the service. Nothing changed.");
            }

            await using var host = await context.StartHostAsync(workspace);
            var (fingerprint, wasBegun) = await host.KeyRotation.RunAsync(context.Cancellation);
            context.Output.Result(
                new { Sha256 = fingerprint, WasBegun = wasBegun },
                words => words.WriteLine($"{(wasBegun ? "A rotation that was begun before came to its end" : "The days of the audit are signed by another key now")}: certificate sha256 {fingerprint}"));
            return ExitCode.Done;
        });

    private static Command CreateAcceptRollback(CommandFactory commands)
    {
        var reason = new Option<string>("--reason") { Description = $"Why: {string.Join(", ", RollbackReason.All)}.", HelpName = "R", Required = true };
        reason.AcceptOnlyFromAmong([.. RollbackReason.All]);
        return commands.Create(
            "accept-rollback", "Let deleting go on after backups were found to know of a later audit than this machine has. Recorded, with who did it.",
            async context =>
            {
                using var workspace = context.OpenExisting();
                await DemandAuditorAsync(workspace, context.Cancellation);
                var accepted = await new RollbackGuard(workspace, workspace.Audit, NullLogger.Instance).AcceptAsync(context.Get(reason) ?? "", context.Cancellation);
                if (accepted.Count == 0)
                {
                    throw new CommandException(ExitCode.NotFound, "Nothing is to be accepted: no backup was found to know of a later audit.");
                }

                foreach (var (seq, hash) in accepted)
                {
                    context.Output.Item(new { Seq = seq, Hash = hash }, words => words.WriteLine($"accepted: entry {seq} with hash {hash} is not here"));
                }

                return ExitCode.Done;
            },
            reason);
    }

    // Where people are registered it takes one of them; else whoever may write here, whose account is recorded.
    private static async Task DemandAuditorAsync(Workspace workspace, CancellationToken cancellation)
    {
        if (workspace.Archive.TryOpen() is not { } archive || workspace.PeopleIn(archive).Read() is not { IsEmpty: false } people)
        {
            return;
        }

        string[] roles = [PersonRole.Auditor, PersonRole.RecordsManager];
        string? refusal = workspace.IsServiceOrRoot() ? $"The account {workspace.Actor.Name} is root or that of the service: it takes a registered person."
            : people.OfAccount(workspace.Actor.Address) is { } person && roles.Any(person.Has) ? null
            : $"The account {workspace.Actor.Name} is not that of a registered {string.Join(" or ", roles)}.";
        if (refusal is not null)
        {
            await AuditedActs.RecordAsync(workspace, origin => origin.Event(AuditType.Break, "refused", AuditAction.Execute) with { Outcome = AuditOutcome.Failure }, cancellation);
            throw new CommandException(ExitCode.Usage, $"{refusal} Nothing changed.");
        }
    }

    private static AuditHash? ParseHash(string? text) =>
        text is null ? null
        : AuditHash.TryParse(text, out var hash) ? hash
        : throw new CommandException(ExitCode.Usage, "A hash has 64 hexadecimal digits, as 'audit verify' prints it.");

    private static IDurableFolder OpenData(CommandContext context, LocalVolumes volumes) =>
        Directory.Exists(context.DataPath)
            ? volumes.Open(context.DataPath)
            : throw new CommandException(ExitCode.NotFound, $"There is no data folder {context.DataPath}.");

    private static object AsJson(AuditVerification verification) => new
    {
        Valid = verification.IsSound,
        verification.Entries,
        verification.Segments,
        verification.Checkpoints,
        verification.LastSeq,
        Head = verification.Head.Hex,
        verification.Signers,
        Findings = verification.Findings.Select(finding => new
        {
            finding.Code, Severity = Severity(finding), finding.Place, finding.Message,
        }),
    };

    private static void Write(TextWriter words, AuditVerification verification)
    {
        foreach (var finding in verification.Findings)
        {
            words.WriteLine($"{finding.Code} {Severity(finding)} {finding.Place}: {finding.Message}");
        }

        words.WriteLine($"{verification.Entries:N0} entries in {verification.Segments:N0} days, {verification.Checkpoints:N0} signed checkpoints.");
        words.WriteLine($"head {verification.Head} at {verification.LastSeq}");
        foreach (string signer in verification.Signers)
        {
            words.WriteLine($"signed with certificate sha256 {signer}");
        }

        bool isWhole = verification.Findings.All(finding => finding.Code != "A024");
        words.WriteLine(!verification.IsSound ? "The chain is NOT sound." : isWhole ? "The chain is sound." : "The chain is sound, as far as it was checked: the archive was NOT asked.");
    }

    private static string Severity(AuditFinding finding) => finding.IsError ? "error" : "warning";

    private static Command CreateShow(CommandFactory commands)
    {
        var record = new Option<string?>("--record") { Description = "Only what was done with this record.", HelpName = "ID" };
        var user = new Option<string?>("--user") { Description = "Only what this account did.", HelpName = "U" };
        var from = new Option<string?>("--from") { Description = "Recorded on or after this day (2026-01-31, UTC) or instant.", HelpName = "D" };
        var to = new Option<string?>("--to") { Description = "Recorded on or before this day, or before this instant.", HelpName = "D" };
        var disclosures = new Option<bool>("--disclosures") { Description = "Only what showed or handed out records: reads and searches." };
        var csv = new Option<bool>("--csv") { Description = "As a table for spreadsheets (RFC 4180)." };
        return commands.Create(
            "show", "List entries, oldest first.",
            context =>
            {
                var query = new AuditQuery
                {
                    Record = context.Get(record) is { } id ? RecordCommands.ParseId(id).ToString() : null,
                    Account = context.Get(user),
                    From = FindCommand.ParseInstant(context.Get(from), endOfDay: false),
                    To = FindCommand.ParseInstant(context.Get(to), endOfDay: true),
                    IsDisclosures = context.Get(disclosures),
                };
                using var volumes = new LocalVolumes();
                Show(context, AuditLog.Read(OpenData(context, volumes), query), context.Get(csv));
                return Task.FromResult(ExitCode.Done);
            },
            record, user, from, to, disclosures, csv);
    }

    private static void Show(CommandContext context, IEnumerable<AuditEntry> entries, bool isCsv)
    {
        if (isCsv)
        {
            context.Output.Words.WriteLine(string.Join(',', Columns.Select(Quote)));
        }

        foreach (var entry in entries)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (isCsv)
            {
                context.Output.Words.WriteLine(string.Join(',', Columns.Select(column => Quote(Cell(entry.Json, column)))));
            }
            else
            {
                context.Output.Item(entry.Json, words => words.WriteLine(TerminalText.OneLine(InWords(entry))));
            }
        }
    }

    private static string InWords(AuditEntry entry)
    {
        string what = $"{Cell(entry.Json, "type")} {Cell(entry.Json, "subtype")}";
        string purpose = Cell(entry.Json, "purpose") is { Length: > 0 } given ? $" for {given}" : "";
        string outcome = Cell(entry.Json, "outcome") == AuditOutcome.Success ? "" : $" ({Cell(entry.Json, "outcome")})";
        return $"{entry.Seq}  {Cell(entry.Json, "time")}  {Cell(entry.Json, "account")}  {what}{purpose}{outcome}  {Cell(entry.Json, "entities")}";
    }

    private static string Cell(JsonElement entry, string column) => column switch
    {
        "account" or "kind" => entry.TryGetProperty("agent", out var agent) ? Text(agent, column) : "",
        "host" => entry.TryGetProperty("source", out var source) ? Text(source, column) : "",
        "entities" => entry.TryGetProperty("entities", out var entities)
            ? string.Join(' ', entities.EnumerateArray().Select(one => Text(one, "version") is { Length: > 0 } version ? $"{Text(one, "id")}/v{version}" : Text(one, "id")))
            : "",
        _ => Text(entry, column),
    };

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : "";

    // A cell that begins like a formula is one for a spreadsheet.
    private static string Quote(string text) => $"\"{(text.Length > 0 && text[0] is '=' or '+' or '-' or '@' ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
