using DocIngest.Pipeline;
using DocIngest.Pipeline.Recovering;
using DocIngest.Storage;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Recovering;

/// <summary>The folder that a recovery makes a data folder of: empty, or this recovery's own.</summary>
internal static class RecoveryTarget
{
    // A catalog with the full text of all records, and what is written on the way.
    private const long LeastBytes = 64L << 20;

    // What a recovery makes before it says that the folder is its own.
    private static readonly string[] OfBegun = [DataFolder.Recovery, DataFolder.Locks];

    private static readonly string[] OfBackup = [DataFolder.Archive, DataFolder.Quarantine, DataFolder.Receipts, DataFolder.Staging, DataFolder.Audit, DataFolder.Config];

    /// <summary>What was begun there before; null where nothing was.</summary>
    /// <exception cref="CommandException">Something else is there; exit 2. Nothing was touched.</exception>
    public static RecoveryState? Look(LocalVolumes volumes, string path)
    {
        if (File.Exists(path))
        {
            throw new CommandException(ExitCode.Usage, $"{path} is a file. Nothing was touched.");
        }

        if (!Directory.Exists(path))
        {
            return null;
        }

        var state = RecoveryState.Read(volumes.Open(path));
        if (state is { Stage: RecoveryStage.Accepted })
        {
            throw new CommandException(ExitCode.Usage, $"{path} was recovered before, and that was accepted: it is a data folder in use. Recover into an empty folder. Nothing was touched.");
        }

        return state is not null || Directory.EnumerateFileSystemEntries(path).All(entry => OfBegun.Contains(Path.GetFileName(entry)))
            ? state
            : throw new CommandException(ExitCode.Usage, $"{path} is not empty, and what is in it is no recovery that was begun. Recover into an empty folder. Nothing was touched.");
    }

    /// <summary>Demands that what is still to come has room, beside the reserve for scans.</summary>
    /// <exception cref="CommandException">It has not; exit 6. Nothing was restored.</exception>
    public static void DemandSpace(LocalVolumes volumes, string path, ulong? bytes, DocIngestOptions options)
    {
        if (bytes is not { } all)
        {
            return;   // a program that counts nothing made the snapshot
        }

        string place = path;
        while (!Directory.Exists(place))
        {
            place = Path.GetDirectoryName(place) ?? throw new CommandException(ExitCode.EnvironmentFailed, $"There is no folder above {path}.");
        }

        long missing = Math.Max(0, (long)all - OfBackup.Sum(folder => SizeOf(Path.Combine(path, folder)))) + LeastBytes;
        long free = volumes.Open(place).FreeBytes() - options.Intake.FreeSpaceReserveBytes;
        if (free < missing)
        {
            throw new CommandException(
                ExitCode.EnvironmentFailed,
                $"There is too little space in {place}: {missing >> 20:N0} MiB are still to be restored, and {Math.Max(0, free) >> 20:N0} MiB are free above the reserve for scans (intake.freeSpaceReserveBytes, {options.Intake.FreeSpaceReserveBytes >> 20:N0} MiB). Nothing was restored.");
        }
    }

    private static long SizeOf(string folder) => Directory.Exists(folder)
        ? new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length)
        : 0;
}
