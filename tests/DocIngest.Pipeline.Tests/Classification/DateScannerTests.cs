using CsCheck;
using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class DateScannerTests
{
    [Theory]
    [InlineData("2024-01-31", "2024-01-31")]
    [InlineData("on 2024-01-31T08:15", "2024-01-31")]
    [InlineData("31.01.2024", "2024-01-31")]
    [InlineData("31. 1. 2024", "2024-01-31")]
    [InlineData("01/31/2024", "2024-01-31")]
    [InlineData("31/01/24", "2024-01-31")]
    [InlineData("31/01/68", "1968-01-31")]
    [InlineData("31 January 2024", "2024-01-31")]
    [InlineData("31st of January, 2024", "2024-01-31")]
    [InlineData("January 31, 2024", "2024-01-31")]
    [InlineData("Jan. 31st 2024", "2024-01-31")]
    [InlineData("31. Januar 2024", "2024-01-31")]
    [InlineData("den 1. März 2024", "2024-03-01")]
    [InlineData("1. Maerz 2024", "2024-03-01")]
    [InlineData("31-JAN-2024", "2024-01-31")]
    [InlineData("31-Jan-24", "2024-01-31")]
    [InlineData("31/DEZ/2024", "2024-12-31")]
    [InlineData("le 14 février 2023", "2023-02-14")]
    [InlineData("29.02.2024", "2024-02-29")]
    public void Dates_are_read_as_people_write_them(string text, string day) => Assert.Equal(day, Assert.Single(Days(text)));

    [Theory]
    [InlineData("29.02.2023")]
    [InlineData("31/31/2024")]
    [InlineData("version 1.2.2024.7")]
    [InlineData("192.168.1.2024")]
    [InlineData("tel 030-12-34567")]
    [InlineData("2024")]
    [InlineData("12 mg 2024")]
    [InlineData("May 2024")]
    [InlineData("A12.3.2024")]
    [InlineData("01/31/2024567")]
    [InlineData("1,234.56 of 12.50")]
    [InlineData("20240131")]
    public void What_is_no_date_is_none(string text) => Assert.Empty(Days(text));

    [Fact]
    public void Eight_digits_are_a_date_in_names_alone() => Assert.Equal(
        new DateReading.Plain(new DateOnly(2024, 1, 31)), Assert.Single(DateScanner.Scan("scan_20240131_7.pdf", 2026, compact: true)).Reading);

    [Fact]
    public void A_day_that_could_be_a_month_is_ambiguous()
    {
        var reading = Assert.IsType<DateReading.Ambiguous>(Assert.Single(DateScanner.Scan("03/04/2024", 2026, compact: false)).Reading);
        Assert.Equal((new DateOnly(2024, 4, 3), new DateOnly(2024, 3, 4), false), (reading.DayFirst, reading.MonthFirst, reading.HasDots));
    }

    [Fact]
    public void Any_day_is_read_back_from_any_of_its_forms() => Gen.Int[0, 40_000].Sample(days =>
    {
        var day = new DateOnly(1950, 1, 1).AddDays(days);
        foreach (string written in new[] { $"{day:yyyy-MM-dd}", $"{day:d MMMM yyyy}", $"{day:MMMM d, yyyy}", $"{day:dd-MMM-yyyy}", $"{day:yyyy/M/d}" })
        {
            Assert.Equal($"{day:yyyy-MM-dd}", Assert.Single(Days($"on {written}, or so")));
        }
    });

    [Fact]
    public void No_text_makes_it_stumble() => Gen.Char["0123456789./- JanMay\n'T,"].Array[0, 80].Select(letters => new string(letters)).Sample(text =>
    {
        int end = 0;
        foreach (var date in DateScanner.Scan(text, 2026, compact: true))
        {
            Assert.InRange(date.Span.Start, end, text.Length);
            end = date.Span.End;
            Assert.InRange(end, date.Span.Start + 1, text.Length);
        }
    });

    private static IEnumerable<string> Days(string text) => DateScanner.Scan(text, 2026, compact: false)
        .Select(date => DateOrders.Day(date.Reading, isDayFirst: true, DateOrder.DayFirst).ToString("yyyy-MM-dd"));
}
