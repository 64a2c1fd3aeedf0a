using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Filing;

/// <summary>
/// Records the events that came with the scans of a group, before anything of them is staged: so the record says which were refused, and a record that is
/// filed has its events. A scan that is filed by a second try brings them again, which changes nothing.
/// </summary>
internal sealed class EventsOfGroup(IngestEnvironment environment)
{
    private const string NobodyKnowsWhose = "Its sidecar's events were not recorded: whose document it is nobody has decided yet.";

    /// <summary>Records them. Scans whose events cannot be recorded just now fail and leave the decisions; others are not disturbed.</summary>
    public async Task RecordAsync(GroupInFiling group, Dictionary<ScanInHand, FilingDecision> decisions, CancellationToken cancellation)
    {
        var bringing = decisions.Where(pair => Brings(pair.Key, pair.Value)).Select(pair => pair.Key).ToList();
        foreach (var scan in bringing.Where(scan => scan.Class is { IsAssigned: false }))
        {
            scan.RefusedEvents = [NobodyKnowsWhose];
        }

        List<ScanInHand> assigned = [.. bringing.Where(scan => scan.Class is not { IsAssigned: false })];
        if (assigned.Count == 0)
        {
            return;
        }

        try
        {
            await environment.Audit.AppendAsync(
                [.. assigned.Select(scan => environment.Audit.Origin.Event(AuditType.Events, "sidecar", AuditAction.Update, new AuditEntity(AuditEntity.Scan, scan.Claim.Id.ToString())))], cancellation);
            var refused = await environment.SidecarEvents.RecordAsync([.. assigned.Select(scan => scan.Sidecar).OfType<Classification.Sidecar>()], cancellation);
            foreach (var (scan, why) in assigned.Zip(refused))
            {
                scan.RefusedEvents = why;
            }
        }
        catch (Exception error) when (ScanEndings.IsOfOneScan(error, cancellation))
        {
            foreach (var scan in assigned)
            {
                group.Fail(scan, error);
                decisions.Remove(scan);
            }
        }
    }

    // Of a divided scan the whole brings them: its parts have the same sidecar.
    private static bool Brings(ScanInHand scan, FilingDecision decision) =>
        scan is { Sidecar.Events.Count: > 0, Folder.Profile.TrustedSidecar: true, Claim.Part: null }
        && decision is FilingDecision.NewRecord or FilingDecision.NextVersion or FilingDecision.Duplicate;
}
