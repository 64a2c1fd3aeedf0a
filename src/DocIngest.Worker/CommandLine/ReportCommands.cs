using System.CommandLine;
using System.Text;
using DocIngest.Assurance.Reports;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>report verify</c>: whether a report is genuine, for whoever was given one.</summary>
internal static class ReportCommands
{
    private const int LargestCertificateBytes = 64 * 1024;

    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "report", "Signed reports of verifications and restore drills.", CreateVerify(commands));

    private static Command CreateVerify(CommandFactory commands)
    {
        var file = new Argument<string>("FILE") { Description = "The zip of a report." };
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

    private static async Task<int> VerifyAsync(CommandContext context, string file, TrustedSigner trusted)
    {
        string path = TypedPath.Absolute(file, "FILE");
        if (!File.Exists(path))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no file {TerminalText.OneLine(path)}.");
        }

        await using var zip = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
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
