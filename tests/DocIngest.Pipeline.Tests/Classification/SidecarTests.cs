using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class SidecarTests
{
    [Fact]
    public void Key_class_fields_and_target_are_read()
    {
        var (sidecar, fault) = Sidecar.Read(
            """{ "documentKey": " K 1 ", "recordClass": "letter", "fields": { "a": "x", "n": 1.50, "t": true }, "addVersionTo": "urn:uuid:0198c0de-0000-7000-8000-000000000001" }""");
        Assert.Null(fault);
        Assert.Equal("K 1", sidecar?.DocumentKey);
        Assert.Equal("letter", sidecar?.RecordClass);
        Assert.Equal(["a=x", "n=1.50", "t=true"], sidecar!.Fields.Select(field => $"{field.Key}={field.Value}"));   // no fault: there is one
        Assert.NotNull(sidecar.AddVersionTo);
    }

    [Fact]
    public void A_byte_order_mark_is_no_fault() => Assert.Null(Sidecar.Read("\uFEFF{ \"documentKey\": \"1\" }").Fault);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"documentKey\":1}")]
    [InlineData("{\"documentKey\":\"\\ud800\"}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"fields\":{\"a\":\"\\udc00\"}}")]
    [InlineData("{\"fields\":{\"a\":null}}")]
    [InlineData("{\"fields\":{\"a\":{}}}")]
    [InlineData("{\"documentKey\":\"a\",\"documentKey\":\"b\"}")]
    [InlineData("{\"unknown\":1}")]
    [InlineData("{\"recordClass\":\"\"}")]
    [InlineData("{\"recordClass\":\"\\u001b[2J\"}")]
    [InlineData("{\"recordClass\":\"letter\\n\"}")]
    [InlineData("{\"addVersionTo\":\"nobody\"}")]
    public void Anything_else_is_a_fault_in_plain_words_that_quote_nothing(string json)
    {
        var (sidecar, fault) = Sidecar.Read(json);
        Assert.Null(sidecar);
        Assert.Contains("the sidecar", fault);
        Assert.DoesNotContain("nobody", fault);
    }

    [Fact]
    public void A_hundred_thousand_brackets_are_a_fault_like_any_other() => Assert.NotNull(Sidecar.Read(new string('[', 65_000)).Fault);
}
