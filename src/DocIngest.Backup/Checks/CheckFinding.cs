namespace DocIngest.Backup.Checks;

/// <summary>Something a check found.</summary>
/// <param name="Rule">Code, severity and advice.</param>
/// <param name="Message">What exactly is wrong. Names no content, and no path but those of the repository's own files.</param>
public sealed record CheckFinding(FindingRule Rule, string Message)
{
    /// <summary>The kind of the file it is about, where it is about one.</summary>
    public FileKind? Kind { get; init; }

    /// <summary>The file it is about.</summary>
    public FileId? File { get; init; }

    /// <summary>The type of the blob it is about, where it is about one.</summary>
    public BlobType? BlobType { get; init; }

    /// <summary>The blob it is about.</summary>
    public BlobId? Blob { get; init; }

    /// <summary>A snapshot that has it. Others may too.</summary>
    public FileId? Snapshot { get; init; }

    /// <summary>Where in the snapshot. The names of backed-up files: for who may see them, never for logs.</summary>
    public string? Path { get; init; }

    /// <summary>For logs: everything but the path.</summary>
    public override string ToString() => $"{Rule.Code} {Rule.Severity}: {Message}";
}
