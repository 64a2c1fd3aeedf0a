namespace DocIngest.Pipeline.Audit;

/// <summary>Something that is wrong with the chain.</summary>
/// <param name="Code">A promise: see docs/formats/audit.md.</param>
/// <param name="IsError">Whether the chain is not what it should be; else it is odd, and explained.</param>
/// <param name="Place">The file, and the number of the line where there is one.</param>
/// <param name="Message">In plain words.</param>
public sealed record AuditFinding(string Code, bool IsError, string Place, string Message);

/// <summary>What a head from outside says must be so.</summary>
/// <param name="Seq">The chain has a line of this number.</param>
/// <param name="Head">Some line, or the one of that number, has this hash.</param>
public sealed record AuditExpectation(long? Seq, AuditHash? Head);

/// <summary>What a verification found.</summary>
/// <param name="Entries">Lines of the chain that were read.</param>
/// <param name="Segments">Days.</param>
/// <param name="Checkpoints">Checkpoints whose signature was verified.</param>
/// <param name="LastSeq">Number of the last line.</param>
/// <param name="Head">Its hash: note it elsewhere, and ask for it the next time.</param>
/// <param name="Signers">SHA-256 of the certificates that were trusted.</param>
/// <param name="Findings">All that is wrong.</param>
public sealed record AuditVerification(
    long Entries, int Segments, int Checkpoints, long LastSeq, AuditHash Head, IReadOnlyList<string> Signers, IReadOnlyList<AuditFinding> Findings)
{
    /// <summary>Whether nothing is wrong. A chain without entries is.</summary>
    public bool IsSound => Entries > 0 && Findings.All(finding => !finding.IsError);
}
