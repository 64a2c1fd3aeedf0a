using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Retention;

namespace DocIngest.Pipeline.Statistics;

/// <summary>What was decided about destroying records, and done.</summary>
/// <param name="Proposed">Dispositions that wait for approvals now.</param>
/// <param name="Approved">That are approved and not executed yet.</param>
/// <param name="Executing">That were begun and did not come to their end.</param>
/// <param name="Ended">That came to their end in the span.</param>
/// <param name="Rejected">That were rejected or taken back in the span.</param>
/// <param name="Destroyed">Records that are gone, of those that ended in the span.</param>
/// <param name="Kept">Records that were kept after all, of the same.</param>
/// <param name="InBackups">Dispositions of which backups still hold records, or of which that is not known.</param>
/// <param name="Holds">Legal holds that are in force.</param>
public sealed record DispositionStatistics(long Proposed, long Approved, long Executing, long Ended, long Rejected, long Destroyed, long Kept, long InBackups, long Holds)
{
    /// <summary>Counts the destruction register.</summary>
    /// <param name="all">Every disposition.</param>
    /// <param name="holds">Holds in force.</param>
    /// <param name="span">What is counted of those that ended.</param>
    public static DispositionStatistics Of(IReadOnlyList<Proposed> all, int holds, StatsSpan span)
    {
        var ended = all.Where(one => one.EndedAt is { } at && IsIn(span, at)).ToList();
        long destroyed = ended.Sum(one => (long)one.Destroyed);
        return new DispositionStatistics(
            all.Count(one => one.State == "proposed"), all.Count(one => one.State == "approved"), all.Count(one => one.State == "executing"), ended.Count,
            all.Count(one => one.Rejected is { } rejected && IsIn(span, rejected.At)), destroyed, ended.Sum(one => (long)one.Records) - destroyed,
            all.Count(one => one.EndedAt is not null && !one.IsGoneEverywhere), holds);
    }

    private static bool IsIn(StatsSpan span, DateTimeOffset instant) => CivilDates.In(span.Zone, instant) is var day && !(day < span.From) && !(day > span.To);
}
