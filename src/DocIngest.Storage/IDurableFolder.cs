namespace DocIngest.Storage;

/// <summary>
/// A folder whose changes can be made to survive a power cut: names, renames and flushes, as a POSIX file system gives them.
/// </summary>
/// <remarks>
/// <para>Paths are relative to the folder, elements separated by <c>/</c>; <c>""</c> is the folder itself. No element may be
/// empty, <c>.</c> or <c>..</c> (<see cref="ArgumentException"/>). Names that are no UTF-8 are carried as <see cref="RawName"/> describes.</para>
/// <para>Every change is visible to this and other processes at once, and durable only after a <see cref="FlushAsync(CancellationToken)"/> that was
/// called after it has returned. Until then a power cut may keep any of the changes and lose any other, and may tear file content.</para>
/// <para>No member follows a symbolic link below the folder: one in the last element is described or refused, one in the middle of
/// a path is refused (<see cref="RefusedEntryException"/>). The folder itself may be a link, as an admin made it.</para>
/// <para>All members may be called from several threads.</para>
/// </remarks>
/// <exception cref="NameNotAllowedException">Any member: no such name can exist here, mostly because it is longer than 255 bytes. Nothing changed.</exception>
/// <exception cref="StorageFullException">Any writing member: no space left. What was written so far may remain; a retry may help after space was freed.</exception>
/// <exception cref="StorageUnavailableException">Any member: the folder vanished, became read-only, or the device failed. A retry may help.</exception>
public interface IDurableFolder
{
    /// <summary>What the folder is called in messages for people, for example its absolute path.</summary>
    string DisplayName { get; }

    /// <summary>The entry at <paramref name="path"/>, or null where there is none. Describes a link, not its target.</summary>
    FolderEntry? Find(string path);

    /// <summary>The entries directly inside a folder, in no order, read as the caller goes on. An entry that vanishes meanwhile is left out.</summary>
    /// <exception cref="EntryNotFoundException">No folder at <paramref name="path"/>; thrown on the first step.</exception>
    IEnumerable<FolderEntry> List(string path);

    /// <summary>Opens a regular file for reading. The stream can seek.</summary>
    /// <exception cref="EntryNotFoundException">Nothing there.</exception>
    /// <exception cref="RefusedEntryException">A link, FIFO, device, socket or folder. It was not opened.</exception>
    Stream OpenRead(string path);

    /// <summary>Whether some process holds the file open for writing just now. Where it cannot be told, or the name is no file: <see cref="WriterProbe.Unknown"/>.</summary>
    WriterProbe ProbeWriter(string path);

    /// <summary>Creates a file for writing; its folder must exist. The bytes are complete for readers once the stream is disposed.</summary>
    /// <remarks>Streams do not buffer: each write is one call into the system, so hand over blocks, not bytes.</remarks>
    /// <exception cref="NameTakenException">The name exists. Nothing changed.</exception>
    /// <exception cref="EntryNotFoundException">No folder to hold it. Nothing changed.</exception>
    Stream Create(string path);

    /// <summary>Opens a file for appending, creating it when absent.</summary>
    /// <exception cref="EntryNotFoundException">No folder to hold it. Nothing changed.</exception>
    /// <exception cref="RefusedEntryException">A link, FIFO, device, socket or folder. Nothing changed.</exception>
    Stream OpenAppend(string path);

    /// <summary>Cuts a file to its first <paramref name="sizeBytes"/> bytes; does nothing where it is not longer.</summary>
    /// <exception cref="EntryNotFoundException">Nothing there.</exception>
    /// <exception cref="RefusedEntryException">A link, FIFO, device, socket or folder. Nothing changed.</exception>
    void Truncate(string path, long sizeBytes);

    /// <summary>Creates a folder and its missing parents; does nothing where it exists.</summary>
    /// <exception cref="NameTakenException">An element of the path is something else than a folder. Parents before it may have been created.</exception>
    void CreateFolder(string path);

    /// <summary>Renames a file or folder in one step, never over an existing name.</summary>
    /// <exception cref="NameTakenException"><paramref name="to"/> exists. Nothing changed.</exception>
    /// <exception cref="EntryNotFoundException"><paramref name="from"/>, or the folder of <paramref name="to"/>, does not exist. Nothing changed.</exception>
    void Move(string from, string to);

    /// <summary>Renames a file in one step, over an existing file if there is one.</summary>
    /// <exception cref="RefusedEntryException">Either of them is a folder. Nothing changed.</exception>
    /// <exception cref="EntryNotFoundException"><paramref name="from"/>, or the folder of <paramref name="to"/>, does not exist. Nothing changed.</exception>
    void Replace(string from, string to);

    /// <summary>Deletes a file or link; does nothing where there is none.</summary>
    /// <exception cref="RefusedEntryException">A folder. Nothing changed.</exception>
    void Delete(string path);

    /// <summary>Deletes an empty folder; returns false, changing nothing, where it is absent or not empty.</summary>
    /// <exception cref="RefusedEntryException">Something else than a folder. Nothing changed.</exception>
    bool DeleteEmptyFolder(string path);

    /// <summary>Deletes a folder with all it holds, or a file; does nothing where there is none. Not one step: a crash may leave a part.</summary>
    void DeleteTree(string path);

    /// <summary>Makes every change made before this call durable: content, names, renames and deletions. Many calls share one flush.</summary>
    /// <remarks>
    /// A failed flush fails every call that waits for it, and on each folder object the first call after it. That is enough for a
    /// folder object with one writer. Writers who share one take a <see cref="Mark"/> before their first change and use the other overload.
    /// Cancelling gives up waiting; the flush itself goes on for the others.
    /// </remarks>
    /// <exception cref="FlushFailedException">Some change since the last successful flush may be lost although later flushes succeed:
    /// write it again from its source, never just flush again.</exception>
    ValueTask FlushAsync(CancellationToken cancellation);

    /// <summary>A point before a group of changes, to be handed to <see cref="FlushAsync(FlushMark, CancellationToken)"/> after them.</summary>
    FlushMark Mark();

    /// <summary>Like <see cref="FlushAsync(CancellationToken)"/>, and fails if any flush since <paramref name="since"/> failed, whoever asked for it.</summary>
    /// <exception cref="FlushFailedException">Some change since <paramref name="since"/> may be lost: write them all again from their sources.</exception>
    ValueTask FlushAsync(FlushMark since, CancellationToken cancellation);

    /// <summary>Bytes that can still be written here.</summary>
    long FreeBytes();
}

/// <summary>How many flushes had failed at some moment, for one folder object; comparable only with marks of the same object.</summary>
public readonly record struct FlushMark(long FailedFlushes);

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
/// <param name="FileId">Identity on its volume in a stable text form: device, inode and, where the file system keeps it, birth time
/// (so that a reused inode number is another identity); or volume serial and file index.</param>
/// <param name="SizeBytes">Length.</param>
/// <param name="WriteTimeNanoseconds">Last change of the content, nanoseconds since 1970-01-01 UTC.</param>
public readonly record struct FileStamp(string FileId, long SizeBytes, long WriteTimeNanoseconds);
