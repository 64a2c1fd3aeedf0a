using DocIngest.Pipeline;

namespace DocIngest.Assurance.Runs;

/// <summary>What kinds of runs there are, as they keep out of each other's way.</summary>
/// <param name="LockName">The lock that one of the kind holds: one at a time in a data folder.</param>
/// <param name="Folder">Where it works, in the data folder.</param>
/// <param name="Busy">What is said where another one is going on.</param>
internal sealed record RunKind(string LockName, string Folder, string Busy)
{
    /// <summary>Restore drills.</summary>
    public static RunKind Drill { get; } = new("drill", DataFolder.Drill, "Another drill is going on in this data folder.");

    /// <summary>Verifications of the archive.</summary>
    public static RunKind Verification { get; } = new("verification", DataFolder.Verification, "Another verification of the archive is going on in this data folder.");

    /// <summary>Verifications of backups.</summary>
    public static RunKind BackupVerification { get; } = new("verification-of-backup", DataFolder.BackupVerification, "Another verification of backups is going on in this data folder.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RunKind> All { get; } = [Drill, Verification, BackupVerification];
}
