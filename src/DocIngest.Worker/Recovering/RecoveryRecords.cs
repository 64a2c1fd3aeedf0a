using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Recovering;
using DocIngest.Storage;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.Recovering;

/// <summary>What the audit and the alarms say of a recovery.</summary>
/// <param name="workspace">The data folder.</param>
/// <param name="state">The recovery.</param>
internal sealed class RecoveryRecords(Workspace workspace, RecoveryState state)
{
    /// <summary>That two people know that no ledger is there; each of them an entry.</summary>
    public const string AcceptWithoutLedger = "accept-without-ledger";

    /// <summary>How many people that takes.</summary>
    public const int PeopleWithoutLedger = 2;

    private const string AlarmSubject = "data folder";

    /// <summary>Records something, unless this recovery has recorded it: whatever dies between may repeat it.</summary>
    /// <exception cref="StorageException">It is not recorded.</exception>
    public async Task NoteOnceAsync(string subtype, Func<AuditEvent, AuditEvent> describe, CancellationToken cancellation)
    {
        if (Find(subtype) is null)
        {
            await NoteAsync(subtype, describe, cancellation);
        }
    }

    /// <summary>Records something.</summary>
    /// <inheritdoc cref="NoteOnceAsync" path="/exception" />
    public Task NoteAsync(string subtype, Func<AuditEvent, AuditEvent> describe, CancellationToken cancellation) => workspace.Audit.AppendAsync(
        [describe(workspace.Audit.Origin.Event(AuditType.Recovery, subtype, AuditAction.Execute, new AuditEntity(AuditEntity.Recovery, state.Id)))], cancellation);

    /// <summary>The last entry that this recovery has of something; null where there is none.</summary>
    public AuditEntry? Find(string subtype) => AuditLog.Last(workspace.Data, entry => IsOurs(entry, subtype));

    /// <summary>The accounts that have accepted that no ledger is there: each once.</summary>
    public IReadOnlyList<string> AcceptedWithoutLedger() =>
    [
        .. AuditLog.Read(workspace.Data, new AuditQuery()).Where(entry => IsOurs(entry, AcceptWithoutLedger))
            .Select(entry => (Address: Agent(entry, "address"), Account: Agent(entry, "account"))).DistinctBy(one => one.Address).Select(one => one.Account),
    ];

    /// <summary>Raises the alarm that stands until a person has accepted, or ends it.</summary>
    public Task SetAlarmAsync(bool stands, CancellationToken cancellation) => workspace.Database.WriteAsync(
        (_, transaction) =>
        {
            if (stands)
            {
                AlarmTable.Raise(
                    transaction, AlarmKind.RecoveryNotAccepted, AlarmSubject,
                    $"This data folder was recovered from the backup of {state.BackedUpAt:yyyy-MM-dd HH:mm}Z. Until a person runs 'docingest recover accept', nothing is destroyed, forgotten or pruned.", workspace.Time.GetUtcNow());
            }
            else
            {
                AlarmTable.Resolve(transaction, AlarmKind.RecoveryNotAccepted, AlarmSubject, workspace.Time.GetUtcNow());
            }

            return true;
        },
        cancellation);

    private bool IsOurs(AuditEntry entry, string subtype) =>
        entry.Json.GetProperty("type").ValueEquals(AuditType.Recovery) && entry.Json.TryGetProperty("subtype", out var what) && what.ValueEquals(subtype)
        && entry.Json.TryGetProperty("outcome", out var outcome) && outcome.ValueEquals(AuditOutcome.Success)
        && entry.Json.TryGetProperty("entities", out var entities)
        && entities.EnumerateArray().Any(entity => entity.GetProperty("kind").ValueEquals(AuditEntity.Recovery) && entity.GetProperty("id").ValueEquals(state.Id));

    private static string Agent(AuditEntry entry, string name) => entry.Json.GetProperty("agent").GetProperty(name).GetString() ?? "";
}
