using System.Globalization;
using CsCheck;
using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Tests.Encoding;

public sealed class TimeTests
{
    private static readonly Gen<UnixTime> AnyTime = Gen.Select(
        Gen.Long[-62_167_219_200, 253_402_300_799], Gen.OneOf(Gen.Int[0, 999_999_999], Gen.Int[0, 999].Select(ms => ms * 1_000_000)),
        (seconds, nanoseconds) => new UnixTime(seconds, nanoseconds));   // 0000-01-01 to 9999-12-31

    [Theory]
    [InlineData("2023-11-14T22:13:20Z", 1_700_000_000, 0)]
    [InlineData("2023-11-14T22:13:20.12Z", 1_700_000_000, 120_000_000)]
    [InlineData("2023-11-14T22:13:20.000000001Z", 1_700_000_000, 1)]
    [InlineData("1970-01-01T00:00:00Z", 0, 0)]
    [InlineData("1969-12-31T23:59:59.9Z", -1, 900_000_000)]
    [InlineData("0000-01-01T00:00:00Z", -62_167_219_200, 0)]
    [InlineData("0000-02-29T00:00:00Z", -62_162_121_600, 0)]
    [InlineData("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999)]
    [InlineData("2024-02-29T12:00:00Z", 1_709_208_000, 0)]
    public void An_instant_is_written_in_UTC_without_trailing_zeros(string text, long seconds, int nanoseconds)
    {
        var time = new UnixTime(seconds, nanoseconds);
        Assert.Equal(text, time.ToString());
        Assert.True(UnixTime.TryParse(text, out var read));
        Assert.Equal(time, read);
    }

    [Theory]
    [InlineData("2023-11-14T23:13:20+01:00", "2023-11-14T23:13:20+01:00", 60)]
    [InlineData("2023-11-14T16:43:20.5-05:30", "2023-11-14T16:43:20.5-05:30", -330)]
    [InlineData("2023-11-14T22:13:20+00:00", "2023-11-14T22:13:20Z", 0)]
    [InlineData("2023-11-14T22:13:20-00:00", "2023-11-14T22:13:20Z", 0)]
    [InlineData("2023-11-14T22:13:20.1234567+00:00", "2023-11-14T22:13:20.1234567Z", 0)]
    [InlineData("2023-11-14T22:13:20.500000000Z", "2023-11-14T22:13:20.5Z", 0)]
    [InlineData("2023-11-14T22:13:20.0Z", "2023-11-14T22:13:20Z", 0)]
    [InlineData("2023-11-14T22:13:20.1234567899999Z", "2023-11-14T22:13:20.123456789Z", 0)]
    [InlineData("0000-01-01T00:30:00+01:00", "0000-01-01T00:30:00+01:00", 60)]
    [InlineData("9999-12-31T23:30:00-01:00", "9999-12-31T23:30:00-01:00", -60)]
    public void A_zone_is_kept(string text, string canonical, int offsetMinutes)
    {
        Assert.True(ZonedTime.TryParse(text, out var time));
        Assert.Equal(canonical, time.ToString());
        Assert.Equal(offsetMinutes, time.OffsetMinutes);
    }

    [Theory]
    [InlineData("2023-11-14T22:13:20")]
    [InlineData("2023-11-14T22:13:20.5")]
    [InlineData("2023-11-14T22:13:20.Z")]
    [InlineData("2023-11-14T22:13:20,5Z")]
    [InlineData("2023-11-14 22:13:20Z")]
    [InlineData("2023-11-14t22:13:20z")]
    [InlineData("2023-11-14T22:13:60Z")]
    [InlineData("2023-11-14T24:00:00Z")]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("1900-02-29T00:00:00Z")]
    [InlineData("2023-00-10T00:00:00Z")]
    [InlineData("2023-13-10T00:00:00Z")]
    [InlineData("2023-04-31T00:00:00Z")]
    [InlineData("2023-11-14T22:13:20+24:00")]
    [InlineData("2023-11-14T22:13:20+01:60")]
    [InlineData("2023-11-14T22:13:20+0100")]
    [InlineData("2023-11-14T22:13:20Zx")]
    [InlineData("-023-11-14T22:13:20Z")]
    [InlineData("2023-11-14T22:1320Z")]
    [InlineData("")]
    [InlineData(null)]
    public void What_names_no_instant_is_refused(string? text) => Assert.False(ZonedTime.TryParse(text, out _));

    [Theory]
    [InlineData(10_000, 1, 1, "9999-01-01T00:00:00Z")]
    [InlineData(10_000, 2, 29, "9999-03-01T00:00:00Z")]   // 9999 has no such day
    [InlineData(123_456, 12, 31, "9999-12-31T00:00:00Z")]
    [InlineData(-1, 12, 31, "0000-12-31T00:00:00Z")]
    public void Years_beyond_four_digits_are_clamped_and_keep_their_day(long year, int month, int day, string text) =>
        Assert.Equal(text, new UnixTime(new CivilDate(year, month, day).ToDays() * 86_400, 0).ToString());

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void No_time_a_file_can_have_breaks_the_calendar(long seconds) =>
        Assert.True(UnixTime.TryParse(new UnixTime(seconds, 999_999_999).ToString(), out _));

    [Fact]
    public void Every_time_in_every_zone_comes_back() =>
        Gen.Select(AnyTime, Gen.Int[-1439, 1439]).Where((time, offset) => (time.Seconds + (offset * 60L)) is >= -62_167_219_200 and <= 253_402_300_799)
            .Sample((time, offset) => ZonedTime.TryParse(new ZonedTime(time, offset).ToString(), out var read) && read == new ZonedTime(time, offset));

    [Fact]
    public void The_calendar_is_the_frameworks() =>
        Gen.DateTime.Sample(date =>
        {
            var civil = CivilDate.FromDays((date.Date - DateTime.UnixEpoch).Days);
            return civil == new CivilDate(date.Year, date.Month, date.Day) && civil.ToDays() == (date.Date - DateTime.UnixEpoch).Days;
        });

    [Fact]
    public void Months_and_days_beyond_their_range_carry_over() =>
        Gen.Select(Gen.DateTime[new DateTime(2000, 1, 1), new DateTime(2100, 1, 1)], Gen.Int[-500, 500], Gen.Int[-500, 500]).Sample((date, months, days) =>
            CivilDate.FromDays(new CivilDate(date.Year, date.Month + months, 1 + days).ToDays()) ==
            Of(new DateTime(date.Year, date.Month, 1).AddMonths(months).AddDays(days)));

    [Fact]
    public void Framework_times_come_back() =>
        Gen.DateTimeOffset.Sample(time => UnixTime.From(time).ToDateTimeOffset() == time
            && UnixTime.From(time).ToString().StartsWith(time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture), StringComparison.Ordinal));

    [Fact]
    public void Order_and_difference_are_those_of_the_instants() =>
        Gen.Select(Gen.DateTimeOffset, Gen.DateTimeOffset).Sample((a, b) =>
            UnixTime.From(a) - UnixTime.From(b) == a - b
            && UnixTime.From(a).CompareTo(UnixTime.From(b)) == a.CompareTo(b)
            && UnixTime.From(a) < UnixTime.From(b) == a < b);

    [Fact]
    public void A_difference_too_long_to_tell_is_the_longest_there_is()
    {
        Assert.Equal(TimeSpan.MaxValue, new UnixTime(long.MaxValue, 0) - new UnixTime(long.MinValue, 0));
        Assert.Equal(TimeSpan.MinValue, new UnixTime(long.MinValue, 0) - new UnixTime(long.MaxValue, 0));
        Assert.Equal(DateTimeOffset.MaxValue, new UnixTime(long.MaxValue, 0).ToDateTimeOffset());
        Assert.Equal(DateTimeOffset.MinValue, new UnixTime(long.MinValue, 0).ToDateTimeOffset());
    }

    private static CivilDate Of(DateTime date) => new(date.Year, date.Month, date.Day);
}
