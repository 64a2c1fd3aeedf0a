using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class CodeListReaderTests
{
    private static readonly CodeListOptions Options = new() { Name = "list", File = "list.csv" };

    [Theory]
    [InlineData("code,term\nA10.1,\"Pain, left\"\nB2,\"a \"\"b\"\"\"\n")]
    [InlineData("\uFEFFterm;Code\r\nPain, left;A10.1\r\n\"a \"\"b\"\"\";B2\r\n\r\n")]
    [InlineData("x\tcode\tterm\n1\tA10.1\tPain, left\n2\tB2\ta \"b\"")]
    public void A_list_is_read_whatever_divides_its_columns(string csv)
    {
        var list = CodeListReader.Read(Options, csv, out var faults);
        Assert.Empty(faults);
        Assert.Equal(2, list?.Count);
        Assert.Equal(
            [("A10.1", "Pain, left"), ("B2", "a \"b\"")],
            list?.In("seen a10.1 (and B-2), A101").Select(found => (found.Code.Value, found.Code.Term)).Distinct() ?? []);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("code,term\n", "no code")]
    [InlineData("code,meaning\nA1,x", "no column \"term\"")]
    [InlineData("cod,term\nA1,x", "Did you mean \"cod\"?")]
    [InlineData("code,term\nA1", "line 2 has 1 columns")]
    [InlineData("code,term\n,x", "line 2 has no code")]
    [InlineData("code,term\nA1,x\n\"b\nc\",y\na-1,z", "line 5 has the code \"a-1\", which line 2 has already")]
    [InlineData("code,term\nA1,\"x", "a quote that does not end, in line 2")]
    public void Every_fault_says_where(string csv, string fault)
    {
        Assert.Null(CodeListReader.Read(Options, csv, out var faults));
        Assert.Contains(faults, found => found.Contains(fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("A10.1.", "A10.1")]
    [InlineData("A10.1/B2", "A10.1,B2")]
    [InlineData("xA10.1", "")]
    [InlineData("A10.12", "")]
    [InlineData("A 10.1", "")]
    public void Codes_are_whole_words(string text, string codes)
    {
        var list = new CodeList("list", [new VocabularyCode("A10.1", ""), new VocabularyCode("B2", "")]);
        Assert.Equal(codes, string.Join(',', list.In(text).Select(found => found.Code.Value)));
    }
}
