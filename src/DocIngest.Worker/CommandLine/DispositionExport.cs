using System.Text;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.People;

namespace DocIngest.Worker.CommandLine;

/// <summary>A disposition as a folder of files that an auditor verifies with <c>openssl</c> alone.</summary>
internal static class DispositionExport
{
    /// <summary>Writes it.</summary>
    /// <returns>The folder.</returns>
    /// <exception cref="CommandException">It is there already; exit 2. Nothing was written.</exception>
    public static async Task<string> WriteAsync(string folder, DispositionRegister register, Proposed disposition, PeopleDocument people, CancellationToken cancellation)
    {
        if (Path.Exists(folder))
        {
            throw new CommandException(ExitCode.Usage, $"{folder} is there already.");
        }

        Directory.CreateDirectory(folder);
        var commands = new StringBuilder();
        foreach (string name in new[] { "proposal.json", "records.jsonl", "outcome.jsonl" })
        {
            await WriteAsync(folder, name, register.FileOf(disposition, name), cancellation);
        }

        commands.AppendLine("The list of records is the one that was signed: this prints the digest that stands in proposal.json as recordsSha512:").AppendLine("  sha512sum records.jsonl").AppendLine();
        commands.AppendLine("Two people approved. Compare the fingerprints of their certificates with those they gave you themselves:");
        for (int at = 1; at <= disposition.Approvals.Count; at++)
        {
            var person = people.Find(disposition.Approvals[at - 1].Person);
            await WriteAsync(folder, $"approval-{at}.p7s", register.FileOf(disposition, $"approval-{at}.p7s"), cancellation);
            await WriteAsync(folder, $"approver-{at}.pem", person?.Certificate is { } pem ? Encoding.ASCII.GetBytes(pem) : null, cancellation);
            commands.AppendLine($"  openssl x509 -in approver-{at}.pem -noout -subject -fingerprint -sha256").AppendLine(Verify($"approval-{at}.p7s", "proposal.json", $"approver-{at}.pem"));
        }

        commands.AppendLine().AppendLine("The service that destroyed signs what it did. Compare the fingerprint of its certificate with the one you noted when it was set up:")
            .AppendLine("(each certificate of destruction has one of its own beside it: keys may change)");
        for (int at = 1; at <= disposition.Certificates; at++)
        {
            await WriteAsync(folder, $"certificate-{at}.json", register.FileOf(disposition, $"certificate-{at}.json"), cancellation);
            await WriteAsync(folder, $"certificate-{at}.json.p7s", register.FileOf(disposition, $"certificate-{at}.json.p7s"), cancellation);
            await WriteAsync(folder, $"signer-{at}.pem", register.FileOf(disposition, $"signer-{at}.pem"), cancellation);
            commands.AppendLine($"  openssl x509 -in signer-{at}.pem -noout -subject -fingerprint -sha256").AppendLine(Verify($"certificate-{at}.json.p7s", $"certificate-{at}.json", $"signer-{at}.pem"));
        }

        await WriteAsync(folder, "VERIFY.txt", Encoding.UTF8.GetBytes(commands.ToString().ReplaceLineEndings("\n")), cancellation);
        return folder;
    }

    // -partial_chain: the certificate itself is trusted, whoever issued it.
    private static string Verify(string signature, string content, string certificate) =>
        $"  openssl cms -verify -binary -purpose any -partial_chain -no_check_time -inform DER -in {signature} -content {content} -CAfile {certificate} -out /dev/null";

    private static async Task WriteAsync(string folder, string name, byte[]? content, CancellationToken cancellation)
    {
        if (content is not null)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, name), content, cancellation);
        }
    }
}
