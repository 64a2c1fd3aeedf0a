using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DocIngest.Assurance.Reports.Html;

namespace DocIngest.Assurance.Reports;

/// <summary>A report that is finished: its small files, signed. <see cref="ReportFileNames.Items"/> and <see cref="ReportFileNames.Population"/> are written before, since the report has their digests.</summary>
/// <param name="Report">What it says.</param>
/// <param name="Files">Its files by name.</param>
public sealed record SignedReport(AssuranceReport Report, IReadOnlyDictionary<string, byte[]> Files)
{
    private const string ScriptResource = "DocIngest.Assurance.draw-sample.py";

    /// <summary>Digest of <c>report.json</c>: what the next report, and the audit, name.</summary>
    public string Sha512 => Convert.ToHexStringLower(SHA512.HashData(Files[ReportFileNames.Report]));

    /// <summary>Signs a report.</summary>
    /// <exception cref="ArgumentException">It says of itself what its counts do not bear out: such a report is not signed.</exception>
    /// <exception cref="CryptographicException">The signer failed.</exception>
    public static SignedReport Create(AssuranceReport report, IReportSigner signer, DateTimeOffset now)
    {
        if (ReportRules.FaultsOf(report) is { Count: > 0 } faults)
        {
            throw new ArgumentException($"The report contradicts itself: {string.Join(" ", faults)}", nameof(report));
        }

        string fingerprint = FingerprintOf(signer.CertificatePem);
        byte[] json = ReportJson.Write(report);
        byte[] page = ReportPage.Render(report, Convert.ToHexStringLower(SHA512.HashData(json)), fingerprint);
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [ReportFileNames.Report] = json,
            [ReportFileNames.ReportSignature] = signer.Sign(json, now),
            [ReportFileNames.Page] = page,
            [ReportFileNames.PageSignature] = signer.Sign(page, now),
            [ReportFileNames.Signer] = System.Text.Encoding.ASCII.GetBytes(signer.CertificatePem),
            [ReportFileNames.Verify] = VerifyText.Write(report, fingerprint),
        };
        if (report.Sample is not null)
        {
            files[ReportFileNames.DrawScript] = ReadScript();
        }

        return new SignedReport(report, files);
    }

    /// <summary>SHA-256 of a certificate, as <c>openssl x509 -fingerprint -sha256</c> prints it: pairs of upper-case digits with colons.</summary>
    /// <exception cref="CryptographicException">It is none.</exception>
    public static string FingerprintOf(string certificatePem)
    {
        using var certificate = X509Certificate2.CreateFromPem(certificatePem);
        return FingerprintOf(certificate);
    }

    internal static string FingerprintOf(X509Certificate2 certificate) =>
        string.Join(':', certificate.GetCertHash(HashAlgorithmName.SHA256).Select(part => part.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));

    private static byte[] ReadScript()
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(ScriptResource)
            ?? throw new InvalidOperationException("The program lacks its own script.");
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return bytes.ToArray();
    }
}
