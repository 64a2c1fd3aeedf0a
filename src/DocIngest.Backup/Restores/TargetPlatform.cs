using DocIngest.Backup.Restores.Linux;
using DocIngest.Backup.Restores.Windows;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>How this machine takes what is restored.</summary>
internal abstract class TargetPlatform
{
    internal static TargetPlatform OfThisMachine { get; } = OperatingSystem.IsWindows() ? new WindowsTargets() : new LinuxTargets();

    /// <summary>Whether an entry may be called this here. What it refuses would lead to another place, or to a device.</summary>
    internal abstract bool Takes(FileName name);

    /// <summary>Opens the folder that everything is restored into.</summary>
    /// <param name="path">Absolute. May be, or lead over, links: the operator named it.</param>
    /// <param name="isDryRun">Whether nothing may be made: then null where the folder is not there.</param>
    /// <exception cref="Storage.LockHeldException">Another restore writes into it.</exception>
    /// <exception cref="Storage.StorageException">It cannot be made or opened.</exception>
    internal abstract RestoreTarget? Open(string path, bool isDryRun);
}

/// <summary>The folder that everything is restored into.</summary>
internal abstract class RestoreTarget : IDisposable
{
    public abstract void Dispose();

    /// <summary>The folder itself; disposed with this.</summary>
    internal abstract TargetFolder Folder { get; }

    /// <summary>Carries everything that was written to the disk.</summary>
    /// <exception cref="Storage.FlushFailedException">It did not get there. What was restored must be restored again.</exception>
    internal abstract void Flush();
}
