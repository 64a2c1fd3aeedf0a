using DocIngest.Assurance.Sampling;
using DocIngest.TestKit;

namespace DocIngest.Assurance.Tests.Sampling;

public sealed class SampleDrawTests
{
    private static readonly SampleSeed Seed = new("auditor-4711", new string('a', 64));

    [Fact]
    public void The_same_seed_draws_the_same_places() =>
        Assert.Equal(SampleDraw.Places(Seed, 1_000, 50), SampleDraw.Places(new SampleSeed("auditor-4711", new string('a', 64)), 1_000, 50));

    [Theory]
    [InlineData("auditor-4712", 'a')]
    [InlineData("auditor-4711", 'b')]
    public void Another_nonce_or_another_head_draws_others(string nonce, char head) =>
        Assert.NotEqual(SampleDraw.Places(Seed, 1_000, 50), SampleDraw.Places(new SampleSeed(nonce, new string(head, 64)), 1_000, 50));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(1_000, 999)]
    [InlineData(5_000_000_000, 300)]
    public void Nothing_is_drawn_twice(long population, long size)
    {
        var places = SampleDraw.Places(Seed, population, size);
        Assert.Equal(size, places.Distinct().Count());
        Assert.All(places, place => Assert.InRange(place, 0, population - 1));
    }

    [Fact]
    public void Every_place_is_drawn_about_as_often()
    {
        int[] drawn = new int[10];
        for (int nonce = 0; nonce < 4_000; nonce++)
        {
            foreach (long place in SampleDraw.Places(new SampleSeed($"n{nonce}", new string('0', 64)), 10, 3))
            {
                drawn[place]++;
            }
        }

        // 1,200 expected, standard deviation 29: five of them.
        Assert.All(drawn, count => Assert.InRange(count, 1_055, 1_345));
    }

    [Theory]
    [InlineData("")]
    [InlineData("with blank")]
    [InlineData("line\n")]
    [InlineData("größe")]
    [InlineData("$(reboot)")]
    [InlineData("a;b")]
    public void A_nonce_that_could_be_read_in_two_ways_is_refused(string nonce) =>
        Assert.Throws<ArgumentException>(() => new SampleSeed(nonce, new string('a', 64)));

    [Fact]
    public void A_head_that_is_no_hash_is_refused() => Assert.Throws<ArgumentException>(() => new SampleSeed("n", new string('A', 64)));

    [Fact]
    public void More_than_there_are_cannot_be_drawn() => Assert.Throws<ArgumentOutOfRangeException>(() => SampleDraw.Places(Seed, 5, 6));

    [Fact]
    public async Task The_documented_script_draws_the_same()
    {
        Needs.Tool("python3");
        var (code, output) = await Shell.RunAsync(Checkout.Path, $"python3 docs/formats/draw-sample.py {Seed.Nonce} {Seed.AuditHead} 123456 40");
        Assert.Equal(0, code);
        Assert.Equal(SampleDraw.Places(Seed, 123_456, 40).Select(place => place.ToString()), output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
