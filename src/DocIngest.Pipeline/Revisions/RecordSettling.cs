using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Revisions;

/// <summary>What a person says of a record: whose, or what, it is.</summary>
/// <param name="Fields">Fields by name, for example <c>patientId</c>.</param>
/// <param name="RecordClass">The class; null to leave it.</param>
/// <param name="DocumentKey">The key; null to leave it.</param>
/// <param name="Reason">Why, in the person's words; null for none.</param>
public sealed record Assignment(IReadOnlyDictionary<string, string> Fields, string? RecordClass, string? DocumentKey, string? Reason)
{
    /// <summary>Fields to take away.</summary>
    public IReadOnlyList<string> Removes { get; init; } = [];

    /// <summary>The title; null to leave it.</summary>
    public string? Title { get; init; }

    /// <summary>Whether it is to have no document key any more.</summary>
    public bool RemovesDocumentKey { get; init; }
}

/// <summary>What came of a decision. Closed: only the cases below exist.</summary>
public abstract record SettlingOutcome
{
    private SettlingOutcome()
    {
    }

    /// <summary>The record has a version with the decision.</summary>
    /// <param name="Version">Its number.</param>
    /// <param name="Settles">What needs no other look now.</param>
    /// <param name="Left">What still waits for one.</param>
    public sealed record Settled(int Version, IReadOnlyList<string> Settles, IReadOnlyList<string> Left) : SettlingOutcome;

    /// <summary>Nothing of the record waits for a look. Nothing changed.</summary>
    public sealed record NothingWaits : SettlingOutcome;

    /// <summary>What was said cannot be. Nothing changed.</summary>
    /// <param name="Why">In plain words.</param>
    public sealed record Refused(string Why) : SettlingOutcome;

    /// <summary>There is no such record.</summary>
    public sealed record Absent : SettlingOutcome;

    /// <summary>Another version of it is being made. Nothing changed; try again.</summary>
    public sealed record Busy : SettlingOutcome;
}

/// <summary>Decisions of people about records. Each becomes a version of the record, with the account of who decided.</summary>
public sealed class RecordSettling(IngestEnvironment environment)
{
    private readonly RecordReviser _reviser = new(environment);
    private readonly Assigning _assigning = new(environment);

    /// <summary>Somebody has looked at everything that waits about a record, and it may stand as it is.</summary>
    /// <param name="id">The record.</param>
    /// <param name="reason">Why, in the person's words; null for none.</param>
    /// <param name="seen">The version that the person saw: with any other head the decision is refused. Null for whatever the head is.</param>
    /// <param name="cancellation">Leaves the record as it is.</param>
    /// <exception cref="ArchiveException">The record's object is damaged. Nothing changed.</exception>
    public Task<SettlingOutcome> ConfirmAsync(RecordId id, string? reason, VersionNumber? seen, CancellationToken cancellation) => SettleAsync(
        id,
        seen,
        record => record.Withdrawn is not null ? (null, new SettlingOutcome.Refused(Assigning.IsWithdrawn))
            : Assigning.Waiting(record) is { Count: > 0 } waiting
            ? (record with { Decisions = [.. record.Decisions, Decision(DecisionKind.Confirmed, waiting, reason)] }, new SettlingOutcome.Settled(0, waiting, []))
            : (null, new SettlingOutcome.NothingWaits()),
        RevisionReason.Confirmed,
        cancellation);

    /// <summary>Somebody says whose, or what, a record is. A patient's number must be in the profile's patient index, where it has one.</summary>
    /// <inheritdoc cref="ConfirmAsync" path="/exception" />
    public Task<SettlingOutcome> AssignAsync(RecordId id, Assignment assignment, VersionNumber? seen, CancellationToken cancellation) => SettleAsync(
        id,
        seen,
        record => Say(record, assignment, DecisionKind.Assigned, _assigning.WhyNot),
        RevisionReason.Assigned,
        cancellation);

    /// <summary>Somebody corrects what is known of a record, whether it waits for a look or not. A patient's number must be in the profile's patient index, where it has one.</summary>
    /// <inheritdoc cref="ConfirmAsync" path="/exception" />
    public Task<SettlingOutcome> AmendAsync(RecordId id, Assignment correction, VersionNumber? seen, CancellationToken cancellation) => SettleAsync(
        id,
        seen,
        record => Say(record, correction, DecisionKind.Amended, (_, said) => _assigning.WhyNot(record, said) ?? Assigning.WhyNotRemoved(record, said)),
        RevisionReason.Amended,
        cancellation);

    /// <summary>
    /// Somebody takes a record out of use: it is found no more and waits for no look, gives up its document key, and a new scan of the same document is a new record.
    /// Its versions stay for as long as its class says, and can be read by who knows its id.
    /// </summary>
    /// <param name="id">The record.</param>
    /// <param name="why">One of <see cref="WithdrawalReason"/>.</param>
    /// <param name="reason">More, in the person's words; null for none.</param>
    /// <param name="seen">The version that the person saw; null for whatever the head is.</param>
    /// <param name="cancellation">Leaves the record as it is.</param>
    /// <exception cref="ArgumentException">No such reason.</exception>
    /// <exception cref="ArchiveException">The record's object is damaged. Nothing changed.</exception>
    public Task<SettlingOutcome> WithdrawAsync(RecordId id, string why, string? reason, VersionNumber? seen, CancellationToken cancellation) => !WithdrawalReason.All.Contains(why)
        ? throw new ArgumentException("No reason for a withdrawal.", nameof(why))
        : SettleAsync(
            id,
            seen,
            record => record.Withdrawn is not null
                ? (null, new SettlingOutcome.Refused("It is withdrawn already."))
                : record.Batch is not null ? (null, new SettlingOutcome.Refused(Assigning.IsDivided))
                : (record with { Withdrawn = why, Decisions = [.. record.Decisions, Decision(DecisionKind.Withdrawn, [], reason) with { Withdrawal = why }] }, new SettlingOutcome.Settled(0, [], [])),
            RevisionReason.Withdrawn,
            cancellation);

    /// <summary>
    /// Somebody brings a withdrawn record back into use, with the key it had. Where another record has that key by now, it waits in review as <c>key-exists</c>, unless
    /// its profile lets records share keys.
    /// </summary>
    /// <inheritdoc cref="ConfirmAsync" path="/exception" />
    public Task<SettlingOutcome> ReinstateAsync(RecordId id, string? reason, VersionNumber? seen, CancellationToken cancellation) => SettleAsync(
        id,
        seen,
        record =>
        {
            if (record.Withdrawn is null)
            {
                return (null, new SettlingOutcome.Refused("It is not withdrawn."));
            }

            if (record.ReassignedTo is not null || record.SplitInto is not null)
            {
                return (null, new SettlingOutcome.Refused("Other records took its place, which 'show' names: correct those."));
            }

            if (WhoDoubles(record) is { } other)
            {
                return (null, new SettlingOutcome.Refused($"Record {other} is the same document, taken in since: withdraw that first."));
            }

            bool mustLook = record.DocumentKey is { } key && _assigning.IsAnothers(record, key) && !SharesKeys(record.Profile);
            var reinstated = record with
            {
                Withdrawn = null,
                Flags = mustLook ? [.. record.Flags.Append(RecordFlag.KeyExists).Distinct().Order(StringComparer.Ordinal)] : record.Flags,
                Decisions = [.. record.Decisions, Decision(DecisionKind.Reinstated, [], reason)],
            };
            return (reinstated, new SettlingOutcome.Settled(0, [], Assigning.Waiting(reinstated)));
        },
        RevisionReason.Reinstated,
        cancellation);

    private async Task<SettlingOutcome> SettleAsync(
        RecordId id, VersionNumber? seen, Func<RecordDocument, (RecordDocument? Changed, SettlingOutcome Outcome)> settle, string reason, CancellationToken cancellation)
    {
        SettlingOutcome decided = new SettlingOutcome.Absent();
        var outcome = await _reviser.ReviseAsync(
            id,
            (record, _) =>
            {
                (var changed, decided) = Assigning.WhyNotSeen(record, seen) is { } unseen ? (null, new SettlingOutcome.Refused(unseen)) : settle(record.Entry.Record);
                return Task.FromResult(changed is null ? null : new RecordChange(WithIdentity(changed, record), reason)
                {
                    TakesKey = changed.DocumentKey is not null && changed.DocumentKey != record.Entry.Record.DocumentKey,
                });
            },
            cancellation);
        return outcome switch
        {
            RevisionOutcome.Made made when decided is SettlingOutcome.Settled settled => settled with { Version = made.Version },
            RevisionOutcome.Busy => new SettlingOutcome.Busy(),
            RevisionOutcome.KeyTaken => new SettlingOutcome.Refused(Assigning.KeyIsAnothers),
            RevisionOutcome.Absent => new SettlingOutcome.Absent(),
            _ => decided,
        };
    }

    private (RecordDocument? Changed, SettlingOutcome Outcome) Say(
        RecordDocument record, Assignment written, DecisionKind kind, Func<RecordDocument, Assignment, string?> whyNot)
    {
        var assignment = _assigning.Normalised(record, written);
        if (whyNot(record, assignment) is { } fault)
        {
            return (null, new SettlingOutcome.Refused(fault));
        }

        var (changed, settles) = Assigning.Apply(record, assignment, Decision(kind, [], assignment.Reason));
        return (changed, new SettlingOutcome.Settled(0, settles, Assigning.Waiting(changed)));
    }

    private RecordId? WhoDoubles(RecordDocument record)
    {
        using var connection = environment.Database.OpenReader();
        return HeadTable.FindByIdentity(connection, record.Identity) is { } head && head.RecordId != record.Id ? head.RecordId : null;
    }

    private bool SharesKeys(string profile) =>
        environment.Options.Profiles.FirstOrDefault(known => known.Name == profile)?.OnExistingKey == ExistingKeyPolicy.NewRecord;

    private RecordDocument WithIdentity(RecordDocument changed, RecordInRevision former)
    {
        if (changed.DocumentKey == former.Entry.Record.DocumentKey)
        {
            return changed;
        }

        var sidecar = RecordDocuments.ReadSidecar(environment.Archive, former.Archived) is { } json ? Sidecar.Read(json).Sidecar : null;
        return changed with
        {
            Identity = ScanIdentity.Of(
                changed.Profile, changed.DocumentKey, sidecar?.Fields ?? new Dictionary<string, string>(), changed.OriginalsDigest, changed.PartOf?.Sheet),
        };
    }

    private PersonalDecision Decision(DecisionKind kind, IReadOnlyList<string> settles, string? reason) =>
        new(kind, environment.Actor.Name, environment.Actor.Address, environment.Time.GetUtcNow(), settles) { Reason = reason };
}
