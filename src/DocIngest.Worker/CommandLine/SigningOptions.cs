using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Signatures;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary>How a person signs: with a key file here, or with a program or card of their own.</summary>
internal sealed class SigningOptions
{
    private const int LargestKeyBytes = 64 * 1024;

    private readonly Option<string?> _key = new("--key") { Description = "Your private key, in PEM: the statement is signed with it here.", HelpName = "FILE" };
    private readonly Option<string?> _password = new("--key-password-file") { Description = "Its password, where it is encrypted.", HelpName = "FILE" };
    private readonly Option<string?> _signature = new("--signature")
    {
        Description = "Or your signature of the statement, made elsewhere: detached CMS, as 'openssl cms -sign -binary' makes it.", HelpName = "FILE",
    };
    private readonly Option<string?> _statementTo = new("--statement-out") { Description = "Only write the statement that is to be signed; nothing changes.", HelpName = "FILE" };

    public IReadOnlyList<Symbol> All => [_key, _password, _signature, _statementTo];

    public bool OnlyWantsStatement(CommandContext context) => context.Get(_statementTo) is not null;

    public bool BringsSignature(CommandContext context) => context.Get(_signature) is not null;

    /// <summary>Who signs; also before they see what. That somebody else tried is recorded.</summary>
    /// <exception cref="CommandException">This account cannot; exit 2.</exception>
    public static async Task<Person> DemandAsync(Workspace workspace, PeopleDocument people, string auditType, CancellationToken cancellation, params IReadOnlyList<string> roles)
    {
        var (person, refusal) = Signatory.Of(people, workspace.Actor, workspace.IsServiceOrRoot(), roles, workspace.Time.GetUtcNow());
        if (person is null)
        {
            await AuditedActs.RecordAsync(workspace, origin => origin.Event(auditType, "refused", AuditAction.Execute) with { Outcome = AuditOutcome.Failure }, cancellation);
            throw new CommandException(ExitCode.Usage, $"{refusal} Nothing changed.");
        }

        return person;
    }

    /// <summary>Writes the statement for whoever signs elsewhere.</summary>
    public async Task WriteStatementAsync(CommandContext context, byte[] statement)
    {
        string path = TypedPath.Absolute(context.Get(_statementTo)!, "--statement-out");   // asked for: OnlyWantsStatement
        await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
        {
            await file.WriteAsync(statement, context.Cancellation);
        }

        context.Output.Result(
            new { Statement = path, Sha256 = Convert.ToHexStringLower(SHA256.HashData(statement)) },
            words => words.WriteLine($"Sign {path} (SHA-256 {Convert.ToHexStringLower(SHA256.HashData(statement))}) and give the signature with --signature. Nothing changed."));
    }

    /// <summary>The person's signature.</summary>
    /// <exception cref="CommandException">Neither key nor signature; or they do not fit the certificate; exit 2.</exception>
    public async Task<PersonalSignature> SignAsync(CommandContext context, Person person, byte[] statement)
    {
        var signature = (context.Get(_key), context.Get(_signature)) switch
        {
            ({ } key, null) => new PersonalSignature(person, await SignHereAsync(context, key, person, statement)),
            (null, { } made) => new PersonalSignature(person, DetachedSignature.ToDer(await TypedFile.ReadAsync(made, LargestKeyBytes, context.Cancellation))),
            _ => throw new CommandException(ExitCode.Usage, "Sign with --key FILE, or give a signature made elsewhere with --signature FILE."),
        };
        return signature.IsOver(statement)
            ? signature
            : throw new CommandException(ExitCode.Usage, $"The signature is not that of {person.Id}, with the certificate that is registered, over this statement. Nothing changed.");
    }

    private async Task<byte[]> SignHereAsync(CommandContext context, string keyFile, Person person, byte[] statement)
    {
        string pem = Encoding.ASCII.GetString(await TypedFile.ReadAsync(keyFile, LargestKeyBytes, context.Cancellation));
        string? password = context.Get(_password) is { } passwordFile
            ? Encoding.UTF8.GetString(await TypedFile.ReadAsync(passwordFile, LargestKeyBytes, context.Cancellation)).TrimEnd('\r', '\n')
            : null;
        try
        {
            using var certificate = password is null ? X509Certificate2.CreateFromPem(person.Certificate, pem) : X509Certificate2.CreateFromEncryptedPem(person.Certificate, pem, password);
            return DetachedSignature.Sign(statement, certificate, TimeProvider.System.GetUtcNow());
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new CommandException(ExitCode.Usage, $"The key in {keyFile} is not that of the certificate of {person.Id}, or its password (--key-password-file) is wrong or missing. Nothing changed.");
        }
    }
}
