using CsCheck;
using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class NumberReaderTests
{
    [Theory]
    [InlineData("Total: RM 1,234.50 paid", false, "1234.50")]
    [InlineData("Summe 1.234,50 EUR", false, "1234.50")]
    [InlineData("1,234", false, "1234")]
    [InlineData("1,234", true, "1.234")]
    [InlineData("1.234", true, "1234")]
    [InlineData("1.234", false, "1.234")]
    [InlineData("0,234", false, "0.234")]
    [InlineData("1.234.567", true, "1234567")]
    [InlineData("37,5 °C", false, "37.5")]
    [InlineData("1 234 567,8", false, "1234567.8")]
    [InlineData("12 345", false, "12345")]
    [InlineData("-3.5", false, "-3.5")]
    [InlineData("pages 3-5", false, "3")]
    [InlineData("7.", false, "7")]
    [InlineData("no number", false, null)]
    public void Numbers_are_read_as_people_write_them(string text, bool isCommaDecimal, string? value) =>
        Assert.Equal(value, NumberReader.First(text, isCommaDecimal)?.Value);

    [Fact]
    public void What_was_read_is_read_again_alike() => Gen.Char["0123456789.,- '"].Array[0, 30].Select(letters => new string(letters)).Sample(text =>
    {
        if (NumberReader.First(text, isCommaDecimal: false) is { } first)
        {
            Assert.Equal(first.Value, NumberReader.First(first.Value, isCommaDecimal: false)?.Value);
            Assert.InRange(first.Span.End, 1, text.Length);
        }
    });
}
