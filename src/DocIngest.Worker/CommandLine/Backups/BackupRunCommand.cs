using System.CommandLine;
using DocIngest.Backup;
using DocIngest.Backup.Backups;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Sources;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Recovering;
using Microsoft.Data.Sqlite;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup run</c></summary>
internal static class BackupRunCommand
{
    // Others write there too, each for well under a second.
    private static readonly TimeSpan LedgerAnswersWithin = TimeSpan.FromSeconds(30);

    public static Command Create(CommandFactory commands, RepositoryOptions repository)
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Files and folders to back up (default: as configured, else what only the data folder has).",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var tags = new Option<string[]>("--tag")
        {
            Description = "Tags for the snapshot, comma-separated. May be repeated.",
            HelpName = "TAG[,TAG…]",
        };
        var host = new Option<string?>("--host")
        {
            Description = "The host the snapshot names (default: as configured, else this machine).",
            HelpName = "NAME",
        };
        var force = new Option<bool>("--force") { Description = "Read every file again, also those that look unchanged." };
        var account = ProcessAccount.OfThisProcess();
        var skip = new Option<bool>("--skip-if-unchanged") { Description = "Make no snapshot where nothing has changed since the last." };
        return commands.Create(
            "run",
            "Make a snapshot.",
            context => RunAsync(
                context,
                repository,
                context.Get(paths) ?? [],
                access => new BackupOptions
                {
                    HostName = context.Get(host) ?? access.HostName,
                    UserName = account.UserName,
                    UserId = account.UserId,
                    GroupId = account.GroupId,
                    ProgramVersion = $"docingest {ThisProgram.Version}",
                    Tags = [.. FilterOptions.TagLists(context.Get(tags)).SelectMany(list => list).Where(tag => tag.Length > 0).Distinct()],
                    ReadsAll = context.Get(force),
                    SkipsUnchanged = context.Get(skip),
                    MostShrinkPercent = access.Options.Expect.MaxShrinkPercent,
                }),
            paths, tags, host, force, skip);
    }

    private static async Task<int> RunAsync(CommandContext context, RepositoryOptions repository, string[] paths, Func<RepositoryAccess, BackupOptions> describe)
    {
        using var access = repository.Resolve(context);
        var options = describe(access);
        if (OwnSeries.Of(options.Tags) is { } kept)
        {
            string what = kept == DestructionLedger.Tag ? "the ledger of destroyed records: no snapshot with it is ever forgotten" : "the heads of the audit";
            throw new CommandException(ExitCode.Usage, $"The tag {kept} is kept for {what}. Nothing was backed up.");
        }

        RecoveryGate.DemandRestored(access);
        var source = BackupPaths.SourceOf([.. paths.Select(path => TypedPath.Absolute(path, "PATH"))], access);
        BackupRemarks.OnSameDisk(context.Output, access);
        BackupRemarks.OnArchiveElsewhere(context.Output, access);
        using var opened = await OpenOrCreateAsync(access, context);
        var result = await BackUpAsync(opened, source, options, access, context, isConfigured: paths.Length == 0);
        await NoteAsync(context, access, source, result.Alarms);
        await RecordAsync(context, access, result);
        int exitCode = Tell(context.Output, access, result);
        if (paths.Length == 0)
        {
            exitCode = await DestructionLedgerSteps.LeaveAsync(context, opened, access, exitCode);
        }

        return await AuditHeadSteps.LeaveAsync(context, opened, access, exitCode);
    }

    private static async Task<BackupResult> BackUpAsync(
        Repository repository, IBackupSource source, BackupOptions options, RepositoryAccess access, CommandContext context, bool isConfigured)
    {
        try
        {
            return await ProgressBar.RunAsync(
                context.Output.ShowsProgress,
                "Backing up",
                progress => BackupRun.RunAsync(repository, source, options, access.LockTerms, progress, context.Cancellation));
        }
        catch (SourceMissingException error) when (isConfigured || error.WasThereBefore)   // else it may never have been there: mistyped
        {
            await NoteAsync(context, access, source, [.. source.Paths.Select(path => new BackupAlarm(BackupAlarmKind.SourceMissing, path, error.Message))]);
            throw;
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            context.Output.Remark("No snapshot was made. What was stored already is used by the next run.");
            throw;
        }
    }

    /// <summary>Makes the alarms part of <c>status</c>, where there is one: only a data folder with a ledger has it.</summary>
    private static async Task NoteAsync(CommandContext context, RepositoryAccess access, IBackupSource source, IReadOnlyList<BackupAlarm> alarms)
    {
        using var soon = new CancellationTokenSource(LedgerAnswersWithin, access.Time);   // its own: what was backed up must not be told as cancelled
        try
        {
            if (Workspace.HasCatalog(context.DataPath))
            {
                using var workspace = context.OpenExisting();
                await BackupAlarmLedger.NoteAsync(
                    workspace.Database, access.Location.DisplayName, source.Paths, alarms, access.Time.GetUtcNow(), soon.Token);
            }
        }
        catch (Exception error) when (error is CommandException or StorageException or SqliteException or OperationCanceledException)
        {
            context.Output.Error("warning: whether there are alarms could not be noted for 'docingest status'. Run backups as the account of the service.");
        }
    }

    // It was made, and nothing is handed out by it: a missing entry is told, and takes nothing back.
    private static async Task RecordAsync(CommandContext context, RepositoryAccess access, BackupResult result)
    {
        try
        {
            IReadOnlyList<AuditEntity> made = result.Snapshot is { } snapshot ? [new AuditEntity(AuditEntity.Snapshot, snapshot.ToString())] : [];
            await AuditedActs.BackupAsync(access.DataPath, access.Volumes, "run", AuditAction.Create, made, CancellationToken.None);
        }
        catch (Exception error) when (error is CommandException or StorageException)
        {
            context.Output.Error($"warning: the backup was made, and is not in the audit. {error.Message}");
        }
    }

    // Only the one that nobody chose is made by itself: at a place that somebody named, a missing repository is mostly a missing mount.
    private static async Task<Repository> OpenOrCreateAsync(RepositoryAccess access, CommandContext context)
    {
        if (access.IsEmbedded && !access.IsByEscrow && !await access.ExistsAsync(context.Cancellation))
        {
            var made = await access.CreateAsync(context.Cancellation);
            BackupRemarks.OnDrawnPassword(context.Output, access);
            return made;
        }

        return await access.OpenAsync(context.Cancellation);
    }

    private static int Tell(CommandOutput output, RepositoryAccess access, BackupResult result)
    {
        output.Result(AsJson(access, result), words =>
        {
            foreach (var problem in result.Problems)
            {
                words.WriteLine(TerminalText.OneLine($"{problem.Kind}: {problem.Path}: {problem.Message}"));
            }

            var summary = result.Summary;
            words.WriteLine(
                $"{summary.FilesProcessed:N0} files of {summary.BytesProcessed:N0} bytes:"
                + $" {summary.FilesNew:N0} new, {summary.FilesChanged:N0} changed, {summary.FilesUnmodified:N0} unchanged;"
                + $" {summary.BytesAddedPacked:N0} bytes added");
            words.WriteLine(result.Snapshot is { } id ? $"Snapshot {SnapshotText.ShortId(id)} saved in {access.Location}." : "Nothing has changed: no snapshot was made.");
        });
        foreach (var alarm in result.Alarms)
        {
            string of = alarm.Source is { } path ? $"{RawName.ToDisplay(path)}: " : "";
            output.Error(TerminalText.OneLine($"ALARM: {of}{alarm.Message}"));
        }

        if (result.Problems.Count > 0)
        {
            output.Error(
                $"{result.Problems.Count:N0} entries are not in the snapshot, or not with all that is known of them; all others are."
                + " Look at the list, mend, and run again.");
        }

        return ExitCodeOf(result);
    }

    // What is missing is listed and makes the backup a partial one; every other alarm is a finding.
    internal static int ExitCodeOf(BackupResult result) =>
        result.Alarms.Any(alarm => alarm.Kind is not BackupAlarmKind.SourceMissing) ? ExitCode.Findings
        : result.Problems.Count + result.Alarms.Count > 0 ? ExitCode.Partial
        : ExitCode.Done;

    private static object AsJson(RepositoryAccess access, BackupResult result) => new
    {
        Repository = access.Location.DisplayName,
        ArchiveNotCovered = access.ArchiveElsewhere?.DisplayName,
        Snapshot = result.Snapshot?.ToString(),
        Parent = result.Parent?.ToString(),
        Files = result.Summary.FilesProcessed,
        Bytes = result.Summary.BytesProcessed,
        result.Summary.FilesNew,
        result.Summary.FilesChanged,
        result.Summary.FilesUnmodified,
        BytesAdded = result.Summary.BytesAddedPacked,
        result.AdoptedPacks,
        Problems = result.Problems.Select(problem => new { problem.Path, Kind = Word(problem.Kind), problem.Message }),
        Alarms = result.Alarms.Select(alarm => new { Kind = Word(alarm.Kind), Source = alarm.Source is { } path ? RawName.ToDisplay(path) : null, alarm.Message }),
    };

    private static string Word(Enum kind) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());
}
