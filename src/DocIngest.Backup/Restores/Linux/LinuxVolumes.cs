using DocIngest.Backup.Sources.Linux;
using DocIngest.Storage;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Restores.Linux;

/// <summary>The file systems that a restore writes to, to be flushed once when it is done.</summary>
/// <remarks>Each is held open from before the first change on, so that an error of the disk meanwhile is told by the flush.</remarks>
internal sealed class LinuxVolumes : IDisposable
{
    /// <summary>Before 5.8 <c>syncfs</c> succeeds although written-back data was lost.</summary>
    private static readonly Version SyncFsReportsErrors = new(5, 8);

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, LinuxVolume> _volumes = [];   // under _gate

    /// <summary>Whether nothing may be changed.</summary>
    internal required bool IsDryRun { get; init; }

    /// <param name="device">The device of the folder.</param>
    /// <param name="folder">An open folder on it; copied where needed.</param>
    internal LinuxVolume Of(ulong device, SafeFileHandle folder)
    {
        lock (_gate)
        {
            if (!_volumes.TryGetValue(device, out var volume))
                _volumes.Add(device, volume = Open(device, folder));
            return volume;
        }
    }

    internal void Flush()
    {
        foreach (var volume in _volumes.Values.Where(volume => !volume.FlushesEach))
        {
            if (WriteCalls.SyncFileSystem(volume.Handle) != 0)
                throw Failure("flush the volume");
        }
    }

    internal static FlushFailedException Failure(string operation) =>
        new($"Cannot {operation}: what was restored may not be on the disk.", TargetError.OfTarget(TargetError.Last, operation));

    public void Dispose()
    {
        foreach (var volume in _volumes.Values)
            volume.Handle.Dispose();
    }

    private static LinuxVolume Open(ulong device, SafeFileHandle folder)
    {
        var own = LibC.OpenAt(folder, ".\0"u8, LibC.ReadOnly | LibC.Folder | LibC.CloseOnExec);
        if (own.IsInvalid)
            throw TargetError.From(TargetError.Last, "open a folder");
        return new LinuxVolume(device, own, FlushesEach: WriteCalls.StatFileSystem(own, out var found) != 0 || !MayGroup(found.Type));
    }

    /// <summary>The decision of ADR 0001: file systems that record every writeback error for <c>syncfs</c>.</summary>
    private static bool MayGroup(long fileSystem) => Environment.OSVersion.Version >= SyncFsReportsErrors && (uint)fileSystem is
        0xEF53          // ext2 to ext4
        or 0x58465342   // XFS
        or 0x9123683E   // Btrfs
        or 0xF2F52010   // F2FS
        or 0x01021994;  // tmpfs
}

/// <summary>One file system.</summary>
/// <param name="Device">Its number, as <c>st_dev</c>.</param>
/// <param name="Handle">A folder on it.</param>
/// <param name="FlushesEach">Whether each file and folder is flushed by itself, since a flush of the whole cannot be relied on.</param>
internal sealed record LinuxVolume(ulong Device, SafeFileHandle Handle, bool FlushesEach);
