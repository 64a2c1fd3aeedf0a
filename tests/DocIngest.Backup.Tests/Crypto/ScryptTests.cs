using DocIngest.Backup.Crypto;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Backup.Tests.Crypto;

public sealed class ScryptTests
{
    [Fact]
    public void It_gives_the_key_that_restic_gets()
    {
        byte[] derived = new byte[64];
        Scrypt.Derive("geheim"u8, [.. Enumerable.Range(0, 64).Select(i => (byte)i)], ScryptParameters.ForGeneratedPasswords, derived);
        Assert.Equal(
            "27933cc8ec79b02eb123bc21e60f7e8ef5ba88d8574d1ae4133b74052386d56d0347f1e1c7fd8c914a16d64771e1828415279e3c02e87d177f4773ecdf4374ef",
            Convert.ToHexStringLower(derived));
    }

    [Theory]
    [InlineData(2, 1, 1, true)]
    [InlineData(1 << 20, 8, 1, true)]
    [InlineData(1 << 21, 8, 1, false)]   // 2 GiB
    [InlineData(0, 8, 1, false)]
    [InlineData(1, 8, 1, false)]
    [InlineData(-2, 8, 1, false)]
    [InlineData(48, 8, 1, false)]   // no power of two
    [InlineData(1 << 15, 0, 1, false)]
    [InlineData(1 << 15, -8, 1, false)]
    [InlineData(1 << 15, 8, 0, false)]
    [InlineData(2, 1 << 15, 1 << 15, false)]
    [InlineData(2, (1 << 23) - 1, 1, true)]
    [InlineData(2, 1 << 23, 1, false)]
    [InlineData(long.MaxValue, long.MaxValue, long.MaxValue, false)]
    public void It_runs_what_restic_runs(long n, long r, long p, bool expected) => Assert.Equal(expected, new ScryptParameters(n, r, p).AreAllowed);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(10, 50)]
    [InlineData(60, 8)]
    [InlineData(900, 1)]
    public void Calibration_fills_the_time(int milliseconds, long expected)
    {
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromMilliseconds(milliseconds) };
        var parameters = ScryptParameters.Calibrate(TimeSpan.FromMilliseconds(500), clock);
        Assert.Equal(ScryptParameters.ForGeneratedPasswords with { P = expected }, parameters);
        Assert.True(parameters.AreAllowed);
    }
}
