using CsCheck;
using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Tests.Encoding;

public sealed class GoFileModeTests
{
    [Theory]
    [InlineData("040755", 2147484141)]
    [InlineData("100644", 420)]
    [InlineData("120777", 134218239)]
    [InlineData("010644", 33554852)]
    [InlineData("104755", 8389101)]
    [InlineData("041777", 2148532735)]
    [InlineData("060660", (1u << 26) | 0x1b0)]
    [InlineData("020666", (1u << 26) | (1u << 21) | 0x1b6)]
    [InlineData("140755", (1u << 24) | 0x1ed)]
    [InlineData("102755", (1u << 22) | 0x1ed)]
    [InlineData("000644", (1u << 19) | 0x1a4)]
    public void A_mode_of_stat_becomes_one_of_Go(string octal, uint go) =>
        Assert.Equal(go, GoFileMode.FromStat(Convert.ToUInt32(octal, 8)).Value);

    [Fact]
    public void Permissions_and_set_id_bits_come_back() =>
        Gen.UInt[0, 0xfff].Sample(bits => GoFileMode.FromStat(0x8000 | bits).ToChmod() == bits && GoFileMode.FromStat(0x8000 | bits).Kind == 0);
}
