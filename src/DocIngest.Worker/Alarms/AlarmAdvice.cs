using DocIngest.Pipeline.Ledger;

namespace DocIngest.Worker.Alarms;

/// <summary>What a person who gets an alarm needs to know besides its own message.</summary>
/// <param name="Severity">How much hangs on it.</param>
/// <param name="AtRisk">What is at risk.</param>
/// <param name="Scanning">Whether scanning may go on.</param>
/// <param name="WhatToDo">How it is mended.</param>
internal sealed record AlarmAdvice(AlarmSeverity Severity, string AtRisk, Scanning Scanning, string WhatToDo)
{
    private const string Later = "Nothing is lost: records are filed, and scans wait in their folder.";

    private static readonly Dictionary<string, AlarmAdvice> ByWord =
        Enum.GetValues<AlarmKind>().ToDictionary(kind => kind.ToWord(), Of, StringComparer.Ordinal);

    /// <summary>Of a kind in its written form. One that a newer program has raised is described as far as this one can.</summary>
    public static AlarmAdvice Of(string kind) => ByWord.GetValueOrDefault(kind) ?? new(
        AlarmSeverity.Warning, "Unknown to this version of the program.", Scanning.MayGoOn, "Read the message, and 'docingest status' of the program that raised it.");

    /// <summary>The kinds there are, in their written forms.</summary>
    public static IReadOnlyCollection<string> Kinds => ByWord.Keys;

    /// <summary>Whether scanning may go on, in words.</summary>
    public string ScanningInWords => Scanning switch
    {
        Scanning.MayGoOn => "may go on.",
        Scanning.Waits => "may go on into the folder; nothing is taken in from there until this is mended.",
        Scanning.Stop => "STOP scanning until this is mended.",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The table: a row for each kind.</summary>
    public static AlarmAdvice Of(AlarmKind kind) => kind switch
    {
        AlarmKind.StillGrowing => new(AlarmSeverity.Warning, "A scan may be left half written by its scanner.", Scanning.MayGoOn, "Look at the scanner and the file: it is left alone until it is whole."),
        AlarmKind.SourceStuck => new(AlarmSeverity.Warning, $"{Later} The folder fills with files that are filed already.", Scanning.MayGoOn, "Let the service's account delete files in the drop folder."),
        AlarmKind.FolderMissing => new(AlarmSeverity.Critical, "Scans of this folder are in no archive and no backup while they wait.", Scanning.Waits, "Mount the share, correct the path, or give permission."),
        AlarmKind.DiskReserve => new(AlarmSeverity.Critical, "Scans that wait are in no archive and no backup; the disk may fill up for other programs too.", Scanning.Stop, "Free space on the disk of the data folder, or enlarge it. Work resumes by itself."),
        AlarmKind.LateBytes => new(AlarmSeverity.Warning, "A record may lack pages: its scan grew after it was taken in. What came late is a version or record of its own.", Scanning.MayGoOn, "Look at the record ('docingest qc list'), and at the scanner, or lengthen settleTime."),
        AlarmKind.RefusedEntry => new(AlarmSeverity.Info, "What is a link, pipe or device in a drop folder is not taken in.", Scanning.MayGoOn, "Remove it, or drop the file itself."),
        AlarmKind.StorageFailing => new(AlarmSeverity.Critical, "Scans that wait are in no archive and no backup; the disk or store may be dying.", Scanning.Stop, "Look at the disk or the store of archive, staging and catalog, and at the log. Work resumes by itself."),
        AlarmKind.ExtractionDown => new(AlarmSeverity.Critical, "Scans that wait are in no archive and no backup.", Scanning.Waits, "Look at the log (events 1300 to 1306) and start the service again."),
        AlarmKind.OcrUnavailable => new(AlarmSeverity.Warning, "Records are archived, and nothing that stands on their pages is found.", Scanning.MayGoOn, "Install tesseract with the languages of the profile and start the service again."),
        AlarmKind.OcrLanguageMissing => new(AlarmSeverity.Warning, "Words of pages may be read wrong, and not be found.", Scanning.MayGoOn, "Install the language pack and start the service again."),
        AlarmKind.OrphanSidecar => new(AlarmSeverity.Warning, "A document that was announced has not come.", Scanning.MayGoOn, "Look for the scan that belongs to the sidecar."),
        AlarmKind.FeedbackFailing => new(AlarmSeverity.Info, "Operators do not see receipts, rejections and STATUS.txt.", Scanning.MayGoOn, "Mount the feedback folder, or give permission to write there."),
        AlarmKind.Unreadable => new(AlarmSeverity.Warning, "Some scans of the folder are not taken in; they are in no archive and no backup.", Scanning.MayGoOn, "Give the service's account permission, or move what nests too deep."),
        AlarmKind.ArchiveDamaged => new(AlarmSeverity.Critical, "A record in the archive cannot be read as it was filed. Scans that belong to it wait.", Scanning.MayGoOn, "'docingest archive verify' puts it right where a backup has it; else look for another copy. Then start the service again: it takes the scan in."),
        AlarmKind.BackupSourceMissing => new(AlarmSeverity.Critical, "Something that is to be backed up is in no new backup.", Scanning.MayGoOn, "Mount it, correct the path, or give permission, and run the backup again."),
        AlarmKind.BackupSourceEmpty => new(AlarmSeverity.Critical, "Files may have been lost; earlier snapshots have them.", Scanning.MayGoOn, "Find out what became of them before old snapshots are forgotten; stop 'backup forget' until then."),
        AlarmKind.BackupSourceShrank => new(AlarmSeverity.Critical, "Files may have been lost; earlier snapshots have them.", Scanning.MayGoOn, "Find out what became of them before old snapshots are forgotten; stop 'backup forget' until then."),
        AlarmKind.BackupRepositoryDamaged => new(AlarmSeverity.Critical, "Not everything can be restored from these backups.", Scanning.MayGoOn, "Run 'docingest backup check --read-data', and see docs/operations/backup-findings.md."),
        AlarmKind.AuditRolledBack => new(AlarmSeverity.Critical, "This machine was set back to an earlier state, or its audit was replaced. Nothing is deleted until two people have decided.", Scanning.MayGoOn, "Find out how it came; then 'docingest audit accept-rollback'."),
        AlarmKind.ArchiveUnprotected => new(AlarmSeverity.Critical, "The store would let records be changed or deleted; retention and holds of this program hold all the same.", Scanning.MayGoOn, "Look at event 1064 and at the store; 'docingest archive protect' tries at once."),
        AlarmKind.JobFailed => new(AlarmSeverity.Critical, "What the job is for: a backup that was not made, damage that was found, a restore that failed.", Scanning.MayGoOn, "'docingest job history' has what it said; a drill's report says what failed. 'docingest job run' tries it again."),
        AlarmKind.JobOverdue => new(AlarmSeverity.Critical, "What the job is for has not been done in time: backups or their checks are older than they should be.", Scanning.MayGoOn, "Look whether the service runs, and at 'docingest job history'; 'docingest job run' makes up for it."),
        AlarmKind.QuarantineGrowing => new(AlarmSeverity.Warning, "Files that are no document to this program may be documents all the same, or a scanner writes broken ones.", Scanning.MayGoOn, "Look at 'docingest quarantine list' and decide; look at the scanner where they are many alike."),
        AlarmKind.DiskLow => new(AlarmSeverity.Warning, "At the reserve (intake.freeSpaceReserveBytes) scans are no longer taken in.", Scanning.MayGoOn, "Free space on the disk of the data folder, or enlarge it."),
        AlarmKind.WatcherSilent => new(AlarmSeverity.Critical, "Scans of this folder are in no archive and no backup while they wait.", Scanning.Waits, "Look whether the share answers (list the folder as the service's account); mount it anew, or start the service again."),
        AlarmKind.CertificateExpiring => new(AlarmSeverity.Warning, "Once it has run out, what is signed with it is not taken, and nobody can approve with it.", Scanning.MayGoOn, "Rotate a key of the service ('signing-key rotate', 'audit rotate-key'); register a person with a new certificate ('person add')."),
        AlarmKind.AccessExpiring => new(AlarmSeverity.Critical, "Once it has run out, the archive or the backups in Azure cannot be reached.", Scanning.MayGoOn, "Have a new signature issued, put it into the environment of the service and of scheduled commands, and start the service again."),
        AlarmKind.AlarmUndelivered => new(AlarmSeverity.Critical, "Whoever is to mend things does not hear of them.", Scanning.MayGoOn, "'docingest alarm list' says why; 'docingest alarm test' tries every way. Nothing is lost: what could not be told is sent when the way is open."),
        AlarmKind.VerificationOverdue => new(AlarmSeverity.Warning, "Damage that has come since would not be known, and the backups that could put it right are forgotten one by one.", Scanning.MayGoOn, "Let the jobs 'archive verify' and 'backup verify' run daily, longer (--for) or more (--most) where they do not get through; 'docingest report list' has its reports."),
        AlarmKind.RecoveryNotAccepted => new(AlarmSeverity.Critical, "The archive came out of a backup: what was filed after that is not in it. Nothing is forgotten, pruned or destroyed.", Scanning.MayGoOn, "Read what the recovery has found (recovery/result.json), look at some records, and run 'docingest recover accept' with an account of your own."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}

/// <summary>What an alarm means for whoever scans.</summary>
internal enum Scanning
{
    /// <summary>Nothing keeps scans from being filed.</summary>
    MayGoOn,

    /// <summary>Scans may be dropped, and wait.</summary>
    Waits,

    /// <summary>No more should be dropped.</summary>
    Stop,
}
