namespace DocIngest.Pipeline.Classification;

/// <summary>Finds dates, and among a document's dates the one it bears itself.</summary>
/// <param name="document">The document.</param>
/// <param name="language">Its language; null where unknown.</param>
internal sealed class DateFinder(SearchedDocument document, string? language)
{
    // What stands before a date on its line tells what it is the date of; more would be another sentence.
    private const int MostContext = 48;
    private const int MostDates = 10_000;
    private const int LowestRank = -100;
    private const int LaterPage = -2;

    private readonly DateOnly _latest = LatestDay(document.Facts.ReceivedAt);
    private bool? _isDayFirst;

    /// <summary>The dates of a text, in order. None is later than the day after the scan was received.</summary>
    public IEnumerable<FoundDate> In(SearchedText text, Allowance allowance)
    {
        bool isDayFirst = IsDayFirst(allowance);
        int from = 0;
        foreach (var written in Scan(text))
        {
            allowance.Check();
            var day = DateOrders.Day(written.Reading, isDayFirst, document.Facts.DateOrder);
            int context = ContextStart(text.Original, from, written.Span.Start);
            from = written.Span.End;
            if (day <= _latest)
            {
                string words = text.Words(new Span(context, written.Span.End - context));
                yield return new FoundDate(day, text, written.Span, words, written.Reading is DateReading.Ambiguous);
            }
        }
    }

    /// <summary>
    /// The date the document bears: one that is called so ("Date:", "Datum", "vom") before others, on the first page before later ones, then
    /// the first. Never a birth date, never in the future. Null where there is none.
    /// </summary>
    public FoundDate? OfDocument(IEnumerable<SearchedText> texts, Allowance allowance)
    {
        FoundDate? best = null;
        int bestRank = LowestRank;
        foreach (var text in texts)
        {
            int lastEnd = 0;
            foreach (var date in In(text, allowance))
            {
                int rank = DateLabels.Rank(Context(text.Original, lastEnd, date.Span.Start)) + (text.Page > 1 ? LaterPage : 0);
                lastEnd = date.Span.End;
                if (rank > bestRank)
                {
                    (best, bestRank) = (date, rank);
                }
            }
        }

        return best;
    }

    private bool IsDayFirst(Allowance allowance)
    {
        if (_isDayFirst is { } known)
        {
            return known;
        }

        var readings = document.Facts.DateOrder != DateOrder.ByLanguage
            ? []
            : document.Pages.SelectMany(page =>
            {
                allowance.Check();
                return Scan(page);
            }).Take(MostDates).Select(date => date.Reading);
        bool isDayFirst = DateOrders.IsDayFirst(document.Facts.DateOrder, language, readings);
        _isDayFirst = isDayFirst;
        return isDayFirst;
    }

    private IEnumerable<WrittenDate> Scan(SearchedText text) => DateScanner.Scan(text.Original, _latest.Year, compact: text.Place != Place.Text);

    private static int ContextStart(string text, int from, int date)
    {
        int start = Math.Max(from, date - MostContext);
        int line = date == 0 ? -1 : text.LastIndexOf('\n', date - 1);
        start = Math.Max(start, line + 1);
        while (start > from && start > line + 1 && char.IsLetterOrDigit(text[start - 1]) && date - start < 2 * MostContext)
        {
            start--;   // no word cut in two
        }

        return start;
    }

    // What stands before a date: on its line, or where nothing does, on the line above.
    private static string Context(string text, int from, int date)
    {
        int start = ContextStart(text, from, date);
        string before = text[start..date];
        if (before.Any(char.IsLetter) || start == 0 || start <= from || text[start - 1] != '\n')
        {
            return before;
        }

        int above = ContextStart(text, from, start - 1);
        return text[above..(start - 1)];
    }

    private static DateOnly LatestDay(DateTimeOffset received) => DateOnly.FromDateTime(received.UtcDateTime).AddDays(1);
}
