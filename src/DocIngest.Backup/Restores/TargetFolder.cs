using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>
/// An open folder of the target. Everything is done relative to it and never through a link: what the folder's path leads to meanwhile
/// does not matter.
/// </summary>
/// <remarks>
/// For any number of threads, until it is disposed. What concerns one entry fails with <see cref="EntryNotRestoredException"/>; a storage error
/// means that going on makes no sense (disk full, device gone).
/// </remarks>
internal abstract class TargetFolder : IDisposable
{
    public abstract void Dispose();

    /// <summary>What stands under a name; null where nothing does.</summary>
    internal abstract TargetEntry? Find(FileName name);

    /// <summary>Opens a folder in this one; null where nothing stands there.</summary>
    /// <exception cref="EntryNotRestoredException">It is no folder (<see cref="RestoreProblemKind.Conflict"/>), or cannot be opened.</exception>
    internal abstract TargetFolder? OpenFolder(FileName name);

    /// <summary>Makes a folder that only its owner may use, and opens it.</summary>
    internal abstract TargetFolder MakeFolder(FileName name);

    /// <summary>Removes what interrupted restores left under temporary names.</summary>
    internal abstract void RemoveLeftovers();

    /// <summary>Makes an empty file that only its owner may use.</summary>
    internal abstract TargetFile CreateFile(FileName temporary);

    /// <summary>Opens a regular file to read it and to set its metadata.</summary>
    internal abstract TargetFile OpenFile(FileName name);

    /// <summary>Makes a symbolic link, FIFO or device, and sets its metadata.</summary>
    internal abstract MetadataOutcome MakeSpecial(FileName temporary, Node node);

    /// <summary>Sets the metadata of a symbolic link, FIFO or device that is there.</summary>
    internal abstract MetadataOutcome DescribeSpecial(FileName name, Node node);

    /// <summary>Makes a further name of a file.</summary>
    /// <returns>What the new name leads to; null where the system makes no link there (other file system, too many, not known).</returns>
    internal abstract TargetIdentity? TryLink(TargetFolder from, FileName name, FileName temporary);

    /// <summary>Gives an entry its name, in one step.</summary>
    /// <param name="temporary">The name it has.</param>
    /// <param name="name">The name it gets.</param>
    /// <param name="replaces">Whether what stands there goes. Folders never do.</param>
    /// <exception cref="EntryNotRestoredException">Something stands there (<see cref="RestoreProblemKind.Conflict"/>). The entry keeps its temporary name.</exception>
    internal abstract void Publish(FileName temporary, FileName name, bool replaces);

    /// <summary>Removes what has a temporary name, if it can. What stays is removed by the next restore.</summary>
    internal abstract void Discard(FileName temporary);

    /// <summary>Ends the work in the folder: sets its own metadata, and makes names in it durable where the flush at the end does not do that.</summary>
    /// <param name="node">What it shall be; null to leave its metadata.</param>
    internal abstract MetadataOutcome Describe(Node? node);
}

/// <summary>An open file of the target. Writing is for any number of threads.</summary>
internal abstract class TargetFile : IDisposable
{
    public abstract void Dispose();

    /// <summary>What it is, whatever its name.</summary>
    internal abstract TargetIdentity Identity { get; }

    /// <summary>Fills the destination, or stops at the end of the file.</summary>
    internal abstract int Read(Span<byte> destination, long offset);

    internal abstract void Write(ReadOnlySpan<byte> content, long offset);

    /// <summary>Cuts the file, or lets it end in a hole.</summary>
    internal abstract void SetSize(long sizeBytes);

    /// <summary>Whether its metadata is what the node says.</summary>
    internal abstract bool IsDescribed(Node node);

    /// <summary>Sets its metadata, as far as it differs, and makes it durable where the flush at the end does not do that.</summary>
    internal abstract MetadataOutcome Describe(Node node);
}

/// <summary>What stands under a name.</summary>
/// <param name="Type">What it is; unknown for what no snapshot holds.</param>
/// <param name="SizeBytes">Of a regular file.</param>
/// <param name="LinkCount">Names it has.</param>
/// <param name="Device">The device that a device node is.</param>
/// <param name="LinkTarget">Where a symbolic link leads.</param>
/// <param name="Identity">What it is, whatever its name.</param>
internal sealed record TargetEntry(
    NodeType Type, ulong SizeBytes, ulong LinkCount, ulong Device, ReadOnlyMemory<byte> LinkTarget, TargetIdentity Identity);

/// <summary>Names a file within this machine: device and inode.</summary>
internal readonly record struct TargetIdentity(ulong Device, ulong Inode);

/// <summary>What could not be set of an entry's metadata.</summary>
/// <param name="IsOwnerMissing">Owner or group were left, since this process may not give files away.</param>
/// <param name="Problems">Everything else.</param>
internal readonly record struct MetadataOutcome(bool IsOwnerMissing, IReadOnlyList<string> Problems);
