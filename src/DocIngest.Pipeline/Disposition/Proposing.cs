using DocIngest.Archive;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;

namespace DocIngest.Pipeline.Disposition;

/// <summary>A record that is not proposed, and why.</summary>
public sealed record NotProposed(RecordId Id, string Why);

/// <summary>Makes the list of a proposal: exactly which bytes, and why they may go.</summary>
/// <remarks>What the plan shows as held is not proposed. The destroyer asks everything again.</remarks>
/// <param name="archive">The archive.</param>
public sealed class Proposing(IArchive archive)
{
    /// <summary>Takes the records of a plan that may be proposed.</summary>
    /// <param name="planned">Records as the plan has them.</param>
    /// <param name="isDecided">Whether a person has decided of each by itself: records of a class that is reviewed are proposed by id alone.</param>
    /// <param name="cancellation">Ends the look.</param>
    /// <returns>The list, in the order of ids, and what is not in it.</returns>
    public (IReadOnlyList<ProposedRecord> Records, IReadOnlyList<ProposedClass> Classes, IReadOnlyList<NotProposed> Left) Choose(
        IEnumerable<PlannedRecord> planned, bool isDecided, CancellationToken cancellation)
    {
        var records = new List<ProposedRecord>();
        var classes = new SortedDictionary<string, ProposedClass>(StringComparer.Ordinal);
        var left = new List<NotProposed>();
        foreach (var one in planned)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Objection(one, isDecided) is { } why)
            {
                left.Add(new NotProposed(one.Id, why));
                continue;
            }

            try
            {
                records.Add(Measure(one));
                var schedule = one.Schedule!;   // due: it has one
                classes[schedule.Id] = ProposedClass.Of(schedule);
            }
            catch (DamagedObjectException damage)
            {
                left.Add(new NotProposed(one.Id, $"it is damaged ({damage.Finding.Code})"));
            }
        }

        return ([.. records.OrderBy(record => record.Id)], [.. classes.Values], left);
    }

    private static string? Objection(PlannedRecord planned, bool isDecided) => planned switch
    {
        { Verdict: not RetentionVerdict.Due } => "it is not due",
        { Holds.Count: > 0 } => $"held by {string.Join(", ", planned.Holds)}",
        { Schedule.Action: RetentionAction.Destroy } => null,
        { Schedule.Action: RetentionAction.Review } when isDecided => null,
        { Schedule.Action: RetentionAction.Review } => "its class is reviewed: propose it by its id, once somebody has decided",
        { Schedule.Action: RetentionAction.Transfer } => "its class is handed over, not destroyed",
        _ => "its class is not one that is destroyed",
    };

    private ProposedRecord Measure(PlannedRecord planned)
    {
        var extent = archive.Measure(planned.Id.ToString())
            ?? throw new DamagedObjectException(new Finding(FindingCodes.ObjectMissing, "", "The archive does not have a record that the catalog has."));
        return new ProposedRecord(
            planned.Id, planned.RecordClass, planned.Verdict.DueDate ?? default, [.. planned.Triggers.Select(trigger => new ProposedTrigger(trigger.Name, trigger.Date, trigger.Evidence))],
            planned.Id.DrawnAt, extent.Versions, extent.Files, extent.SizeBytes, extent.InventoryDigest.Hex);
    }
}
