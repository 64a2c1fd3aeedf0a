using CsCheck;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Tests.Trees;

public sealed class FileNameTests
{
    [Fact]
    public void Any_Windows_name_comes_back() => Gen.Char.Array[0, 20].Sample(chars =>
        FileName.FromUtf16(new string(chars)).TryToUtf16(out string name) && name == new string(chars));

    [Fact]
    public void Lone_surrogates_become_three_bytes_each() =>
        Assert.Equal("EDBFBFEDA08061", Convert.ToHexString(FileName.FromUtf16("\udfff\ud800a").Bytes));

    [Fact]
    public void Two_names_that_differ_in_a_lone_surrogate_stay_two() =>
        Assert.NotEqual(FileName.FromUtf16("a\ud800"), FileName.FromUtf16("a\ud801"));

    [Fact]
    public void Bytes_that_no_Windows_name_gives_are_told() => Assert.False(new FileName([0xff]).TryToUtf16(out _));

    [Fact]
    public void Any_bytes_come_back_through_text() => Gen.Byte.Array[0, 40].Sample(bytes =>
        FileName.FromRaw(new FileName(bytes).ToRaw()) == new FileName(bytes));

    [Fact]
    public void Order_is_that_of_unsigned_bytes() => Gen.Select(Gen.Byte.Array[0, 4], Gen.Byte.Array[0, 4]).Sample((a, b) =>
        Math.Sign(new FileName(a).CompareTo(new FileName(b))) == Math.Sign(string.CompareOrdinal(Convert.ToHexString(a), Convert.ToHexString(b))));

    [Theory]
    [InlineData("a", true)]
    [InlineData("...", true)]
    [InlineData("a\\b", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a\0b", false)]
    public void A_safe_name_names_one_entry(string name, bool isSafe) => Assert.Equal(isSafe, FileName.FromRaw(name).IsSafe);
}
