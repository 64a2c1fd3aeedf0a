using System.CommandLine;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.CommandLine;

/// <summary>Records what commands do, before they hand anything out or destroy it. Where that fails, they do neither.</summary>
internal static class AuditedActs
{
    /// <summary>Entities that one entry names at most: a longer answer has several.</summary>
    public const int MostInOneEntry = 500;

    /// <summary>The option of commands that show records.</summary>
    public static Option<string?> PurposeOption()
    {
        var purpose = new Option<string?>("--purpose") { Description = $"What for, for the audit: {string.Join(", ", AuditPurpose.All)}.", HelpName = "P" };
        purpose.AcceptOnlyFromAmong([.. AuditPurpose.All]);
        return purpose;
    }

    /// <summary>Records that records were asked for.</summary>
    /// <exception cref="CommandException">The audit cannot be written; exit 6. Nothing may be handed out.</exception>
    public static Task ReadAsync(Workspace workspace, string subtype, RecordId record, int? version, string? purpose, CancellationToken cancellation) => RecordAsync(
        workspace,
        origin => origin.Event(AuditType.Read, subtype, AuditAction.Read, new AuditEntity(AuditEntity.Record, record.ToString(), version)) with { Purpose = purpose },
        cancellation);

    /// <summary>Records which results a search shows, in as many entries as it takes; never what was searched for (I6).</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception" />
    public static Task SearchAsync(Workspace workspace, string subtype, IReadOnlyList<AuditEntity> results, string? purpose, CancellationToken cancellation) => DemandAsync(
        workspace.DataPath,
        () => workspace.Audit.AppendAsync(
            [
                .. results.Chunk(MostInOneEntry).DefaultIfEmpty([]).Select(shown =>
                    workspace.Audit.Origin.Event(AuditType.Search, subtype, AuditAction.Execute, shown) with { Count = shown.Length, Purpose = purpose }),
            ],
            cancellation));

    /// <summary>Records that records are handed out to somebody outside, in as many entries as it takes.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception" />
    public static Task DisclosureAsync(Workspace workspace, string purpose, AuditEntity disclosure, IReadOnlyList<AuditEntity> records, CancellationToken cancellation) => DemandAsync(
        workspace.DataPath,
        () => workspace.Audit.AppendAsync(
            [
                .. records.Chunk(MostInOneEntry - 1).Select(some =>
                    workspace.Audit.Origin.Event(AuditType.Export, "disclosure", AuditAction.Read, [.. some, disclosure]) with { Count = some.Length, Purpose = purpose }),
            ],
            cancellation));

    /// <summary>Records one act of this process.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception" />
    public static Task RecordAsync(Workspace workspace, Func<AuditOrigin, AuditEvent> describe, CancellationToken cancellation) =>
        RecordAsync(workspace.Audit, workspace.DataPath, describe, cancellation);

    /// <summary>Records an act on backups, where the data folder is one of this program: repositories of others can be worked on without.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception" />
    public static Task BackupAsync(
        string dataPath, LocalVolumes volumes, string subtype, string action, IReadOnlyList<AuditEntity> snapshots, CancellationToken cancellation) =>
        RecordAsync(dataPath, volumes, origin => origin.Event(AuditType.Backup, subtype, action, snapshots), cancellation);

    /// <summary>Records that a prune of a repository left nothing to do, in as many entries as its snapshots take.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception" />
    public static Task PrunedAsync(string dataPath, LocalVolumes volumes, string repositoryId, IReadOnlyList<AuditEntity> snapshots, CancellationToken cancellation) => RecordAllAsync(
        dataPath, volumes,
        origin => [.. snapshots.Chunk(MostInOneEntry - 1).DefaultIfEmpty([]).Select(some =>
            origin.Event(AuditType.Backup, "pruned", AuditAction.Delete, [new AuditEntity(AuditEntity.Repository, repositoryId), .. some]) with { Count = snapshots.Count })],
        cancellation);

    /// <summary>Records an act that shows and hands out no record, and must work whatever becomes of its entry: a missing one is told.</summary>
    public static async Task NoteAsync(CommandContext context, Func<AuditOrigin, AuditEvent> describe)
    {
        try
        {
            using var volumes = new LocalVolumes();
            await RecordAsync(context.DataPath, volumes, describe, CancellationToken.None);   // it is done: being cancelled does not undo it
        }
        catch (Exception error) when (error is CommandException or StorageException)
        {
            context.Output.Error($"warning: this is not in the audit. {error.Message}");
        }
    }

    /// <summary>The same of an act on backups.</summary>
    public static Task NoteBackupAsync(CommandContext context, string subtype, string action, bool isWell = true, params IReadOnlyList<AuditEntity> entities) => NoteAsync(
        context, origin => origin.Event(AuditType.Backup, subtype, action, entities) with { Outcome = isWell ? AuditOutcome.Success : AuditOutcome.Failure });

    /// <summary>Records an act that needs no catalog, where the data folder is one of this program.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception" />
    public static Task RecordAsync(string dataPath, LocalVolumes volumes, Func<AuditOrigin, AuditEvent> describe, CancellationToken cancellation) =>
        RecordAllAsync(dataPath, volumes, origin => [describe(origin)], cancellation);

    private static async Task RecordAllAsync(string dataPath, LocalVolumes volumes, Func<AuditOrigin, IReadOnlyList<AuditEvent>> describe, CancellationToken cancellation)
    {
        if (!Workspace.HasCatalog(dataPath))
        {
            return;
        }

        using var trail = AuditTrail.Open(
            volumes.Open(dataPath), new OsLocks(Path.Combine(dataPath, DataFolder.Locks), TimeProvider.System),
            AuditOrigin.Of(Actor.OfThisProcess(Environment.MachineName), isService: false, ThisProgram.Version), () => null, TimeProvider.System, NullLogger.Instance);
        await DemandAsync(dataPath, () => trail.AppendAsync(describe(trail.Origin), cancellation));
    }

    /// <summary>Records what the ledger notes and the audit has not yet, this process' own acts among it.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception" />
    public static Task DrainAsync(Workspace workspace, CancellationToken cancellation) =>
        DemandAsync(workspace.DataPath, () => workspace.Audit.DrainAsync(workspace.Database, cancellation));

    private static Task RecordAsync(AuditTrail trail, string dataPath, Func<AuditOrigin, AuditEvent> describe, CancellationToken cancellation) =>
        DemandAsync(dataPath, () => trail.AppendAsync([describe(trail.Origin)], cancellation));

    private static async Task DemandAsync(string dataPath, Func<Task> record)
    {
        try
        {
            await record();
        }
        catch (StorageException error) when (error is not LockHeldException)
        {
            throw new CommandException(
                ExitCode.EnvironmentFailed,
                $"The account {Environment.UserName} cannot write the audit in {Path.Combine(dataPath, DataFolder.Audit)}, and without an entry there nothing is shown, handed out or "
                + $"destroyed. Run the command as the account of the service, or free space. ({error.Message})");
        }
    }
}
