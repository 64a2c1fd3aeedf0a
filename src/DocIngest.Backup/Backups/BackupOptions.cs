using DocIngest.Backup.Compression;

namespace DocIngest.Backup.Backups;

/// <summary>How a backup is made, and what is expected of it.</summary>
public sealed record BackupOptions
{
    /// <summary>Where it is made. Stays the same over restarts: with the paths it tells which snapshots belong together.</summary>
    public required string HostName { get; init; }

    /// <summary>By whom.</summary>
    public string UserName { get; init; } = "";

    /// <summary>By whom, as a number; 0 on Windows.</summary>
    public uint UserId { get; init; }

    /// <summary>By whose group; 0 on Windows.</summary>
    public uint GroupId { get; init; }

    /// <summary>What makes it, for example <c>docingest 1.0.0</c>.</summary>
    public required string ProgramVersion { get; init; }

    /// <summary>Words that people and policies find the snapshot by.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>What was left out, as the snapshot says it. The source itself leaves it out.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>How hard is compressed. Default <see cref="CompressionMode.Fast"/>.</summary>
    public CompressionMode Compression { get; init; } = CompressionMode.Fast;

    /// <summary>Whether every file is read, also those that look as in the parent snapshot. Default false.</summary>
    public bool ReadsAll { get; init; }

    /// <summary>Whether no snapshot is made where nothing differs from the parent. Default false: a snapshot tells that there was a backup.</summary>
    public bool SkipsUnchanged { get; init; }

    /// <summary>Which share of the files or bytes that one of the last seven snapshots has of a path may be gone without an alarm, in percent. Default 50; 0 to 100, where 100 never alarms.</summary>
    public int MostShrinkPercent
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100);
            field = value;
        }
    } = 50;
}
