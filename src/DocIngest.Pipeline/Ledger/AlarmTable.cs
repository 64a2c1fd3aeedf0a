using System.Data.Common;
using Dapper;

namespace DocIngest.Pipeline.Ledger;

/// <summary>Why an admin is called. The written forms are a promise: alarm rules name them.</summary>
public enum AlarmKind
{
    /// <summary>A file has been growing or half written for longer than the profile allows.</summary>
    StillGrowing,

    /// <summary>Filed scans cannot be removed from their drop folder.</summary>
    SourceStuck,

    /// <summary>A drop folder is not there, not mounted, or cannot be read.</summary>
    FolderMissing,

    /// <summary>Free space fell below the reserve: nothing more is claimed.</summary>
    DiskReserve,

    /// <summary>A scan grew after it was claimed: the rest became a new version.</summary>
    LateBytes,

    /// <summary>Links, devices or other things that are no plain file lie in a drop folder.</summary>
    RefusedEntry,

    /// <summary>Writing to archive, staging or catalog fails.</summary>
    StorageFailing,

    /// <summary>No extraction worker can be started.</summary>
    ExtractionDown,

    /// <summary>Records wait for OCR, and it cannot be done.</summary>
    OcrUnavailable,

    /// <summary>Pages are read by OCR without a language of their profile.</summary>
    OcrLanguageMissing,

    /// <summary>A sidecar waits for its document.</summary>
    OrphanSidecar,

    /// <summary>The feedback folder cannot be written.</summary>
    FeedbackFailing,

    /// <summary>Something in a drop folder cannot be read: no permission, nested too deep, or left over from another installation.</summary>
    Unreadable,

    /// <summary>A record in the archive is damaged: a scan that needed it was left in its drop folder.</summary>
    ArchiveDamaged,

    /// <summary>Something that was to be backed up was not there.</summary>
    BackupSourceMissing,

    /// <summary>Something that is backed up holds no file any more.</summary>
    BackupSourceEmpty,

    /// <summary>Something that is backed up holds far less than in backups before.</summary>
    BackupSourceShrank,

    /// <summary>A backup found its repository damaged.</summary>
    BackupRepositoryDamaged,

    /// <summary>Backups know of entries of the audit that this machine does not have: it was rolled back. Nothing is deleted.</summary>
    AuditRolledBack,

    /// <summary>The archive's store does not protect what it is to protect.</summary>
    ArchiveUnprotected,

    /// <summary>The last run of a job was not well.</summary>
    JobFailed,

    /// <summary>No run of a job has gone well since it was due.</summary>
    JobOverdue,

    /// <summary>Many files came into quarantine within a day, and nobody has decided about them.</summary>
    QuarantineGrowing,

    /// <summary>Free space nears the reserve.</summary>
    DiskLow,

    /// <summary>Nobody has looked into a drop folder for long, though the service runs.</summary>
    WatcherSilent,

    /// <summary>A certificate runs out soon, or has.</summary>
    CertificateExpiring,

    /// <summary>The signature that opens a store in Azure runs out soon, or has.</summary>
    AccessExpiring,

    /// <summary>Messages about alarms do not reach those who are to have them.</summary>
    AlarmUndelivered,

    /// <summary>Not everything was read again in the time that is set for it.</summary>
    VerificationOverdue,

    /// <summary>The data folder was recovered from a backup, and nobody has accepted that yet. Nothing is deleted.</summary>
    RecoveryNotAccepted,
}

/// <summary>An alarm as <c>status</c> shows it.</summary>
public sealed record Alarm(string Kind, string Subject, DateTimeOffset Since, DateTimeOffset Last, long Count, string Message);

/// <summary>An alarm that is over.</summary>
public sealed record EndedAlarm(string Kind, string Subject, DateTimeOffset Since, DateTimeOffset Resolved, long Count, string Message);

/// <summary>The rows of <c>alarm</c>: one per kind and subject, however often it is raised.</summary>
public static class AlarmTable
{
    /// <summary>The written form, lower case with hyphens.</summary>
    public static string ToWord(this AlarmKind kind) => kind switch
    {
        AlarmKind.StillGrowing => "still-growing",
        AlarmKind.SourceStuck => "source-stuck",
        AlarmKind.FolderMissing => "folder-missing",
        AlarmKind.DiskReserve => "disk-reserve",
        AlarmKind.LateBytes => "late-bytes",
        AlarmKind.RefusedEntry => "refused-entry",
        AlarmKind.StorageFailing => "storage-failing",
        AlarmKind.ExtractionDown => "extraction-down",
        AlarmKind.OcrUnavailable => "ocr-unavailable",
        AlarmKind.OcrLanguageMissing => "ocr-language-missing",
        AlarmKind.OrphanSidecar => "orphan-sidecar",
        AlarmKind.FeedbackFailing => "feedback-failing",
        AlarmKind.Unreadable => "unreadable",
        AlarmKind.ArchiveDamaged => "archive-damaged",
        AlarmKind.BackupSourceMissing => "backup-source-missing",
        AlarmKind.BackupSourceEmpty => "backup-source-empty",
        AlarmKind.BackupSourceShrank => "backup-source-shrank",
        AlarmKind.BackupRepositoryDamaged => "backup-repository-damaged",
        AlarmKind.AuditRolledBack => "audit-rolled-back",
        AlarmKind.ArchiveUnprotected => "archive-unprotected",
        AlarmKind.JobFailed => "job-failed",
        AlarmKind.JobOverdue => "job-overdue",
        AlarmKind.QuarantineGrowing => "quarantine-growing",
        AlarmKind.DiskLow => "disk-low",
        AlarmKind.WatcherSilent => "watcher-silent",
        AlarmKind.CertificateExpiring => "certificate-expiring",
        AlarmKind.AccessExpiring => "access-expiring",
        AlarmKind.AlarmUndelivered => "alarm-undelivered",
        AlarmKind.VerificationOverdue => "verification-overdue",
        AlarmKind.RecoveryNotAccepted => "recovery-not-accepted",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Raises an alarm, or counts one more cause of an alarm that stands.</summary>
    /// <param name="transaction">The caller's.</param>
    /// <param name="kind">What is wrong.</param>
    /// <param name="subject">A profile name or scan id, never the name of a scanned file; of backups, a path that an admin named, or the repository.</param>
    /// <param name="message">What to do, in plain words, without personal data.</param>
    /// <param name="now">UTC.</param>
    public static void Raise(DbTransaction transaction, AlarmKind kind, string subject, string message, DateTimeOffset now) =>
        transaction.OpenConnection().Execute(
            """
            INSERT INTO alarm (kind, subject, since, last, message) VALUES (@kind, @subject, @now, @now, @message)
            ON CONFLICT DO UPDATE SET last = @now, message = @message,
                since = iif(resolved IS NULL, since, @now), count = iif(resolved IS NULL, count + 1, 1), resolved = NULL
            """,
            new { kind = kind.ToWord(), subject, message, now = now.ToUnixTimeMilliseconds() }, transaction);

    /// <summary>Ends an alarm; does nothing where none stands.</summary>
    public static void Resolve(DbTransaction transaction, AlarmKind kind, string subject, DateTimeOffset now) =>
        transaction.OpenConnection().Execute(
            "UPDATE alarm SET resolved = @now WHERE kind = @kind AND subject = @subject AND resolved IS NULL",
            new { kind = kind.ToWord(), subject, now = now.ToUnixTimeMilliseconds() }, transaction);

    /// <summary>Whether an alarm stands.</summary>
    public static bool Stands(DbConnection connection, AlarmKind kind, string subject) =>
        connection.ExecuteScalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM alarm WHERE kind = @kind AND subject = @subject AND resolved IS NULL)", new { kind = kind.ToWord(), subject });

    /// <summary>Alarms that stand, oldest first.</summary>
    public static IReadOnlyList<Alarm> Standing(DbConnection connection) =>
        [.. connection.Query<(string Kind, string Subject, long Since, long Last, long Count, string Message)>(
                "SELECT kind, subject, since, last, count, message FROM alarm WHERE resolved IS NULL ORDER BY since, kind, subject")
            .Select(row => new Alarm(
                row.Kind, row.Subject, DateTimeOffset.FromUnixTimeMilliseconds(row.Since),
                DateTimeOffset.FromUnixTimeMilliseconds(row.Last), row.Count, row.Message))];

    /// <summary>Alarms that ended after a time and do not stand again, the last first.</summary>
    public static IReadOnlyList<EndedAlarm> Ended(DbConnection connection, DateTimeOffset after) =>
        [.. connection.Query<(string Kind, string Subject, long Since, long Resolved, long Count, string Message)>(
                "SELECT kind, subject, since, resolved, count, message FROM alarm WHERE resolved > @after ORDER BY resolved DESC, kind, subject",
                new { after = after.ToUnixTimeMilliseconds() })
            .Select(row => new EndedAlarm(
                row.Kind, row.Subject, DateTimeOffset.FromUnixTimeMilliseconds(row.Since),
                DateTimeOffset.FromUnixTimeMilliseconds(row.Resolved), row.Count, row.Message))];
}
