using System.Security.Cryptography;
using DocIngest.Pipeline.Signatures;
using DocIngest.Storage;

namespace DocIngest.Assurance.Reports;

/// <summary>Signs with the service's own key for reports, in <c>keys/</c>; <see cref="ReportKey"/> opens it.</summary>
public sealed class ServiceReportSigner : IReportSigner, IDisposable
{
    private readonly ServiceSigner _signer;

    private ServiceReportSigner(ServiceSigner signer) => _signer = signer;

    /// <inheritdoc />
    public string CertificatePem => _signer.CertificatePem;

    /// <summary>Reads the key, or draws it where there is none.</summary>
    /// <exception cref="StorageException">It cannot be read or written; this account may not.</exception>
    /// <exception cref="CryptographicException">What stands there is no key.</exception>
    internal static async Task<ServiceReportSigner> OpenOrCreateAsync(IDurableFolder keys, ServiceKey key, TimeProvider time, CancellationToken cancellation) =>
        new(await ServiceSigner.OpenOrCreateAsync(keys, key, time, cancellation));

    /// <inheritdoc />
    public byte[] Sign(ReadOnlySpan<byte> content, DateTimeOffset now) => _signer.Sign(content, now);

    /// <inheritdoc />
    public void Dispose() => _signer.Dispose();
}
