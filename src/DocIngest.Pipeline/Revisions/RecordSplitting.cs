using DocIngest.Archive;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>Divides records that hold several documents (docs/adr/0024).</summary>
public sealed class RecordSplitting(IngestEnvironment environment)
{
    private readonly RecordReviser _reviser = new(environment);

    /// <summary>
    /// Somebody says that a record holds several documents. A new record for each takes its place, with its pages; the record is withdrawn as superseded. Each side
    /// names the other.
    /// </summary>
    /// <param name="id">The record.</param>
    /// <param name="documents">The pages of each document.</param>
    /// <param name="note">More about it, in the person's words, for the record that is divided; null for none.</param>
    /// <param name="seen">The version that the person saw: with any other head it is refused. Null for whatever the head is.</param>
    /// <param name="cancellation">Heeded until the first new record is placed.</param>
    /// <exception cref="ExtractionUnavailableException">Nothing can be cut here and now. Nothing changed.</exception>
    /// <exception cref="ArchiveException">The record's object is damaged. Nothing changed.</exception>
    /// <exception cref="Storage.StorageException">The surroundings fail. All of it is done, or nothing, as soon as the next recovery has looked.</exception>
    public async Task<SuccessionOutcome> SplitAsync(
        RecordId id, IReadOnlyList<IReadOnlyList<int>> documents, string? note, VersionNumber? seen, CancellationToken cancellation)
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
                    [.. documents.Select(pages => new PlannedSuccessor(environment.Ids.Draw(), PageRanges.Of(pages)))])
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

    private static string? WhyNot(RecordInRevision record, IReadOnlyList<IReadOnlyList<int>> documents, VersionNumber? seen)
    {
        var former = record.Entry.Record;
        return Assigning.WhyNotSeen(record, seen)
            ?? (former.Withdrawn is not null ? Assigning.IsWithdrawn
                : former.Batch is not null ? Assigning.IsDivided
                : former.Pages.Total == 0 ? "Its pages could not be counted, so that nobody can say whether all of them are named."
                : SplitPages.WhyNot(documents, former.Pages.Total));
    }
}
