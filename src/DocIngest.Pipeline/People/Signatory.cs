using System.Security.Cryptography.X509Certificates;

namespace DocIngest.Pipeline.People;

/// <summary>Who may sign something that takes a person (I9).</summary>
public static class Signatory
{
    /// <summary>The person that an account is, where it has one of some roles.</summary>
    /// <param name="people">The register.</param>
    /// <param name="actor">The account.</param>
    /// <param name="isServiceOrRoot">Whether it is the service's own, or one that may use all others.</param>
    /// <param name="roles">Words of <see cref="PersonRole"/>; one is enough.</param>
    /// <param name="now">When: a certificate must be valid.</param>
    /// <returns>The person, or why there is none.</returns>
    public static (Person? Person, string? Refusal) Of(PeopleDocument people, Actor actor, bool isServiceOrRoot, IReadOnlyList<string> roles, DateTimeOffset now)
    {
        if (isServiceOrRoot)
        {
            return (null, $"The account {actor.Name} is root or that of the service, or may look into the keys of the service (or there are none yet: let the service run once): it cannot sign for a person.");
        }

        if (people.OfAccount(actor.Address) is not { } person)
        {
            return (null, people.IsEmpty
                ? "Nobody is registered: 'person add' registers people, and only they can sign."
                : $"The account {actor.Name} is not that of a registered person.");
        }

        if (!roles.Any(person.Has) || person.Certificate is null)
        {
            return (null, $"{person.Id} is no {string.Join(" or ", roles)}.");
        }

        using var certificate = X509Certificate2.CreateFromPem(person.Certificate);
        return PersonCertificate.Fault(certificate, now) is { } fault ? (null, $"The certificate of {person.Id} {fault}: register {person.Name} anew.") : (person, null);
    }
}
