using CsCheck;
using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class MatcherTests
{
    private static readonly Gen<string> Phrases = Gen.Char["abcdef"].Array[3, 6].Select(letters => new string(letters)).Array[1, 3]
        .Select(words => string.Join(' ', words)).Where(phrase => phrase.Length >= 6);

    [Theory]
    [InlineData("discharge summary", "The DISCHARGE\n   Summary of", "DISCHARGE Summary")]
    [InlineData("CT", "direct contact", null)]
    [InlineData("CT", "a CT-scan", "CT")]
    [InlineData("*bericht", "Der Entlassungsbericht vom", "Entlassungsbericht")]
    [InlineData("allerg*", "known allergies: none", "allergies")]
    [InlineData("allerg", "known allergies", null)]
    [InlineData("befund", "Großer BEFÜND", "BEFÜND")]
    [InlineData("c/o", "the patient c/o pain", "c/o")]
    [InlineData("strasse", "Hauptstraße und Straße", "Straße")]
    public void A_phrase_is_whole_words_however_they_are_written(string phrase, string text, string? found) =>
        Assert.Equal(found, Words(new PhraseMatcher(phrase, Folding.Loose), text));

    [Theory]
    [InlineData("MRI", "an mri of", true, null)]
    [InlineData("MRI", "an MRI of", true, "MRI")]
    public void Case_counts_where_it_is_asked_for(string phrase, string text, bool matchCase, string? found) =>
        Assert.Equal(found, Words(new PhraseMatcher(phrase, new Folding(matchCase, false)), text));

    [Theory]
    [InlineData("discharge summary", "D1scharge surnmary", null)]               // 3 slips, 2 allowed
    [InlineData("discharge summary", "D1scharge summory of", "D1scharge summory")]
    [InlineData("discharge summary", "Discharge\nsummary", "Discharge summary")]
    [InlineData("discharge summary", "dis charge summary", "dis charge summary")]
    [InlineData("allergy", "nonallergy", null)]
    [InlineData("allergy", "allergic", null)]
    [InlineData("allergy", "a11ergy", null)]                                    // 2 slips, 1 allowed
    [InlineData("allergy", "al1ergy", "al1ergy")]
    [InlineData("singing", "missinging", null)]
    public void Fuzzy_words_may_be_misread_a_little(string phrase, string text, string? found) =>
        Assert.Equal(found, Words(new FuzzyMatcher(phrase, null, Folding.Loose), text));

    [Theory]
    [InlineData("abcd", null)]
    [InlineData("abcdefg", 3)]
    [InlineData("12 34 -", null)]
    public void Fuzzy_words_too_short_for_their_slips_are_refused(string phrase, int? slips) =>
        Assert.Throws<ArgumentException>(() => new FuzzyMatcher(phrase, slips, Folding.Loose));

    [Fact]
    public void A_fuzzy_phrase_is_found_wherever_it_stands_with_so_many_slips() => Gen.Select(
        Phrases, Gen.Int[0, 2], Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Char["abcdefx"], Phrases).Sample((phrase, slips, first, second, letter, other) =>
    {
        int allowed = Math.Max(1, Math.Min(2, phrase.Count(char.IsLetter) / 3));
        string misread = phrase;
        foreach (int at in new[] { first, second }.Take(Math.Min(slips, allowed)))
        {
            int place = 1 + (at % (misread.Length - 2));
            misread = misread[place] == ' ' ? misread : misread[..place] + letter + misread[(place + 1)..];
        }

        Assert.NotNull(new FuzzyMatcher(phrase, allowed, Folding.Loose).Find(Text($"zzz, {misread}; {other}"), Time()));
    });

    [Fact]
    public void A_fuzzy_hit_is_never_further_off_than_allowed_and_never_missed() => Gen.Select(Phrases, Phrases, Phrases).Sample((phrase, before, after) =>
    {
        const int allowed = 2;
        string text = $"{before} {after}";
        var found = new FuzzyMatcher(phrase, phrase.Count(char.IsLetter) >= 6 ? allowed : 1, Folding.Loose).Find(Text(text), Time());
        int limit = phrase.Count(char.IsLetter) >= 6 ? allowed : 1;
        string[] words = text.Split(' ');
        bool isNear = Enumerable.Range(0, words.Length).Any(start => Enumerable.Range(1, words.Length - start)
            .Any(count => Distance(phrase, string.Join(' ', words.Skip(start).Take(count))) <= limit));
        Assert.Equal(isNear, found is not null);
        if (found is { } span)
        {
            Assert.True(Distance(phrase, text.Substring(span.Start, span.Length)) <= limit);
        }
    });

    [Theory]
    [InlineData("^Order: (?<value>[A-Z]+-[0-9]+)$", "x\nOrder: LAB-12\ny", "LAB-12")]
    [InlineData("(?<=Order: )[0-9]+", "order: 77", "77")]
    [InlineData("x*", "aaa", null)]
    public void An_expression_finds_its_value(string pattern, string text, string? value) =>
        Assert.Equal(value, new RegexMatcher(pattern, matchCase: false, TimeSpan.FromSeconds(5)).Match(text, 0, Time()) is { } match
            ? text.Substring(match.Value.Start, match.Value.Length) : null);

    [Theory]
    [InlineData("(a+)+$", false)]
    [InlineData(@"^(?!z)(\w|a|\wa)+\d\d!$", true)]
    public void An_expression_that_would_go_on_for_ever_ends(string pattern, bool goesBack)
    {
        var matcher = new RegexMatcher(pattern, matchCase: false, TimeSpan.FromMilliseconds(100));
        Assert.Equal(goesBack, matcher.GoesBack);
        string hostile = new string('a', 50_000) + "!";
        if (goesBack)
        {
            Assert.Throws<OutOfTimeException>(() => matcher.Match(hostile, 0, Time()));
        }
        else
        {
            try
            {
                Assert.Null(matcher.Match(hostile, 0, Time()));
            }
            catch (OutOfTimeException)
            {
                // A loaded machine: it ended all the same.
            }
        }
    }

    private static string? Words(ITextMatcher matcher, string text) => matcher.Find(Text(text), Time()) is { } span ? Text(text).Words(span) : null;

    private static SearchedText Text(string text) => new(Place.Text, 1, text);

    private static Allowance Time() => new(TimeProvider.System, TimeSpan.FromMinutes(1));

    private static int Distance(string one, string other)
    {
        var table = new int[one.Length + 1, other.Length + 1];
        for (int row = 0; row <= one.Length; row++)
        {
            for (int column = 0; column <= other.Length; column++)
            {
                table[row, column] = row == 0 ? column : column == 0 ? row
                    : Math.Min(Math.Min(table[row - 1, column], table[row, column - 1]) + 1, table[row - 1, column - 1] + (one[row - 1] == other[column - 1] ? 0 : 1));
            }
        }

        return table[one.Length, other.Length];
    }
}
