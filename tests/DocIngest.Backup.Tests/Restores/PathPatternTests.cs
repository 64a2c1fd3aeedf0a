using DocIngest.Backup.Restores;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Tests.Restores;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("/", "/a", true)]
    [InlineData("/a", "/a", true)]
    [InlineData("/a/", "/a/b/c", true)]
    [InlineData("/a", "/ab", false)]
    [InlineData("/a/b", "/a", false)]
    [InlineData("b", "/a/b", true)]
    [InlineData("b", "/a/b/c", true)]
    [InlineData("b/d", "/a/b/c/d", false)]
    [InlineData("/b", "/a/b", false)]
    [InlineData("*", "/a", true)]
    [InlineData("a*", "/a", true)]
    [InlineData("*.pdf", "/x/.pdf", true)]
    [InlineData("*.pdf", "/x/a.pdf.txt", false)]
    [InlineData("a*b*c", "/aXbbYc", true)]
    [InlineData("a*b*c", "/acb", false)]
    [InlineData("/*/c", "/a/b/c", false)]
    [InlineData("/**/c", "/c", true)]
    [InlineData("/**/c", "/a/b/c", true)]
    [InlineData("/a/**/c", "/a/c", true)]
    [InlineData("/a/**/c", "/b/c", false)]
    [InlineData("/a/**", "/a", true)]
    [InlineData("**", "/a", true)]
    [InlineData("?", "/a", true)]
    [InlineData("?", "/ü", true)]
    [InlineData("?", "/ab", false)]
    [InlineData("?*?", "/ab", true)]
    [InlineData("?*?", "/a", false)]
    [InlineData("[ab]", "/a", false)]
    [InlineData("[ab]", "/[ab]", true)]
    [InlineData("A", "/a", false)]
    [InlineData("./a", "/a", true)]
    public void A_path_is_met_or_not(string pattern, string path, bool isMet)
    {
        var parsed = PathPattern.Parse(pattern);
        ulong state = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(parsed.Start, (current, name) => parsed.Step(current, FileName.FromRaw(name)));
        Assert.Equal(isMet, parsed.IsMet(state));
    }

    [Fact]
    public void A_star_takes_bytes_that_are_no_characters()
    {
        var pattern = PathPattern.Parse("a*z");
        Assert.True(pattern.IsMet(pattern.Step(pattern.Start, new FileName([0x61, 0xff, 0xe2, 0x82, 0x7a]))));
    }

    [Fact]
    public void Nothing_below_is_looked_at_where_nothing_can_be_met()
    {
        var pattern = PathPattern.Parse("/a/b");
        Assert.Equal(0ul, pattern.Step(pattern.Start, FileName.FromRaw("x")));
        Assert.NotEqual(0ul, pattern.Step(pattern.Start, FileName.FromRaw("a")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("/a/../b")]
    public void A_malformed_pattern_is_refused(string pattern) => Assert.Throws<ArgumentException>(() => PathPattern.Parse(pattern));

    [Fact]
    public void A_pattern_has_at_most_63_elements()
    {
        _ = PathPattern.Parse(string.Concat(Enumerable.Repeat("/a", 63)));
        Assert.Throws<ArgumentException>(() => PathPattern.Parse(string.Concat(Enumerable.Repeat("/a", 64))));
    }
}
