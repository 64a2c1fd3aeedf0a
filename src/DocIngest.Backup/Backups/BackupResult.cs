using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Sources;

namespace DocIngest.Backup.Backups;

/// <summary>What a backup did.</summary>
/// <param name="Snapshot">The new snapshot; null where one was not to be made because nothing had changed.</param>
/// <param name="Parent">The snapshot that told which files were unchanged; null for the first.</param>
/// <param name="Summary">Counts, as they stand in the snapshot.</param>
/// <param name="Problems">What is missing in the snapshot, or incomplete. Not empty: the backup is a partial one.</param>
/// <param name="Alarms">What a person must look at although the backup was made.</param>
/// <param name="AdoptedPacks">Packs of an earlier backup that was killed before it could index them; used again.</param>
public sealed record BackupResult(
    FileId? Snapshot,
    FileId? Parent,
    SnapshotSummary Summary,
    IReadOnlyList<BackupProblem> Problems,
    IReadOnlyList<BackupAlarm> Alarms,
    int AdoptedPacks);

/// <summary>Why something is missing in a backup.</summary>
/// <param name="Path">What, as people read it. It may name persons: for who ordered the backup, not for logs.</param>
/// <param name="Kind">What kind of problem.</param>
/// <param name="Message">What failed. Names no file.</param>
public sealed record BackupProblem(string Path, SourceProblemKind Kind, string Message);

/// <summary>Something that a person must look at.</summary>
/// <param name="Kind">What.</param>
/// <param name="Source">Which of the source's paths; null where it is all of them, or the repository.</param>
/// <param name="Message">In words, with the counts. Names no file.</param>
public sealed record BackupAlarm(BackupAlarmKind Kind, string? Source, string Message);

/// <summary>The kinds of alarms of a backup.</summary>
public enum BackupAlarmKind
{
    /// <summary>A path that was to be backed up is not there, or cannot be reached.</summary>
    SourceMissing,

    /// <summary>There is no file any more in one of the paths, or none at all in any: perhaps a share that is not mounted.</summary>
    SourceEmpty,

    /// <summary>Far less is in one of the paths than in the snapshots before.</summary>
    SourceShrank,

    /// <summary>The repository is damaged: packs that its index names are gone or have another size, or something in it cannot be read.</summary>
    RepositoryDamaged,
}
