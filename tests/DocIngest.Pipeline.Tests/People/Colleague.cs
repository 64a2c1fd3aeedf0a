using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Signatures;

namespace DocIngest.Pipeline.Tests.People;

/// <summary>Somebody with an account, a key and a certificate.</summary>
internal sealed class Colleague : IDisposable
{
    private const string Host = "h";

    private readonly X509Certificate2 _certificate;

    public Colleague(string account, int validDays = 3650)
    {
        Actor = new Actor(account, Actor.AddressOf(account, Host));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={account}", key, HashAlgorithmName.SHA256);
        var from = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        _certificate = request.CreateSelfSigned(from, from.AddDays(validDays));
    }

    public Actor Actor { get; }

    public string Certificate => _certificate.ExportCertificatePem();

    public NewPerson As(params string[] roles) =>
        new(Actor.Name, [Actor.Address], [], roles, roles.Any(PersonRole.Signs) ? Certificate : null);

    public PersonalSignature Sign(Person registered, byte[] content) => new(registered, DetachedSignature.Sign(content, _certificate, TimeProvider.System.GetUtcNow()));

    public void Dispose() => _certificate.Dispose();
}
