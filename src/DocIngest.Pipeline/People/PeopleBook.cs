using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DocIngest.Pipeline.People;

/// <summary>What an admin wants to enter.</summary>
/// <param name="Name">As people call them.</param>
/// <param name="Accounts">As URIs.</param>
/// <param name="Groups">Names of groups.</param>
/// <param name="Roles">Words of <see cref="PersonRole"/>.</param>
/// <param name="Certificate">PEM; null for none.</param>
public sealed record NewPerson(string Name, IReadOnlyList<string> Accounts, IReadOnlyList<string> Groups, IReadOnlyList<string> Roles, string? Certificate);

/// <summary>The rules of the register, over the document as it is. Refusals are sentences for whoever asked.</summary>
/// <param name="document">As it is.</param>
/// <param name="actor">Who asks.</param>
/// <param name="now">When.</param>
internal sealed class PeopleBook(PeopleDocument document, Actor actor, DateTimeOffset now)
{
    private const int MostNameCharacters = 100;
    private const int MostPeople = 10_000;

    /// <summary>Enters somebody.</summary>
    /// <returns>The document with them, or why not.</returns>
    public (PeopleDocument? Document, string? Refusal) Add(NewPerson wanted)
    {
        string? certificate = null;
        if ((Demand(wanted) ?? (wanted.Certificate is { } pem ? Read(pem, out certificate) : null)) is { } refusal)
        {
            return (null, refusal);
        }

        var person = new Person(
            $"p{document.People.Count + 1}", wanted.Name, wanted.Accounts, wanted.Groups, [.. PersonRole.All.Where(wanted.Roles.Contains)], now, actor.Name, actor.Address)
        {
            Certificate = certificate,
        };
        return (document with { People = [.. document.People, person] }, null);
    }

    /// <summary>Ends somebody's roles.</summary>
    /// <inheritdoc cref="Add" path="/returns" />
    public (PeopleDocument? Document, string? Refusal) End(string id, string reason)
    {
        if (DemandAdmin() is { } refusal)
        {
            return (null, refusal);
        }

        if (document.Find(id) is not { } person)
        {
            return (null, $"There is nobody {id}.");
        }

        if (person.End is not null)
        {
            return (null, $"{id} has no role any more.");
        }

        if (document.People.Where(one => one.Has(PersonRole.Admin)).All(one => one.Id == id || one.Groups.Count > 0) && person.Has(PersonRole.Admin))
        {
            return (null, $"{id} is the last admin: register another one first, or nobody could register people any more.");
        }

        var ended = person with { End = new PersonEnd(now, reason, actor.Name, actor.Address) };
        return (document with { People = [.. document.People.Select(one => one.Id == id ? ended : one)] }, null);
    }

    private string? Demand(NewPerson wanted) =>
        document.People.Count >= MostPeople ? $"The register has {MostPeople:N0} entries, which is as many as it may."
        : wanted.Name.Length is 0 or > MostNameCharacters || wanted.Name.Any(char.IsControl) ? $"A name has 1 to {MostNameCharacters} characters, in one line."
        : wanted.Roles.Count == 0 ? "Say what they may do, with --role."
        : wanted.Roles.FirstOrDefault(role => !PersonRole.All.Contains(role)) is { } unknown ? $"There is no role {unknown}."
        : DemandAdmin(wanted) ?? DemandAccounts(wanted) ?? DemandSeparation(wanted);

    private string? DemandAdmin(NewPerson? first = null) =>
        !HasAdminHere && first is not null
            ? first.Roles.Contains(PersonRole.Admin) && first.Groups.Count == 0 ? null : "No admin of this machine is registered yet: the first must be one, who then registers the others."
            : document.OfAccount(actor.Address)?.Has(PersonRole.Admin) == true ? null
            : $"The account {actor.Name} is not that of a registered admin.";

    // Whoever recovers an archive on another machine has other accounts there, and must be able to begin again.
    private bool HasAdminHere => document.People.Any(one => one.Has(PersonRole.Admin) && one.Accounts.Any(account => Actor.IsOfSameMachine(account, actor.Address)));

    private string? DemandAccounts(NewPerson wanted) =>
        wanted.Accounts.Count + wanted.Groups.Count == 0 ? "Say which account is theirs, with --account, or whose members, with --group."
        : wanted.Accounts.Count > 0 && wanted.Groups.Count > 0 ? "An entry is for a person with accounts, or for the members of groups; not both."
        : wanted.Accounts.FirstOrDefault(account => document.OfAccount(account) is not null) is { } taken
            ? $"The account {taken} is that of {document.OfAccount(taken)?.Id}: a person has an account of their own."
        : null;

    // Whoever registers people could otherwise register accounts of their own and approve with them; and a group is not one person.
    private static string? DemandSeparation(NewPerson wanted) =>
        wanted.Groups.Count > 0 && wanted.Roles.Contains(PersonRole.Admin) ? "Who registers people is a person: a group cannot be."
        : !wanted.Roles.Any(PersonRole.Signs)
            ? wanted.Certificate is null ? null : $"A certificate is for {PersonRole.RecordsManager} and {PersonRole.Approver} alone."
        : wanted.Groups.Count > 0 ? $"{PersonRole.RecordsManager} and {PersonRole.Approver} are persons who sign: a group cannot be."
        : wanted.Roles.Contains(PersonRole.Admin) ? $"Who registers people may not be {PersonRole.RecordsManager} or {PersonRole.Approver} as well."
        : wanted.Certificate is null ? $"{PersonRole.RecordsManager} and {PersonRole.Approver} sign with a certificate of their own: give it with --certificate."
        : null;

    private string? Read(string pem, out string? normalized)
    {
        normalized = null;
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            normalized = certificate.ExportCertificatePem() + "\n";
            return PersonCertificate.Fault(certificate, now) is { } fault ? $"The certificate {fault}."
                : document.People.FirstOrDefault(one => one.Certificate is { } theirs && PersonCertificate.IsSameKey(certificate, theirs)) is { } other
                    ? $"The key is that of {other.Id}: a person has one of their own."
                : null;
        }
        catch (CryptographicException)
        {
            return "The certificate is none in PEM.";
        }
    }
}
