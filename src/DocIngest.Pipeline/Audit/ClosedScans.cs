using System.Data.Common;
using DocIngest.Pipeline.Ledger;

namespace DocIngest.Pipeline.Audit;

/// <summary>Closes claims, and notes what became of them for the audit in the same transaction.</summary>
internal static class ClosedScans
{
    /// <summary>As <see cref="ScanTable.Close"/>. A second call changes and notes nothing.</summary>
    /// <param name="environment">What the pipeline works with.</param>
    /// <param name="transaction">The act's own.</param>
    /// <param name="closing">What became of the claim.</param>
    /// <param name="now">When.</param>
    /// <param name="by">Who did it, where that may have been another process, which died over it. Default: this one.</param>
    public static void Close(IngestEnvironment environment, DbTransaction transaction, Closing closing, DateTimeOffset now, AuditAgent? by = null)
    {
        if (ScanTable.Close(transaction, closing, now) && closing.Outcome != ScanOutcome.Released)
        {
            AuditOutbox.Add(transaction, EventOf(environment.Audit.Origin, closing) with { Agent = by ?? environment.Audit.Origin.Agent }, now);
        }
    }

    private static AuditEvent EventOf(AuditOrigin origin, Closing closing) => origin.Event(
        AuditType.Ingest, closing.Outcome.ToWord(), closing.Outcome == ScanOutcome.Versioned ? AuditAction.Update : AuditAction.Create, [.. Entities(closing)]) with
    {
        Outcome = closing.Outcome == ScanOutcome.Failed ? AuditOutcome.Failure : AuditOutcome.Success,
    };

    private static IEnumerable<AuditEntity> Entities(Closing closing)
    {
        yield return new AuditEntity(AuditEntity.Scan, closing.ScanId.ToString());
        if (closing.RecordId is { } record)
        {
            yield return new AuditEntity(AuditEntity.Record, record.ToString(), closing.Version, closing.Inventory?.Hex);
        }
    }
}
