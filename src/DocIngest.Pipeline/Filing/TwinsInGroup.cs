using DocIngest.Archive;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Filing;

/// <summary>Finds twins among the scans of one group: the ledger knows heads only once they are filed.</summary>
/// <remarks>A twin named here that is not filed after all starts over under the same id, so the name stays right.</remarks>
internal sealed class TwinsInGroup
{
    private readonly Dictionary<Sha512Digest, List<RecordId>> _records = [];

    /// <summary>The decision with the earlier records of this group that hold the same bytes.</summary>
    public FilingDecision Complete(ScanInHand scan, FilingDecision decision) => decision switch
    {
        FilingDecision.NewRecord made => made with { Twins = [.. made.Twins, .. Earlier(scan, scan.Claim.Id)] },
        FilingDecision.NextVersion next => next with { Twins = [.. next.Twins, .. Earlier(scan, next.Head.RecordId)] },
        _ => decision,
    };

    private List<RecordId> Earlier(ScanInHand scan, RecordId record)
    {
        if (!_records.TryGetValue(scan.Digest, out var records))
        {
            _records[scan.Digest] = records = [];
        }

        List<RecordId> earlier = [.. records];
        records.Add(record);
        return earlier;
    }
}
