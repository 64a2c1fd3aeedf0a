using DocIngest.Storage;
using DocIngest.Worker.Backups;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>Writes a secret where a person wants it: for the owner alone, whole or not at all, and never over another file.</summary>
internal static class OutputFile
{
    /// <exception cref="CommandException">The file exists already; exit 2. Nothing was written.</exception>
    public static async Task WriteNewAsync(LocalVolumes volumes, string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var folder = volumes.Open(Path.GetDirectoryName(path) ?? "/", EntryPermissions.Private);
        try
        {
            await PrivateFile.WriteNewAsync(folder, Path.GetFileName(path), content, cancellation);
        }
        catch (NameTakenException)
        {
            throw new CommandException(ExitCode.Usage, $"{path} exists already. Nothing was written.");
        }
    }
}
