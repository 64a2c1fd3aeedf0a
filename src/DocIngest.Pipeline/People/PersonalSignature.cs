using System.Security.Cryptography.X509Certificates;
using DocIngest.Pipeline.Signatures;

namespace DocIngest.Pipeline.People;

/// <summary>What somebody who is registered has signed.</summary>
/// <param name="Person">Who.</param>
/// <param name="Der">A detached CMS signature.</param>
public sealed record PersonalSignature(Person Person, byte[] Der)
{
    /// <summary>Whether it is that person's, with the certificate they are registered with, over these bytes.</summary>
    public bool IsOver(ReadOnlySpan<byte> content)
    {
        if (Person.Certificate is not { } pem)
        {
            return false;
        }

        using var certificate = X509Certificate2.CreateFromPem(pem);
        return DetachedSignature.IsBy(content, Der, [certificate]);
    }
}
