using System.Text.Json.Serialization;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Disposition;

/// <summary>Says what was destroyed, under whose authority and how, and where copies still are (<c>certificate-N.json</c>; docs/formats/disposition.md). Signed by the service.</summary>
/// <param name="Disposition">Which: <c>d-1</c>.</param>
/// <param name="Number">1 is signed when it ended; the last says that nothing of it is left.</param>
/// <param name="IssuedAt">When, UTC.</param>
/// <param name="Statement">What it says.</param>
/// <param name="PriorSha512">Of the certificate before it; null for the first of a disposition.</param>
/// <param name="Proposal">What was approved.</param>
/// <param name="ProposalSha512">Its digest, which the approvals sign.</param>
/// <param name="Approvals">Who approved.</param>
/// <param name="Executor">Who carried it out, and with what.</param>
/// <param name="Method">How the bytes were removed.</param>
/// <param name="HoldsReadAt">When the register of holds was read last before the last record went: each was checked against it by itself.</param>
/// <param name="Destroyed">What is gone.</param>
/// <param name="Kept">What was kept after all, and why.</param>
/// <param name="InclusiveDates">First and last day on which what is gone had been received; null where nothing is.</param>
/// <param name="Backups">Snapshots that still hold something of it.</param>
/// <param name="BackupsUnclear">Backups that could not be asked, or not wholly.</param>
/// <param name="ForeignCopies">Copies that others hold, as the schedule declares them.</param>
public sealed record DestructionCertificate(
    [property: JsonRequired] string Disposition, [property: JsonRequired] int Number, DateTimeOffset IssuedAt, string Statement, string? PriorSha512,
    Proposal Proposal, string ProposalSha512, IReadOnlyList<CertifiedApproval> Approvals, CertifiedExecutor Executor, string Method, DateTimeOffset? HoldsReadAt,
    IReadOnlyList<CertifiedRecord> Destroyed, IReadOnlyList<RecordOutcome> Kept, InclusiveDates? InclusiveDates,
    IReadOnlyList<SnapshotCopies> Backups, IReadOnlyList<string> BackupsUnclear, IReadOnlyList<ForeignCopy> ForeignCopies)
{
    /// <summary>Format and version of this document.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = "docingest-destruction-certificate/1";

    /// <summary>What each repository has, or had, of it: of those that held some, or could not be asked.</summary>
    public IReadOnlyList<RepositoryAccount> Repositories { get; init => field = value ?? []; } = [];
}

/// <summary>An approval, with the certificate that it can be verified with.</summary>
public sealed record CertifiedApproval(string Person, string Name, DateTimeOffset At, string CertificatePem, string SignatureFile);

/// <summary>Who carried it out.</summary>
public sealed record CertifiedExecutor(string Account, string Host, string Program);

/// <summary>A record that is gone. Nothing of its content: whoever keeps an index of ids can tell whose it was.</summary>
public sealed record CertifiedRecord(
    RecordId Id, string RecordClass, DateOnly DueDate, IReadOnlyList<ProposedTrigger> Triggers, int Versions, long Files, long Bytes, string InventorySha512, DateTimeOffset DestroyedAt);

/// <summary>From when to when.</summary>
public sealed record InclusiveDates(DateOnly From, DateOnly To);

/// <summary>A snapshot that still holds records which are destroyed.</summary>
/// <param name="Repository">As the configuration names it.</param>
/// <param name="Snapshot">Its id.</param>
/// <param name="Time">When it was made.</param>
/// <param name="Records">Which of them.</param>
public sealed record SnapshotCopies(string Repository, string Snapshot, DateTimeOffset Time, IReadOnlyList<RecordId> Records);

/// <summary>A copy that is not under this program's control, as the schedule declares it.</summary>
/// <param name="Name">What it is, for example a tape store.</param>
/// <param name="GoneOn">The day on which it is said to be gone.</param>
public sealed record ForeignCopy(string Name, DateOnly GoneOn);

/// <summary>A certificate and its signature.</summary>
/// <param name="Json">Its bytes.</param>
/// <param name="Signature">Detached CMS over them.</param>
/// <param name="SignerPem">The certificate of the service that it is verified with.</param>
/// <param name="IsGoneEverywhere">Whether no snapshot holds anything of it.</param>
internal sealed record SignedCertificate(byte[] Json, byte[] Signature, byte[] SignerPem, bool IsGoneEverywhere);
