using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Backups;

/// <summary>Where a repository is.</summary>
/// <param name="Name">As it is told to people: an absolute path, or the name of a place elsewhere.</param>
/// <param name="Folder">The absolute path, where it is one.</param>
internal sealed record RepositoryPlace(string Name, string? Folder)
{
    /// <summary>Reads a name as it was typed or configured.</summary>
    /// <param name="name">A path, or the name of a place elsewhere.</param>
    /// <param name="relativeTo">Where relative paths begin.</param>
    /// <exception cref="CommandException">No repository can have this name; exit 2.</exception>
    public static RepositoryPlace Parse(string name, string relativeTo)
    {
        if (FaultOf(name) is { } fault)
        {
            throw new CommandException(ExitCode.Usage, $"The name of the repository {fault}.");
        }

        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name, relativeTo));
        return new RepositoryPlace(path, path);
    }

    /// <summary>What is wrong with a name, to follow it in a sentence; null where nothing is.</summary>
    public static string? FaultOf(string name) =>
        name.Length == 0 ? "is empty"
        : name.Contains('\0') ? "holds a NUL character, which no path can"
        : null;

    /// <summary>Whether it lies in a folder, and so on its disk as far as anybody can tell.</summary>
    public bool IsIn(string folder) => Folder is not null && FolderPath.Contains(folder, Folder);

    public override string ToString() => Name;
}
