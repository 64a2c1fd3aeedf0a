using DocIngest.Assurance.Drills;
using DocIngest.Pipeline.Runs;
using DocIngest.Worker.CommandLine;

namespace DocIngest.Worker.Jobs;

/// <summary>The commands that jobs may run: those that need nobody at a keyboard, and decide nothing that takes a person.</summary>
internal static class JobCommand
{
    private static readonly string[] Allowed =
    [
        "archive copy", "archive protect", "archive validate", "archive verify", "audit verify", "backup check", "backup forget", "backup prune", "backup run", "backup verify", "catalog maintain", "drill run", "ocr",
        "retention plan",
    ];

    private static readonly string[] Pretend = ["--help", "-h", "-?", "/?", "/h", "--dry-run", "-n"];

    private static readonly string[] OfTheService = ["--data", "--config"];

    /// <summary>What is wrong with the words of a job; nothing where it can be run.</summary>
    public static IEnumerable<string> FaultsOf(IReadOnlyList<string> words)
    {
        var (command, errors) = DocIngestProgram.Read(words);
        if (!Allowed.Contains(command))
        {
            return [$"is '{string.Join(' ', words)}', but a job runs one of: {string.Join(", ", Allowed)}"];
        }

        return errors.Concat(OfNoUse(words)).Concat(words.TakeWhile(word => word != "--").Where(IsOfTheService).Select(word => $"has {word}: a job works on the data folder and by the configuration of the service"));
    }

    // A job that does nothing, or the same part of the work each time, would be green for ever.
    private static IEnumerable<string> OfNoUse(IReadOnlyList<string> words)
    {
        if (words.FirstOrDefault(Pretend.Contains) is { } pretends)
        {
            yield return $"has {pretends}: such a job would do nothing, and seem to be well";
        }

        int subset = words.ToList().IndexOf("--read-data-subset");
        if (subset >= 0 && words.ElementAtOrDefault(subset + 1) is { } part && part.Contains('/', StringComparison.Ordinal))
        {
            yield return $"has --read-data-subset {part}, which reads the same part each time: with a size, such as 20G, it reads what was read longest ago";
        }
    }

    /// <summary>What its runs are called in the register: a drill is one, whoever began it.</summary>
    public static string JobOf(IReadOnlyList<string> words)
    {
        string command = DocIngestProgram.Read(words).Command;
        return command == "drill run" ? RestoreDrill.Job : command.Replace(' ', '-');
    }

    /// <summary>The result of a run by its exit code.</summary>
    public static string ResultOf(int exitCode) => exitCode switch
    {
        ExitCode.Done => RunResult.Done,
        ExitCode.Findings => RunResult.Findings,
        ExitCode.Usage => RunResult.Refused,
        ExitCode.Partial => RunResult.Partial,
        ExitCode.Busy => RunResult.Busy,
        ExitCode.NotFound => RunResult.NotFound,
        ExitCode.Cancelled => RunResult.Cancelled,
        _ => RunResult.Failed,
    };

    private static bool IsOfTheService(string word) => OfTheService.Any(option => word == option || word.StartsWith(option + "=", StringComparison.Ordinal) || word.StartsWith(option + ":", StringComparison.Ordinal));
}
