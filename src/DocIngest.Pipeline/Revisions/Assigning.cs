using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>What a record becomes when a person says whose, or what, it is, and what cannot be said of it.</summary>
internal sealed class Assigning(IngestEnvironment environment)
{
    public const string KeyIsAnothers = "Another record of this profile has this document key already.";
    public const string IsDivided = "It is a divided scan: its documents are records of their own.";
    public const string IsWithdrawn = "It is withdrawn: reinstate it first.";

    /// <summary>The record as the person says it is.</summary>
    /// <param name="record">As it was.</param>
    /// <param name="assignment">What was said.</param>
    /// <param name="decision">Who said it, when and why; it gets what was said and what that settles.</param>
    /// <returns>The record, and which reasons for review need no other look now.</returns>
    public static (RecordDocument Changed, IReadOnlyList<string> Settles) Apply(RecordDocument record, Assignment assignment, PersonalDecision decision)
    {
        var settles = new List<string>();
        Settle(RecordFlag.IdentityMismatch, assignment.Fields.ContainsKey(IdentityCheck.NumberField));
        Settle(RecordFlag.Unclassified, assignment.RecordClass is not null);
        Settle(RecordFlag.KeyExists, assignment.DocumentKey is not null || assignment.RemovesDocumentKey);
        Settle(RecordFlag.CorrectionSuperseded, assignment.Fields.Count > 0 || assignment.RecordClass is not null);
        Settle(RecordFlag.SidecarShared, FieldsOfSidecar(record).Any() && FieldsOfSidecar(record).All(assignment.Fields.ContainsKey));
        var fields = new SortedDictionary<string, string>(record.Fields.ToDictionary(), StringComparer.Ordinal);
        var evidence = new SortedDictionary<string, FieldEvidence>(record.Evidence.ToDictionary(), StringComparer.Ordinal);
        foreach (string name in assignment.Removes)
        {
            fields.Remove(name);
            evidence.Remove(name);
        }

        foreach (var (name, value) in assignment.Fields)
        {
            fields[name] = value;
            evidence[name] = new FieldEvidence(FieldEvidence.Person);
        }

        var changed = record with
        {
            RecordClass = assignment.RecordClass ?? record.RecordClass,
            DocumentKey = assignment.RemovesDocumentKey ? null : assignment.DocumentKey ?? record.DocumentKey,
            Title = assignment.Title ?? record.Title,
            Fields = fields,
            Evidence = evidence,
            Codes = [.. record.Codes.Where(code => !assignment.Fields.ContainsKey(code.Field) && !assignment.Removes.Contains(code.Field))],
            Flags =
            [
                .. record.Flags.Where(flag => !settles.Contains(flag))
                    .Concat(assignment.Removes.Contains(IdentityCheck.NumberField) ? [RecordFlag.IdentityMismatch] : [])   // it is nobody's now
                    .Distinct().Order(StringComparer.Ordinal),
            ],
            Decisions =
            [
                .. record.Decisions,
                decision with
                {
                    Settles = settles, Fields = assignment.Fields, Removes = assignment.Removes, RemovesDocumentKey = assignment.RemovesDocumentKey, Title = assignment.Title, RecordClass = assignment.RecordClass, DocumentKey = assignment.DocumentKey,
                },
            ],
        };
        return (changed, settles);

        void Settle(string flag, bool isSettled)
        {
            if (isSettled && record.Flags.Contains(flag))
            {
                settles.Add(flag);
            }
        }
    }

    /// <summary>What a person said, with values in the form in which rules find them.</summary>
    public Assignment Normalised(RecordDocument record, Assignment said) => said with
    {
        Fields = new SortedDictionary<string, string>(
            said.Fields.ToDictionary(field => field.Key, field => environment.Classifier.Rules.Normalise(record.Profile, field.Key, field.Value)), StringComparer.Ordinal),
    };

    /// <summary>Why a person who looked at one version must look again; null where that is the newest.</summary>
    public static string? WhyNotSeen(RecordInRevision record, VersionNumber? seen) => seen is null || seen == record.Archived.Head ? null
        : $"Its newest version is {record.Archived.Head}, not {seen}: look at it again, and decide about {record.Archived.Head}.";

    private static IEnumerable<string> FieldsOfSidecar(RecordDocument record) =>
        record.Evidence.Where(field => field.Value.Source == FieldEvidence.Sidecar).Select(field => field.Key);

    /// <summary>Why that cannot be said of the record, in plain words; null where it can.</summary>
    public string? WhyNot(RecordDocument record, Assignment assignment)
    {
        if (record.Withdrawn is not null)
        {
            return IsWithdrawn;
        }

        if (record.Batch is not null)
        {
            return IsDivided;
        }

        if (WhyNotOf(record.Profile, assignment) is { } fault)
        {
            return fault;
        }

        if (record.Fields.Where(field => assignment.Removes.Contains(field.Key) || (assignment.Fields.TryGetValue(field.Key, out string? now) && now != field.Value))
            .Select(field => WhyStale(record, assignment, field.Key, field.Value)).FirstOrDefault(fault => fault is not null) is { } stale)
        {
            return stale;
        }

        return assignment.DocumentKey is { } key && key != record.DocumentKey && IsAnothers(record, key) ? KeyIsAnothers : null;
    }

    /// <summary>Why that cannot be said of any record of a profile, in plain words; null where it can.</summary>
    public string? WhyNotOf(string profile, Assignment assignment) =>
        assignment.RecordClass is { } named && !RecordClassRule.Holds(named) ? $"A record class has the form {RecordClassRule.Pattern}."
        : assignment.DocumentKey is { Length: > DocumentKeyRule.MostCharacters } ? $"A document key has at most {DocumentKeyRule.MostCharacters} characters."
        : assignment.Fields.GetValueOrDefault(IdentityCheck.NumberField) is { } number && environment.Classifier.KnowsPatient(profile, number) == false ? "The patient index has no such number."
        : null;

    // A key or title that was made of the former value would go on saying it, and the next document of that key would become a version of this record.
    private static string? WhyStale(RecordDocument record, Assignment assignment, string field, string former) => former.Length == 0 ? null
        : record.DocumentKey?.Contains(former, StringComparison.OrdinalIgnoreCase) == true && assignment is { DocumentKey: null, RemovesDocumentKey: false }
            ? $"Its document key holds the former value of {field}: say --document-key KEY or --remove-document-key."
        : record.Title?.Contains(former, StringComparison.OrdinalIgnoreCase) == true && assignment.Title is null
            ? $"Its title holds the former value of {field}: say --title T."
        : null;

    /// <summary>The same of fields that are to be taken away.</summary>
    public static string? WhyNotRemoved(RecordDocument record, Assignment correction) =>
        correction.Removes.FirstOrDefault(name => !record.Fields.ContainsKey(name)) is { } absent ? $"It has no field {absent}."
        : correction.Removes.FirstOrDefault(correction.Fields.ContainsKey) is { } both ? $"The field {both} cannot be both set and removed."
        : null;

    /// <summary>Whether another record of its profile has a document key.</summary>
    public bool IsAnothers(RecordDocument record, string key)
    {
        using var connection = environment.Database.OpenReader();
        return HeadTable.HasKey(connection, record.Profile, key, but: record.Id);
    }

    /// <summary>What a record waits for that nobody has settled.</summary>
    public static IReadOnlyList<string> Waiting(RecordDocument record) =>
        [.. ReviewTable.CodesFor(record).Except(record.Decisions.SelectMany(decision => decision.Settles))];
}
