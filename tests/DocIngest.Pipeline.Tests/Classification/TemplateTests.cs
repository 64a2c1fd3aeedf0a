using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class TemplateTests
{
    private static readonly Dictionary<string, string> Values = new() { ["a"] = "one", ["b"] = "two" };

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("{a}-{b}", "one-two")]
    [InlineData("of {c}, {a}", "of , one")]
    [InlineData("{a} - {c}", "one")]
    [InlineData("{c}", "")]
    public void Missing_values_leave_no_end(string template, string filled) => Assert.Equal(filled, new Template(template).Fill(Values));

    [Theory]
    [InlineData("{a}{b}", "onetwo")]
    [InlineData("{a}{c}", null)]
    public void Or_all_must_be_there(string template, string? filled) => Assert.Equal(filled, new Template(template).FillAll(Values));

    [Theory]
    [InlineData("{a")]
    [InlineData("a}")]
    [InlineData("{}")]
    [InlineData("{a{b}}")]
    public void A_brace_alone_is_refused(string template) => Assert.Throws<ArgumentException>(() => new Template(template));
}
