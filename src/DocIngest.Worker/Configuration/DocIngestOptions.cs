using System.ComponentModel.DataAnnotations;
using DocIngest.Pipeline;
using DocIngest.Storage;

namespace DocIngest.Worker.Configuration;

/// <summary>The configuration file, <c>config/docingest.json</c>. Every setting has a default; an absent file means all defaults.</summary>
public sealed class DocIngestOptions
{
    /// <summary>Drop folders and how scans are taken in.</summary>
    public IngestOptions Intake { get; set; } = new();

    /// <summary>The child processes that read documents, and their limits.</summary>
    public ReadingOptions Extraction { get; set; } = new();

    /// <summary>What documents are, and what is known of them.</summary>
    public ClassificationOptions Classification { get; set; } = new();

    /// <summary>How long records are kept.</summary>
    public RetentionFileOptions Retention { get; set; } = new();

    /// <summary>Where the archive is.</summary>
    public ArchiveOptions Archive { get; set; } = new();

    /// <summary>Backups: where to, of what, and what of them stays.</summary>
    public BackupOptions Backup { get; set; } = new();

    /// <summary>What verifications and restore drills are held against, and what their reports say of whose they are.</summary>
    public AssuranceOptions Assurance { get; set; } = new();

    /// <summary>What the service runs by itself, and when: backups, their checks, drills. Default: nothing.</summary>
    public IReadOnlyList<JobOptions> Jobs { get; set; } = [];

    /// <summary>Whom to tell of what is wrong, and from when on something is.</summary>
    public AlarmOptions Alarms { get; set; } = new();

    /// <summary>How data reaches the disk.</summary>
    public StorageOptions Storage { get; set; } = new();

    /// <summary>Log files.</summary>
    public LoggingOptions Logging { get; set; } = new();
}

/// <summary>What documents are, and what is known of them.</summary>
public sealed class ClassificationOptions
{
    /// <summary>
    /// The rules file, absolute or relative to the configuration file. Default <c>rules.json</c> beside the configuration file, where there is
    /// one; none, no rules.
    /// </summary>
    [MinLength(1)]
    public string? Rules { get; set; }
}

/// <summary>How long records are kept.</summary>
public sealed class RetentionFileOptions
{
    /// <summary>
    /// The retention schedule, absolute or relative to the configuration file. Default <c>retention.json</c> beside the configuration file, where
    /// there is one; none, everything is kept.
    /// </summary>
    [MinLength(1)]
    public string? Schedule { get; set; }
}

/// <summary>Where the archive is.</summary>
public sealed class ArchiveOptions
{
    /// <summary>
    /// An archive in Azure: <c>azure:CONTAINER:/PREFIX</c>, opened by the same variables as a repository of backups there. One installation works on it. Default: the folder
    /// <c>archive</c> in the data folder.
    /// </summary>
    [MinLength(1)]
    public string? Store { get; set; }

    /// <summary>
    /// Lets the store keep everybody from changing and deleting what is archived, where its container has version-level immutability; else nothing starts. Only for an archive in
    /// Azure. Default: not used.
    /// </summary>
    public ArchiveImmutabilityOptions? Immutability { get; set; }
}

/// <summary>How the store of the archive keeps everybody from changing and deleting what is archived.</summary>
public sealed class ArchiveImmutabilityOptions
{
    /// <summary>
    /// For how many days at a time. Renewed while retention runs, when half of them are over; what is due is let run out, and a destruction waits for that. 2 to 400. Default 30.
    /// </summary>
    [Range(2, 400)]
    public int Days { get; set; } = 30;
}

/// <summary>How data reaches the disk.</summary>
public sealed class StorageOptions
{
    /// <summary>
    /// Whether one flush may carry many records (<c>group</c>), each file is flushed alone (<c>file</c>), or the file system
    /// decides (<c>auto</c>). Default <c>auto</c>.
    /// </summary>
    public Durability Durability { get; set; } = Durability.Auto;
}

/// <summary>Log files in <c>logs/</c>, one a day.</summary>
public sealed class LoggingOptions
{
    /// <summary>Least severe entries written. Default <c>information</c>.</summary>
    public LogThreshold Level { get; set; } = LogThreshold.Information;

    /// <summary>How many log files are kept. Default 31; 1 to 3650.</summary>
    [Range(1, 3650)]
    public int RetainedFiles { get; set; } = 31;

    /// <summary>Size at which a day's file is continued in another, in bytes. Default 100 MiB; 1 MiB to 10 GiB.</summary>
    [Range(1L << 20, 10L << 30)]
    public long MaxFileSizeBytes { get; set; } = 100L << 20;
}

/// <summary>Severity of log entries.</summary>
public enum LogThreshold
{
    /// <summary>Everything.</summary>
    Verbose,

    /// <summary>Details for finding a fault.</summary>
    Debug,

    /// <summary>What an operator would tell a colleague.</summary>
    Information,

    /// <summary>We coped.</summary>
    Warning,

    /// <summary>A person must act.</summary>
    Error,
}
