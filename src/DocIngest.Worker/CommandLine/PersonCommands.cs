using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.People;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>person add|end|list</c>: who may do what takes a person.</summary>
internal static class PersonCommands
{
    private const int LargestCertificateBytes = 64 * 1024;

    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "person", "People and what they may do: holds, dispositions and approvals take people who are registered.",
        CreateAdd(commands),
        CreateEnd(commands),
        CreateList(commands));

    private static Command CreateAdd(CommandFactory commands)
    {
        var name = new Argument<string>("NAME") { Description = "What they are called." };
        var account = new Option<string[]>("--account") { Description = "Their account on this machine, or urn:docingest:account:HOST:NAME; may be repeated.", HelpName = "A", Arity = ArgumentArity.OneOrMore };
        var group = new Option<string[]>("--group") { Description = "Instead of accounts: a group of the system whose members have the roles; may be repeated.", HelpName = "G", Arity = ArgumentArity.OneOrMore };
        var role = new Option<string[]>("--role") { Description = $"What they may do: {string.Join(", ", PersonRole.All)}; may be repeated.", HelpName = "R", Arity = ArgumentArity.OneOrMore, Required = true };
        role.AcceptOnlyFromAmong([.. PersonRole.All]);
        var certificate = new Option<string?>("--certificate") { Description = "The certificate they sign with, in PEM: of records managers and approvers.", HelpName = "FILE" };
        return commands.Create(
            "add", "Register a person. The first must be an admin; after that only admins may.",
            async context =>
            {
                var wanted = new NewPerson(
                    (context.Get(name) ?? "").Trim(), [.. (context.Get(account) ?? []).Select(one => Actor.AddressOf(one, Environment.MachineName)).Distinct()],
                    [.. (context.Get(group) ?? []).Distinct()], [.. (context.Get(role) ?? []).Distinct()], context.Get(certificate) is { } file ? await ReadCertificateAsync(file, context.Cancellation) : null);
                using var workspace = context.OpenOrCreate();
                var register = workspace.PeopleIn(await workspace.OpenOrCreateArchiveAsync(context.Cancellation));
                await AuditedActs.RecordAsync(workspace, static origin => origin.Event(AuditType.Person, "add", AuditAction.Create), context.Cancellation);
                var (added, refusal) = await register.AddAsync(wanted, context.Cancellation);
                if (added is null)
                {
                    throw new CommandException(ExitCode.Usage, $"{refusal} Nobody was registered.");
                }

                Print(context.Output, added);
                return ExitCode.Done;
            },
            name, account, group, role, certificate);
    }

    private static Command CreateEnd(CommandFactory commands)
    {
        var id = new Argument<string>("ID") { Description = "The person, as 'person list' prints it: p1." };
        var reason = PersonsDecision.ReasonOption();
        reason.Required = true;
        return commands.Create(
            "end", "End the roles of a person. What they signed stays good, and so does their entry.",
            async context =>
            {
                string why = await PersonsDecision.WordsOfAsync(context, reason) ?? throw new CommandException(ExitCode.Usage, "Say why, with --reason.");
                using var workspace = context.OpenExisting();
                var register = workspace.PeopleIn(await workspace.OpenOrCreateArchiveAsync(context.Cancellation));
                string person = context.Get(id) ?? "";
                await AuditedActs.RecordAsync(
                    workspace, origin => origin.Event(AuditType.Person, "end", AuditAction.Update, new AuditEntity(AuditEntity.Person, register.Read().Find(person)?.Id ?? "unknown")), context.Cancellation);
                if (await register.EndAsync(person, why, context.Cancellation) is { } refusal)
                {
                    throw new CommandException(register.Read().Find(person) is null ? ExitCode.NotFound : ExitCode.Usage, $"{refusal} Nothing changed.");
                }

                Print(context.Output, register.Read().Find(person)!);   // it was there to be ended
                return ExitCode.Done;
            },
            id, reason);
    }

    private static Command CreateList(CommandFactory commands)
    {
        var all = new Option<bool>("--all") { Description = "Those too who have no role any more." };
        return commands.Create(
            "list", "List who is registered.",
            context =>
            {
                using var workspace = context.OpenExisting();
                var people = workspace.PeopleIn(workspace.OpenArchive()).Read();
                foreach (var person in people.People.Where(person => person.End is null || context.Get(all)))
                {
                    Print(context.Output, person);
                }

                if (people.IsEmpty)
                {
                    context.Output.Remark("Nobody is registered: nothing can be approved.");
                }

                return Task.FromResult(ExitCode.Done);
            },
            all);
    }

    private static void Print(CommandOutput output, Person person)
    {
        using var certificate = person.Certificate is { } pem ? X509Certificate2.CreateFromPem(pem) : null;
        string? fingerprint = certificate?.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant();
        output.Item(
            new
            {
                person.Id, person.Name, person.Accounts, person.Groups, person.Roles, CertificateSha256 = fingerprint,
                CertificateSubject = certificate?.Subject, CertificateValidUntil = certificate?.NotAfter.ToUniversalTime(), person.RegisteredAt, person.By, person.End,
            },
            words => words.WriteLine(
                $"{person.Id,-5} {TerminalText.OneLine(person.Name)}  {string.Join(", ", person.Roles)}  {TerminalText.OneLine(string.Join(", ", person.Accounts.Concat(person.Groups.Select(group => $"group {group}"))))}"
                + (fingerprint is null ? "" : $"  certificate {fingerprint[..16]}…") + (person.End is { } end ? $"  ended {end.At:yyyy-MM-dd}: {TerminalText.OneLine(end.Reason)}" : "")));
    }

    private static async Task<string> ReadCertificateAsync(string file, CancellationToken cancellation) =>
        System.Text.Encoding.ASCII.GetString(await TypedFile.ReadAsync(file, LargestCertificateBytes, cancellation));
}
