using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class DocumentKeyRuleTests
{
    [Theory]
    [InlineData("K12_one.pdf", "K12")]
    [InlineData("one.pdf", null)]
    [InlineData("K_one.pdf", null)]
    public void The_group_key_is_the_key(string name, string? key) =>
        Assert.Equal(key, new DocumentKeyRule("^(?<key>K[0-9]+)_").Find(name));

    [Fact]
    public void Without_pattern_there_is_no_key() => Assert.Null(new DocumentKeyRule(null).Find("K1_a.pdf"));

    [Theory]
    [InlineData("(")]
    [InlineData("[0-9]+")]
    public void A_pattern_must_be_one_and_have_the_group(string pattern) => Assert.ThrowsAny<ArgumentException>(() => new DocumentKeyRule(pattern));

    [Fact]
    public void A_catastrophic_pattern_ends_without_key()
    {
        long started = TimeProvider.System.GetTimestamp();
        Assert.Null(new DocumentKeyRule(@"^(?<key>(a+)+)$").Find(new string('a', 200) + "!"));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("  ", null)]
    [InlineData(" a b ", "a b")]
    public void Keys_lose_outer_blanks(string key, string? normal) => Assert.Equal(normal, DocumentKeyRule.Normalise(key));
}
