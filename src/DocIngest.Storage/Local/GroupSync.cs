using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage;

/// <summary>One call into the system carries all changes of the volume.</summary>
/// <param name="folder">Opened before the first change: the kernel reports to an open folder each error that came after its opening, once.</param>
/// <param name="flushVolume"><c>syncfs</c>.</param>
internal sealed class GroupSync(SafeFileHandle folder, Action<SafeFileHandle> flushVolume) : IVolumeSync
{
    public bool TracksFolders => false;

    public void FileOpened(SafeFileHandle file)
    {
    }

    public void FileClosing(SafeFileHandle file)
    {
    }

    public void FolderChanged(FolderId folder, Func<SafeFileHandle> open)
    {
    }

    public void Sync() => flushVolume(folder);

    public void Dispose() => folder.Dispose();
}
