using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Restores.Windows;

/// <summary>Restores on Windows.</summary>
/// <remarks>
/// Compiles everywhere; checked by reading only, until the tests of restores run on Windows. Two restores into one target at once are not
/// kept apart here.
/// </remarks>
internal sealed class WindowsTargets : TargetPlatform
{
    internal override bool Takes(FileName name) => WindowsNames.Takes(name);

    internal override RestoreTarget? Open(string path, bool isDryRun)
    {
        try
        {
            if (isDryRun && !Directory.Exists(path))
                return null;
            string full = Directory.CreateDirectory(path).FullName.TrimEnd('\\');
            return new WindowsTarget(full.StartsWith(@"\\", StringComparison.Ordinal) ? $@"\\?\UNC\{full[2..]}" : $@"\\?\{full}");
        }
        catch (Exception error) when (error is IOException and not StorageException or UnauthorizedAccessException or EntryNotRestoredException)
        {
            throw new StorageUnavailableException("Cannot make or open the target.", error);
        }
    }
}

/// <summary>An open target. Files were flushed one by one.</summary>
internal sealed class WindowsTarget(string path) : RestoreTarget
{
    private readonly WindowsTargetFolder _folder = WindowsTargetFolder.Open(path, mayBeLink: true);

    internal override TargetFolder Folder => _folder;

    public override void Dispose() => _folder.Dispose();

    internal override void Flush()
    {
        // Every file was flushed before it got its name, and names are written through.
    }
}
