using System.CommandLine;
using DocIngest.Backup.Checks;
using DocIngest.Backup.Repositories;
using DocIngest.Pipeline.Audit;
using DocIngest.Worker.Backups;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup check</c></summary>
internal static class CheckCommand
{
    public static Command Create(CommandFactory commands, RepositoryOptions repository)
    {
        var readData = new Option<bool>("--read-data")
        {
            Description = "Read every pack to its last byte. Without it, damage inside packs stays unknown.",
        };
        var subset = new Option<PackReading?>("--read-data-subset")
        {
            Description = "Read the n-th of t parts (n/t), or as many bytes (500M) of the packs that were read longest ago.", HelpName = "n/t|SIZE",
        };
        subset.CustomParser = result =>
        {
            string text = result.Tokens[^1].Value;
            if (PackReading.Part.TryParse(text, out var part))
            {
                return part;
            }

            if (SizeText.Parse(text) is { } budget and > 0)
            {
                return new PackReading.OldestFirst(budget);
            }

            result.AddError($"\"{text}\" is neither a part such as 3/10 (of at most {PackReading.Part.MostParts}) nor a size such as 500M.");
            return null;
        };
        var noLock = new Option<bool>("--no-lock")
        {
            Description = "Take no lock, for a copy that nobody may write to. What others do meanwhile can look like damage.",
        };
        return commands.Create(
            "check",
            "Look for everything that could keep somebody from restoring: what restic looks for, and what it passes over.",
            context => RunAsync(context, repository, Reading(context.Get(readData), context.Get(subset)), context.Get(noLock)),
            readData, subset, noLock);
    }

    private static PackReading Reading(bool everything, PackReading? part) => (everything, part) switch
    {
        (true, not null) => throw new CommandException(ExitCode.Usage, "Give --read-data or --read-data-subset, not both."),
        (true, null) => new PackReading.Everything(),
        _ => part ?? new PackReading.Nothing(),
    };

    private static async Task<int> RunAsync(CommandContext context, RepositoryOptions repository, PackReading reading, bool takesNoLock)
    {
        using var access = repository.Resolve(context);
        using var opened = await access.OpenAsync(context.Cancellation);
        var options = new CheckOptions { Reading = reading, TakesLock = !takesNoLock, Verification = Verification(access, opened) };
        var result = await ProgressBar.RunAsync(
            context.Output.ShowsProgress, "Checking", progress => RepositoryCheck.RunAsync(opened, options, access.LockTerms, progress, context.Cancellation));
        await AuditedActs.NoteBackupAsync(context, "check", AuditAction.Execute, result.Verdict is not CheckVerdict.Errors);
        context.Output.Result(CheckReport.AsJson(access.Location, result), words => CheckReport.Write(words, access.Location, result));
        return result.Verdict is CheckVerdict.Errors ? ExitCode.Findings : ExitCode.Done;
    }

    private static VerificationTerms? Verification(RepositoryAccess access, Repository opened) =>
        access.VerificationLogOf(opened) is { } log ? new VerificationTerms(log, access.Options.Expect.VerifiedWithin) : null;
}
