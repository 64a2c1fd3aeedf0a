namespace DocIngest.Assurance.Reports;

/// <summary>Signs reports: with a key in a file, a store of the system, or a vault.</summary>
public interface IReportSigner
{
    /// <summary>The certificate that signatures are verified with, as PEM.</summary>
    string CertificatePem { get; }

    /// <summary>Signs bytes: detached CMS (RFC 5652), DER, with SHA-256 and the time of signing.</summary>
    byte[] Sign(ReadOnlySpan<byte> content, DateTimeOffset now);
}
