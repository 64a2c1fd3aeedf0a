using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>
/// A record that moves to another patient or case: the same files as a record of its own, without anything that was said of the wrong one; and the former withdrawn,
/// which learns nothing of the right one but the record's id.
/// </summary>
internal sealed class ReassigningChange(IngestEnvironment environment)
{
    public RecordChange Make(RecordInRevision record, SuccessionPlan plan)
    {
        var former = record.Entry.Record;
        var said = plan.Assignment?.ToAssignment(plan.Note) ?? throw new InvalidOperationException("A reassignment says whose the document is.");
        var id = plan.Successors.Single().Id;
        var decision = new PersonalDecision(plan.Kind, plan.By, plan.Account, plan.At, []) { Reassignment = plan.Cause };
        string? sidecar = RecordDocuments.ReadSidecar(environment.Archive, record.Archived) is { } json ? CorrectedSidecar.Of(json, said) : null;
        var moved = WithIdentities(
            Assigning.Apply(WithoutWrong(former, said), said, decision with { Reason = plan.Note }).Changed with { Id = id, ReassignedFrom = former.Id }, sidecar);
        return new RecordChange(
            former with
            {
                Withdrawn = WithdrawalReason.EnteredInError,
                ReassignedTo = id,
                Decisions = [.. former.Decisions, decision with { Withdrawal = WithdrawalReason.EnteredInError }],   // the note may name the right patient
            },
            RevisionReason.Reassigned)
        {
            Succession = new Succession(plan, [new Successor(moved, [.. FilesOf(record)])
            {
                SidecarJson = sidecar,
                TakesKey = moved.DocumentKey is not null && moved.DocumentKey != former.DocumentKey,
                MustBeOnly = true,
            }]),
        };
    }

    private static IEnumerable<SuccessorFile> FilesOf(RecordInRevision record) => record.Archived.ListVersion(record.Archived.Head)
        .Select(file => file.LogicalPath)
        .Where(name => name is not (RecordDocuments.RecordFileName or RecordDocuments.SidecarFileName))
        .Select(name => new SuccessorFile(name));

    // Names of files and folders may hold the wrong number, and are searched. The former record keeps them.
    private static RecordDocument WithoutWrong(RecordDocument former, Assignment said)
    {
        var wrong = former.Fields.Where(field => said.Removes.Contains(field.Key) || (said.Fields.TryGetValue(field.Key, out string? now) && now != field.Value))
            .Select(field => field.Value).Where(value => value.Length > 0).ToList();
        bool holdsWrong = Holds(former.FileName) || former.FileNameBytes is not null;   // what its bytes say nobody can read
        return former with
        {
            FileName = holdsWrong ? Neutral(former.FileName) : former.FileName,
            FileNameBytes = null,
            Subfolder = Holds(former.Subfolder) ? "" : former.Subfolder,
            Duplex = former.Duplex is not { } duplex ? null : duplex with
            {
                Stacks = [.. duplex.Stacks.Select(stack => stack with { FileName = Holds(stack.FileName) ? Neutral(stack.FileName) : stack.FileName, Pair = Holds(stack.Pair) ? "" : stack.Pair })],
            },
            Decisions = [.. former.Decisions.Select(decision => StillSaid(decision, said)).OfType<PersonalDecision>()],
        };

        bool Holds(string text) => wrong.Exists(value => text.Contains(value, StringComparison.OrdinalIgnoreCase));
    }

    private static string Neutral(string fileName) => $"reassigned{Path.GetExtension(fileName)}";

    // What people said before, without what is said otherwise now, and without their words: those may name the wrong patient.
    private static PersonalDecision? StillSaid(PersonalDecision decision, Assignment said)
    {
        if (decision.Kind is DecisionKind.Withdrawn or DecisionKind.Reinstated)
        {
            return null;
        }

        var still = decision with
        {
            Fields = new SortedDictionary<string, string>(
                decision.Fields.Where(field => !said.Fields.ContainsKey(field.Key) && !said.Removes.Contains(field.Key)).ToDictionary(), StringComparer.Ordinal),
            Removes = [.. decision.Removes.Where(name => !said.Fields.ContainsKey(name))],
            RecordClass = said.RecordClass is null ? decision.RecordClass : null,
            Title = said.Title is null ? decision.Title : null,
            DocumentKey = said is { DocumentKey: null, RemovesDocumentKey: false } ? decision.DocumentKey : null,
            RemovesDocumentKey = said is { DocumentKey: null, RemovesDocumentKey: false } && decision.RemovesDocumentKey,
            Reason = null,
            Reassignment = null,
        };
        return still is { Fields.Count: 0, Removes.Count: 0, RecordClass: null, Title: null, DocumentKey: null, RemovesDocumentKey: false, Settles.Count: 0 } ? null : still;
    }

    // As a scan of the same bytes would have them that came with the right fields beside it: it is a duplicate of the new record.
    private static RecordDocument WithIdentities(RecordDocument moved, string? sidecarJson)
    {
        var fields = (sidecarJson is null ? null : Sidecar.Read(sidecarJson).Sidecar?.Fields) ?? new Dictionary<string, string>();
        return moved with
        {
            Identity = ScanIdentity.Of(moved.Profile, moved.DocumentKey, fields, moved.OriginalsDigest, moved.PartOf?.Sheet),
            Duplex = moved.Duplex is not { } duplex ? null : duplex with
            {
                Stacks = [.. duplex.Stacks.Select(stack => fields.Count == 0 ? stack : stack with
                {
                    Identity = ScanIdentity.Of(moved.Profile, moved.DocumentKey, fields, new Archive.Sha512Digest(stack.Sha512)),
                })],
            },
        };
    }
}
