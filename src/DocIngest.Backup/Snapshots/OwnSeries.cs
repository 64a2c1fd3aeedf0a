namespace DocIngest.Backup.Snapshots;

/// <summary>Snapshots that this program makes for itself beside backups: <see cref="DestructionLedger"/> and <see cref="AuditHeads"/>.</summary>
public static class OwnSeries
{
    /// <summary>The tag of the series that a snapshot is of; null for a backup.</summary>
    public static string? Of(IReadOnlyList<string> tags) =>
        DestructionLedger.IsTagged(tags) ? DestructionLedger.Tag
        : AuditHeads.IsTagged(tags) ? AuditHeads.Tag
        : null;
}
