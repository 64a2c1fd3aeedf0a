using DocIngest.Archive;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline;

/// <summary>The names inside the data folder (DESIGN section 7).</summary>
public static class DataFolder
{
    /// <summary>The OCFL storage root.</summary>
    public const string Archive = "archive";

    /// <summary>Private copies and half-made objects; on the archive's volume.</summary>
    public const string Staging = "staging";

    /// <summary>Where extraction workers write page images while they read them; empty between documents.</summary>
    public const string Scratch = "scratch";

    /// <summary>Small pictures of first pages that were asked for; may be deleted at any time.</summary>
    public const string Thumbnails = "thumbnails";

    /// <summary>Files that are no document, one folder a scan.</summary>
    public const string Quarantine = "quarantine";

    /// <summary>Daily receipt files.</summary>
    public const string Receipts = "receipts";

    /// <summary>The folder of the SQLite file.</summary>
    public const string Catalog = "catalog";

    /// <summary>The SQLite file.</summary>
    public const string CatalogFile = "catalog/docingest.db";

    /// <summary>The repository of backups while the configuration names no other.</summary>
    public const string Backup = "backup";

    /// <summary>Passwords and what is known of their copies; for the owner alone, and never backed up.</summary>
    public const string Keys = "keys";

    /// <summary>The audit chain: who did and who saw what.</summary>
    public const string Audit = "audit";

    /// <summary>The destruction ledger: which records were destroyed, by whose authority. Small files, each written once, copied into every backup repository before anything is destroyed.</summary>
    public const string Destruction = "destruction";

    /// <summary>What was found when archive and backups were looked at.</summary>
    public const string Reports = "reports";

    /// <summary>Where a restore drill restores to, for the owner alone; empty between drills.</summary>
    public const string Drill = "drill";

    /// <summary>Where copies are restored to that damaged records are put right from, for the owner alone; empty between verifications.</summary>
    public const string Verification = "verification";

    /// <summary>Where the lists of a verification of backups are, while it goes on: ids alone.</summary>
    public const string BackupVerification = "verification-of-backup";

    /// <summary>Damaged files of objects of the archive that were put right from a backup, for the owner alone. Never backed up; forgotten with their record.</summary>
    public const string Damaged = "damaged";

    /// <summary>How far a recovery from a backup has come, and what it came to. Not backed up.</summary>
    public const string Recovery = "recovery";

    /// <summary>The configuration, where no other file is named.</summary>
    public const string Config = "config";

    /// <summary>OS file locks.</summary>
    public const string Locks = "locks";

    /// <summary>The name of a scan's private copy in its staging folder.</summary>
    public const string PrivateCopyName = "original";

    /// <summary>The name of a scan's searchable rendition in its staging folder.</summary>
    public const string StagedRenditionName = "rendition";

    /// <summary>In a claim's staging folder, the other stack of its document, copied out of the archive for as long as both are put together.</summary>
    public const string OtherStackName = "other";

    /// <summary>In a claim's staging folder, both stacks put together.</summary>
    public const string CollatedName = "collated";

    /// <summary>In a claim's staging folder, the searchable rendition of both stacks.</summary>
    public const string CollatedRenditionName = "collated-rendition";

    /// <summary>Folders that hold our own files: never drop folders.</summary>
    public static IReadOnlyList<string> Own { get; } =
        [Archive, Staging, Scratch, Thumbnails, Quarantine, Receipts, Catalog, Locks, Audit, Destruction, Reports, Drill, Verification, BackupVerification, Damaged, Recovery, Backup, Keys, "logs", Config];

    /// <summary>The picture of an original's first page, if somebody has asked for it.</summary>
    public static string ThumbnailOf(Sha512Digest original) => $"{Thumbnails}/{original.Hex[..2]}/{original.Hex}.webp";

    /// <summary>A scan's staging folder.</summary>
    public static string StagingOf(RecordId scan) => $"{Staging}/{scan.ToBareString()}";

    /// <summary>Where the damaged files of an object of the archive are kept that was put right.</summary>
    public static string DamagedOf(string objectId) => $"{Damaged}/{(RecordId.TryParse(objectId, out var record) ? record.ToBareString() : objectId.Replace(':', '.'))}";

    /// <summary>A scan's quarantine folder.</summary>
    public static string QuarantineOf(RecordId scan) => $"{Quarantine}/{scan.ToBareString()}";
}
