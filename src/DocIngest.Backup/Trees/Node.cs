using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Trees;

/// <summary>One entry of a directory as a tree holds it (restic-format 9.1). A source gives it without content; the backup adds that.</summary>
public sealed record Node
{
    /// <summary>The name within its directory.</summary>
    public required FileName Name { get; init; }

    /// <summary>What it is.</summary>
    public required NodeType Type { get; init; }

    /// <summary>Permissions and kind.</summary>
    public GoFileMode Mode { get; init; }

    /// <summary>When the content was last written.</summary>
    public ZonedTime Modified { get; init; }

    /// <summary>When it was last read. This program writes <see cref="Modified"/>, as restic does: else reading changed every tree.</summary>
    public ZonedTime Accessed { get; init; }

    /// <summary>When content or metadata were last changed (ctime). <see cref="Modified"/> where the system does not tell.</summary>
    public ZonedTime Changed { get; init; }

    /// <summary>Number of the owner; 0 on Windows.</summary>
    public uint UserId { get; init; }

    /// <summary>Number of the group; 0 on Windows.</summary>
    public uint GroupId { get; init; }

    /// <summary>Name of the owner; empty where there is none.</summary>
    public string User { get; init; } = "";

    /// <summary>Name of the group; empty where there is none.</summary>
    public string Group { get; init; } = "";

    /// <summary>The inode number; 0 on Windows.</summary>
    public ulong Inode { get; init; }

    /// <summary>The device the inode is on, as <c>st_dev</c>; 0 on Windows.</summary>
    public ulong DeviceId { get; init; }

    /// <summary>Bytes of content. Of regular files only; after the backup, the sum of the blobs' lengths.</summary>
    public ulong SizeBytes { get; init; }

    /// <summary>Names the inode has; files of more than one, with the same inode and device, are hard links. 0 for directories, FIFOs and sockets.</summary>
    public ulong LinkCount { get; init; }

    /// <summary>Where a symbolic link leads: the raw bytes, on Windows WTF-8.</summary>
    public ReadOnlyMemory<byte> LinkTarget { get; init; }

    /// <summary>In the order in which the system lists them.</summary>
    public IReadOnlyList<ExtendedAttribute> ExtendedAttributes { get; init; } = [];

    /// <summary>What only one kind of system knows, by key.</summary>
    public IReadOnlyList<GenericAttribute> GenericAttributes { get; init; } = [];

    /// <summary>The device that a device node is, as <c>st_rdev</c>.</summary>
    public ulong Device { get; init; }

    /// <summary>The blobs that make up a file, in order; empty for an empty file, null for what is no file.</summary>
    public IReadOnlyList<BlobId>? Content { get; init; }

    /// <summary>The tree of a directory; null for what is none.</summary>
    public BlobId? Subtree { get; init; }

    /// <summary>What went wrong when it was backed up. This program writes none: it reports instead.</summary>
    public string Error { get; init; } = "";
}

/// <summary>An extended attribute.</summary>
/// <param name="Name">With its namespace: <c>user.comment</c>.</param>
/// <param name="Value">The bytes; null where restic wrote none.</param>
public sealed record ExtendedAttribute(string Name, ReadOnlyMemory<byte>? Value);

/// <summary>An attribute of one kind of system (restic-format 9.6).</summary>
/// <param name="Name">For example <c>windows.file_attributes</c>.</param>
/// <param name="Json">The value as JSON.</param>
public sealed record GenericAttribute(string Name, ReadOnlyMemory<byte> Json);
