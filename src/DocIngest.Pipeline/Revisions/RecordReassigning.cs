using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>What came of an act by which records take the place of another. Closed: only the cases below exist.</summary>
public abstract record SuccessionOutcome
{
    private SuccessionOutcome()
    {
    }

    /// <summary>They are there, and the record is withdrawn.</summary>
    /// <param name="Version">The version that withdrew it.</param>
    /// <param name="Successors">The records in its place.</param>
    public sealed record Done(int Version, IReadOnlyList<SuccessorReport> Successors) : SuccessionOutcome;

    /// <summary>It cannot be. Nothing changed.</summary>
    /// <param name="Why">In plain words.</param>
    public sealed record Refused(string Why) : SuccessionOutcome;

    /// <summary>There is no such record.</summary>
    public sealed record Absent : SuccessionOutcome;

    /// <summary>Another version of it is being made, or a scan comes that is the same document. Nothing changed; try again.</summary>
    public sealed record Busy : SuccessionOutcome;
}

/// <summary>A record that took the place of another.</summary>
/// <param name="Id">It.</param>
/// <param name="Pages">Which pages of the other it has, as <c>3-5,7</c>; null for all.</param>
/// <param name="Waits">What a person should look at.</param>
public sealed record SuccessorReport(RecordId Id, string? Pages, IReadOnlyList<string> Waits);

/// <summary>Moves records to the patient or case that they belong to (docs/adr/0024).</summary>
public sealed class RecordReassigning(IngestEnvironment environment)
{
    private readonly RecordReviser _reviser = new(environment);
    private readonly Assigning _assigning = new(environment);

    /// <summary>
    /// Somebody says whose a record is in truth. A new record with the same files takes its place, under the right number; the former is withdrawn as entered in
    /// error. Each names the other.
    /// </summary>
    /// <param name="id">The record.</param>
    /// <param name="said">Whose it is; the reason is more about it, in the person's words, and stands in the new record alone.</param>
    /// <param name="cause">One of <see cref="ReassignmentReason"/>.</param>
    /// <param name="keeps">Fields that were said of the wrong patient, and hold for the right one all the same.</param>
    /// <param name="seen">The version that the person saw: with any other head it is refused. Null for whatever the head is.</param>
    /// <param name="cancellation">Heeded until the new record is placed.</param>
    /// <exception cref="ArgumentException">No such cause.</exception>
    /// <exception cref="ArchiveException">The record's object is damaged. Nothing changed.</exception>
    /// <exception cref="Storage.StorageException">The surroundings fail. All of it is done, or nothing, as soon as the next recovery has looked.</exception>
    public async Task<SuccessionOutcome> ReassignAsync(
        RecordId id, Assignment said, string cause, IReadOnlyList<string> keeps, VersionNumber? seen, CancellationToken cancellation)
    {
        if (!ReassignmentReason.All.Contains(cause))
        {
            throw new ArgumentException("No reason for a reassignment.", nameof(cause));
        }

        SuccessionOutcome? refused = null;
        var outcome = await _reviser.ReviseAsync(
            id,
            async (record, token) =>
            {
                said = _assigning.Normalised(record.Entry.Record, said);
                if (WhyNot(record, said, keeps, seen) is { } fault)
                {
                    refused = new SuccessionOutcome.Refused(fault);
                    return null;
                }

                var plan = new SuccessionPlan(
                    DecisionKind.Reassigned, environment.Actor.Name, environment.Actor.Address, environment.Time.GetUtcNow(), [new PlannedSuccessor(environment.Ids.Draw(), null)])
                {
                    Cause = cause, Note = said.Reason, Assignment = PlannedAssignment.Of(said),
                };
                return await new Successions(environment).ChangeAsync(record, plan, token);
            },
            cancellation);
        return refused ?? Outcome(outcome);
    }

    internal static SuccessionOutcome Outcome(RevisionOutcome outcome) => outcome switch
    {
        RevisionOutcome.Made made => new SuccessionOutcome.Done(
            made.Version, [.. made.Successors.Select(record => new SuccessorReport(record.Id, record.SplitFrom?.Pages, Assigning.Waiting(record)))]),
        RevisionOutcome.Busy => new SuccessionOutcome.Busy(),
        RevisionOutcome.KeyTaken => new SuccessionOutcome.Refused(Assigning.KeyIsAnothers),
        RevisionOutcome.Doubled doubled => new SuccessionOutcome.Refused($"Record {doubled.Other} is the same document, filed rightly already: withdraw this one as a duplicate."),
        RevisionOutcome.Absent => new SuccessionOutcome.Absent(),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private string? WhyNot(RecordInRevision record, Assignment said, IReadOnlyList<string> keeps, VersionNumber? seen)
    {
        var former = record.Entry.Record;
        return Assigning.WhyNotSeen(record, seen) ?? _assigning.WhyNot(former, said) ?? Assigning.WhyNotRemoved(former, said) ?? WhyNotMoved(former, said) ?? WhyUnsaid(former, said, keeps);
    }

    private static string? WhyNotMoved(RecordDocument former, Assignment said) =>
        said.Fields.ContainsKey(IdentityCheck.NumberField) || said.Fields.ContainsKey(IdentityCheck.CaseField)
            ? Moves(former, said, IdentityCheck.NumberField) || Moves(former, said, IdentityCheck.CaseField) ? null : "It stands under this patient and case already."
            : "Say whose it is, with --set patientId=… or encounterId=…; what else is wrong of it, 'amend' corrects.";

    private static bool Moves(RecordDocument former, Assignment said, string name) =>
        said.Fields.TryGetValue(name, out string? number) && number != former.Fields.GetValueOrDefault(name);

    // What was read on the document is the document's. The rest was said by somebody who took it for the wrong patient's.
    private static string? WhyUnsaid(RecordDocument former, Assignment said, IReadOnlyList<string> keeps)
    {
        if (!Moves(former, said, IdentityCheck.NumberField))
        {
            return null;
        }

        string[] unsaid = [.. former.Fields.Keys.Where(name =>
            name != IdentityCheck.NumberField && !said.Fields.ContainsKey(name) && !said.Removes.Contains(name) && !keeps.Contains(name)
            && !WasRead(former.Evidence.GetValueOrDefault(name)))];
        return unsaid.Length == 0 ? null
            : $"These fields were not read on the document, but said of the wrong patient: {string.Join(", ", unsaid)}. Say --set, --remove or --keep of each.";
    }

    private static bool WasRead(FieldEvidence? evidence) => evidence is { Source: FieldEvidence.ByRule, Place: not ("fileName" or "folder") };
}
