using DocIngest.Storage;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary>Writes a file for the person who asked: whole or not at all, and never over another.</summary>
internal static class ResultFile
{
    /// <summary>Writes under a temporary name, flushes, and renames.</summary>
    /// <exception cref="CommandException">The file exists already, or has no name; exit 2. Nothing was written.</exception>
    public static async Task WriteAsync(Workspace workspace, string file, Func<Stream, Task> write, CancellationToken cancellation)
    {
        string path = TypedPath.Absolute(file, "--output");
        var folder = workspace.OpenFolder(Path.GetDirectoryName(path) ?? "/");
        string name = Path.GetFileName(path);
        string part = $".{Guid.NewGuid():N}.part";
        try
        {
            if (folder.Find(name) is not null)
            {
                throw new NameTakenException("Exists.");
            }

            await using (var target = folder.Create(part))
            {
                await write(target);
            }

            folder.Move(part, name);
            await folder.FlushAsync(cancellation);
        }
        catch (NameTakenException)
        {
            folder.Delete(part);
            throw new CommandException(ExitCode.Usage, $"{path} exists already. Nothing was written.");
        }
        catch
        {
            folder.Delete(part);   // bytes whose digest is wrong, or a part of them, must not look like a result
            throw;
        }
    }
}
