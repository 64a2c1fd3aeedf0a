using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class DateFinderTests
{
    [Theory]
    [InlineData("Date of birth: 12/03/1950\nSeen on 05/16/2026", "2026-05-16")]
    [InlineData("DOB 12/31/1950 Date: 05/16/2026", "2026-05-16")]
    [InlineData("Patient: Muster, geb. 12.03.1950\nHamburg, den 16.05.2026", "2026-05-16")]
    [InlineData("geboren am 12.03.1950, aufgenommen 14.5.2026", "2026-05-14")]
    [InlineData("Geburtsdatum\n12.03.1950\nBefunddatum\n16.05.2026", "2026-05-16")]
    [InlineData("Max Muster *12.03.1950\n16.05.2026", "2026-05-16")]
    [InlineData("10.01.2026 first visit\nReport date: 16.05.2026", "2026-05-16")]
    [InlineData("* 16.05.2026 a bullet\n* 12.05.2026 another", "2026-05-16")]
    [InlineData("Valid until 01.06.2025\nissued 16.04.2025", "2025-04-16")]
    [InlineData("Next appointment 1 June 2026\nReported 16 May 2026", "2026-05-16")]
    public void The_date_a_document_bears_is_told_from_others(string text, string day) => Assert.Equal(day, Find(text)?.Value);

    [Theory]
    [InlineData("geb. 12.03.1950")]
    [InlineData("DOB: 12/03/1950")]
    [InlineData("Date: 22.05.2026")]
    [InlineData("Date: 1 January 2031")]
    [InlineData("no date at all")]
    public void A_birth_date_or_a_day_to_come_is_not_it(string text) => Assert.Null(Find(text)?.Value);

    [Fact]
    public void The_day_after_it_was_received_may_have_begun_elsewhere() => Assert.Equal("2026-05-21", Find("Date: 21.05.2026")?.Value);

    [Theory]
    [InlineData(DateOrder.DayFirst, null, "03/04/2026", "2026-04-03")]
    [InlineData(DateOrder.MonthFirst, null, "03/04/2026", "2026-03-04")]
    [InlineData(DateOrder.ByLanguage, "en", "03/04/2026", "2026-03-04")]
    [InlineData(DateOrder.ByLanguage, "de", "03/04/2026", "2026-04-03")]
    [InlineData(DateOrder.ByLanguage, "en", "03/04/2026, and 25/12/2025", "2026-04-03")]   // shown by the document itself
    [InlineData(DateOrder.ByLanguage, "de", "03/04/2026, and 12/25/2025", "2026-03-04")]
    [InlineData(DateOrder.MonthFirst, "en", "03/04/2026, and 25/12/2025", "2026-03-04")]
    [InlineData(DateOrder.ByLanguage, "en", "03.04.2026", "2026-04-03")]                   // dots: the day first
    public void Which_number_is_the_day_is_told_by_setting_document_or_language(DateOrder order, string? language, string text, string day)
    {
        var found = Find(text, order, language);
        Assert.Equal((day, true), (found?.Value, found?.IsAmbiguous));
    }

    [Fact]
    public void The_words_it_came_from_are_kept()
    {
        var found = Find("first line\nReport   date:  16 May 2026 at noon");
        Assert.Equal(("Report date: 16 May 2026", 1, false), (found?.Words, found?.Text?.Page, found?.IsAmbiguous));
    }

    [Fact]
    public void The_first_page_goes_before_a_later_one_but_a_named_date_before_both()
    {
        Assert.Equal("2026-05-01", Find(["1 May 2026", "2 May 2026"])?.Value);
        Assert.Equal("2026-05-02", Find(["1 May 2026", "Date: 2 May 2026"])?.Value);
    }

    [Fact]
    public void A_page_of_nothing_but_dates_is_read_in_no_time()
    {
        string hostile = string.Concat(Enumerable.Repeat("01/02/2003 geb. vom date: ", 30_000));
        var found = new FieldFinder(new SearchedDocument(Rules.Document(hostile)), null).Find(Any, new Allowance(TimeProvider.System, TimeSpan.FromSeconds(30)));
        Assert.Equal("2003-02-01", found?.Value);
    }

    private static FieldRule Any { get; } = new("documentDate", FieldType.Date, null, new SearchScope(Place.Text, null, 0), [], null, CheckDigitRule.None, null);

    private static FoundValue? Find(string page, DateOrder order = DateOrder.DayFirst, string? language = null) => Find([page], order, language);

    private static FoundValue? Find(string[] pages, DateOrder order = DateOrder.DayFirst, string? language = null) =>
        new FieldFinder(new SearchedDocument(Rules.Document(pages) with { DateOrder = order }), language)
            .Find(Any, new Allowance(TimeProvider.System, TimeSpan.FromMinutes(1)));
}
