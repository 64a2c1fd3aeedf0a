using CsCheck;

namespace DocIngest.Storage.Tests;

public sealed class RawNameTests
{
    private static readonly byte[] Fragments = [0x41, 0xC3, 0xA9, 0xE2, 0x82, 0xAC, 0xED, 0xB2, 0x80, 0xF0, 0x9F, 0x98, 0xFF];

    [Fact]
    public void Any_bytes_come_back() =>
        Gen.Byte.Array[0, 300].Sample(bytes => RawName.ToBytes(RawName.FromBytes(bytes)).SequenceEqual(bytes));

    [Fact]
    public void Bytes_that_nearly_are_text_come_back() =>
        Gen.Int[0, Fragments.Length - 1].Select(i => Fragments[i]).Array[0, 12]
            .Sample(bytes => RawName.ToBytes(RawName.FromBytes(bytes)).SequenceEqual(bytes));

    [Fact]
    public void Text_is_carried_as_itself() =>
        Gen.String.Where(text => !text.Any(char.IsSurrogate)).Sample(text => RawName.FromBytes(System.Text.Encoding.UTF8.GetBytes(text)) == text);

    [Fact]
    public void A_surrogate_that_stands_for_no_byte_is_refused() =>
        Assert.Throws<ArgumentException>(() => RawName.ToBytes("\uDC41"));

    [Theory]
    [InlineData("scan.pdf", "scan.pdf")]
    [InlineData("a\nb\\\u001b", @"a\nb\\\x1B")]
    [InlineData("\U0001F600", "\U0001F600")]
    public void People_see_every_character(string name, string shown) => Assert.Equal(shown, RawName.ToDisplay(name));

    [Fact]
    public void People_see_bytes_that_are_no_text() => Assert.Equal(@"caf\xE9", RawName.ToDisplay("caf\uDCE9"));
}
