using System.CommandLine;
using System.Diagnostics;
using DocIngest.Archive;
using DocIngest.Backup.Stores;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.Worker.Archives;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>archive recover</c> and <c>archive adopt</c>: what a writer of an archive in a blob store left who is gone.</summary>
internal static class ArchiveSettlingCommands
{
    // A little longer than the lease of a dead owner lasts.
    private static readonly TimeSpan OwnerWait = ArchiveOwnership.LeaseDuration + TimeSpan.FromSeconds(15);

    public static Command CreateRecover(CommandFactory commands)
    {
        var store = new Argument<string?>("STORE")
        {
            Description = "A target of 'archive copy': a path, or azure:CONTAINER:/PREFIX; the configured archive in Azure where none is named.", Arity = ArgumentArity.ZeroOrOne,
        };
        return commands.Create(
            "recover", "Settle every object of an archive in a blob store: finish what was decided, remove what was not. Start-up does that for what this data folder had in hand.",
            context => RecoverAsync(context, context.Get(store)), store);
    }

    public static Command CreateAdopt(CommandFactory commands) => commands.Create(
        "adopt", "Make this data folder the one that works on its archive in Azure, where the former is gone for good. Rebuild the catalog after it.", AdoptAsync);

    private static async Task<int> RecoverAsync(CommandContext context, string? named)
    {
        var configuration = context.LoadConfig();
        var location = named is null
            ? ConfiguredArchive.LocationOf(configuration.Archive) ?? throw new CommandException(
                ExitCode.Usage, "The archive of this data folder is on its disk, where each start recovers what was cut short. Name the target of a copy.")
            : ArchiveStores.Parse(named, "STORE");
        using var kept = await ArchiveWriting.KeepOthersOutAsync(context, configuration, location);
        using var stores = new ArchiveStores(configuration.Storage.Durability, ArchiveStores.RetriesOf(context, configuration));
        var root = await stores.OpenAsync(location, context.Cancellation);
        var summary = await root.RecoverAllAsync(cancellation: context.Cancellation);
        context.Output.Result(AsJson(location, summary), words => Write(words, summary));
        return ExitOf(summary);
    }

    private static async Task<int> AdoptAsync(CommandContext context)
    {
        using var workspace = context.OpenOrCreate();
        if (!workspace.Archive.IsInAzure)
        {
            throw new CommandException(ExitCode.Usage, "The archive of this data folder is on its disk: it is this one's already.");
        }

        using var held = workspace.Locks.TryAcquire(RunCommand.ServiceLock) ?? throw new CommandException(ExitCode.Busy, "The service works on this data folder. Stop it first.");
        context.Output.Remark($"Waiting up to {OwnerWait.TotalSeconds:0} s for the lease of the former owner to run out.");
        var (former, summary) = await workspace.Archive.AdoptAsync(OwnerWait, context.Cancellation);
        await AuditedActs.RecordAsync(workspace, static origin => origin.Event(AuditType.Config, "archive-adopt", AuditAction.Execute), context.Cancellation);
        context.Output.Result(
            new { Former = former?.Installation, Recovered = AsJson(workspace.Archive.Location ?? throw new UnreachableException(), summary) },
            words =>
            {
                words.WriteLine(former is null ? "The archive was this data folder's already." : $"The archive is this data folder's now; it was that of {former.Installation:D}.");
                Write(words, summary);
                words.WriteLine("Run 'docingest catalog rebuild' before anything else: this catalog does not know what the former filed.");
            });
        return ExitOf(summary);
    }

    private static int ExitOf(BlobRecoverySummary summary) =>
        summary.Changed.Values.Any(outcome => outcome is BlobRecoveryOutcome.Damaged) ? ExitCode.Findings
        : summary.Changed.Values.Any(outcome => outcome is BlobRecoveryOutcome.Busy) ? ExitCode.Busy
        : ExitCode.Done;

    private static object AsJson(RepositoryLocation location, BlobRecoverySummary summary) => new
    {
        Store = RawName.ToDisplay(location.DisplayName),
        summary.Objects,
        Changed = summary.Changed.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => new { Path = RawName.ToDisplay(one.Key), Outcome = Word(one.Value), Finding = FindingOf(one.Value) }),
    };

    private static void Write(TextWriter words, BlobRecoverySummary summary)
    {
        foreach (var (path, outcome) in summary.Changed.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            words.WriteLine(TerminalText.OneLine(RawName.ToDisplay($"{Word(outcome)}: {path}{(FindingOf(outcome) is { } finding ? $": {finding.Code} {finding.Message}" : "")}")));
        }

        words.WriteLine($"{summary.Objects:N0} objects looked at, {summary.Changed.Count:N0} were not settled.");
    }

    private static Finding? FindingOf(BlobRecoveryOutcome outcome) => (outcome as BlobRecoveryOutcome.Damaged)?.Finding;

    private static string Word(BlobRecoveryOutcome outcome) => outcome switch
    {
        BlobRecoveryOutcome.Finished => "finished",
        BlobRecoveryOutcome.TakenBack => "taken-back",
        BlobRecoveryOutcome.Busy => "busy",
        BlobRecoveryOutcome.Damaged => "damaged",
        BlobRecoveryOutcome.Absent => "absent",
        BlobRecoveryOutcome.Sound => "sound",
        _ => throw new UnreachableException(),
    };
}
