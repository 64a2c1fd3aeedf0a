namespace DocIngest.Pipeline.Classification;

/// <summary>What is written like a date.</summary>
/// <param name="Span">Where.</param>
/// <param name="Reading">What its numbers say.</param>
internal readonly record struct WrittenDate(Span Span, DateReading Reading);

/// <summary>The numbers of a date as written. Closed: only the cases below exist.</summary>
internal abstract record DateReading
{
    private DateReading()
    {
    }

    /// <summary>It can mean one day only.</summary>
    internal sealed record Plain(DateOnly Day) : DateReading;

    /// <summary>Day and month may be either way round.</summary>
    /// <param name="DayFirst">The first number as the day.</param>
    /// <param name="MonthFirst">The first number as the month.</param>
    /// <param name="HasDots">Divided by dots, as languages with the day first do.</param>
    internal sealed record Ambiguous(DateOnly DayFirst, DateOnly MonthFirst, bool HasDots) : DateReading;

    /// <summary>The first number can only be the day, or only the month.</summary>
    internal sealed record Shown(DateOnly Day, bool IsDayFirst) : DateReading;
}

/// <summary>
/// Finds what is written like a date: 2024-01-31, 31.01.2024, 01/31/24, 31 Jan 2024, January 31, 2024, 31. Januar 2024, 31-JAN-2024. Goes
/// from number to number: its time grows with the text alone.
/// </summary>
internal static class DateScanner
{
    private const int EarliestYear = 1900;

    // Longest way between a number and the name of a month, or from there to the year.
    private const int MostBlanks = 4;

    private static readonly Dictionary<string, int> Months = MonthNames();

    /// <summary>All dates, in order, none within another.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="latestYear">Two digits of a year mean the latest that is not after it.</param>
    /// <param name="compact">Whether eight digits in succession may be a date, year first.</param>
    public static IEnumerable<WrittenDate> Scan(string text, int latestYear, bool compact)
    {
        int done = 0;
        for (int at = 0; at < text.Length;)
        {
            int digit = text.AsSpan(at).IndexOfAnyInRange('0', '9');
            if (digit < 0)
            {
                yield break;
            }

            at += digit;
            int end = EndOfDigits(text, at);
            if (Read(text, at, end, latestYear, compact) is { } date && date.Span.Start >= done)
            {
                yield return date;
                done = at = date.Span.End;
            }
            else
            {
                at = end;
            }
        }
    }

    private static WrittenDate? Read(string text, int start, int end, int latestYear, bool compact)
    {
        if (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || IsDecimal(text, start)))
        {
            return null;
        }

        return (end - start) switch
        {
            8 when compact => Compact(text, start, end),
            4 => YearFirst(text, start, end),
            1 or 2 => Numbers(text, start, end, latestYear) ?? DayAndName(text, start, end, latestYear) ?? NameAndDay(text, start, end),
            _ => null,
        };
    }

    // "1.12.2024" after "3." would be a part of something longer, as of a version or an amount.
    private static bool IsDecimal(string text, int start) =>
        start >= 2 && text[start - 1] is '.' or ',' or '/' or '-' && char.IsAsciiDigit(text[start - 2]);

    private static WrittenDate? Compact(string text, int start, int end) =>
        FollowsLetter(text, end) ? null : Plain(start, end, Number(text, start, start + 4), Number(text, start + 4, start + 6), Number(text, start + 6, end));

    private static WrittenDate? YearFirst(string text, int start, int end)
    {
        if (end >= text.Length || text[end] is not ('-' or '/' or '.'))
        {
            return null;
        }

        int month = end + 1;
        int monthEnd = EndOfDigits(text, month);
        if (monthEnd - month is not (1 or 2) || monthEnd >= text.Length || text[monthEnd] != text[end])
        {
            return null;
        }

        int day = monthEnd + 1;
        int dayEnd = EndOfDigits(text, day);
        bool isWhole = dayEnd - day is 1 or 2 && (!FollowsLetter(text, dayEnd) || text[dayEnd] is 'T' or 't');   // 2024-01-31T08:00
        return isWhole ? Plain(start, dayEnd, Number(text, start, end), Number(text, month, monthEnd), Number(text, day, dayEnd)) : null;
    }

    private static WrittenDate? Numbers(string text, int start, int end, int latestYear)
    {
        if (end >= text.Length || text[end] is not ('.' or '/' or '-') || !Next(text, end, text[end], out int second, out int secondEnd)
            || secondEnd - second > 2 || secondEnd >= text.Length || text[secondEnd] != text[end]
            || !Next(text, secondEnd, text[end], out int third, out int thirdEnd)
            || thirdEnd - third is not (2 or 4) || FollowsLetter(text, thirdEnd) || GoesOn(text, thirdEnd, text[end]))
        {
            return null;
        }

        int year = Year(text, third, thirdEnd, latestYear);
        int one = Number(text, start, end);
        int two = Number(text, second, secondEnd);
        var span = new Span(start, thirdEnd - start);
        DateReading? reading = (Day(year, two, one), Day(year, one, two)) switch
        {
            ({ } day, { } other) when day == other => new DateReading.Plain(day),
            ({ } day, { } other) => new DateReading.Ambiguous(day, other, text[end] == '.'),
            ({ } day, null) => new DateReading.Shown(day, IsDayFirst: true),
            (null, { } day) => new DateReading.Shown(day, IsDayFirst: false),
            _ => null,
        };
        return reading is null ? null : new WrittenDate(span, reading);
    }

    // 31 Jan 2024, 31st of January, 2024, 31. Januar 2024, 31-JAN-24.
    private static WrittenDate? DayAndName(string text, int start, int end, int latestYear)
    {
        int at = end;
        if (at + 2 <= text.Length && text.AsSpan(at, 2).ToString().ToLowerInvariant() is "st" or "nd" or "rd" or "th")
        {
            at += 2;
        }

        at = SkipBetween(text, at, ".-/");
        if (Word(text, at, out int wordEnd) is "of" or "de" or "den")
        {
            at = SkipBetween(text, wordEnd, "");
        }

        if (Month(Word(text, at, out wordEnd)) is not { } month)
        {
            return null;
        }

        int year = SkipBetween(text, wordEnd, ".,-/'");
        if (Word(text, year, out int of) is "de" or "del")
        {
            year = SkipBetween(text, of, "");
        }

        int yearEnd = EndOfDigits(text, year);
        bool isShort = yearEnd - year == 2 && year > wordEnd && text[year - 1] is '-' or '/' or '\'' or '.';
        return (yearEnd - year == 4 || isShort) && !FollowsLetter(text, yearEnd)
            ? Plain(start, yearEnd, Year(text, year, yearEnd, latestYear), month, Number(text, start, end))
            : null;
    }

    // January 31, 2024; Jan. 31st 2024.
    private static WrittenDate? NameAndDay(string text, int start, int end)
    {
        int at = start;
        for (int steps = 0; at > 0 && steps < MostBlanks && (char.IsWhiteSpace(text[at - 1]) || text[at - 1] is '.' or '-'); steps++)
        {
            at--;
        }

        int word = at;
        while (word > 0 && char.IsLetter(text[word - 1]) && at - word < 12)
        {
            word--;
        }

        if (word == at || at == start || Month(Folded(text.AsSpan(word, at - word))) is not { } month || (word > 0 && char.IsLetterOrDigit(text[word - 1])))
        {
            return null;
        }

        int year = end;
        if (year + 2 <= text.Length && text.AsSpan(year, 2).ToString().ToLowerInvariant() is "st" or "nd" or "rd" or "th")
        {
            year += 2;
        }

        year = SkipBetween(text, year, ".,-");
        int yearEnd = EndOfDigits(text, year);
        return year > end && yearEnd - year == 4 && !FollowsLetter(text, yearEnd)
            ? Plain(word, yearEnd, Number(text, year, yearEnd), month, Number(text, start, end))
            : null;
    }

    private static WrittenDate? Plain(int start, int end, int year, int month, int day) =>
        Day(year, month, day) is { } date ? new WrittenDate(new Span(start, end - start), new DateReading.Plain(date)) : null;

    private static DateOnly? Day(int year, int month, int day) =>
        year is >= EarliestYear and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new DateOnly(year, month, day)
            : null;

    private static int Year(string text, int start, int end, int latestYear)
    {
        int year = Number(text, start, end);
        if (end - start == 4)
        {
            return year;
        }

        year += latestYear / 100 * 100;
        return year > latestYear ? year - 100 : year;
    }

    // The next number behind a dividing character, which blanks may follow ("31. 1. 2024").
    private static bool Next(string text, int divider, char kind, out int start, out int end)
    {
        start = divider + 1;
        while (kind == '.' && start < text.Length && text[start] == ' ' && start - divider < 2)
        {
            start++;
        }

        end = EndOfDigits(text, start);
        return end > start;
    }

    private static bool GoesOn(string text, int end, char divider) =>
        end + 1 < text.Length && text[end] == divider && char.IsAsciiDigit(text[end + 1]);

    private static bool FollowsLetter(string text, int end) => end < text.Length && char.IsLetterOrDigit(text[end]);

    private static int SkipBetween(string text, int at, string others)
    {
        for (int steps = 0; steps < MostBlanks && at < text.Length && (char.IsWhiteSpace(text[at]) || others.Contains(text[at])); steps++)
        {
            at++;
        }

        return at;
    }

    private static string Word(string text, int at, out int end)
    {
        end = at;
        while (end < text.Length && char.IsLetter(text[end]) && end - at < 12)
        {
            end++;
        }

        return Folded(text.AsSpan(at, end - at));
    }

    private static int? Month(string word) => Months.TryGetValue(word, out int month) ? month : null;

    private static string Folded(ReadOnlySpan<char> word) => FoldedText.Fold(word.ToString(), Folding.Loose);

    private static int EndOfDigits(string text, int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int Number(string text, int start, int end) => int.Parse(text.AsSpan(start, end - start));

    private static Dictionary<string, int> MonthNames()
    {
        // English, German, French, Spanish, Italian, Dutch; without accents, as words are compared.
        string[] names =
        [
            "january jan januar janner jaenner jän janvier janv enero ene gennaio gen januari",
            "february feb februar februari fevrier fevr febrero febbraio febr",
            "march mar marz maerz mrz mars marzo maart mrt",
            "april apr avril avr abril abr aprile",
            "may mai mayo maggio mag mei",
            "june jun juni juin junio giugno giu",
            "july jul juli juillet juil julio luglio lug",
            "august aug aout agosto ago augustus",
            "september sep sept septembre septiembre settembre set",
            "october oct oktober okt octobre octubre ottobre ott",
            "november nov novembre noviembre",
            "december dec dezember dez decembre diciembre dic dicembre",
        ];
        return names.SelectMany((line, month) => line.Split(' ').Select(name => (Name: FoldedText.Fold(name, Folding.Loose), Month: month + 1)))
            .DistinctBy(pair => pair.Name).ToDictionary(pair => pair.Name, pair => pair.Month);
    }
}
