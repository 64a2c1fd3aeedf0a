using System.CommandLine;
using DocIngest.Backup;
using DocIngest.Backup.Pruning;
using DocIngest.Backup.Removal;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Stores;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.Worker.Backups;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup forget</c></summary>
internal static class ForgetCommand
{
    public static Command Create(CommandFactory commands, RepositoryOptions repository)
    {
        var snapshots = new Argument<string[]>("SNAPSHOT")
        {
            Description = "Snapshots to forget, by the first digits of their ids. None: the policy decides.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var keep = new KeepPolicyOptions();
        var filter = new FilterOptions();
        var groupBy = new Option<string>("--group-by")
        {
            Description = "What snapshots must share to be counted together: host, paths, tags; empty for nothing (default host,paths).",
            HelpName = "LIST",
            DefaultValueFactory = _ => "host,paths",
        };
        var mayRemoveAll = new Option<bool>("--unsafe-allow-remove-all")
        {
            Description = "Let the policy forget all snapshots of a host and its paths.",
        };
        var dryRun = new Option<bool>("--dry-run", "-n") { Description = "Only say what would be forgotten, and why the others stay." };
        var prune = new Option<bool>("--prune") { Description = "Then remove what no snapshot needs any more, under the same lock." };
        var limits = new PruneLimitOptions();
        return commands.Create(
            "forget",
            "Forget snapshots by a policy, or by name. Their data stays until it is pruned.",
            context => RunAsync(
                context,
                repository,
                context.Get(snapshots) ?? [],
                options => new RemovalRequest
                {
                    Policy = keep.Of(context, options),
                    Filter = filter.Of(context),
                    Grouping = Grouping(context.Get(groupBy) ?? ""),
                    MayRemoveWholeGroups = context.Get(mayRemoveAll),
                },
                keep.IsGiven(context),
                context.Get(dryRun),
                context.Get(prune) ? limits
                : limits.IsGiven(context) ? throw new CommandException(ExitCode.Usage, "How far to prune is of no use without --prune.")
                : null),
            [snapshots, .. keep.All, .. filter.All, groupBy, mayRemoveAll, dryRun, prune, .. limits.All]);
    }

    private static async Task<int> RunAsync(
        CommandContext context,
        RepositoryOptions repository,
        string[] names,
        Func<Configuration.KeepOptions, RemovalRequest> describe,
        bool hasPolicy,
        bool isDryRun,
        PruneLimitOptions? pruning)
    {
        using var access = repository.Resolve(context);
        if (names.Length > 0 && hasPolicy)
        {
            throw new CommandException(ExitCode.Usage, "Name snapshots or give a policy, not both.");
        }

        var request = describe(access.Options.Keep);
        if (names.Length == 0 && request.Policy.IsEmpty)
        {
            throw new CommandException(
                ExitCode.Usage,
                "Say what to keep, for example --keep-daily 14 --keep-monthly 12, or set backup.keep in the configuration. Nothing was forgotten.");
        }

        using var opened = await access.OpenAsync(context.Cancellation);
        if (names.Length > 0)
        {
            request = request with { Named = await FindAsync(opened, names, context.Cancellation) };
        }

        var options = pruning is null ? null : await pruning.OfAsync(context, access, opened, request.MayRemoveWholeGroups);
        try
        {
            var (plan, pruned) = await RemoveAsync(context, access, opened, request, options, isDryRun);
            int exitCode = Tell(context.Output, plan, pruned, isDryRun);
            return isDryRun ? exitCode : await AuditHeadSteps.LeaveAsync(context, opened, access, exitCode);
        }
        catch (RemovalRefusedException refused)
        {
            throw new CommandException(ExitCode.Usage, refused.MayBeAllowed ? $"{refused.Message} If that is wanted: --unsafe-allow-remove-all." : refused.Message);
        }
    }

    private static async Task<(RemovalPlan Plan, PruneReport? Pruned)> RemoveAsync(
        CommandContext context, RepositoryAccess access, Repository opened, RemovalRequest request, PruneOptions? pruning, bool isDryRun)
    {
        var removal = new SnapshotRemoval(opened, access.LockTerms);
        if (!isDryRun)
        {
            await AuditHeadSteps.DemandAsync(context, opened, access);

            // What a policy meets is known under the repository's lock only: the entry names what was named, and the snapshots' absence says the rest.
            var named = request.Named.Select(id => new AuditEntity(AuditEntity.Snapshot, id.ToString()));
            await AuditedActs.BackupAsync(access.DataPath, access.Volumes, "forget", AuditAction.Delete, [.. named], context.Cancellation);
        }

        if (pruning is null)
        {
            return (isDryRun ? await removal.PlanAsync(request, context.Cancellation) : await removal.RunAsync(request, context.Cancellation), null);
        }

        if (isDryRun)
        {
            var planned = await removal.PlanAsync(request, context.Cancellation);
            return (planned, PruneReport.Planned(await PruneRun.PlanAsync(opened, pruning, planned.Removed.ToHashSet(), access.LockTerms, context.Cancellation), pruning));
        }

        var there = await PruneCommand.SnapshotsOf(opened, context.Cancellation);
        var (plan, pruned) = await ProgressBar.RunAsync(
            context.Output.ShowsProgress, PruneCommand.Progress, progress => removal.RunAndPruneAsync(request, pruning, progress, context.Cancellation));
        var report = PruneReport.Of(pruned, pruning);
        await PruneCommand.RecordEndAsync(access, opened, [.. there.Except(plan.Removed)], report, context.Cancellation);
        return (plan, report);
    }

    private static async Task<IReadOnlyList<FileId>> FindAsync(Repository repository, string[] names, CancellationToken cancellation)
    {
        var ids = new List<FileId>();
        foreach (string name in names)
        {
            ids.Add(await repository.Store.FindByPrefixAsync(FileKind.Snapshot, name, cancellation));
        }

        return ids;
    }

    private static SnapshotGrouping Grouping(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Aggregate(SnapshotGrouping.None, (grouping, word) => grouping | word switch
        {
            "host" or "hosts" => SnapshotGrouping.Host,
            "path" or "paths" => SnapshotGrouping.Paths,
            "tag" or "tags" => SnapshotGrouping.Tags,
            _ => throw new CommandException(ExitCode.Usage, $"--group-by takes host, paths and tags, not \"{word}\"."),
        });

    private static int Tell(CommandOutput output, RemovalPlan plan, PruneReport? pruned, bool isDryRun)
    {
        output.Result(AsJson(plan, pruned, isDryRun), words =>
        {
            Write(words, plan, isDryRun);
            pruned?.Write(words);
        });
        foreach (string fault in pruned?.Faults() ?? [])
        {
            output.Error(fault);
        }

        return pruned?.ExitCode ?? ExitCode.Done;
    }

    private static object AsJson(RemovalPlan plan, PruneReport? pruned, bool isDryRun) => new
    {
        DryRun = isDryRun,
        Removed = plan.Removed.Select(id => id.ToString()),
        Groups = plan.Groups.Select(planned => new
        {
            Host = planned.Group.HostName,
            Paths = planned.Group.Paths.Select(RawName.ToDisplay),
            planned.Group.Tags,
            Keep = planned.Verdict.Kept.Select(kept => new { Id = kept.Snapshot.Id.ToString(), Time = kept.Snapshot.Time.ToString(), kept.Reasons }),
            Remove = planned.Verdict.Removed.Select(removed => new { Id = removed.Id.ToString(), Time = removed.Time.ToString() }),
        }),
        Pruned = pruned?.AsJson(),
    };

    private static void Write(TextWriter words, RemovalPlan plan, bool isDryRun)
    {
        foreach (var planned in plan.Groups)
        {
            words.WriteLine(TerminalText.OneLine(
                $"{planned.Group.HostName} {string.Join(' ', planned.Group.Paths.Select(RawName.ToDisplay))} {string.Join(',', planned.Group.Tags)}"));
            foreach (var kept in planned.Verdict.Kept)
            {
                words.WriteLine(TerminalText.OneLine($"  keep    {SnapshotText.ShortId(kept.Snapshot.Id)}  {kept.Snapshot.Time}  {string.Join(", ", kept.Reasons)}"));
            }

            foreach (var removed in planned.Verdict.Removed)
            {
                words.WriteLine($"  forget  {SnapshotText.ShortId(removed.Id)}  {removed.Time}");
            }
        }

        words.WriteLine($"{plan.Removed.Count} snapshots {(isDryRun ? "would be forgotten" : "forgotten")}.");
    }
}
