namespace DocIngest.Assurance.Reports;

/// <summary>What came of the verification of a report.</summary>
/// <param name="Report">What it says; null where it could not be read. Not to be believed where there are faults.</param>
/// <param name="SignerSha256">Fingerprint of the certificate that it was verified with; null where there was none to verify with.</param>
/// <param name="Faults">What is wrong; empty for a genuine report.</param>
public sealed record ReportVerification(AssuranceReport? Report, string? SignerSha256, IReadOnlyList<ReportFault> Faults)
{
    /// <summary>Whether it is what that signer signed, and bears out what it says.</summary>
    public bool IsGenuine => Report is not null && Faults.Count == 0;
}

/// <summary>Something that is wrong with a report.</summary>
/// <param name="Code">R001 to R014 (docs/formats/report.md).</param>
/// <param name="Message">What, for a person.</param>
public sealed record ReportFault(string Code, string Message);

/// <summary>Whose reports are believed.</summary>
public abstract record TrustedSigner
{
    private TrustedSigner()
    {
    }

    /// <summary>The holder of this certificate, which came another way than the report.</summary>
    public sealed record Certificate(string Pem) : TrustedSigner;

    /// <summary>The holder of the certificate with this fingerprint; the certificate itself may come with the report.</summary>
    /// <param name="Sha256">64 hexadecimal digits; colons and blanks between them do not count.</param>
    public sealed record Fingerprint(string Sha256) : TrustedSigner;
}
