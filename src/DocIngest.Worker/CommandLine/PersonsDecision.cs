using System.CommandLine;
using System.Diagnostics;
using DocIngest.Archive;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Revisions;

namespace DocIngest.Worker.CommandLine;

/// <summary>What the commands have in common by which a person decides something about a record.</summary>
internal static class PersonsDecision
{
    public static Option<string?> ReasonOption() => new("--reason") { Description = "Why, for those who read the record later; - reads it from standard input.", HelpName = "R" };

    public static Option<string?> NoteOption() => new("--note") { Description = "More about it, for those who read the record later; - reads it from standard input.", HelpName = "N" };

    public static Option<string[]> RemoveOption() => new("--remove") { Description = "A field to take away; may be repeated.", HelpName = "K", Arity = ArgumentArity.OneOrMore };

    public static Option<string[]> SetOption() => new("--set") { Description = "A field, such as patientId=4711; may be repeated.", HelpName = "K=V", Arity = ArgumentArity.OneOrMore };

    public static Option<string?> SetFromOption() => new("--set-from")
    {
        Description = "Read such lines from a file, or from standard input with -, so that they stay out of the shell's history.", HelpName = "FILE",
    };

    public static Option<string?> TitleOption() => new("--title") { Description = "Its title; - reads it from standard input.", HelpName = "T" };

    public static Option<bool> RemoveKeyOption() => new("--remove-document-key") { Description = "It is to have no document key." };

    public static void DemandOneKey(Assignment assignment)
    {
        if (assignment is { RemovesDocumentKey: true, DocumentKey: not null })
        {
            throw new CommandException(ExitCode.Usage, "Say --document-key or --remove-document-key, not both.");
        }
    }

    public static Option<string?> VersionOption() => new("--version")
    {
        Description = "The version you looked at, as 'qc' prints it. If the record has another by now, nothing changes.", HelpName = "vN",
    };

    public static VersionNumber? Seen(string? version) => version is null ? null
        : VersionNumber.TryParse(version, out var seen) ? seen
        : throw new CommandException(ExitCode.Usage, "A version has the form v3.");

    public static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <summary>Words of the person: as typed, or from standard input, so that they stay out of the shell's history.</summary>
    public static async Task<string?> WordsOfAsync(CommandContext context, Option<string?> option) =>
        Trimmed(context.Get(option) is "-" ? await context.ReadInputAsync() : context.Get(option));

    public static async Task<IReadOnlyList<string>> LinesOfAsync(CommandContext context, Option<string?> option)
    {
        if (context.Get(option) is not { } source)
        {
            return [];
        }

        string text = source == "-" ? await context.ReadInputAsync() : await File.ReadAllTextAsync(TypedPath.Absolute(source, "FILE"), context.Cancellation);
        return text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    public static SortedDictionary<string, string> Fields(IReadOnlyList<string> typed)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string text in typed)
        {
            int at = text.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || at == text.Length - 1)
            {
                throw new CommandException(ExitCode.Usage, "A field is given as NAME=VALUE.");   // not repeated: it may name a patient
            }

            if (!fields.TryAdd(text[..at].Trim(), text[(at + 1)..].Trim()))
            {
                throw new CommandException(ExitCode.Usage, $"The field {text[..at].Trim()} is given twice.");
            }
        }

        return fields;
    }

    public static async Task<int> SettleAsync(
        CommandContext context, Argument<string> id, Func<RecordSettling, RecordId, Task<SettlingOutcome>> settle, string what)
    {
        using var workspace = context.OpenExisting();
        var wanted = RecordCommands.ParseId(context.Get(id));
        await using var host = await context.StartHostAsync(workspace);
        switch (await settle(host.Settling, wanted))
        {
            case SettlingOutcome.Settled settled:
                context.Output.Result(
                    new { Id = wanted.ToString(), Version = $"v{settled.Version}", Result = what, settled.Settles, Waits = settled.Left },
                    words =>
                    {
                        words.WriteLine($"{what} as v{settled.Version}{(settled.Settles.Count == 0 ? "" : $"; settled: {string.Join(", ", settled.Settles)}")}.");
                        if (settled.Left.Count > 0)
                        {
                            words.WriteLine($"It still waits for: {string.Join(", ", settled.Left)}.");
                        }
                    });
                return ExitCode.Done;
            case SettlingOutcome.NothingWaits:
                throw new CommandException(ExitCode.NotFound, $"Nothing waits for review at {wanted}.");
            case SettlingOutcome.Absent:
                throw RecordCommands.NotFound(wanted);
            case SettlingOutcome.Refused refused:
                throw new CommandException(ExitCode.Usage, $"{refused.Why} Nothing changed.");
            case SettlingOutcome.Busy:
                throw new CommandException(ExitCode.Busy, "Another version of this record is being made just now. Nothing changed; try again in a moment.");
            default:
                throw new UnreachableException();
        }
    }
}
