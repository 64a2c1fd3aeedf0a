using DocIngest.Pipeline.Revisions;

namespace DocIngest.Pipeline.Tests.Revisions;

public sealed class SplitPagesTests
{
    [Theory]
    [InlineData("1-2,3-5", "1 2 | 3 4 5")]
    [InlineData("1, 2", "1 | 2")]
    [InlineData("1-2+5,3-4", "1 2 5 | 3 4")]
    [InlineData("4+1,2-3", "1 4 | 2 3")]
    public void Commas_divide_documents_and_plus_joins_ranges(string typed, string expected) =>
        Assert.Equal(expected, string.Join(" | ", (SplitPages.Parse(typed) ?? []).Select(pages => string.Join(' ', pages))));

    [Theory]
    [InlineData("")]
    [InlineData("1-2,")]
    [InlineData("2-1")]
    [InlineData("0,1")]
    [InlineData("-1")]
    [InlineData("1-2-3")]
    [InlineData("one")]
    [InlineData("1-99999999999")]
    [InlineData("1-2000000000,3")]
    public void What_is_no_pages_is_not_read(string typed) => Assert.Null(SplitPages.Parse(typed));

    [Theory]
    [InlineData("1-2,3-5", null)]
    [InlineData("3-5,1-2", null)]
    [InlineData("1-2,3-6", "It has 5 pages, and no page 6.")]
    [InlineData("1-3,3-5", "Page 3 is in two documents.")]
    [InlineData("1+1,2-5", "Page 1 is in two documents.")]
    [InlineData("1,3", "Pages 2,4-5 are in no document.")]
    [InlineData("1-5", "That is one document: name at least two.")]
    public void Every_page_belongs_to_one_document(string typed, string? fault) => Assert.Equal(fault, SplitPages.WhyNot(SplitPages.Parse(typed) ?? [], 5));
}
