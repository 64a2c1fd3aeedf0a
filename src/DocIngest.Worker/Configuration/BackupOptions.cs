using System.ComponentModel.DataAnnotations;

namespace DocIngest.Worker.Configuration;

/// <summary>Backups: where to, of what, and what of them stays.</summary>
public sealed class BackupOptions
{
    /// <summary>
    /// The repository: a path (relative to the data folder), <c>azure:CONTAINER:/PREFIX</c> or <c>rest:URL</c>. Default <c>backup</c> in the
    /// data folder, with a generated password: a copy on the same disk, which is no backup.
    /// </summary>
    [MinLength(1)]
    public string? Repository { get; set; }

    /// <summary>
    /// Where the password is, never the password itself: <c>file:PATH</c> (relative to the data folder), <c>env:NAME</c>,
    /// <c>command:PROGRAM ARGUMENTS</c>, or <c>credential:NAME</c> of systemd.
    /// </summary>
    public string? Password { get; set; }

    /// <summary>Files and folders to back up, relative to the data folder. Default: what only the data folder has (archive, quarantine, staging, receipts, config).</summary>
    public IReadOnlyList<string> Paths { get; set; } = [];

    /// <summary>
    /// The host name that snapshots carry; those of one host and the same paths belong together. Default: this machine's. Name one where it
    /// changes with each start, as in containers.
    /// </summary>
    [MinLength(1)]
    public string? HostName { get; set; }

    /// <summary>What <c>backup forget</c> keeps, unless it is told otherwise.</summary>
    public KeepOptions Keep { get; set; } = new();

    /// <summary>What backups should be like. Else a person is told.</summary>
    public ExpectationOptions Expect { get; set; } = new();

    /// <summary>How long to try again while somebody else holds a lock that is in the way. Default 0: not at all; up to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan LockWait { get; set; }

    /// <summary>How long a remote store that does not answer is asked again, each time that it happens. Default 15 min; 0 (not at all) to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromMinutes(15);
}

/// <summary>Which snapshots stay; restic's own rules. With all at their defaults nothing is ever forgotten.</summary>
public sealed class KeepOptions
{
    /// <summary>How many of the newest snapshots stay; -1 for all. Default 0: no such rule.</summary>
    [Range(-1, 1_000_000)]
    public int Last { get; set; }

    /// <summary>For how many hours the newest snapshot of each stays; -1 for all. Default 0.</summary>
    [Range(-1, 1_000_000)]
    public int Hourly { get; set; }

    /// <summary>For how many days the newest snapshot of each stays; -1 for all. Default 0.</summary>
    [Range(-1, 1_000_000)]
    public int Daily { get; set; }

    /// <summary>For how many weeks the newest snapshot of each stays; -1 for all. Default 0.</summary>
    [Range(-1, 1_000_000)]
    public int Weekly { get; set; }

    /// <summary>For how many months the newest snapshot of each stays; -1 for all. Default 0.</summary>
    [Range(-1, 1_000_000)]
    public int Monthly { get; set; }

    /// <summary>For how many years the newest snapshot of each stays; -1 for all. Default 0.</summary>
    [Range(-1, 1_000_000)]
    public int Yearly { get; set; }

    /// <summary>How far back from the newest snapshot all stay, as <c>1y5m7d2h</c>. Default none. Who can add snapshots cannot push out good ones by it.</summary>
    public string? Within { get; set; }
}

/// <summary>What backups should be like. Else a person is told, though the backup is made.</summary>
public sealed class ExpectationOptions
{
    /// <summary>By how much files or bytes of one of the paths may be fewer than in any of the last seven backups, in percent. Default 50; 0 to 100 (never an alarm).</summary>
    [Range(0, 100)]
    public int MaxShrinkPercent { get; set; } = 50;

    /// <summary>Within which time every pack should be read to its last byte; <c>backup verify</c> reads so much that it is, <c>backup check</c> warns of others. Default 30 days; 1 day to 10 years.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan VerifiedWithin { get; set; } = TimeSpan.FromDays(30);
}
