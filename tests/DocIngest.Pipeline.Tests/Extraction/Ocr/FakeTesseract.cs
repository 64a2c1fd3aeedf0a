namespace DocIngest.Pipeline.Tests.Extraction.Ocr;

/// <summary>A script in tesseract's place that behaves as it should but for one thing.</summary>
internal static class FakeTesseract
{
    /// <summary>The only word it reads.</summary>
    public const string Word = "word";

    /// <summary>Shell command that prints a page of the word.</summary>
    public static string Print(int confidencePercent) =>
        $@"printf '1\t%d\t0\t0\t0\t0\t0\t0\t2480\t3508\t-1\t\n5\t%d\t1\t1\t1\t1\t300\t400\t90\t40\t{confidencePercent}\t{Word}\n' $n $n";

    /// <summary>Writes the script.</summary>
    /// <param name="folder">Where workers may read.</param>
    /// <param name="atPage">Shell commands in front of each page; <c>$n</c> is its place in the list, from 1.</param>
    /// <param name="first">Shell commands in front of everything but the questions for version and languages.</param>
    /// <returns>Its path.</returns>
    public static string Write(string folder, string atPage = "", string first = "") =>
        WriteScript(folder, "tesseract", $$"""
            case "$1" in
              --version) echo "tesseract 5.0.0"; exit 0 ;;
              --list-langs) echo 'List of available languages in "/nowhere/" (1):'; echo eng; exit 0 ;;
            esac
            {{first}}
            printf 'level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n'
            n=0
            while read -r file; do
              echo "Page $n : $file" >&2
              n=$((n + 1))
              {{atPage}}
              {{Print(confidencePercent: 96)}}
            done < "$1"

            """);

    /// <summary>Writes a script in the place of any program.</summary>
    /// <returns>Its path.</returns>
    public static string WriteScript(string folder, string name, string commands)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{commands}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }
}
