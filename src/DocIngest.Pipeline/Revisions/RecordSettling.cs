using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>What a person says of a record: whose, or what, it is.</summary>
/// <param name="Fields">Fields by name, for example <c>patientId</c>.</param>
/// <param name="RecordClass">The class; null to leave it.</param>
/// <param name="DocumentKey">The key; null to leave it.</param>
/// <param name="Reason">Why, in the person's words; null for none.</param>
public sealed record Assignment(IReadOnlyDictionary<string, string> Fields, string? RecordClass, string? DocumentKey, string? Reason);

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

/// <summary>Decisions of people about records in review. Each becomes a version of the record, with the account of who decided.</summary>
public sealed class RecordSettling(IngestEnvironment environment)
{
    private const string KeyIsAnothers = "Another record of this profile has this document key already.";

    private readonly RecordReviser _reviser = new(environment);

    /// <summary>Somebody has looked at everything that waits about a record, and it may stand as it is.</summary>
    /// <param name="id">The record.</param>
    /// <param name="reason">Why, in the person's words; null for none.</param>
    /// <param name="seen">The version that the person saw: with any other head the decision is refused. Null for whatever the head is.</param>
    /// <param name="cancellation">Leaves the record as it is.</param>
    /// <exception cref="ArchiveException">The record's object is damaged. Nothing changed.</exception>
    public Task<SettlingOutcome> ConfirmAsync(RecordId id, string? reason, VersionNumber? seen, CancellationToken cancellation) => SettleAsync(
        id,
        seen,
        record => Waiting(record) is { Count: > 0 } waiting
            ? (record with { Decisions = [.. record.Decisions, Decision(DecisionKind.Confirmed, waiting, reason)] }, new SettlingOutcome.Settled(0, waiting, []))
            : (null, new SettlingOutcome.NothingWaits()),
        RevisionReason.Confirmed,
        cancellation);

    /// <summary>Somebody says whose, or what, a record is. A patient's number must be in the profile's patient index, where it has one.</summary>
    /// <inheritdoc cref="ConfirmAsync" path="/exception" />
    public Task<SettlingOutcome> AssignAsync(RecordId id, Assignment assignment, VersionNumber? seen, CancellationToken cancellation) => SettleAsync(
        id,
        seen,
        record => WhyNot(record, assignment) is { } fault ? (null, new SettlingOutcome.Refused(fault)) : Assign(record, assignment),
        RevisionReason.Assigned,
        cancellation);

    private async Task<SettlingOutcome> SettleAsync(
        RecordId id, VersionNumber? seen, Func<RecordDocument, (RecordDocument? Changed, SettlingOutcome Outcome)> settle, string reason, CancellationToken cancellation)
    {
        SettlingOutcome decided = new SettlingOutcome.Absent();
        var outcome = await _reviser.ReviseAsync(
            id,
            (record, _) =>
            {
                var head = record.Archived.Head;
                (var changed, decided) = seen is null || seen == head
                    ? settle(record.Entry.Record)
                    : (null, new SettlingOutcome.Refused($"Its newest version is {head}, not {seen}: look at it again, and decide about {head}."));
                return Task.FromResult(changed is null ? null : new RecordChange(WithIdentity(changed, record), reason)
                {
                    TakesKey = changed.DocumentKey != record.Entry.Record.DocumentKey,
                });
            },
            cancellation);
        return outcome switch
        {
            RevisionOutcome.Made made when decided is SettlingOutcome.Settled settled => settled with { Version = made.Version },
            RevisionOutcome.Busy => new SettlingOutcome.Busy(),
            RevisionOutcome.KeyTaken => new SettlingOutcome.Refused(KeyIsAnothers),
            RevisionOutcome.Absent => new SettlingOutcome.Absent(),
            _ => decided,
        };
    }

    private (RecordDocument? Changed, SettlingOutcome Outcome) Assign(RecordDocument record, Assignment assignment)
    {
        var settles = new List<string>();
        Settle(RecordFlag.IdentityMismatch, assignment.Fields.ContainsKey(IdentityCheck.NumberField));
        Settle(RecordFlag.Unclassified, assignment.RecordClass is not null);
        Settle(RecordFlag.KeyExists, assignment.DocumentKey is not null);
        Settle(RecordFlag.SidecarShared, FieldsOfSidecar(record).Any() && FieldsOfSidecar(record).All(assignment.Fields.ContainsKey));
        var fields = new SortedDictionary<string, string>(record.Fields.ToDictionary(), StringComparer.Ordinal);
        var evidence = new SortedDictionary<string, FieldEvidence>(record.Evidence.ToDictionary(), StringComparer.Ordinal);
        foreach (var (name, value) in assignment.Fields)
        {
            fields[name] = value;
            evidence[name] = new FieldEvidence(FieldEvidence.Person);
        }

        var changed = record with
        {
            RecordClass = assignment.RecordClass ?? record.RecordClass,
            DocumentKey = assignment.DocumentKey ?? record.DocumentKey,
            Fields = fields,
            Evidence = evidence,
            Codes = [.. record.Codes.Where(code => !assignment.Fields.ContainsKey(code.Field))],
            Flags = [.. record.Flags.Where(flag => !settles.Contains(flag))],
            Decisions =
            [
                .. record.Decisions,
                Decision(DecisionKind.Assigned, settles, assignment.Reason) with
                {
                    Fields = assignment.Fields, RecordClass = assignment.RecordClass, DocumentKey = assignment.DocumentKey,
                },
            ],
        };
        return (changed, new SettlingOutcome.Settled(0, settles, Waiting(changed)));

        void Settle(string flag, bool isSettled)
        {
            if (isSettled && record.Flags.Contains(flag))
            {
                settles.Add(flag);
            }
        }
    }

    private static IEnumerable<string> FieldsOfSidecar(RecordDocument record) =>
        record.Evidence.Where(field => field.Value.Source == FieldEvidence.Sidecar).Select(field => field.Key);

    private string? WhyNot(RecordDocument record, Assignment assignment)
    {
        if (record.Batch is not null)
        {
            return "It is a divided scan: its documents are records of their own.";
        }

        if (assignment.RecordClass is { } named && !RecordClassRule.Holds(named))
        {
            return $"A record class has the form {RecordClassRule.Pattern}.";
        }

        if (assignment.DocumentKey is { Length: > DocumentKeyRule.MostCharacters })
        {
            return $"A document key has at most {DocumentKeyRule.MostCharacters} characters.";
        }

        if (assignment.Fields.GetValueOrDefault(IdentityCheck.NumberField) is { } number && environment.Classifier.KnowsPatient(record.Profile, number) == false)
        {
            return "The patient index has no such number.";
        }

        if (assignment.DocumentKey is { } key && key != record.DocumentKey)
        {
            using var connection = environment.Database.OpenReader();
            if (HeadTable.HasKey(connection, record.Profile, key, but: record.Id))
            {
                return KeyIsAnothers;
            }
        }

        return null;
    }

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

    private static IReadOnlyList<string> Waiting(RecordDocument record) =>
        [.. ReviewTable.CodesFor(record).Except(record.Decisions.SelectMany(decision => decision.Settles))];
}
