using CsCheck;
using DocIngest.Pipeline.Retention;

namespace DocIngest.Pipeline.Tests.Retention;

/// <summary>The language of schedules: total, bounded, and never shorter than it says.</summary>
public sealed class ExpressionTests
{
    private static readonly TriggerNames Names = new([.. EventKind.BuiltIn, new EventKind("treatment", IsOnce: false, OfPatients: true, OfCases: true)]);
    private static readonly Gen<DateOnly> Days = Gen.Int[new DateOnly(1900, 1, 1).DayNumber, new DateOnly(2100, 12, 31).DayNumber].Select(DateOnly.FromDayNumber);

    [Theory]
    [InlineData("lastEncounter+8y", "2016-05-17", "2024-05-17")]
    [InlineData("lastEncounter+1y", "2024-02-29", "2025-03-01")]   // 1 March, the longer of both
    [InlineData("lastEncounter+4y", "2024-02-29", "2028-02-29")]
    [InlineData("lastEncounter+1m", "2023-01-31", "2023-03-01")]   // a day that the month lacks is the first of the next
    [InlineData("lastEncounter+12m", "2024-02-29", "2025-03-01")]
    [InlineData("lastEncounter+1d", "2023-12-31", "2024-01-01")]
    [InlineData("lastEncounter+1y+1d", "2024-02-29", "2025-03-02")]
    [InlineData("( lastEncounter + 8 y )", "2016-12-31", "2024-12-31")]
    [InlineData("if(age(lastEncounter) < 18,\n birthday(25),\n lastEncounter+8y)", "2017-12-31", "2025-01-01")]
    [InlineData("if(age(lastEncounter) < 18, birthday(25), lastEncounter+8y)", "2018-01-01", "2026-01-01")]
    public void A_period_ends_on_the_day(string expression, string lastEncounter, string until) =>
        Assert.Equal(Day(until), WorkOut(expression, ("lastEncounter", lastEncounter), ("birth", "2000-01-01")));

    // NHS: until the 25th birthday, or the 26th where the child was 17 when treatment ended.
    [Theory]
    [InlineData("2008-03-01", "2017-05-05", "2033-03-01")]
    [InlineData("2000-02-29", "2017-02-28", "2025-03-01")]   // 16 until 1 March
    [InlineData("2000-02-29", "2017-03-01", "2026-03-01")]
    [InlineData("2000-06-15", "2018-06-14", "2026-06-15")]
    public void A_child_of_17_is_kept_a_year_longer(string birth, string lastEncounter, string until) => Assert.Equal(
        Day(until), WorkOut("max(lastEncounter+8y, birthday(25, +1 if age(lastEncounter)>=17))", ("birth", birth), ("lastEncounter", lastEncounter)));

    [Fact]
    public void The_later_of_both_is_unknown_while_one_is_and_the_earlier_is_not()
    {
        Assert.Null(WorkOut("max(lastEncounter+8y, death+10y)", ("lastEncounter", "2000-01-01")));
        Assert.Equal(Day("2021-01-01"), WorkOut("min(lastTreatment+20y, death+10y)", ("lastTreatment", "2001-01-01")));
        Assert.Equal(Day("2015-01-01"), WorkOut("min(lastTreatment+20y, death+10y)", ("lastTreatment", "2001-01-01"), ("death", "2005-01-01")));
        Assert.Null(WorkOut("min(lastTreatment+20y, death+10y)"));
        Assert.Null(WorkOut("if(age(lastEncounter) < 18, birthday(25), lastEncounter+8y)", ("lastEncounter", "2000-01-01")));
        Assert.Null(WorkOut("birthday(25, +1 if age(lastEncounter)>=17)", ("birth", "2000-01-01")));
    }

    [Theory]
    [InlineData("", "has its end where a trigger, max, min, birthday or if should stand (line 1, column 1)")]
    [InlineData("lastEncounter", "keeps nothing beyond a trigger")]
    [InlineData("min(lastEncounter, death+10y)", "keeps nothing beyond a trigger")]
    [InlineData("lastEncunter+8y", "names the trigger \"lastEncunter\", which there is not.")]
    [InlineData("lastEncunter+8y", "Did you mean \"lastEncounter\"? (line 1, column 1)")]
    [InlineData("max(lastEncounter+8y,\n  deth+10y)", "(line 2, column 3)")]
    [InlineData("lastEncounter+8", "has its end where y, m or d should stand (line 1, column 16)")]
    [InlineData("lastEncounter+8years", "has \"years\" where y, m or d should stand")]
    [InlineData("lastEncounter+y", "has \"y\" where a period such as 8y should stand")]
    [InlineData("lastEncounter-8y", "has \"-\" where the expression should end (line 1, column 14)")]
    [InlineData("lastEncounter+201y", "has a period of more than 200 years")]
    [InlineData("lastEncounter+99999999999999999999y", "has the number 2147483647, more than")]
    [InlineData("max(lastEncounter+8y", "has its end where \")\" should stand")]
    [InlineData("avg(lastEncounter+8y)", "calls \"avg\", which is none of max, min, birthday and if")]
    [InlineData("max()", "has \")\" where a trigger")]
    [InlineData("birthday(lastEncounter)", "has \"lastEncounter\" where the age should stand")]
    [InlineData("birthday(25, 1)", "has \"1\" where \"+\" should stand")]
    [InlineData("if(age(lastEncounter) = 18, birthday(25), birthday(26))", "has \"=\" where one of >= <= > < should stand")]
    [InlineData("lastEncounter+8y ; drop", "has \";\" where the expression should end (line 1, column 18)")]
    [InlineData("lastEncounter+8y \u0000", "where the expression should end")]
    [InlineData("field.+8y", "names the trigger \"field.\"")]
    public void A_wrong_expression_says_what_and_where(string expression, string says)
    {
        Assert.Null(ExpressionReader.Read(expression, Names, out string? fault));
        Assert.Contains(says, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expression_that_would_never_end_cannot_be_written()
    {
        string deep = string.Concat(Enumerable.Repeat("max(", 190)) + "death+1y" + new string(')', 190);
        Assert.Null(ExpressionReader.Read(deep, Names, out string? fault));
        Assert.Contains("is nested deeper than 16 (line 1, column ", fault, StringComparison.Ordinal);
        Assert.Null(ExpressionReader.Read(new string('(', 1_001), Names, out fault));
        Assert.Contains("has 1,001 characters, more than 1,000", fault, StringComparison.Ordinal);
        Assert.Null(ExpressionReader.Read("death" + string.Concat(Enumerable.Repeat("+200y", 6)), Names, out fault));
        Assert.Contains("adds up to more than 1,000 years", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_read_or_refused() => Gen.OneOf(
            Gen.String[Gen.Char["()+,<>= \n0123456789ymdmaxinbfbirthdayage.lastEncounter"], 0, 200],
            Gen.String[0, 1_100])
        .Sample(text =>
        {
            var read = ExpressionReader.Read(text, Names, out string? fault);
            Assert.Equal(read is null, fault is not null);
            _ = read?.WorkOut(_ => new DateOnly(2100, 12, 31));
        });

    [Fact]
    public void A_later_trigger_never_makes_it_due_earlier() => Gen.Select(Monotone(3), Days, Days, Days, Gen.Int[0, 20_000]).Sample((text, encounter, death, treatment, days) =>
    {
        var expression = Read(text);
        foreach (string moved in new[] { "lastEncounter", "death", "lastTreatment" })
        {
            DateOnly? At(Trigger trigger, int more) =>
                (trigger.Name switch { "lastEncounter" => encounter, "death" => death, _ => treatment }).AddDays(trigger.Name == moved ? more : 0);

            Assert.True(expression.WorkOut(trigger => At(trigger, 0)) <= expression.WorkOut(trigger => At(trigger, days)), $"{text}, {moved}");
        }
    });

    [Fact]
    public void What_is_unknown_never_makes_it_due_earlier() => Gen.Select(Monotone(3), Days, Days, Days).Sample((text, encounter, death, treatment) =>
    {
        DateOnly? At(Trigger trigger) => trigger.Name switch { "lastEncounter" => encounter, "death" => death, _ => treatment };
        var expression = Read(text);
        var known = expression.WorkOut(At);
        foreach (string missing in new[] { "lastEncounter", "death", "lastTreatment" })
        {
            Assert.False(expression.WorkOut(trigger => trigger.Name == missing ? null : At(trigger)) < known, $"{text}, {missing}");
        }
    });

    [Fact]
    public void Years_are_as_long_as_the_calendar_says() => Gen.Select(Days, Gen.Int[0, 200]).Sample((day, years) =>
    {
        var later = CivilDates.AddYears(day, years);
        Assert.Equal(day.Year + years, later.Year);
        Assert.True(later.Day == day.Day ? later.Month == day.Month : day is { Month: 2, Day: 29 } && later is { Month: 3, Day: 1 });
        Assert.Equal(years, CivilDates.Age(day, later));
        Assert.Equal(years - 1, CivilDates.Age(day, later.AddDays(-1)));
        Assert.True(later >= day.AddYears(years));   // never shorter than the framework's rule
    });

    [Fact]
    public void The_calendar_is_that_of_the_zone()
    {
        var london = TimeZoneInfo.FindSystemTimeZoneById("Europe/London");
        var auckland = TimeZoneInfo.FindSystemTimeZoneById("Pacific/Auckland");
        var newYork = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");
        var newYear = new DateTimeOffset(2025, 12, 31, 23, 30, 0, TimeSpan.Zero);
        Assert.Equal([Day("2025-12-31"), Day("2026-01-01"), Day("2025-12-31")], new[] { london, auckland, newYork }.Select(zone => CivilDates.In(zone, newYear)));

        // Summer time: 23:30 UTC is the next day in London, and 02:30 at the end of it happens twice on one day.
        Assert.Equal(Day("2026-07-01"), CivilDates.In(london, new DateTimeOffset(2026, 6, 30, 23, 30, 0, TimeSpan.Zero)));
        Assert.Equal(Day("2026-10-25"), CivilDates.In(london, new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero)));
        Assert.Equal(Day("2026-10-25"), CivilDates.In(london, new DateTimeOffset(2026, 10, 25, 1, 30, 0, TimeSpan.Zero)));
        Assert.Equal(Day("2026-03-29"), CivilDates.In(london, new DateTimeOffset(2026, 3, 29, 22, 59, 59, TimeSpan.Zero)));
        Assert.Equal(Day("2026-03-30"), CivilDates.In(london, new DateTimeOffset(2026, 3, 29, 23, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void Days_of_a_zone_never_go_back() => Gen.Select(Gen.OneOf<string>("Europe/London", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"), Gen.Long[0, 4_000_000_000], Gen.Int[0, 100_000])
        .Sample((zone, seconds, more) =>
        {
            var found = TimeZoneInfo.FindSystemTimeZoneById(zone);
            Assert.True(CivilDates.In(found, DateTimeOffset.FromUnixTimeSeconds(seconds)) <= CivilDates.In(found, DateTimeOffset.FromUnixTimeSeconds(seconds + more)));
        });

    private static Gen<string> Monotone(int depth)
    {
        var period = Gen.Select(Gen.Int[0, 100], Gen.OneOf<string>("y", "m", "d"), (count, unit) => $"+{count}{unit}");
        var leaf = Gen.Select(Gen.OneOf<string>("lastEncounter", "death", "lastTreatment"), period, (name, by) => name + by);
        return depth == 0 ? leaf : Gen.OneOf(
            leaf,
            Gen.Select(Monotone(depth - 1), period, (of, by) => $"({of}){by}"),
            Gen.Select(Gen.OneOf<string>("max", "min"), Monotone(depth - 1).Array[1, 3], (name, of) => $"{name}({string.Join(", ", of)})"));
    }

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd");

    private static Expression Read(string text)
    {
        var read = ExpressionReader.Read(text, Names, out string? fault);
        Assert.Null(fault);
        return read ?? throw new InvalidOperationException("It was read.");
    }

    private static DateOnly? WorkOut(string text, params (string Name, string Date)[] dates) => Read(text).WorkOut(
        trigger => dates.Where(date => date.Name == trigger.Name).Select(date => (DateOnly?)Day(date.Date)).SingleOrDefault());
}
