using DocIngest.Storage.Linux;
using DocIngest.Storage.Windows;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage;

/// <summary>What local folders and locks need from the operating system. Errors leave it as <see cref="StorageException"/>.</summary>
internal abstract class LocalSystem
{
    internal static LocalSystem OfThisMachine { get; } = OperatingSystem.IsWindows() ? new WindowsSystem() : new LinuxSystem();

    /// <summary>Whether <see cref="FlushVolume"/> carries all changes of a volume at all.</summary>
    internal abstract bool CanGroup { get; }

    /// <summary>Whether <see cref="FlushVolume"/> on this folder's file system is known to carry all changes and report every error.</summary>
    internal abstract bool MayGroup(SafeFileHandle folder);

    internal abstract ILocalTree OpenTree(string absolutePath, ChangedVolumes volumes, EntryPermissions permissions);

    internal abstract SafeFileHandle Duplicate(SafeFileHandle handle);

    /// <summary>Carries everything on a volume to the disk; does nothing where the system cannot.</summary>
    internal abstract void FlushVolume(SafeFileHandle folder);

    /// <summary>Carries one file's content, or one folder's names, to the disk.</summary>
    internal abstract void FlushToDisk(SafeFileHandle handle);

    /// <summary>Writes as much of a large block as it can without leaving it in the page cache, from the start of the block on.</summary>
    /// <returns>How many bytes; 0 where it cannot: the caller writes the rest as always, and hears of errors then.</returns>
    internal virtual int WriteAround(SafeFileHandle file, ReadOnlySpan<byte> block, long offset) => 0;

    /// <summary>The storage error a failed read or write means.</summary>
    internal abstract Exception Translate(Exception error, string displayName, string operation);

    /// <summary>Opens or creates a lock file and locks it for this handle alone.</summary>
    /// <param name="isTemporary">Whether the file goes with the lock.</param>
    /// <returns>Null while another handle, of this or another process, holds it.</returns>
    internal abstract SafeFileHandle? TryLock(string path, bool isTemporary);

    /// <summary>Gives a lock up at once, even while a child process just being started still shares the handle.</summary>
    internal abstract void Unlock(SafeFileHandle locked, string path, bool isTemporary);
}

/// <summary>The entries below one local folder. Members promise what those of <see cref="IDurableFolder"/> with the same name do.</summary>
internal interface ILocalTree
{
    /// <summary>Makes the volume of the folder itself known, though nothing changed there.</summary>
    void TouchRoot();

    FolderEntry? Find(EntryPath path);

    IEnumerable<FolderEntry> List(EntryPath path);

    SafeFileHandle OpenRead(EntryPath path);

    WriterProbe ProbeWriter(EntryPath path);

    OpenedFile Create(EntryPath path);

    OpenedFile OpenAppend(EntryPath path);

    void Truncate(EntryPath path, long sizeBytes);

    void CreateFolder(EntryPath path);

    void Move(EntryPath from, EntryPath to);

    void Replace(EntryPath from, EntryPath to);

    void Delete(EntryPath path);

    bool DeleteEmptyFolder(EntryPath path);

    void DeleteTree(EntryPath path);

    long FreeBytes();
}

/// <summary>A file open for writing, and the volume its bytes go to.</summary>
internal readonly record struct OpenedFile(SafeFileHandle Handle, LocalVolume Volume);
