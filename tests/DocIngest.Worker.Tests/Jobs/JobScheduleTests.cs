using System.Globalization;
using DocIngest.Worker.Jobs;

namespace DocIngest.Worker.Tests.Jobs;

/// <summary>When jobs are planned, also on the days on which clocks change.</summary>
public sealed class JobScheduleTests
{
    [Theory]
    [InlineData("30 1 * * *", "2026-11-28T12:00:00Z", "2026-11-29T00:30:00Z")]
    [InlineData("30 1 * * *", "2026-07-01T12:00:00Z", "2026-07-01T23:30:00Z")]
    [InlineData("@daily", "2026-11-28T12:00:00Z", "2026-11-28T23:00:00Z")]
    [InlineData("0 3 * * 0", "2026-11-28T12:00:00Z", "2026-11-29T02:00:00Z")]
    [InlineData("0 3 * * 7", "2026-11-28T12:00:00Z", "2026-11-29T02:00:00Z")]
    [InlineData("0 3 31 * *", "2026-11-28T12:00:00Z", "2026-12-31T02:00:00Z")]
    [InlineData("0 3 29 2 *", "2026-11-28T12:00:00Z", "2028-02-29T02:00:00Z")]
    [InlineData("15,45 6-18 * * 1-5", "2026-11-28T12:00:00Z", "2026-11-30T05:15:00Z")]
    public void The_next_time_follows_the_clock_of_the_zone(string cron, string after, string next) => Assert.Equal(At(next), Next(cron, after));

    [Fact]
    public void A_time_that_the_clocks_leave_out_comes_once_all_the_same() =>
        Assert.Equal(["2027-03-27T01:30Z", "2027-03-28T01:00Z", "2027-03-29T00:30Z"], Times("30 2 * * *", "2027-03-27T00:00:00Z", 3));   // 02:30 does not exist on the 28th: it is 03:00 at once

    [Fact]
    public void A_time_that_comes_twice_counts_once() =>
        Assert.Equal(["2026-10-24T00:30Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z"], Times("30 2 * * *", "2026-10-24T00:00:00Z", 3));   // 02:30 comes twice on the 25th

    [Theory]
    [InlineData("")]
    [InlineData("every night")]
    [InlineData("0 30 1 * * ?")]
    [InlineData("60 1 * * *")]
    [InlineData("0 1 * *")]
    [InlineData("@midnightly")]
    public void What_is_no_schedule_is_refused_with_a_reason(string cron) => Assert.False(string.IsNullOrEmpty(JobSchedule.WhyNot(cron)));

    private static List<string> Times(string cron, string after, int count)
    {
        var times = new List<string>();
        for (var at = At(after); times.Count < count; times.Add(at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture)))
        {
            at = Schedule(cron).Next(at) ?? throw new InvalidOperationException("no time");
        }

        return times;
    }

    private static DateTimeOffset? Next(string cron, string after) => Schedule(cron).Next(At(after));

    private static JobSchedule Schedule(string cron) => new(cron, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
