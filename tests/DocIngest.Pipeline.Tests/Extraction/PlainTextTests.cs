using CsCheck;
using DocIngest.Pipeline.Extraction.Cleaning;

namespace DocIngest.Pipeline.Tests.Extraction;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\r\nb\rc\nd", "a\nb\nc\nd")]
    [InlineData("a\u0000b\u0007c\td\u007Fe\u0085f", "a b c d e f")]
    [InlineData("page\fbreak", "page break")]
    [InlineData("a\u2028b\u2029c", "a\nb\nc")]
    [InlineData("soft\u00ADhyphen zero\u200Bwidth \uFEFFmark", "softhyphen zerowidth mark")]
    [InlineData("pair \uD83D\uDE00", "pair \uD83D\uDE00")]
    [InlineData("no character \uFFFE\uFFFF", "no character \uFFFD\uFFFD")]
    public void Text_is_made_fit(string given, string expected) => Assert.Equal(expected, PlainText.Clean(given));

    // Not as a theory: attributes are stored as UTF-8, which has no lone surrogates.
    [Fact]
    public void Lone_surrogates_are_told_and_replaced()
    {
        string lone = "lone \uD800 and \uDC00 end \uD83D";
        Assert.False(PlainText.IsClean(lone));
        Assert.False(PlainText.IsClean("ok \uD83D\uDE00 \uDE00"));
        Assert.Equal("lone \uFFFD and \uFFFD end \uFFFD", PlainText.Clean(lone));
    }

    [Fact]
    public void What_was_cleaned_is_clean_and_stays_as_it_is() =>
        Gen.Char.Array[0, 60].Select(characters => new string(characters)).Sample(text =>
        {
            string clean = PlainText.Clean(text);
            Assert.True(PlainText.IsClean(clean));
            Assert.Equal(clean, PlainText.Clean(clean));
        });

    [Theory]
    [InlineData("a\u0007")]
    [InlineData("a\r")]
    [InlineData("\uFFFE")]
    public void What_is_not_clean_is_told(string text) => Assert.False(PlainText.IsClean(text));

    // Expected forms from the Unicode Character Database's own NormalizationTest.txt and Python's unicodedata.
    [Theory]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("A\u030A", "\u00C5")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\u1E0A\u0323", "\u1E0C\u0307")]
    [InlineData("D\u0307\u0323", "\u1E0C\u0307")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u1025\u102E", "\u1026")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("u\u0308\u0304", "\u01D6")]
    [InlineData("\u0627\u0653", "\u0622")]
    [InlineData("\u2126", "\u03A9")]
    [InlineData("\uFA10", "\u585A")]
    [InlineData("\u0301e", "\u0301e")]
    [InlineData("a\u0315\u0300\u05AE\u0300b", "\u00E0\u05AE\u0300\u0315b")]
    [InlineData("\uFB01 stays", "\uFB01 stays")]
    public void Text_is_in_form_C(string given, string expected)
    {
        Assert.Equal(expected, CanonicalComposition.Compose(given));
        Assert.Equal(expected, CanonicalComposition.Compose(expected));
    }

    [Fact]
    public void A_million_marks_in_a_row_cost_no_more_than_their_number() =>
        Assert.Equal(1_000_001, CanonicalComposition.Compose("q" + string.Concat(Enumerable.Repeat("\u0315\u0316", 500_000))).Length);

    [Fact]
    public void Metadata_is_bounded()
    {
        var entries = new MetadataEntries();
        entries.Add("a", "  first ");
        entries.Add("a", "second");
        entries.Add("blank", " \n ");
        entries.Add("cut", new string('x', 4_095) + "\uD83D\uDE00");
        entries.Add(new string('k', 200), "value");
        for (int number = 0; number < 600; number++)
        {
            entries.Add($"n{number}", "value");
        }

        Assert.Equal("first", entries.Entries["a"]);
        Assert.Equal(4_095, entries.Entries["cut"].Length);
        Assert.Equal(MetadataEntries.MaxEntries, entries.Entries.Count);
        Assert.DoesNotContain("blank", entries.Entries.Keys);
    }
}
