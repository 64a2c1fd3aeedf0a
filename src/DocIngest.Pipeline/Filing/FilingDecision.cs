using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Filing;

/// <summary>What is to become of a scan. Closed: only the cases below exist.</summary>
internal abstract record FilingDecision
{
    private FilingDecision()
    {
    }

    /// <summary>An older claim with the same key or the same bytes goes first.</summary>
    internal sealed record Wait : FilingDecision;

    /// <summary>It shows one side of its sheets, and which stack shows the other is not what it was when this one was read: it begins anew.</summary>
    internal sealed record Collate : FilingDecision;

    /// <summary>A record holds just this already.</summary>
    internal sealed record Duplicate(Head Head) : FilingDecision;

    /// <summary>A new record.</summary>
    internal sealed record NewRecord(IReadOnlyList<string> Flags, IReadOnlyList<RecordId> Twins) : FilingDecision;

    /// <summary>The next version of a record.</summary>
    /// <param name="Head">The record's head as the ledger knows it; the archive must agree when the version is staged.</param>
    internal sealed record NextVersion(Head Head, string Reason, IReadOnlyList<string> Flags, IReadOnlyList<RecordId> Twins) : FilingDecision;

    /// <summary>No document.</summary>
    internal sealed record Quarantine(string Code, string Reason) : FilingDecision;

    /// <summary>No document, and the very same file was named before and waits in quarantine still: one case is enough.</summary>
    internal sealed record QuarantinedAlready(RecordId Scan) : FilingDecision;
}
