using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DocIngest.Pipeline.Signatures;

namespace DocIngest.Assurance.Reports;

/// <summary>Verifies a report that may be forged: what VERIFY.txt has a person do, and what its counts and its sample bear out.</summary>
/// <remarks>Damage and forgery are faults, never exceptions. Trust comes from outside: a certificate that comes with the report proves nothing by itself.</remarks>
public static class ReportVerifier
{
    /// <summary>Verifies the zip of a report.</summary>
    /// <param name="zip">The zip; must be able to seek.</param>
    /// <param name="trusted">Whose reports are believed.</param>
    /// <exception cref="ArgumentException">What is trusted is no certificate, or no fingerprint.</exception>
    public static ReportVerification Verify(Stream zip, TrustedSigner trusted)
    {
        DemandUsable(trusted);
        using var files = ReportZipReader.Open(zip);
        if (files is null)
        {
            return new ReportVerification(null, null, [new ReportFault("R001", "This is no zip of a report.")]);
        }

        var faults = new List<ReportFault>();
        NamesOf(files, faults);
        using var signer = SignerOf(files, trusted, faults);
        byte[] json = files.Read(ReportFileNames.Report) ?? [];
        byte[] page = files.Read(ReportFileNames.Page) ?? [];
        Signatures(files, signer, json, page, faults);
        var report = ReportJson.Read(json);
        if (report is null)
        {
            faults.Add(new ReportFault("R006", "report.json is no report that this program knows."));
        }
        else
        {
            faults.AddRange(ReportRules.FaultsOf(report).Select(fault => new ReportFault("R007", fault)));
            Page(page, json, faults);
            Lists(files, report, faults);
        }

        return new ReportVerification(report, signer is null ? null : SignedReport.FingerprintOf(signer), faults);
    }

    private static void NamesOf(ReportZipReader files, List<ReportFault> faults)
    {
        faults.AddRange(ReportFileNames.Always.Where(name => !files.Has(name)).Select(name => new ReportFault("R002", $"{name} is missing.")));
        if (files.Names.Except(ReportFileNames.All).Any() || files.Names.Distinct(StringComparer.Ordinal).Count() != files.Names.Count)
        {
            faults.Add(new ReportFault("R003", "There are files in it that no report has, or one more than once."));
        }
    }

    private static X509Certificate2? SignerOf(ReportZipReader files, TrustedSigner trusted, List<ReportFault> faults)
    {
        if (trusted is TrustedSigner.Certificate { Pem: var pem })
        {
            return X509Certificate2.CreateFromPem(pem);
        }

        var fingerprint = (TrustedSigner.Fingerprint)trusted;
        var brought = CertificateIn(files.Read(ReportFileNames.Signer) ?? []);
        if (brought is not null && Convert.ToHexStringLower(brought.GetCertHash(HashAlgorithmName.SHA256)) == DigitsOf(fingerprint))
        {
            return brought;
        }

        brought?.Dispose();
        faults.Add(new ReportFault("R013", "signer.pem is not the certificate with this fingerprint."));
        return null;
    }

    private static X509Certificate2? CertificateIn(byte[] pem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static void Signatures(ReportZipReader files, X509Certificate2? signer, byte[] json, byte[] page, List<ReportFault> faults)
    {
        X509Certificate2Collection trusted = signer is null ? [] : [signer];
        byte[] signature = files.Read(ReportFileNames.ReportSignature) ?? [];
        if (!DetachedSignature.IsBy(json, signature, trusted))
        {
            faults.Add(new ReportFault("R004", "report.json was not signed by this certificate, or was changed since."));
        }
        else if (signer is not null && !IsWithin(signer, SignedAt(signature)))
        {
            faults.Add(new ReportFault("R014", "It was signed at a time at which the certificate was not valid."));
        }

        if (!DetachedSignature.IsBy(page, files.Read(ReportFileNames.PageSignature) ?? [], trusted))
        {
            faults.Add(new ReportFault("R005", "report.html was not signed by this certificate, or was changed since."));
        }
    }

    private static bool IsWithin(X509Certificate2 signer, DateTime? signedAt) =>
        signedAt is { } at && at >= signer.NotBefore.ToUniversalTime() && at <= signer.NotAfter.ToUniversalTime();

    private static DateTime? SignedAt(byte[] signature)
    {
        var cms = new SignedCms();
        cms.Decode(signature);   // was verified
        return cms.SignerInfos[0].SignedAttributes.Cast<CryptographicAttributeObject>()
            .SelectMany(attribute => attribute.Values.Cast<AsnEncodedData>()).OfType<Pkcs9SigningTime>().Select(time => (DateTime?)time.SigningTime.ToUniversalTime()).FirstOrDefault();
    }

    // A genuine page of another report would be believed by whoever looks at it alone.
    private static void Page(byte[] page, byte[] json, List<ReportFault> faults)
    {
        if (!Encoding.UTF8.GetString(page).Contains(Convert.ToHexStringLower(SHA512.HashData(json)), StringComparison.Ordinal))
        {
            faults.Add(new ReportFault("R012", "report.html belongs to another report."));
        }
    }

    private static void Lists(ReportZipReader files, AssuranceReport report, List<ReportFault> faults)
    {
        try
        {
            var drawn = new HashSet<string>(StringComparer.Ordinal);
            faults.AddRange(ItemsVerifier.FaultsOf(files, report, drawn));
            if (report.Sample is { } sample)
            {
                faults.AddRange(SampleVerifier.FaultsOf(files, report, sample, drawn));
            }
        }
        catch (InvalidDataException damage)
        {
            faults.Add(new ReportFault("R008", $"A list of the report cannot be read: {damage.Message}"));
        }
    }

    private static void DemandUsable(TrustedSigner trusted)
    {
        switch (trusted)
        {
            case TrustedSigner.Certificate { Pem: var pem }:
                using (CertificateIn(Encoding.ASCII.GetBytes(pem)) ?? throw new ArgumentException("This is no certificate (PEM).", nameof(trusted)))
                {
                    return;
                }

            case TrustedSigner.Fingerprint fingerprint when DigitsOf(fingerprint) is not { Length: 64 } digits || !digits.All(char.IsAsciiHexDigitLower):
                throw new ArgumentException("A fingerprint has 64 hexadecimal digits (SHA-256).", nameof(trusted));
        }
    }

    private static string DigitsOf(TrustedSigner.Fingerprint fingerprint) =>
        new([.. fingerprint.Sha256.Where(letter => letter is not (':' or ' ')).Select(char.ToLowerInvariant)]);
}
