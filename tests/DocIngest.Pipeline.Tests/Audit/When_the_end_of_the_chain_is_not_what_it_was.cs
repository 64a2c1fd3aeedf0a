using System.Text;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Audit;

/// <summary>What crashes and hands leave at the end (records.md section 8, 3 and 4): the next append finds the true end, and says what it found.</summary>
public sealed class When_the_end_of_the_chain_is_not_what_it_was
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{\"prev\":\"0")]
    [InlineData("\0\0\0\0\0\0\0")]
    [InlineData("\0\0\n\0\0\n")]
    [InlineData("\n")]
    public async Task Torn_bytes_stay_and_a_break_speaks_of_them(string torn)
    {
        var world = new AuditWorld();
        await world.AppendAsync(1);
        byte[] before = world.Bytes(world.Today);
        world.Append(world.Today, torn);
        await world.AppendAsync(2);
        await world.AppendAsync(3);
        Assert.Equal(["1", "torn", "2", "3"], world.Recorded());
        Assert.Equal([.. before, .. Encoding.UTF8.GetBytes(torn)], world.Bytes(world.Today)[..(before.Length + torn.Length)]);
        Assert.Equal("(A008)", await world.CodesAsync());
    }

    [Fact]
    public async Task Torn_bytes_of_the_day_before_are_spoken_of_too()
    {
        var world = new AuditWorld();
        await world.AppendAsync(1);
        world.Append(world.Today, "{\"prev\":\"0");
        world.Time.Advance(TimeSpan.FromDays(1));
        await world.AppendAsync(2);
        Assert.Equal(["1", "torn", "2"], world.Recorded());
        Assert.Equal("(A008) (A017)", await world.CodesAsync());
    }

    [Fact]
    public async Task An_emptied_newest_file_is_a_loss_and_no_new_beginning()
    {
        var world = new AuditWorld();
        await world.AppendAsync(1);
        await world.AppendAsync(2, 3);
        world.Write(world.Today, Array.Empty<byte>());
        await world.AppendAsync(4);
        Assert.Equal(["lost", "torn", "4"], world.Recorded());
        Assert.StartsWith("{\"prev\":\"" + new string('0', 64) + "\",\"seq\":4,", world.Lines(world.Today)[0], StringComparison.Ordinal);
        Assert.Contains("A007", await world.CodesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_newest_file_is_a_loss_and_the_chain_goes_on_behind_the_day_before()
    {
        var world = new AuditWorld();
        await world.AppendAsync(1);
        string head = (await world.VerifyAsync()).Head.Hex;
        world.Time.Advance(TimeSpan.FromDays(1));
        await world.AppendAsync(2);
        await world.AppendAsync(3);
        world.Data.Delete(world.Today);
        await world.AppendAsync(4);
        Assert.Equal(["1", "lost", "4"], world.Recorded());
        Assert.StartsWith($"{{\"prev\":\"{head}\",\"seq\":4,", world.Lines(world.Today)[0], StringComparison.Ordinal);
        Assert.Equal("(A017) A007", await world.CodesAsync());
    }

    [Fact]
    public async Task A_truncated_newest_file_is_a_loss()
    {
        var world = new AuditWorld();
        for (int number = 1; number <= 4; number++)
        {
            await world.AppendAsync(number);
        }

        world.Write(world.Today, world.Lines(world.Today).Take(2));
        await world.AppendAsync(5);
        Assert.Equal(["1", "2", "lost", "5"], world.Recorded());
        Assert.Equal("A007", await world.CodesAsync());
    }

    [Fact]
    public async Task A_missing_middle_day_does_not_disturb_appending_and_is_found()
    {
        var world = new AuditWorld();
        for (int day = 1; day <= 3; day++)
        {
            await world.AppendAsync(day);
            world.Time.Advance(TimeSpan.FromDays(1));
        }

        world.Data.Delete(AuditWorld.Segment(world.Time.GetUtcNow().AddDays(-2)));
        await world.AppendAsync(4);
        Assert.Equal(["1", "3", "4"], world.Recorded());
        Assert.Equal("(A017) A004", await world.CodesAsync());
    }

    [Fact]
    public async Task Without_any_note_of_its_end_the_chain_goes_on_all_the_same()
    {
        var world = new AuditWorld();
        await world.AppendAsync(1);
        world.Time.Advance(TimeSpan.FromDays(1));
        await world.AppendAsync(2);
        await world.AppendAsync(3);
        foreach (string path in new[] { "audit/head-0.json", "audit/head-1.json" })
        {
            world.Write(path, Array.Empty<byte>());
        }

        await world.AppendAsync(4);
        Assert.Equal(["1", "2", "3", "4"], world.Recorded());
        Assert.Equal("(A017)", await world.CodesAsync());
    }

    [Theory]
    [InlineData(true, "A002")]
    [InlineData(false, "A007")]
    public async Task Whole_entries_cannot_be_laundered_as_torn(bool isEdited, string code)
    {
        var world = new AuditWorld();
        for (int number = 1; number <= 4; number++)
        {
            await world.AppendAsync(number);
        }

        var lines = world.Lines(world.Today);
        lines[1] = isEdited ? lines[1].Replace("urn:test:2", "urn:test:9", StringComparison.Ordinal) : "nothing";   // all behind it seems not to link
        world.Write(world.Today, lines);
        world.Data.Delete("audit/head-0.json");
        world.Data.Delete("audit/head-1.json");
        await world.AppendAsync(5);
        var verification = await world.VerifyAsync();
        Assert.False(verification.IsSound);
        Assert.Contains(code, AuditWorld.Codes(verification), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Power_may_go_at_any_operation()
    {
        foreach (var choice in PowerCutChoice.Samples(seeds: 12))
        {
            int n = 0;
            for (bool fired = true; fired;)
            {
                var world = new AuditWorld();
                await world.AppendAsync(0);
                world.Volume.PowerCut(PowerCutChoice.KeepAll);
                var plan = new FaultPlan(++n, FaultKind.PowerCut);
                int confirmed = await AppendUntilPowerCutAsync(world, plan);
                fired = plan.Fired;
                world.Volume.PowerCut(choice);
                string after = $"power cut at operation {n}, {choice}";
                await world.AppendAsync(100);
                await world.AppendAsync(101);
                var verification = await world.VerifyAsync();
                Assert.True(verification.IsSound, $"{after}: {string.Join('\n', verification.Findings)}");
                var recorded = world.Recorded();
                Assert.True(Enumerable.Range(0, confirmed + 1).All(number => recorded.Contains($"{number}")), $"{after}: {confirmed} confirmed, {string.Join(' ', recorded)}");
                Assert.Equal(["100", "101"], recorded.Skip(recorded.Count - 2));
            }

            Assert.True(n > 15, $"only {n} operations were tried");
        }
    }

    // Three appends on two days, of one, two and one event; up to which number they were confirmed.
    private static async Task<int> AppendUntilPowerCutAsync(AuditWorld world, FaultPlan plan)
    {
        int confirmed = 0;
        try
        {
            using var trail = world.Process(plan);
            await trail.AppendAsync(AuditWorld.Events(trail, 1), Cancellation);
            confirmed = 1;
            world.Time.Advance(TimeSpan.FromDays(1));
            await trail.AppendAsync(AuditWorld.Events(trail, 2, 3), Cancellation);
            confirmed = 3;
            await trail.AppendAsync(AuditWorld.Events(trail, 4), Cancellation);
            confirmed = 4;
        }
        catch (PowerCutException)
        {
            // The process is gone; the test goes on with what the disk kept.
        }

        return confirmed;
    }
}
