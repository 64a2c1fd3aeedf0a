using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>Makes of a plan what is to be filed. Safe to repeat: recovery does, for what had not reached the archive.</summary>
internal sealed class Successions(IngestEnvironment environment)
{
    /// <summary>The version that withdraws a record, and the records that take its place.</summary>
    /// <param name="record">As it is in the archive.</param>
    /// <param name="plan">What was decided.</param>
    /// <param name="cancellation">Ends it; nothing is changed.</param>
    /// <exception cref="ExtractionUnavailableException">Its pages cannot be cut here and now, as they could when it was decided.</exception>
    public async Task<RecordChange> ChangeAsync(RecordInRevision record, SuccessionPlan plan, CancellationToken cancellation)
    {
        if (plan.Kind == DecisionKind.Reassigned)
        {
            return new ReassigningChange(environment).Make(record, plan);
        }

        var (change, refusal) = await new SplittingChange(environment).MakeAsync(record, plan, cancellation);
        return change ?? throw new ExtractionUnavailableException($"A record could not be divided as it was decided: {refusal}.");
    }
}
