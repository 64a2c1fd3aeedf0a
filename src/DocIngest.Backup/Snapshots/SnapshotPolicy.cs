using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Snapshots;

/// <summary>Which snapshots stay: restic's forget policy, with the same results (restic-format 15).</summary>
/// <remarks>
/// <para>The counting rules keep the newest snapshot of each of the last n hours, days, ... that have any, and the oldest of all while
/// they have counts left. The <c>Within</c> rules measure back from the newest snapshot that is not in the future: who can add snapshots
/// cannot push out good ones by them.</para>
/// <para>Zones are those written in the snapshots. restic does the same but where a snapshot's offset is that of its own machine: there
/// it follows the machine's daylight saving time when it measures months back.</para>
/// </remarks>
public sealed record SnapshotPolicy
{
    /// <summary>A count without limit.</summary>
    public const int Unlimited = -1;

    /// <summary>How many of the newest stay. Default 0, as for all counts; <see cref="Unlimited"/> for all.</summary>
    public int KeepLast { get; init => field = Count(value); }

    /// <summary>For how many hours the newest of each stays.</summary>
    public int KeepHourly { get; init => field = Count(value); }

    /// <summary>For how many days the newest of each stays.</summary>
    public int KeepDaily { get; init => field = Count(value); }

    /// <summary>For how many ISO weeks the newest of each stays.</summary>
    public int KeepWeekly { get; init => field = Count(value); }

    /// <summary>For how many months the newest of each stays.</summary>
    public int KeepMonthly { get; init => field = Count(value); }

    /// <summary>For how many years the newest of each stays.</summary>
    public int KeepYearly { get; init => field = Count(value); }

    /// <summary>How far back from the newest all stay. Zero: no such rule, as for all spans.</summary>
    public CalendarSpan KeepWithin { get; init; }

    /// <summary>How far back the newest of each hour stays.</summary>
    public CalendarSpan KeepWithinHourly { get; init; }

    /// <summary>How far back the newest of each day stays.</summary>
    public CalendarSpan KeepWithinDaily { get; init; }

    /// <summary>How far back the newest of each ISO week stays.</summary>
    public CalendarSpan KeepWithinWeekly { get; init; }

    /// <summary>How far back the newest of each month stays.</summary>
    public CalendarSpan KeepWithinMonthly { get; init; }

    /// <summary>How far back the newest of each year stays.</summary>
    public CalendarSpan KeepWithinYearly { get; init; }

    /// <summary>What has all tags of one of these lists stays. An empty tag stands for having none.</summary>
    public IReadOnlyList<IReadOnlyList<string>> KeepTags { get; init; } = [];

    /// <summary>Whether no rule keeps anything.</summary>
    public bool IsEmpty => KeepTags.Count == 0 && CountingRules().All(rule => rule.Left == 0) && SpanRules().All(rule => rule.Span.IsZero) && KeepWithin.IsZero;

    /// <summary>Decides on the snapshots of one group. The same snapshots in any order get the same verdict.</summary>
    /// <param name="group">Snapshots that count together; see <see cref="SnapshotGroup.Of"/>.</param>
    /// <param name="now">The present: no span is measured from a snapshot in the future.</param>
    /// <exception cref="InvalidOperationException">No rule keeps anything: that is taken for a mistake, not for a wish to lose all.</exception>
    public PolicyVerdict Apply(IEnumerable<PolicySnapshot> group, UnixTime now)
    {
        if (IsEmpty)
            throw new InvalidOperationException("The policy has no rule that keeps anything.");

        PolicySnapshot[] snapshots = [.. group.OrderByDescending(snapshot => snapshot.Time.Instant).ThenBy(snapshot => snapshot.Id)];
        var newest = Array.Find(snapshots, snapshot => snapshot.Time.Instant < now)?.Time;
        var rules = new List<Rule> { new TagRule(KeepTags), new WithinRule(KeepWithin, newest) };
        rules.AddRange(CountingRules());
        rules.AddRange(SpanRules(newest));

        var kept = new List<KeptSnapshot>();
        var removed = new List<PolicySnapshot>();
        for (int i = 0; i < snapshots.Length; i++)
        {
            var place = new Place(snapshots[i], i, IsOldest: i == snapshots.Length - 1);
            string[] reasons = [.. rules.SelectMany(rule => rule.Reasons(place))];   // every rule is asked: each keeps its own count
            if (reasons.Length > 0)
                kept.Add(new KeptSnapshot(snapshots[i], reasons));
            else
                removed.Add(snapshots[i]);
        }

        return new PolicyVerdict(kept, removed);
    }

    private CountingRule[] CountingRules() =>
    [
        new(KeepLast, Bucket.Each, "last snapshot"), new(KeepHourly, Bucket.Hour, "hourly snapshot"), new(KeepDaily, Bucket.Day, "daily snapshot"),
        new(KeepWeekly, Bucket.Week, "weekly snapshot"), new(KeepMonthly, Bucket.Month, "monthly snapshot"), new(KeepYearly, Bucket.Year, "yearly snapshot"),
    ];

    private SpanRule[] SpanRules(ZonedTime? newest = null) =>
    [
        new(KeepWithinHourly, newest, Bucket.Hour, "hourly within"), new(KeepWithinDaily, newest, Bucket.Day, "daily within"),
        new(KeepWithinWeekly, newest, Bucket.Week, "weekly within"), new(KeepWithinMonthly, newest, Bucket.Month, "monthly within"),
        new(KeepWithinYearly, newest, Bucket.Year, "yearly within"),
    ];

    private static int Count(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, Unlimited);
        return value;
    }

    /// <summary>A snapshot and its number, newest first.</summary>
    private readonly record struct Place(PolicySnapshot Snapshot, int Number, bool IsOldest);

    /// <summary>Looks at the snapshots of a group one by one, newest first.</summary>
    private abstract class Rule
    {
        internal abstract IEnumerable<string> Reasons(Place place);
    }

    private sealed class TagRule(IReadOnlyList<IReadOnlyList<string>> lists) : Rule
    {
        internal override IEnumerable<string> Reasons(Place place) =>
            lists.Where(tags => SnapshotFilter.HasAll(place.Snapshot.Tags, tags)).Select(tags => $"has tags [{string.Join(", ", tags)}]");
    }

    private sealed class WithinRule(CalendarSpan span, ZonedTime? newest) : Rule
    {
        private readonly UnixTime? _start = newest is { } end ? span.Before(end) : null;

        internal override IEnumerable<string> Reasons(Place place)
        {
            if (!span.IsZero && Covers(place))
                yield return $"within {span}";
        }

        /// <summary>Where every snapshot is in the future there is nothing to measure from, and all are recent.</summary>
        internal bool Covers(Place place) => _start is not { } start || place.Snapshot.Time.Instant > start;
    }

    /// <summary>Keeps one snapshot for each bucket, and the oldest of all.</summary>
    private abstract class BucketRule(Func<Place, long> bucket, string reason) : Rule
    {
        private long? _last;

        protected string? ReasonFor(Place place)
        {
            long value = bucket(place);
            bool isNew = value != _last;
            if (!isNew && !place.IsOldest)
                return null;
            _last = value;
            return isNew ? reason : $"oldest {reason}";
        }
    }

    private sealed class CountingRule(int count, Func<Place, long> bucket, string reason) : BucketRule(bucket, reason)
    {
        internal int Left { get; private set; } = count;

        internal override IEnumerable<string> Reasons(Place place)
        {
            if (Left == 0 || ReasonFor(place) is not { } reason)
                yield break;
            if (Left > 0)
                Left--;
            yield return reason;
        }
    }

    private sealed class SpanRule(CalendarSpan span, ZonedTime? newest, Func<Place, long> bucket, string reason) : BucketRule(bucket, reason)
    {
        private readonly WithinRule _within = new(span, newest);

        internal CalendarSpan Span => span;

        internal override IEnumerable<string> Reasons(Place place)
        {
            if (!span.IsZero && _within.Covers(place) && ReasonFor(place) is { } reason)
                yield return $"{reason} {span}";
        }
    }

    /// <summary>What makes two snapshots of one hour, day, ... equal, on the calendar of their zone.</summary>
    private static class Bucket
    {
        internal static long Each(Place place) => place.Number;

        internal static long Hour(Place place) => (Day(place) * 100) + (place.Snapshot.Time.LocalSecondOfDay / 3600);

        internal static long Day(Place place) => (Month(place) * 100) + Date(place).Day;

        internal static long Month(Place place) => (Year(place) * 100) + Date(place).Month;

        internal static long Year(Place place) => Date(place).Year;

        /// <summary>Year and number of the ISO week: a week belongs to the year of its Thursday.</summary>
        internal static long Week(Place place)
        {
            long day = place.Snapshot.Time.LocalDay;
            long sinceMonday = day + 3 - (7 * CivilDate.FloorDivide(day + 3, 7));   // 1970-01-01 was a Thursday
            long thursday = day - sinceMonday + 3;
            long year = CivilDate.FromDays(thursday).Year;
            return (year * 100) + ((thursday - new CivilDate(year, 1, 1).ToDays()) / 7) + 1;
        }

        private static CivilDate Date(Place place) => CivilDate.FromDays(place.Snapshot.Time.LocalDay);
    }
}
