using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Snapshots;

/// <summary>One backup: a root tree with its time and origin (restic-format 8).</summary>
public sealed record Snapshot
{
    /// <summary>When the backup began. Its zone decides which day and week it counts for.</summary>
    public required ZonedTime Time { get; init; }

    /// <summary>The snapshot that told which files were unchanged; may be gone since.</summary>
    public FileId? Parent { get; init; }

    /// <summary>The root.</summary>
    public required BlobId Tree { get; init; }

    /// <summary>What was backed up, as absolute paths. With the host name it tells which snapshots belong together.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Where.</summary>
    public string HostName { get; init; } = "";

    /// <summary>By whom.</summary>
    public string UserName { get; init; } = "";

    /// <summary>By whom, as a number; 0 on Windows.</summary>
    public uint UserId { get; init; }

    /// <summary>By whose group; 0 on Windows.</summary>
    public uint GroupId { get; init; }

    /// <summary>The patterns that were left out.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Words that people and policies find it by.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The first form of a snapshot that was rewritten.</summary>
    public FileId? Original { get; init; }

    /// <summary>What made it, for example <c>docingest 1.0.0</c>.</summary>
    public string ProgramVersion { get; init; } = "";

    /// <summary>What the backup did; null for programs before restic 0.17.</summary>
    public SnapshotSummary? Summary { get; init; }
}

/// <summary>What a backup did.</summary>
public sealed record SnapshotSummary
{
    /// <summary>When it began.</summary>
    public ZonedTime Start { get; init; }

    /// <summary>When it was done but for the snapshot.</summary>
    public ZonedTime End { get; init; }

    /// <summary>Files the parent does not have.</summary>
    public ulong FilesNew { get; init; }

    /// <summary>Files that differ from the parent's.</summary>
    public ulong FilesChanged { get; init; }

    /// <summary>Files that were not read.</summary>
    public ulong FilesUnmodified { get; init; }

    /// <summary>Directories the parent does not have.</summary>
    public ulong DirectoriesNew { get; init; }

    /// <summary>Directories that differ from the parent's.</summary>
    public ulong DirectoriesChanged { get; init; }

    /// <summary>Directories equal to the parent's.</summary>
    public ulong DirectoriesUnmodified { get; init; }

    /// <summary>Data blobs that were stored.</summary>
    public long DataBlobs { get; init; }

    /// <summary>Tree blobs that were stored.</summary>
    public long TreeBlobs { get; init; }

    /// <summary>Bytes of plaintext that were stored.</summary>
    public ulong BytesAdded { get; init; }

    /// <summary>Bytes they take in packs.</summary>
    public ulong BytesAddedPacked { get; init; }

    /// <summary>All files, read or not.</summary>
    public ulong FilesProcessed { get; init; }

    /// <summary>Bytes of all files, read or not.</summary>
    public ulong BytesProcessed { get; init; }
}
