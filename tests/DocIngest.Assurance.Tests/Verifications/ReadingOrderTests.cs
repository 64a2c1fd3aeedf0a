using System.Globalization;
using DocIngest.Assurance.Population;
using DocIngest.Assurance.Verifications;
using DocIngest.Backup.Checks;
using DocIngest.Pipeline.Verification;

namespace DocIngest.Assurance.Tests.Verifications;

public class ReadingOrderTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 2, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Within = TimeSpan.FromDays(90);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void What_was_never_read_comes_first_and_of_that_the_newest()
    {
        KnownObject[] objects =
        [
            Read("old", Start - (3 * Day)), Read("older", Start - (5 * Day)), Unread("filed-first", Start - (9 * Day)), Unread("filed-last", Start - Day),
            Read("damaged", Start - Day) with { Last = new ObjectVerification("damaged", Start - Day, 1, IsSound: false) },
            Read("changed", Start - Day) with { Expected = new ExpectedRecord(2, null, Start) },
        ];

        Assert.Equal(["damaged", "changed", "filed-last", "filed-first", "older", "old"], ReadingOrder.Choose(objects, Start, new ReadingPace(Within, Day, Day)).Select(one => one.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    public void However_often_it_runs_nothing_grows_older_than_its_time_and_every_run_reads_its_share(int everyDays)
    {
        var objects = Enumerable.Range(0, 5000).Select(number => Unread(number.ToString(CultureInfo.InvariantCulture), Start - Day)).ToDictionary(one => one.Id);
        var last = Start - Within;
        for (int day = 0; day < 400; day += everyDays)
        {
            var now = Start + (day * Day);
            if (day % 10 == 0)
            {
                objects[$"new-{day}"] = Unread($"new-{day}", now - TimeSpan.FromHours(3));
            }

            var chosen = ReadingOrder.Choose([.. objects.Values], now, new ReadingPace(Within, now - last, everyDays * Day));
            last = now;
            foreach (var one in chosen)
            {
                objects[one.Id] = one with { Last = new ObjectVerification(one.Id, now, 1, IsSound: true) };
            }

            Assert.All(objects.Values, one => Assert.True(now - one.ReadAt <= Within, $"day {day}: {one.Id} was read {one.ReadAt}"));
            int share = (int)(5000 * everyDays / Within.TotalDays);
            Assert.True(day == 0 || chosen.Count <= (2 * Math.Max(100, share)) + 60, $"day {day}: {chosen.Count} at once");
        }
    }

    [Fact]
    public void After_a_run_that_was_left_out_for_long_everything_too_old_is_read()
    {
        var objects = Enumerable.Range(0, 1000).Select(number => Read($"{number}", Start - (number * 0.2 * Day))).ToList();

        var chosen = ReadingOrder.Choose(objects, Start, new ReadingPace(Within, 60 * Day, 60 * Day));

        Assert.All(objects.Except(chosen), one => Assert.True(Start + (60 * Day) - one.ReadAt <= Within, one.Id));   // the next run may be as late
    }

    [Fact]
    public void A_run_by_hand_just_before_does_not_make_a_weekly_one_late()
    {
        var objects = Enumerable.Range(0, 1000).Select(number => Read($"{number:000}", Start - (number * 0.085 * Day))).ToList();

        var chosen = ReadingOrder.Choose(objects, Start, new ReadingPace(Within, TimeSpan.FromHours(1), 7 * Day));

        Assert.All(objects.Except(chosen), one => Assert.True(Start + (7 * Day) - one.ReadAt <= Within, one.Id));
    }

    [Fact]
    public void A_clock_that_was_set_back_or_far_ahead_chooses_no_more_and_no_less_than_there_is()
    {
        KnownObject[] objects = [.. Enumerable.Range(0, 300).Select(number => Read($"{number:000}", Start + (number * Day)))];

        Assert.Equal(100, ReadingOrder.Choose(objects, Start, new ReadingPace(Within, -5 * Day, -5 * Day)).Count);
        Assert.Equal(300, ReadingOrder.Choose(objects, Start, new ReadingPace(Within, 5000 * Day, Day)).Count);
        Assert.Empty(ReadingOrder.Choose([], Start, new ReadingPace(Within, Day, Day)));
    }

    private static KnownObject Read(string id, DateTimeOffset at) => new(id, new ExpectedRecord(1, null, at - Day), new ObjectVerification(id, at, 1, IsSound: true));

    private static KnownObject Unread(string id, DateTimeOffset filed) => new(id, new ExpectedRecord(1, null, filed), null);
}
