using DocIngest.Archive;
using DocIngest.Backup.Stores;
using DocIngest.Pipeline;
using DocIngest.Storage;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Archives;

/// <summary>Whether a command may write an archive past the service that works on it.</summary>
internal static class ArchiveWriting
{
    /// <summary>Keeps the service of this data folder out of its own archive while it is written by other means than its own.</summary>
    /// <returns>What to dispose when done; null where the archive is nobody's.</returns>
    /// <exception cref="CommandException">The service runs on it, or it belongs to another installation; exit 4. Nothing changed.</exception>
    public static async Task<IDisposable?> KeepOthersOutAsync(CommandContext context, DocIngestOptions configuration, RepositoryLocation target)
    {
        if (target is RepositoryLocation.Folder folder)
        {
            string archive = Path.Combine(context.DataPath, DataFolder.Archive);
            return RealPath.Of(folder.Path) == RealPath.Of(archive) ? KeepServiceOut(context) : null;
        }

        if (target is not RepositoryLocation.Container { Prefix.Length: > 0 } container || await OwnerOfAsync(container, context.Cancellation) is not { } owner)
        {
            return null;
        }

        using var volumes = new LocalVolumes(configuration.Storage.Durability);
        var ours = Directory.Exists(context.DataPath) ? InstallationId.Find(volumes.Open(context.DataPath)) : null;
        return owner.Installation == ours ? KeepServiceOut(context) : throw new CommandException(
            ExitCode.Busy, $"{container} is the archive of an installation ({owner.Installation:D}), which alone writes it. Nothing was changed.");
    }

    private static async Task<ArchiveOwner?> OwnerOfAsync(RepositoryLocation.Container container, CancellationToken cancellation)
    {
        try
        {
            var (store, name) = ConfiguredArchive.OwnerBlobOf(container);
            using var ownership = new ArchiveOwnership(store, name, static () => null, TimeProvider.System);
            return await ownership.FindAsync(cancellation);
        }
        catch (Exception error) when (error is ContainerNotFoundException or ArgumentException)
        {
            return null;   // no container, or a name that no owner's blob can have
        }
    }

    private static IDisposable KeepServiceOut(CommandContext context) =>
        new OsLocks(Path.Combine(context.DataPath, DataFolder.Locks), TimeProvider.System).TryAcquire(RunCommand.ServiceLock)
            ?? throw new CommandException(ExitCode.Busy, "The service works on this archive. Stop it first.");
}
