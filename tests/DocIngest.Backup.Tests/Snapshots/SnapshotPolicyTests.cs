using CsCheck;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Snapshots;

namespace DocIngest.Backup.Tests.Snapshots;

public sealed class SnapshotPolicyTests
{
    private static readonly UnixTime Now = At("2030-01-01T00:00:00Z").Instant;

    private static readonly Gen<PolicySnapshot[]> AnySnapshots = Gen
        .Select(Gen.Int[0, 200_000_000], Gen.Int[-12, 14], Gen.Int[0, 3])
        .Select((seconds, zone, tags) => Snapshot(new ZonedTime(new UnixTime(1_500_000_000 + seconds, 0), zone * 60), ["a", "b"], tags))
        .Array[0, 60];

    private static readonly Gen<SnapshotPolicy> AnyPolicy = Gen
        .Select(Gen.Int[-1, 9].Array[6], Gen.Int[0, 40].Array[6])
        .Select((counts, spans) => new SnapshotPolicy
        {
            KeepLast = counts[0], KeepHourly = counts[1], KeepDaily = counts[2], KeepWeekly = counts[3], KeepMonthly = counts[4], KeepYearly = counts[5],
            KeepWithin = new CalendarSpan(days: spans[0]), KeepWithinHourly = new CalendarSpan(hours: spans[1]), KeepWithinDaily = new CalendarSpan(days: spans[2]),
            KeepWithinWeekly = new CalendarSpan(months: spans[3] / 2), KeepWithinMonthly = new CalendarSpan(months: spans[4]),
            KeepWithinYearly = new CalendarSpan(years: spans[5] / 10),
        })
        .Where(policy => !policy.IsEmpty);

    /// <summary>Each: a policy in words, the times newest first, and what is kept of them in the same order.</summary>
    [Theory]
    [InlineData("last 2", "2024-01-03T00:00:00Z 2024-01-02T00:00:00Z 2024-01-01T00:00:00Z", "++-")]
    [InlineData("last 9", "2024-01-03T00:00:00Z 2024-01-02T00:00:00Z", "++")]
    [InlineData("last -1", "2024-01-03T00:00:00Z 2024-01-02T00:00:00Z 2024-01-01T00:00:00Z", "+++")]
    [InlineData("hourly 2", "2024-01-01T10:59:59Z 2024-01-01T10:00:00Z 2024-01-01T09:59:59Z 2024-01-01T08:00:00Z", "+-+-")]
    [InlineData("daily 2", "2024-01-02T23:00:00Z 2024-01-02T01:00:00Z 2024-01-01T23:00:00Z 2024-01-01T00:00:00Z 2023-12-31T00:00:00Z", "+-+--")]
    [InlineData("monthly 2", "2024-03-31T00:00:00Z 2024-03-01T00:00:00Z 2024-02-29T00:00:00Z 2024-01-31T00:00:00Z", "+-+-")]
    [InlineData("yearly 2", "2024-01-01T00:00:00Z 2023-12-31T00:00:00Z 2023-01-01T00:00:00Z 2022-12-31T00:00:00Z", "++--")]

    // The oldest of all stays while counts are left, although its day has been kept already.
    [InlineData("daily 3", "2024-01-02T23:00:00Z 2024-01-02T01:00:00Z", "++")]
    [InlineData("daily 1", "2024-01-02T23:00:00Z 2024-01-02T01:00:00Z", "+-")]
    [InlineData("daily 2", "2024-01-02T23:00:00Z 2024-01-02T02:00:00Z 2024-01-02T01:00:00Z", "+-+")]
    [InlineData("yearly -1", "2024-01-02T23:00:00Z 2024-01-02T02:00:00Z 2024-01-02T01:00:00Z", "+-+")]

    // Days without snapshots use up no count.
    [InlineData("daily 3", "2024-06-01T00:00:00Z 2024-03-01T00:00:00Z 2023-01-01T00:00:00Z 2022-01-01T00:00:00Z", "+++-")]

    // Only neighbours are compared, so a day that comes again by another zone counts anew.
    [InlineData("daily 3", "2024-01-02T02:00:00+03:00 2024-01-01T22:00:00Z 2024-01-02T00:30:00+03:00 2023-12-01T00:00:00Z", "+++-")]

    // ISO weeks: Monday to Sunday, of the year of their Thursday.
    [InlineData("weekly 2", "2024-01-07T23:59:59Z 2024-01-01T00:00:00Z 2023-12-31T23:59:59Z 2023-12-25T00:00:00Z 2023-12-24T00:00:00Z", "+-+--")]
    [InlineData("weekly 2", "2021-01-03T00:00:00Z 2020-12-28T00:00:00Z 2020-12-27T00:00:00Z 2020-01-01T00:00:00Z", "+-+-")]   // week 53 of 2020
    [InlineData("weekly 2", "2020-01-01T00:00:00Z 2019-12-30T00:00:00Z 2019-12-29T00:00:00Z 2018-01-01T00:00:00Z", "+-+-")]   // week 1 begins in December

    // The zone in the snapshot decides on the day, whatever the instant.
    [InlineData("daily 2", "2024-01-02T00:30:00+02:00 2024-01-01T23:30:00+02:00 2023-06-01T00:00:00Z", "++-")]
    [InlineData("daily 2", "2024-01-01T22:30:00Z 2024-01-01T21:30:00Z 2023-06-01T00:00:00Z", "+-+")]

    // Summer time ends in Berlin: 02:30 comes twice, and the hour is kept once; it begins: 02:00 is left out.
    [InlineData("hourly 3", "2024-10-27T03:30:00+01:00 2024-10-27T02:30:00+01:00 2024-10-27T02:30:00+02:00 2024-10-27T01:30:00+02:00 2024-01-01T00:00:00Z", "++-+-")]
    [InlineData("hourly 3", "2024-03-31T03:30:00+02:00 2024-03-31T01:30:00+01:00 2024-03-31T00:30:00+01:00 2024-01-01T00:00:00Z", "+++-")]

    // Measured back from the newest, which itself stays; a snapshot exactly so old does not.
    [InlineData("within 1d", "2024-01-02T12:00:00Z 2024-01-01T12:00:00.000000001Z 2024-01-01T12:00:00Z", "++-")]
    [InlineData("within 1h", "2024-01-02T12:00:00Z 2024-01-02T11:00:01Z 2024-01-02T11:00:00Z", "++-")]
    [InlineData("within 1m", "2024-03-31T00:00:00Z 2024-03-02T00:00:01Z 2024-03-02T00:00:00Z", "++-")]   // February 31st is March 2nd
    [InlineData("within 1m", "2023-03-31T00:00:00Z 2023-03-03T00:00:01Z 2023-03-03T00:00:00Z", "++-")]
    [InlineData("within 1y", "2024-02-29T00:00:00Z 2023-03-01T00:00:01Z 2023-03-01T00:00:00Z", "++-")]   // 2023 has no February 29th
    [InlineData("within 1y2m3d4h", "2024-05-10T12:00:00Z 2023-03-07T08:00:01Z 2023-03-07T08:00:00Z", "++-")]
    [InlineData("within 1d", "2024-01-02T00:00:00+02:00 2024-01-01T00:00:01+02:00 2023-12-31T22:00:00Z", "++-")]
    [InlineData("within-daily 2d", "2024-01-03T12:00:00Z 2024-01-03T11:00:00Z 2024-01-02T11:00:00Z 2024-01-01T12:00:00Z", "+-+-")]
    [InlineData("within-daily 2d", "2024-01-03T12:00:00Z 2024-01-03T11:00:00Z 2024-01-03T10:00:00Z", "+-+")]   // the oldest, since it is within
    [InlineData("within-hourly 3h", "2024-01-03T12:00:00Z 2024-01-03T11:59:00Z 2024-01-03T11:01:00Z 2024-01-03T09:00:01Z 2024-01-03T09:00:00Z", "++-+-")]
    [InlineData("within-weekly 14d", "2024-01-08T00:00:00Z 2024-01-07T00:00:00Z 2024-01-01T00:00:00Z 2023-12-25T00:00:01Z 2023-12-25T00:00:00Z", "++-+-")]
    [InlineData("within-monthly 2m", "2024-03-15T00:00:00Z 2024-03-01T00:00:00Z 2024-02-01T00:00:00Z 2024-01-15T00:00:01Z 2024-01-15T00:00:00Z", "+-++-")]
    [InlineData("within-yearly 1y", "2024-03-15T00:00:00Z 2024-01-01T00:00:00Z 2023-12-31T00:00:00Z 2023-03-15T00:00:00Z", "+-+-")]

    // What lies in the future stays by the span of the newest that does not, but counts are used up by it.
    [InlineData("within 1d", "2031-01-01T00:00:00Z 2029-12-31T12:00:00Z 2029-12-31T00:00:00Z 2029-12-30T12:00:00Z", "+++-")]
    [InlineData("within 1d", "2033-01-01T00:00:00Z 2031-01-01T00:00:00Z", "++")]
    [InlineData("last 1", "2031-01-01T00:00:00Z 2029-12-31T12:00:00Z", "+-")]

    // Rules together keep what any of them keeps, each with its own count.
    [InlineData("last 1 daily 2", "2024-01-03T12:00:00Z 2024-01-03T11:00:00Z 2024-01-02T11:00:00Z 2024-01-01T12:00:00Z", "+-+-")]
    [InlineData("last 2 yearly 2", "2024-01-03T00:00:00Z 2024-01-02T00:00:00Z 2024-01-01T00:00:00Z 2023-06-01T00:00:00Z 2022-06-01T00:00:00Z", "++-+-")]
    public void What_stays_is_what_restic_keeps(string policy, string times, string kept)
    {
        PolicySnapshot[] snapshots = [.. times.Split(' ').Select(time => Snapshot(At(time)))];
        var verdict = Policy(policy).Apply(snapshots, Now);
        Assert.Equal(kept, string.Concat(snapshots.Select(snapshot => verdict.Kept.Any(one => one.Snapshot == snapshot) ? '+' : '-')));
        Assert.Equal(snapshots.Length, verdict.Kept.Count + verdict.Removed.Count);
    }

    [Fact]
    public void Reasons_are_told_in_restics_words()
    {
        var policy = new SnapshotPolicy
        {
            KeepLast = 1, KeepDaily = 2, KeepWithin = new CalendarSpan(hours: 2), KeepWithinYearly = new CalendarSpan(years: 1, days: 3),
            KeepTags = [["keep", "me"]],
        };
        var verdict = policy.Apply(
            [Snapshot(At("2024-01-03T12:00:00Z")), Snapshot(At("2024-01-03T11:00:00Z"), ["me", "keep"]), Snapshot(At("2024-01-03T01:00:00Z"))], Now);
        Assert.Equal(
            ["within 2h; last snapshot; daily snapshot; yearly within 1y3d", "has tags [keep, me]; within 2h", "oldest daily snapshot; oldest yearly within 1y3d"],
            verdict.Kept.Select(kept => string.Join("; ", kept.Reasons)));
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a,b", "a", true)]
    [InlineData("a", "a,b", false)]
    [InlineData("b,a", "a,b", true)]
    [InlineData("", "a", false)]
    [InlineData("", " ", true)]   // an empty tag stands for having none
    [InlineData("a", " ", false)]
    public void All_tags_of_a_list_must_be_there(string has, string wanted, bool isKept)
    {
        var policy = new SnapshotPolicy { KeepTags = [wanted.Trim().Split(',')] };
        Assert.Equal(isKept, policy.Apply([Snapshot(At("2024-01-03T12:00:00Z"), Words(has))], Now).Kept.Count == 1);
    }

    [Fact]
    public void A_verdict_that_leaves_nothing_says_so()
    {
        var policy = new SnapshotPolicy { KeepTags = [["never"]] };
        Assert.True(policy.Apply([Snapshot(At("2024-01-03T12:00:00Z"))], Now).RemovesAll);
        Assert.False(policy.Apply([], Now).RemovesAll);
        Assert.False(new SnapshotPolicy { KeepLast = 1 }.Apply([Snapshot(At("2024-01-03T12:00:00Z"))], Now).RemovesAll);
    }

    [Fact]
    public void A_policy_without_rules_decides_nothing()
    {
        Assert.True(new SnapshotPolicy().IsEmpty);
        Assert.Throws<InvalidOperationException>(() => new SnapshotPolicy().Apply([], Now));
        Assert.False(new SnapshotPolicy { KeepYearly = SnapshotPolicy.Unlimited }.IsEmpty);
        Assert.False(new SnapshotPolicy { KeepWithinWeekly = new CalendarSpan(hours: 1) }.IsEmpty);
    }

    [Fact]
    public void Counts_below_unlimited_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SnapshotPolicy { KeepDaily = -2 });

    [Fact]
    public void Order_does_not_matter() => Gen.Select(AnySnapshots, AnyPolicy, Gen.Int).Sample((snapshots, policy, seed) =>
        Ids(policy, snapshots).SequenceEqual(Ids(policy, [.. snapshots.OrderBy(snapshot => HashCode.Combine(seed, snapshot.Id))])));

    [Fact]
    public void The_newest_stays_by_every_counting_rule_and_by_spans_from_it() => Gen.Select(AnySnapshots, AnyPolicy).Sample((snapshots, policy) =>
        snapshots.Length == 0 || Ids(policy, snapshots).Contains(snapshots.MaxBy(snapshot => (snapshot.Time.Instant, new Reversed(snapshot.Id)))!.Id));

    [Fact]
    public void Whoever_asks_for_more_keeps_no_less() => Gen.Select(AnySnapshots, AnyPolicy, Gen.Int[0, 11]).Sample((snapshots, policy, field) =>
        Ids(policy, snapshots).Except(Ids(More(policy, field), snapshots)).ToList() is var lost
        && lost.All(id => IsOldest(snapshots, id)));   // it stays only while a count is left

    [Fact]
    public void No_rule_keeps_more_than_its_count() => Gen.Select(AnySnapshots, Gen.Int[0, 9], Gen.Int[0, 5]).Where((_, count, _) => count > 0).Sample((snapshots, count, field) =>
        Ids(Counting(field, count), snapshots).Count <= count);

    [Fact]
    public void A_counting_rule_keeps_what_a_plain_grouping_keeps() => Gen.Select(AnySnapshots, Gen.Int[1, 9]).Sample((snapshots, count) =>
    {
        // In one zone, and but for the oldest: the newest of each of the last days that have any.
        PolicySnapshot[] inUtc = [.. snapshots.Select(snapshot => snapshot with { Time = new ZonedTime(snapshot.Time.Instant) })];
        var expected = inUtc.GroupBy(snapshot => snapshot.Time.LocalDay).OrderByDescending(day => day.Key).Take(count)
            .Select(day => day.OrderByDescending(snapshot => snapshot.Time.Instant).ThenBy(snapshot => snapshot.Id).First().Id).ToHashSet();
        return Ids(Counting(2, count), inUtc).Where(id => !IsOldest(inUtc, id)).ToHashSet().SetEquals(expected.Where(id => !IsOldest(inUtc, id)));
    });

    [Fact]
    public void Weeks_are_those_of_the_framework() => Gen.DateTime[new DateTime(1900, 1, 1), new DateTime(2200, 1, 1)].Array[2].Sample(dates =>
    {
        DateTime[] days = [.. dates.Order()];
        bool same = System.Globalization.ISOWeek.GetYear(days[0]) == System.Globalization.ISOWeek.GetYear(days[1])
            && System.Globalization.ISOWeek.GetWeekOfYear(days[0]) == System.Globalization.ISOWeek.GetWeekOfYear(days[1]);
        var far = Snapshot(At("0500-01-01T00:00:00Z"));   // takes the part of the oldest
        var kept = new SnapshotPolicy { KeepWeekly = 2 }.Apply([.. days.Select(day => Snapshot(new ZonedTime(UnixTime.From(new DateTimeOffset(day, TimeSpan.Zero))))), far], Now);
        return kept.Kept.Any(one => one.Snapshot == far) == same;
    });

    [Theory]
    [InlineData(SnapshotGrouping.HostAndPaths, 3)]
    [InlineData(SnapshotGrouping.Host, 2)]
    [InlineData(SnapshotGrouping.Paths, 2)]
    [InlineData(SnapshotGrouping.Tags, 3)]
    [InlineData(SnapshotGrouping.None, 1)]
    [InlineData(SnapshotGrouping.HostAndPaths | SnapshotGrouping.Tags, 4)]
    public void Snapshots_count_together_with_their_like(SnapshotGrouping grouping, int groups)
    {
        var time = At("2024-01-03T12:00:00Z");
        PolicySnapshot[] snapshots =
        [
            Snapshot(time) with { HostName = "h", Paths = ["/a", "/b"], Tags = ["x", "y"] },
            Snapshot(time) with { HostName = "h", Paths = ["/b", "/a"], Tags = ["y", "x"] },
            Snapshot(time) with { HostName = "h", Paths = ["/a"], Tags = ["x"] },
            Snapshot(time) with { HostName = "i", Paths = ["/a"], Tags = [] },
            Snapshot(time) with { HostName = "h", Paths = ["/a"], Tags = ["y", "x"] },
        ];
        var found = SnapshotGroup.Of(snapshots, grouping);
        Assert.Equal(groups, found.Count);
        Assert.Equal(5, found.Sum(group => group.Snapshots.Count));
        Assert.Equal(snapshots[0], found[0].Snapshots[0]);
    }

    [Fact]
    public void What_matters_is_taken_from_a_snapshot()
    {
        var snapshot = new Snapshot { Time = At("2024-01-03T12:00:00+01:00"), Tree = default, Paths = ["/a"], HostName = "h", UserName = "u", Tags = ["t"] };
        var taken = PolicySnapshot.Of(FileId.Of([]), snapshot);
        Assert.Equal((FileId.Of([]), snapshot.Time, "h"), (taken.Id, taken.Time, taken.HostName));
        Assert.Equal(["/a", "t"], [.. taken.Paths, .. taken.Tags]);
    }

    [Theory]
    [InlineData("1y5m7d2h", 1, 5, 7, 2)]
    [InlineData(" 3h ", 0, 0, 0, 3)]
    [InlineData("2h1y", 1, 0, 0, 2)]
    [InlineData("1d2d", 0, 0, 2, 0)]
    [InlineData("", 0, 0, 0, 0)]
    public void Spans_are_read(string text, int years, int months, int days, int hours)
    {
        Assert.True(CalendarSpan.TryParse(text, out var span));
        Assert.Equal(new CalendarSpan(years, months, days, hours), span);
        Assert.True(CalendarSpan.TryParse(span.ToString(), out var again));
        Assert.Equal(span, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("1w")]
    [InlineData("1 d")]
    [InlineData("99999999999d")]
    [InlineData("1000001y")]
    public void What_is_no_span_is_refused(string? text) => Assert.False(CalendarSpan.TryParse(text, out _));

    private static SnapshotPolicy Policy(string words)
    {
        var policy = new SnapshotPolicy();
        foreach (string[] rule in words.Split(' ').Chunk(2))
        {
            _ = CalendarSpan.TryParse(rule[1], out var span);
            policy = rule[0] switch
            {
                "last" => policy with { KeepLast = int.Parse(rule[1]) },
                "hourly" => policy with { KeepHourly = int.Parse(rule[1]) },
                "daily" => policy with { KeepDaily = int.Parse(rule[1]) },
                "weekly" => policy with { KeepWeekly = int.Parse(rule[1]) },
                "monthly" => policy with { KeepMonthly = int.Parse(rule[1]) },
                "yearly" => policy with { KeepYearly = int.Parse(rule[1]) },
                "within" => policy with { KeepWithin = span },
                "within-hourly" => policy with { KeepWithinHourly = span },
                "within-daily" => policy with { KeepWithinDaily = span },
                "within-weekly" => policy with { KeepWithinWeekly = span },
                "within-monthly" => policy with { KeepWithinMonthly = span },
                "within-yearly" => policy with { KeepWithinYearly = span },
                _ => throw new ArgumentException(rule[0], nameof(words)),
            };
        }

        return policy;
    }

    private static SnapshotPolicy Counting(int field, int count) => field switch
    {
        0 => new() { KeepLast = count },
        1 => new() { KeepHourly = count },
        2 => new() { KeepDaily = count },
        3 => new() { KeepWeekly = count },
        4 => new() { KeepMonthly = count },
        _ => new() { KeepYearly = count },
    };

    private static SnapshotPolicy More(SnapshotPolicy policy, int field) => field switch
    {
        0 => policy with { KeepLast = More(policy.KeepLast) },
        1 => policy with { KeepHourly = More(policy.KeepHourly) },
        2 => policy with { KeepDaily = More(policy.KeepDaily) },
        3 => policy with { KeepWeekly = More(policy.KeepWeekly) },
        4 => policy with { KeepMonthly = More(policy.KeepMonthly) },
        5 => policy with { KeepYearly = More(policy.KeepYearly) },
        6 => policy with { KeepWithin = More(policy.KeepWithin) },
        7 => policy with { KeepWithinHourly = More(policy.KeepWithinHourly) },
        8 => policy with { KeepWithinDaily = More(policy.KeepWithinDaily) },
        9 => policy with { KeepWithinWeekly = More(policy.KeepWithinWeekly) },
        10 => policy with { KeepWithinMonthly = More(policy.KeepWithinMonthly) },
        _ => policy with { KeepWithinYearly = More(policy.KeepWithinYearly) },
    };

    private static int More(int count) => count == SnapshotPolicy.Unlimited ? count : count + 1;

    private static CalendarSpan More(CalendarSpan span) => new(span.Years + 1, span.Months, span.Days, span.Hours);

    private static bool IsOldest(PolicySnapshot[] snapshots, FileId id) =>
        snapshots.OrderByDescending(snapshot => snapshot.Time.Instant).ThenBy(snapshot => snapshot.Id).Last().Id == id;

    private static List<FileId> Ids(SnapshotPolicy policy, PolicySnapshot[] snapshots) =>
        [.. policy.Apply(snapshots, Now).Kept.Select(kept => kept.Snapshot.Id)];

    private static PolicySnapshot Snapshot(ZonedTime time, string[]? tags = null, int tagCount = int.MaxValue)
    {
        byte[] id = BitConverter.GetBytes(Interlocked.Increment(ref _drawn));
        return new PolicySnapshot(FileId.Of(id), time, "host", ["/data"], [.. (tags ?? []).Take(tagCount)]);
    }

    private static ZonedTime At(string text) => ZonedTime.TryParse(text, out var time) ? time : throw new FormatException(text);

    private static string[] Words(string words) => words.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static int _drawn;

    private sealed record Reversed(FileId Id) : IComparable<Reversed>
    {
        public int CompareTo(Reversed? other) => other is null ? 1 : other.Id.CompareTo(Id);
    }
}
