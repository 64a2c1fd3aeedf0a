using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage;

/// <summary>How the changes of one volume reach the disk. Told of each change after it was made; asked to carry them by one caller at a time.</summary>
internal interface IVolumeSync : IDisposable
{
    /// <summary>Whether it wants to be told of changed folders.</summary>
    bool TracksFolders { get; }

    /// <summary>A file was opened for writing.</summary>
    void FileOpened(SafeFileHandle file);

    /// <summary>The file has its last byte and is about to be closed. Never throws: what fails here fails the next <see cref="Sync"/>.</summary>
    void FileClosing(SafeFileHandle file);

    /// <summary>Names in a folder changed.</summary>
    /// <param name="folder">Which one, so that it is carried once.</param>
    /// <param name="open">Opens it for <see cref="Sync"/>; called only where that is needed.</param>
    void FolderChanged(FolderId folder, Func<SafeFileHandle> open);

    /// <summary>Carries every change it was told of before the call.</summary>
    /// <exception cref="IOException">Some of them may be lost. Another call would not report them again.</exception>
    void Sync();
}

/// <summary>Names a folder on its volume.</summary>
internal readonly record struct FolderId(UInt128 Number);
