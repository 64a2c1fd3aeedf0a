using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DocIngest.Archive;
using DocIngest.Pipeline;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Signatures;
using DocIngest.Storage;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.Alarms.Checks;

/// <summary>When certificates run out: of the keys that sign for the service, and of people who sign.</summary>
internal static class Certificates
{
    private static readonly (ServiceKey Key, string What)[] OfService =
    [
        (ServiceKey.Audit, "The certificate of the key that signs the audit"),
        (ServiceKey.Reports, "The certificate of the key that signs reports"),
        (ServiceKey.Destruction, "The certificate of the key that signs destructions"),
    ];

    /// <summary>All of a data folder.</summary>
    /// <param name="workspace">The data folder.</param>
    /// <exception cref="StorageException">The archive cannot be reached. A retry may help.</exception>
    /// <exception cref="ArchiveException">The register of people is damaged; somebody else tells of that.</exception>
    public static IReadOnlyList<Expiry> Of(Workspace workspace) =>
    [
        .. OfKeys(Path.Combine(workspace.DataPath, DataFolder.Keys)),
        .. OfPeople(workspace.PeopleIn(workspace.OpenArchive()).Read()),
    ];

    /// <summary>Of the keys of the service that there are.</summary>
    public static IEnumerable<Expiry> OfKeys(string folder) => OfService
        .Where(one => File.Exists(Path.Combine(folder, one.Key.File)))
        .SelectMany(one => EndOf(File.ReadAllText(Path.Combine(folder, one.Key.File))) is { } end ? (Expiry[])[new Expiry(one.Key.File, one.What, end)] : []);

    /// <summary>Of people who have a role; those whose roles were ended sign no more.</summary>
    public static IEnumerable<Expiry> OfPeople(PeopleDocument people) => people.People
        .Where(person => person is { End: null, Certificate: not null })
        .SelectMany(person => EndOf(person.Certificate ?? "") is { } end
            ? (Expiry[])[new Expiry(person.Id, $"The certificate of the person {person.Id} ('docingest person list')", end)] : []);

    // What cannot be read is no certificate; whoever needs it is told.
    private static DateTimeOffset? EndOf(string pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return new DateTimeOffset(certificate.NotAfter);   // of local time
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
