using CsCheck;
using DocIngest.Pipeline.Catalog;

namespace DocIngest.Pipeline.Tests.Catalog;

public sealed class SnippetTests
{
    private static readonly SnippetStyle Short = new("<", ">", 30);
    private static readonly string[] Queries = ["a", "ab", "\"a b\"", "a*", "é"];

    [Theory]
    [InlineData("gamma", "alpha beta gamma delta", "alpha beta <gamma> delta")]
    [InlineData("gam*", "alpha Gämma", "alpha <Gämma>")]
    [InlineData("o'brien", "Mr O'Brien", "Mr <O'Brien>")]
    [InlineData("\"beta gamma\"", "gamma beta, gamma", "gamma <beta, gamma>")]
    [InlineData("alpha gamma", "alpha beta gamma", "<alpha> beta <gamma>")]
    [InlineData("nowhere", "alpha\n\tbeta", "alpha beta")]
    [InlineData("x", "", "")]
    [InlineData("b", "a\fb\fc", "<b>")]
    [InlineData("beta", "alpha alpha alpha\fbeta", "<beta>")]
    public void A_snippet_marks_hits_on_one_page(string query, string text, string expected) =>
        Assert.Equal(expected, Snippet.Around(text, SearchText.Parse(query).Terms, Short));

    [Fact]
    public void A_long_page_is_cut_between_words()
    {
        string text = string.Join(' ', Enumerable.Range(0, 100).Select(at => $"w{at:00}"));
        Assert.Equal("… w48 w49 <w50> w51 w52 w53 w54 …", Snippet.Around(text, SearchText.Parse("w50").Terms, Short));
        Assert.Equal("w00 w01 w02 w03 w04 w05 w06 …", Snippet.Around(text, [], Short));
    }

    [Fact]
    public void Any_text_gives_one_short_line()
    {
        var text = Gen.String[Gen.Char["ab äéß\u0301\f\n\t\0\uD83D\uDE00\uE000.'"], 0, 300];
        Gen.Select(text, Gen.Int[20, 60], Gen.Int[0, 4].Select(at => Queries[at])).Sample((given, length, query) =>
        {
            string snippet = Snippet.Around(given, SearchText.Parse(query).Terms, new SnippetStyle("", "", length));
            Assert.InRange(snippet.Length, 0, length + 4);   // an ellipsis and a space at either end
            Assert.DoesNotContain(snippet, char.IsControl);
        }, iter: 5_000);
    }

    [Fact]
    public void A_long_text_is_read_no_further_than_its_first_hit()
    {
        string text = "alpha beta " + new string('x', 10_000_000);
        var terms = SearchText.Parse("beta").Terms;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.StartsWith("alpha [beta]", Snippet.Around(text, terms, SnippetStyle.Plain), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }
}
