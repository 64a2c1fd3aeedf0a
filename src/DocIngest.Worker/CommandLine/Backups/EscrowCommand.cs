using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography;
using DocIngest.Backup.Keys;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.Worker.Backups;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup key escrow</c></summary>
internal static class EscrowCommand
{
    public static Command Create(CommandFactory commands, RepositoryOptions repository)
    {
        var certificate = new Option<string>("--certificate")
        {
            Description = "Certificate of whoever may open it (RSA; PEM or DER).",
            HelpName = "CERT.pem", Required = true,
        };
        var output = new Option<string>("-o", "--output") { Description = "Write to this new file.", HelpName = "FILE", Required = true };
        return commands.Create(
            "escrow",
            "Seal the master key for the owner of a certificate. Opened with: openssl cms -decrypt -inkey KEY.pem -in FILE",
            context => RunAsync(context, repository, context.Get(certificate) ?? "", context.Get(output) ?? ""),
            certificate, output);
    }

    private static async Task<int> RunAsync(CommandContext context, RepositoryOptions repository, string certificateFile, string file)
    {
        using var certificate = Load(TypedPath.Absolute(certificateFile, "--certificate"));
        string path = TypedPath.Absolute(file, "--output");
        using var access = repository.Resolve(context);
        using var opened = await access.OpenAsync(context.Cancellation);
        await AuditedActs.BackupAsync(access.DataPath, access.Volumes, "key-escrow", AuditAction.Read, [], context.Cancellation);   // it opens all that is backed up
        await OutputFile.WriteNewAsync(access.Volumes, path, KeyEscrow.Seal(opened.Key, certificate), context.Cancellation);
        var record = new EscrowRecord(
            EscrowRecords.NameOf(await opened.Store.ReadConfigAsync(context.Cancellation)),
            opened.Config.Id,
            access.Time.GetUtcNow(),
            Environment.UserName,
            certificate.Subject,
            certificate.GetCertHashString(HashAlgorithmName.SHA256));
        bool isRecorded = await TryRecordAsync(access, record, context);
        context.Output.Result(
            new
            {
                File = path,
                record.RepositoryId,
                record.Subject,
                record.Fingerprint,
                CertificateUntil = certificate.NotAfter.ToUniversalTime(),
                Recorded = isRecorded,
            },
            words =>
            {
                words.WriteLine($"The master key of {access.Location}, sealed for {TerminalText.OneLine(record.Subject)}, is in {path}.");
                words.WriteLine($"Take it off this machine. It opens with: openssl cms -decrypt -inkey KEY.pem -in {Path.GetFileName(path)}");
            });
        return ExitCode.Done;
    }

    // The escrow is made and good without it; 'status' stays red, which is the safe side.
    private static async Task<bool> TryRecordAsync(RepositoryAccess access, EscrowRecord record, CommandContext context)
    {
        if (!Directory.Exists(access.DataPath))
        {
            return false;   // a repository of somebody else's: there is no 'status' that should know
        }

        try
        {
            await EscrowRecords.AddAsync(access.Volumes, access.DataPath, record, context.Cancellation);
            return true;
        }
        catch (StorageException error)
        {
            context.Output.Error($"warning: 'docingest status' will not know of this escrow: {error.Message}");
            return false;
        }
    }

    private static X509Certificate2 Load(string path)
    {
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(path);
        }
        catch (CryptographicException error)
        {
            throw new CommandException(ExitCode.Usage, $"{path} cannot be read as a certificate: {error.Message}");
        }
    }
}
