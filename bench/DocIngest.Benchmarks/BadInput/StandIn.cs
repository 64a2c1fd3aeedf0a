namespace DocIngest.Benchmarks.BadInput;

/// <summary>A folder for <c>PATH</c> with the real programs of OCR, and a script in tesseract's place that knows its languages and then goes wrong.</summary>
internal static class StandIn
{
    private const string Shell = "/bin/sh";

    /// <summary>It never ends.</summary>
    public const string Hangs = "while :; do :; done";

    /// <summary>It recurses until its stack ends.</summary>
    public const string Crashes = "down() { down; }; down";

    /// <summary>It writes to standard error for ever, in one line.</summary>
    public const string Floods = "while :; do printf 'a long word of an endless line ' >&2; done";

    /// <summary>Makes the folder.</summary>
    /// <param name="folder">Does not exist yet.</param>
    /// <param name="behaviour">Shell commands in place of reading a page.</param>
    public static string Make(string folder, string behaviour)
    {
        Directory.CreateDirectory(folder);
        string script = Path.Combine(folder, "tesseract");
        File.WriteAllText(script, $$"""
            #!/bin/sh
            case "$1" in
              --version) echo "tesseract 5.0.0"; exit 0 ;;
              --list-langs) echo 'List of available languages in "/nowhere/" (1):'; echo eng; exit 0 ;;
            esac
            echo "Page 0 : $1" >&2
            {{behaviour}}

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        foreach (string program in new[] { "pdftoppm", "qpdf" })
        {
            File.CreateSymbolicLink(Path.Combine(folder, program), Path.Combine("/usr/bin", program));
        }

        File.CreateSymbolicLink(Path.Combine(folder, "zbarimg"), Shell);   // a worker may start only the programs it is told of, and a script needs this one
        return folder;
    }
}
