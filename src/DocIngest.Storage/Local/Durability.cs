namespace DocIngest.Storage;

/// <summary>How a local folder makes changes survive a power cut. Which file systems allow what: docs/adr/0001-group-commit.md.</summary>
public enum Durability
{
    /// <summary>Grouped where the file system and the kernel are known to report every error so, else per file. The default.</summary>
    Auto,

    /// <summary>One <c>syncfs</c> carries all changes of a file system. Linux only.</summary>
    Group,

    /// <summary>Each file is synced when it is closed, each touched folder when flushed.</summary>
    File,
}
