using System.CommandLine;
using DocIngest.Backup.Restores;
using DocIngest.Backup.Snapshots;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup restore</c></summary>
internal static class RestoreCommand
{
    public static Command Create(CommandFactory commands, RepositoryOptions repository)
    {
        var snapshot = new Argument<string>("SNAPSHOT") { Description = "The snapshot, by the first digits of its id, or 'latest'." };
        var target = new Option<string>("--target", "-t")
        {
            Description = "Folder to restore into. Each entry comes under its full path in it.",
            HelpName = "DIR", Required = true,
        };
        var include = new Option<string[]>("--include", "-i")
        {
            Description = "Only what this pattern matches, with all below it: /path/from/the/root, or a name at any depth; * ? ** stand for others. May"
                + " be repeated.",
            HelpName = "P",
        };
        var exclude = new Option<string[]>("--exclude", "-e") { Description = "Not what this pattern matches. May be repeated.", HelpName = "P" };
        var overwrite = new Option<bool>("--overwrite")
        {
            Description = "Replace files that differ from the snapshot's. Else they stay, and are listed.",
        };
        var noLock = new Option<bool>("--no-lock") { Description = "Take no lock, for a repository that cannot be written to." };
        var dryRun = new Option<bool>("--dry-run", "-n") { Description = "Only look at the target and say what would be restored." };
        var filter = new FilterOptions();
        return commands.Create(
            "restore",
            "Restore a snapshot into a folder: verified, never outside the folder, going on where an earlier run stopped.",
            context => RunAsync(
                context,
                repository,
                (context.Get(snapshot) ?? "", filter.Of(context)),
                TypedPath.Absolute(context.Get(target) ?? "", target.Name),
                new RestoreOptions
                {
                    Include = context.Get(include) ?? [],
                    Exclude = context.Get(exclude) ?? [],
                    ReplacesDifferent = context.Get(overwrite),
                    IsDryRun = context.Get(dryRun),
                },
                context.Get(noLock)),
            [snapshot, target, include, exclude, overwrite, noLock, dryRun, .. filter.All]);
    }

    private static async Task<int> RunAsync(
        CommandContext context, RepositoryOptions repository, (string Name, SnapshotFilter Filter) wanted, string target, RestoreOptions options, bool takesNoLock)
    {
        DemandPatterns([.. options.Include, .. options.Exclude]);
        using var access = repository.Resolve(context);
        using var opened = await access.OpenAsync(context.Cancellation);
        var snapshot = await opened.FindSnapshotAsync(wanted.Name, wanted.Filter, context.Cancellation);
        if (!options.IsDryRun)
        {
            await AuditedActs.BackupAsync(
                access.DataPath, access.Volumes, "restore", AuditAction.Read, [new AuditEntity(AuditEntity.Snapshot, snapshot.ToString())], context.Cancellation);
        }

        var restore = new RestoreRun(opened, options, takesNoLock ? null : access.LockTerms);
        try
        {
            var result = await ProgressBar.RunAsync(
                context.Output.ShowsProgress, "Restoring", progress => restore.RunAsync(snapshot, target, progress, context.Cancellation));
            return Tell(context.Output, target, result, await PutLedgersAsync());

            async Task<IReadOnlyList<RestoredLedger>> PutLedgersAsync()
            {
                var ledgers = new DestructionLedgerRestore(opened, DataFolder.Archive, DataFolder.Destruction, takesNoLock ? null : access.LockTerms);
                try
                {
                    return await ledgers.RunAsync(snapshot, target, options, context.Cancellation);
                }
                catch
                {
                    Tell(context.Output, target, result, []);   // it was restored, whatever is told now
                    context.Output.Error("The destruction ledger could not be put beside what was restored: records that were destroyed may be in the archive again. Run the same command again.");
                    throw;
                }
            }
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            context.Output.Remark($"What is under its name in {target} is whole. The same command goes on from there.");
            throw;
        }
    }

    private static void DemandPatterns(IEnumerable<string> patterns)
    {
        foreach (string pattern in patterns)
        {
            try
            {
                PathPattern.Parse(pattern);
            }
            catch (ArgumentException error)
            {
                throw new CommandException(ExitCode.Usage, $"The pattern \"{pattern}\" cannot be used. {error.Message.Split(" (Parameter")[0]}");
            }
        }
    }

    private static int Tell(CommandOutput output, string target, RestoreResult result, IReadOnlyList<RestoredLedger> ledgers)
    {
        output.Result(AsJson(target, result, ledgers), words => Write(words, target, result));
        foreach (var ledger in ledgers)
        {
            LedgerWords.Tell(output, ledger, result.IsDryRun);
        }

        if (result.ProblemCount > 0)
        {
            output.Error($"{result.ProblemCount:N0} entries are not there as the snapshot has them; all others are. They are listed.");
        }

        return LedgerWords.ExitCodeWith(ExitCodeOf(result), ledgers);
    }

    // By the counts: damage may have come after as many problems as are listed.
    internal static int ExitCodeOf(RestoreResult result) => result.Verdict switch
    {
        RestoreVerdict.Complete => ExitCode.Done,
        RestoreVerdict.Nothing => throw new CommandException(ExitCode.NotFound, "Nothing of the snapshot was meant: no pattern met anything, or it is empty."),
        _ => result.ProblemCounts.ContainsKey(RestoreProblemKind.Damaged) ? ExitCode.Findings : ExitCode.Partial,
    };

    private static object AsJson(string target, RestoreResult result, IReadOnlyList<RestoredLedger> ledgers) => new
    {
        Snapshot = result.Snapshot.ToString(),
        Target = target,
        Verdict = Word(result.Verdict),
        result.IsDryRun,
        result.Files,
        result.Directories,
        result.Links,
        result.Specials,
        result.HardLinks,
        result.BytesRestored,
        result.BytesEqual,
        result.OwnersNotSet,
        result.SocketsLeftOut,
        result.ProblemCount,
        Problems = AsJson(result.Problems),
        DestructionLedgers = ledgers.Select(ledger => new
        {
            DataFolder = RawName.ToDisplay(ledger.DataFolder),
            Snapshot = ledger.Snapshot?.ToString(),
            Time = ledger.Time?.ToString(),
            ledger.FilesPut,
            ledger.FilesEqual,
            ledger.SnapshotsUnread,
            Problems = AsJson(ledger.Problems),
        }),
    };

    private static IEnumerable<object> AsJson(IReadOnlyList<RestoreProblem> problems) =>
        problems.Select(problem => new { Path = RawName.ToDisplay(problem.Path), Kind = Word(problem.Kind), problem.Message });

    private static void Write(TextWriter words, string target, RestoreResult result)
    {
        foreach (var problem in result.Problems)
        {
            words.WriteLine(TerminalText.OneLine($"{Word(problem.Kind)}: {RawName.ToDisplay(problem.Path)}: {problem.Message}"));
        }

        words.WriteLine(
            $"{result.Files.Restored:N0} files of {result.BytesRestored:N0} bytes {(result.IsDryRun ? "would be restored" : "restored and verified")},"
            + $" {result.Files.Equal:N0} were there already, {result.Files.NotRestored:N0} are not there.");
        words.WriteLine($"Snapshot {SnapshotText.ShortId(result.Snapshot)} in {target}.");
        if (result.OwnersNotSet > 0)
        {
            words.WriteLine($"{result.OwnersNotSet:N0} entries belong to {Environment.UserName}: only root may give them to their owners.");
        }
    }

    private static string Word(Enum word) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(word.ToString());
}
