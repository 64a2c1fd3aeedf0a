namespace DocIngest.Storage;

/// <summary>
/// A folder whose changes can be made to survive a power cut: names, renames and flushes, as a POSIX file system gives them.
/// </summary>
/// <remarks>
/// <para>Paths are relative to the folder, elements separated by <c>/</c>; <c>""</c> is the folder itself. No element may be
/// empty, <c>.</c> or <c>..</c> (<see cref="ArgumentException"/>). Names that are no UTF-8 are carried as <see cref="RawName"/> describes.</para>
/// <para>Every change is visible to this and other processes at once, and durable only after a <see cref="FlushAsync"/> that was
/// called after it has returned. Until then a power cut may keep any of the changes and lose any other, and may tear file content.</para>
/// <para>No member follows a symbolic link in the last element, or a link that leads out of the folder.</para>
/// <para>All members may be called from several threads.</para>
/// </remarks>
/// <exception cref="StorageFullException">Any writing member: no space left. What was written so far may remain; a retry may help after space was freed.</exception>
/// <exception cref="StorageUnavailableException">Any member: the folder vanished, became read-only, or the device failed. A retry may help.</exception>
public interface IDurableFolder
{
    /// <summary>What the folder is called in messages for people, for example its absolute path.</summary>
    string DisplayName { get; }

    /// <summary>The entry at <paramref name="path"/>, or null where there is none. Describes a link, not its target.</summary>
    FolderEntry? Find(string path);

    /// <summary>The entries directly inside a folder, in no order, read as the caller goes on.</summary>
    /// <exception cref="EntryNotFoundException">No folder at <paramref name="path"/>.</exception>
    IEnumerable<FolderEntry> List(string path);

    /// <summary>Opens a regular file for sequential reading.</summary>
    /// <exception cref="EntryNotFoundException">Nothing there.</exception>
    /// <exception cref="RefusedEntryException">A link, FIFO, device, socket or folder. It was not opened.</exception>
    Stream OpenRead(string path);

    /// <summary>Whether some process holds the file open for writing just now.</summary>
    WriterProbe ProbeWriter(string path);

    /// <summary>Creates a file for writing; its folder must exist. The bytes are complete for readers once the stream is disposed.</summary>
    /// <exception cref="NameTakenException">The name exists. Nothing changed.</exception>
    Stream Create(string path);

    /// <summary>Opens a file for appending, creating it when absent.</summary>
    Stream OpenAppend(string path);

    /// <summary>Cuts a file to its first <paramref name="sizeBytes"/> bytes.</summary>
    /// <exception cref="EntryNotFoundException">Nothing there.</exception>
    void Truncate(string path, long sizeBytes);

    /// <summary>Creates a folder and its missing parents; does nothing where it exists.</summary>
    void CreateFolder(string path);

    /// <summary>Renames a file or folder in one step, never over an existing name.</summary>
    /// <exception cref="NameTakenException"><paramref name="to"/> exists. Nothing changed.</exception>
    /// <exception cref="EntryNotFoundException"><paramref name="from"/>, or the folder of <paramref name="to"/>, does not exist. Nothing changed.</exception>
    void Move(string from, string to);

    /// <summary>Renames a file in one step, over an existing file if there is one.</summary>
    /// <exception cref="EntryNotFoundException"><paramref name="from"/>, or the folder of <paramref name="to"/>, does not exist. Nothing changed.</exception>
    void Replace(string from, string to);

    /// <summary>Deletes a file or link; does nothing where there is none.</summary>
    /// <exception cref="RefusedEntryException">A folder. Nothing changed.</exception>
    void Delete(string path);

    /// <summary>Deletes an empty folder; returns false, changing nothing, where it is absent or not empty.</summary>
    bool DeleteEmptyFolder(string path);

    /// <summary>Deletes a folder with all it holds, or a file; does nothing where there is none. Not one step: a crash may leave a part.</summary>
    void DeleteTree(string path);

    /// <summary>Makes every change made before this call durable: content, names, renames and deletions. Many calls share one flush.</summary>
    /// <exception cref="FlushFailedException">Some change since the last successful flush may be lost although later flushes succeed:
    /// write it again from its source, never just flush again.</exception>
    ValueTask FlushAsync(CancellationToken cancellation);

    /// <summary>Bytes that can still be written here.</summary>
    long FreeBytes();
}

/// <summary>What kind of thing a name is.</summary>
public enum EntryKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link, junction or other reparse point.</summary>
    Link,

    /// <summary>A FIFO, socket, device or anything else that is not to be read.</summary>
    Special,
}

/// <summary>Whether a file is open for writing somewhere.</summary>
public enum WriterProbe
{
    /// <summary>The system vouches that no process of this machine has it open for writing.</summary>
    NoWriter,

    /// <summary>Somebody has it open for writing.</summary>
    Writer,

    /// <summary>The system cannot tell (a network share, not the owner, file gone).</summary>
    Unknown,
}

/// <summary>A name in a folder and what stands behind it.</summary>
/// <param name="Name">The last path element.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Stamp">Identity, size and write time.</param>
/// <param name="LinkCount">Names this file has on its volume; 1 for most.</param>
public sealed record FolderEntry(string Name, EntryKind Kind, FileStamp Stamp, long LinkCount);

/// <summary>What tells whether a file is still the same one, with the same bytes, as far as the file system knows.</summary>
/// <param name="FileId">Identity on its volume (device and inode, or volume serial and file index) in a stable text form.</param>
/// <param name="SizeBytes">Length.</param>
/// <param name="WriteTimeNanoseconds">Last change of the content, nanoseconds since 1970-01-01 UTC.</param>
public readonly record struct FileStamp(string FileId, long SizeBytes, long WriteTimeNanoseconds);
