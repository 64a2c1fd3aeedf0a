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
    public void Any_name_Windows_can_give_comes_back() =>
        Gen.Char['\uD7F0', '\uE010'].Array[0, 12].Select(chars => new string(chars))
            .Sample(name => RawName.FromBytes(RawName.ToBytes(name, namesAreBytes: false), namesAreBytes: false) == name);

    [Fact]
    public void On_Windows_half_a_character_goes_as_three_bytes_and_a_whole_one_as_ever()
    {
        Assert.Equal([0xED, 0xA0, 0x80, 0x41], RawName.ToBytes("\uD800A", namesAreBytes: false));
        Assert.Equal([0xED, 0xB2, 0x80], RawName.ToBytes("\uDC80", namesAreBytes: false));
        Assert.Equal([0xF0, 0x9F, 0x98, 0x80], RawName.ToBytes("\U0001F600", namesAreBytes: false));
    }

    [Fact]
    public void A_surrogate_that_stands_for_no_byte_is_refused() =>
        Assert.Throws<ArgumentException>(() => RawName.ToBytes("\uDC41", namesAreBytes: true));

    [Theory]
    [InlineData("scan.pdf", "scan.pdf")]
    [InlineData("a\nb\\\u001b", @"a\nb\\\x1B")]
    [InlineData("\U0001F600", "\U0001F600")]
    public void People_see_every_character(string name, string shown) => Assert.Equal(shown, RawName.ToDisplay(name));

    [Fact]
    public void People_see_bytes_that_are_no_text_and_halves_of_characters() =>
        Assert.Equal(@"caf\xE9\uD800", RawName.ToDisplay("caf\uDCE9\uD800"));
}
