namespace DocIngest.Worker.CommandLine;

/// <summary>Paths as people and scripts type them.</summary>
internal static class TypedPath
{
    /// <summary>The path, absolute.</summary>
    /// <param name="path">As typed; an unset variable of a script leaves it empty.</param>
    /// <param name="option">The option or argument it was given for.</param>
    /// <exception cref="CommandException">It is empty; exit 2.</exception>
    public static string Absolute(string path, string option) =>
        path.Length > 0 ? Path.GetFullPath(path) : throw new CommandException(ExitCode.Usage, $"{option} is empty: a path is needed.");
}
