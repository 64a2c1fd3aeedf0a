using System.CommandLine;
using System.Text;
using DocIngest.Assurance.Drills;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Verifications;
using DocIngest.Pipeline.Runs;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>report list|show|export|verify</c>.</summary>
internal static class ReportCommands
{
    private const int LargestCertificateBytes = 64 * 1024;

    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "report", "Signed reports of verifications and restore drills.", CreateList(commands), CreateShow(commands), CreateExport(commands), CreateVerify(commands));

    private static Command CreateList(CommandFactory commands)
    {
        var limit = new Option<int>("--limit") { Description = "How many, newest first.", HelpName = "N", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(result => { if (result.GetValue(limit) < 1) { result.AddError("--limit is at least 1."); } });
        return commands.Create(
            "list", "List reports, newest first.",
            context =>
            {
                using var workspace = context.OpenExisting();
                var runs = RunsOf(workspace).Reported([RestoreDrill.Job, ArchiveVerification.Job, BackupVerification.Job], context.Get(limit));
                foreach (var run in runs)
                {
                    context.Output.Item(
                        new { ReportId = run.Report, Run = run.Number, run.Job, run.Trigger, run.Account, run.StartedAt, run.EndedAt, run.Result },
                        words => words.WriteLine($"{run.Report?.ToString() ?? "it died: no report                  "}  run {run.Number}  {run.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm}  {run.Job}  {run.Result}"));
                }

                context.Output.Remark($"{runs.Count:N0} report(s).");
                return Task.FromResult(ExitCode.Done);
            },
            limit);
    }

    private static Command CreateShow(CommandFactory commands)
    {
        var id = new Argument<string>("ID") { Description = "The report." };
        return commands.Create(
            "show", "Show a report. 'export' writes it as it was signed.",
            context =>
            {
                var report = ParseId(context.Get(id));
                using var workspace = context.OpenExisting();
                var found = StoreOf(workspace).Find(report) ?? throw NotFound(report);
                context.Output.Result(found.Report, words => ReportText.Write(words, found.Report));
                return Task.FromResult(ExitCode.Done);
            },
            id);
    }

    private static Command CreateExport(CommandFactory commands)
    {
        var id = new Argument<string>("ID") { Description = "The report." };
        var file = new Option<string>("-o", "--output") { Description = "The ZIP file to write; never over an existing one.", HelpName = "ZIP", Required = true };
        return commands.Create(
            "export", "Write a report with its signature, single results and instructions, for whoever checks it without this program.",
            async context =>
            {
                var report = ParseId(context.Get(id));
                using var workspace = context.OpenExisting();
                var store = StoreOf(workspace);
                if (store.Find(report) is null)
                {
                    throw NotFound(report);
                }

                await ResultFile.WriteAsync(workspace, context.Get(file) ?? "", target => store.WriteZipAsync(report, target, context.Cancellation), context.Cancellation);
                return ExitCode.Done;
            },
            id, file);
    }

    private static Command CreateVerify(CommandFactory commands)
    {
        var file = new Argument<string>("FILE|ID") { Description = "The zip of a report, or the id of one in this archive." };
        var certificate = new Option<string?>("--cert") { Description = "The certificate whose reports are believed, in PEM: one that came another way than the report.", HelpName = "FILE" };
        var fingerprint = new Option<string?>("--fingerprint") { Description = "Instead: its SHA-256, as it came on paper.", HelpName = "HEX" };
        return commands.Create(
            "verify", "Check whether a report is genuine, and whether what it says follows from its counts. Needs no data folder.",
            async context => await VerifyAsync(context, context.Get(file) ?? "", await TrustedAsync(context, context.Get(certificate), context.Get(fingerprint))),
            file, certificate, fingerprint);
    }

    private static async Task<TrustedSigner> TrustedAsync(CommandContext context, string? certificate, string? fingerprint) => (certificate, fingerprint) switch
    {
        ({ } file, null) => new TrustedSigner.Certificate(Encoding.ASCII.GetString(await TypedFile.ReadAsync(file, LargestCertificateBytes, context.Cancellation))),
        (null, { } hex) => new TrustedSigner.Fingerprint(hex),
        _ => throw new CommandException(
            ExitCode.Usage, "Say whose reports you believe: --cert with their certificate, or --fingerprint with its SHA-256, and not the one inside the report: whoever forges a report forges that too."),
    };

    private static async Task<int> VerifyAsync(CommandContext context, string named, TrustedSigner trusted)
    {
        if (Guid.TryParse(named, out var id) && !File.Exists(named))
        {
            using var workspace = context.OpenExisting();
            using var filed = new MemoryStream();
            return await StoreOf(workspace).WriteZipAsync(id, filed, context.Cancellation) ? Verify(context, filed, trusted) : throw NotFound(id);
        }

        string path = TypedPath.Absolute(named, "FILE");
        if (!File.Exists(path))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no file {TerminalText.OneLine(path)}.");
        }

        await using var zip = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Verify(context, zip, trusted);
    }

    private static int Verify(CommandContext context, Stream zip, TrustedSigner trusted)
    {
        zip.Position = 0;
        ReportVerification verified;
        try
        {
            verified = ReportVerifier.Verify(zip, trusted);
        }
        catch (ArgumentException nothing)
        {
            throw new CommandException(ExitCode.Usage, nothing.Message.Split(" (Parameter", StringSplitOptions.None)[0]);
        }

        // Of a forged report nothing is repeated but what is wrong with it.
        var believed = verified.IsGenuine ? verified.Report : null;
        var result = new VerifiedReport(
            verified.IsGenuine, verified.SignerSha256, believed?.ReportId, believed is null ? null : ReportWords.WordOf(believed.Kind), believed?.Run.Number, believed?.Run.StartedAt,
            believed is null ? null : ReportWords.WordOf(believed.Result), believed?.Bound?.Text, verified.Faults);
        context.Output.Result(result, words => Write(words, result));
        return verified.IsGenuine ? ExitCode.Done : ExitCode.Findings;
    }

    private static RunRegister RunsOf(Workspace workspace) => new(workspace.Data, workspace.Locks, workspace.Audit, workspace.Database, workspace.Time);

    private static ReportStore StoreOf(Workspace workspace) => new(workspace.SystemObjectsOf(workspace.OpenArchive()));

    private static Guid ParseId(string? typed) => Guid.TryParse(typed, out var id)
        ? id
        : throw new CommandException(ExitCode.Usage, $"\"{TerminalText.OneLine(typed ?? "")}\" is no id of a report: a UUID, as 'report list' prints them.");

    private static CommandException NotFound(Guid id) => new(ExitCode.NotFound, $"There is no report {id} in this archive.");

    private static void Write(TextWriter words, VerifiedReport report)
    {
        if (!report.Genuine)
        {
            words.WriteLine("NOT GENUINE, or damaged: believe nothing of it.");
            foreach (var fault in report.Faults)
            {
                words.WriteLine($"  {fault.Code}  {TerminalText.OneLine(fault.Message)}");
            }

            return;
        }

        words.WriteLine($"Genuine: signed by the certificate {report.SignerSha256}.");
        words.WriteLine($"What it says: {report.Kind}, run {report.Run} of {report.StartedAt:yyyy-MM-dd HH:mm} UTC: {report.Result}.");
        if (report.Bound is { } bound)
        {
            words.WriteLine(bound);
        }
    }

    private sealed record VerifiedReport(
        bool Genuine, string? SignerSha256, Guid? ReportId, string? Kind, long? Run, DateTimeOffset? StartedAt, string? Result, string? Bound, IReadOnlyList<ReportFault> Faults);
}
