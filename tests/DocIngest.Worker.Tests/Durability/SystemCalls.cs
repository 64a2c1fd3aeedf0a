using System.Globalization;
using System.Text.RegularExpressions;

namespace DocIngest.Worker.Tests.Durability;

/// <summary>One system call of a trace by <c>strace -f -y</c>.</summary>
/// <param name="Start">Number of the trace's line on which it began.</param>
/// <param name="End">Number of the line on which it ended; later than <paramref name="Start"/> where other threads came between.</param>
/// <param name="Name">As the kernel calls it.</param>
/// <param name="Arguments">As printed, without the brackets.</param>
/// <param name="Result">Number returned.</param>
internal sealed partial record SystemCall(int Start, int End, string Name, string Arguments, long Result)
{
    public bool Succeeded => Result >= 0;

    /// <summary>The path of the file behind the first argument; empty where it is no open file.</summary>
    public string OpenFile => FileOfFirstArgument().Match(Arguments) is { Success: true } match ? match.Groups["file"].Value : "";

    /// <summary>The absolute paths that the arguments name, a folder and a name in it joined.</summary>
    public IReadOnlyList<string> Paths => [.. FolderAndName().Matches(Arguments)
        .Select(match => match.Groups["name"].Value is ['/', ..] absolute ? absolute : $"{match.Groups["folder"].Value}/{match.Groups["name"].Value}")];

    /// <summary>Reads a trace. Calls that never ended are left out: the process was gone.</summary>
    public static List<SystemCall> Read(IEnumerable<string> trace)
    {
        var calls = new List<SystemCall>();
        var begun = new Dictionary<string, (int Line, string Text)>();
        int number = 0;
        foreach (string line in trace)
        {
            number++;
            if (ThreadAndRest().Match(line) is not { Success: true } parts)
            {
                continue;
            }

            string thread = parts.Groups["thread"].Value;
            string text = parts.Groups["rest"].Value;
            if (text.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                begun[thread] = (number, text[..^Unfinished.Length]);
                continue;
            }

            int start = number;
            if (Resumed().Match(text) is { Success: true } resumed && begun.Remove(thread, out var first))
            {
                start = first.Line;
                text = first.Text + resumed.Groups["rest"].Value;
            }

            if (Call().Match(text) is { Success: true } call)
            {
                calls.Add(new SystemCall(
                    start, number, call.Groups["name"].Value, call.Groups["arguments"].Value, long.Parse(call.Groups["result"].Value, CultureInfo.InvariantCulture)));
            }
        }

        return calls;
    }

    private const string Unfinished = " <unfinished ...>";

    [GeneratedRegex(@"^(?<thread>\d+)\s+(?<rest>.*)$", RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ThreadAndRest();

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>(?<rest>.*)$", RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(?<name>\w+)\((?<arguments>.*)\)\s+= (?<result>-?\d+)[^""]*$", RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Call();

    [GeneratedRegex(@"^\d+<(?<file>[^>]*)>", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FileOfFirstArgument();

    [GeneratedRegex(@"(?:(?:\d+|AT_FDCWD)<(?<folder>[^>]*)>, )?""(?<name>[^""]*)""", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex FolderAndName();
}

/// <summary>
/// What a power cut could still take at some moment of a trace: file contents and folder entries that no successful flush has
/// carried since they changed. Strict: a flush counts for what had ended before it began, and an <c>fsync</c> for one file or folder alone.
/// </summary>
internal sealed class Unflushed
{
    // By path, the line of the trace on which the last change ended.
    private readonly Dictionary<string, int> _contents = [];
    private readonly Dictionary<string, int> _names = [];

    /// <summary>Takes up the next call.</summary>
    public void Follow(SystemCall call)
    {
        if (!call.Succeeded)
        {
            return;
        }

        switch (call.Name)
        {
            case "write" or "pwrite64" or "writev" or "pwritev" or "pwritev2" or "ftruncate" or "fallocate" or "copy_file_range":
                _contents[call.OpenFile] = call.End;
                break;
            case "open" or "openat" or "openat2" when call.Arguments.Contains("O_CREAT", StringComparison.Ordinal):
            case "mkdir" or "mkdirat":
                _names[call.Paths[^1]] = call.End;
                break;
            case "rename" or "renameat" or "renameat2":
                Rename(_contents, call.Paths[0], call.Paths[1]);
                Rename(_names, call.Paths[0], call.Paths[1]);
                _names[call.Paths[1]] = call.End;
                break;
            case "unlink" or "unlinkat" or "rmdir":
                Forget(_contents, path => IsAtOrBelow(path, call.Paths[0]), int.MaxValue);
                Forget(_names, path => IsAtOrBelow(path, call.Paths[0]), int.MaxValue);
                break;
            case "syncfs":
                Forget(_contents, static _ => true, call.Start);
                Forget(_names, static _ => true, call.Start);
                break;
            case "fsync" or "fdatasync":
                Forget(_contents, path => path == call.OpenFile, call.Start);
                Forget(_names, path => FolderOf(path) == call.OpenFile, call.Start);
                break;
        }
    }

    /// <summary>Contents and names at or below a path that a power cut could take.</summary>
    public IReadOnlyList<string> Below(string path) =>
        [.. _contents.Keys.Where(changed => IsAtOrBelow(changed, path)), .. _names.Keys.Where(name => IsAtOrBelow(name, path)).Select(name => $"the name {name}")];

    /// <summary>Whether a file or folder could lose its name.</summary>
    public bool IsNameUnflushed(string path) => _names.ContainsKey(path);

    public static string FolderOf(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private static bool IsAtOrBelow(string path, string place) => path == place || path.StartsWith(place + "/", StringComparison.Ordinal);

    private static void Rename(Dictionary<string, int> changes, string from, string to)
    {
        foreach (string path in changes.Keys.Where(path => IsAtOrBelow(path, from)).ToList())
        {
            changes.Remove(path, out int line);
            changes[to + path[from.Length..]] = line;
        }
    }

    private static void Forget(Dictionary<string, int> changes, Func<string, bool> which, int before)
    {
        foreach (string path in changes.Keys.Where(which).ToList())
        {
            if (changes[path] < before)
            {
                changes.Remove(path);
            }
        }
    }
}
