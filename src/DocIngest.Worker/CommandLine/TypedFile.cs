namespace DocIngest.Worker.CommandLine;

/// <summary>A small file that somebody named on the command line.</summary>
internal static class TypedFile
{
    /// <summary>Reads it whole.</summary>
    /// <exception cref="CommandException">There is none (exit 5), or it is larger than such a file can be (exit 2).</exception>
    public static async Task<byte[]> ReadAsync(string file, int mostBytes, CancellationToken cancellation)
    {
        string path = TypedPath.Absolute(file, "FILE");
        var there = new FileInfo(path);
        return !there.Exists ? throw new CommandException(ExitCode.NotFound, $"There is no file {path}.")
            : there.Length > mostBytes ? throw new CommandException(ExitCode.Usage, $"{path} has {there.Length:N0} bytes: it cannot be what is asked for.")
            : await File.ReadAllBytesAsync(path, cancellation);
    }
}
