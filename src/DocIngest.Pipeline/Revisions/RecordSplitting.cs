using DocIngest.Archive;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>Divides records that hold several documents (docs/adr/0024).</summary>
public sealed class RecordSplitting(IngestEnvironment environment)
{
    private readonly RecordReviser _reviser = new(environment);
    private readonly Assigning _assigning = new(environment);

    /// <summary>
    /// Somebody says that a record holds several documents. A new record for each takes its place, with its pages; the record is withdrawn as superseded. Each side
    /// names the other.
    /// </summary>
    /// <param name="id">The record.</param>
    /// <param name="documents">The pages of each document, and what is said of it.</param>
    /// <param name="note">More about it, in the person's words, for the record that is divided; null for none.</param>
    /// <param name="seen">The version that the person saw: with any other head it is refused. Null for whatever the head is.</param>
    /// <param name="cancellation">Heeded until the first new record is placed.</param>
    /// <exception cref="ExtractionUnavailableException">Nothing can be cut here and now. Nothing changed.</exception>
    /// <exception cref="ArchiveException">The record's object is damaged. Nothing changed.</exception>
    /// <exception cref="Storage.StorageException">The surroundings fail. All of it is done, or nothing, as soon as the next recovery has looked.</exception>
    public async Task<SuccessionOutcome> SplitAsync(
        RecordId id, IReadOnlyList<SplitDocument> documents, string? note, VersionNumber? seen, CancellationToken cancellation)
    {
        string? fault = null;
        var outcome = await _reviser.ReviseAsync(
            id,
            async (record, token) =>
            {
                fault = WhyNot(record, documents, seen);
                if (fault is not null)
                {
                    return null;
                }

                var plan = new SuccessionPlan(
                    DecisionKind.Split, environment.Actor.Name, environment.Actor.Address, environment.Time.GetUtcNow(),
                    [.. documents.Select(one => new PlannedSuccessor(environment.Ids.Draw(), PageRanges.Of(one.Pages)) { Said = one.Said is null ? null : PlannedAssignment.Of(one.Said) })])
                {
                    Note = note,
                };
                var (change, refusal) = await new SplittingChange(environment).MakeAsync(record, plan, token);
                fault = refusal is null ? null : $"It cannot be cut: {refusal}.";
                return change;
            },
            cancellation);
        return fault is not null ? new SuccessionOutcome.Refused(fault) : RecordReassigning.Outcome(outcome);
    }

    private string? WhyNot(RecordInRevision record, IReadOnlyList<SplitDocument> documents, VersionNumber? seen)
    {
        var former = record.Entry.Record;
        return Assigning.WhyNotSeen(record, seen)
            ?? (former.Withdrawn is not null ? Assigning.IsWithdrawn
                : former.Batch is not null ? Assigning.IsDivided
                : former.Pages.Total == 0 ? "Its pages could not be counted, so that nobody can say whether all of them are named."
                : SplitPages.WhyNot([.. documents.Select(one => one.Pages)], former.Pages.Total) ?? WhyNotSaid(former, documents));
    }

    // What is wrong with one of them divides nothing: half of it said rightly would be worse than none.
    private string? WhyNotSaid(RecordDocument former, IReadOnlyList<SplitDocument> documents)
    {
        var said = documents.Where(one => one.Said is not null).Select(one => (Pages: PageRanges.Of(one.Pages), Said: one.Said!)).ToList();   // '!': filtered
        var keys = said.Select(one => one.Said.DocumentKey).OfType<string>().ToList();
        return keys.Count != keys.Distinct(StringComparer.Ordinal).Count() ? "Two of its documents have one document key."
            : said.Select(one => (one.Pages, Fault: _assigning.WhyNotOf(former.Profile, one.Said) ?? WhyNotKey(former, one.Said))).FirstOrDefault(one => one.Fault is not null) is { Fault: { } fault } wrong
                ? $"Of pages {wrong.Pages}: {fault}"
            : null;
    }

    private string? WhyNotKey(RecordDocument former, Assignment said) => said.DocumentKey is { } key && _assigning.IsAnothers(former, key) ? Assigning.KeyIsAnothers : null;
}
