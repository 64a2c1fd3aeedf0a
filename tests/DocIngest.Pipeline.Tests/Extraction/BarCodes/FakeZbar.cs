namespace DocIngest.Pipeline.Tests.Extraction.BarCodes;

/// <summary>A script in zbarimg's place.</summary>
internal static class FakeZbar
{
    /// <summary>Writes the script.</summary>
    /// <param name="folder">Where workers may read.</param>
    /// <param name="script">Shell commands; <c>$file</c> is the image.</param>
    /// <returns>Its path.</returns>
    public static string Write(string folder, string script)
    {
        string path = Path.Combine(folder, "zbarimg");
        File.WriteAllText(path, $$"""
            #!/bin/sh
            case "$1" in
              --version) echo "0.23"; exit 0 ;;
              --help) echo "usage"; exit 0 ;;
            esac
            for file; do :; done
            {{script}}

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }
}
