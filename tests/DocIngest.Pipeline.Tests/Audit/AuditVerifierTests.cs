using DocIngest.Pipeline.Audit;

namespace DocIngest.Pipeline.Tests.Audit;

/// <summary>Each way to change a chain has its finding (records.md section 8).</summary>
public sealed class AuditVerifierTests
{
    [Fact]
    public async Task No_entries_are_a_failure()   // records.md 8.4
    {
        var world = new AuditWorld();
        Assert.Equal("A001", await world.CodesAsync());
        Assert.False((await world.VerifyAsync()).IsSound);
        world.Data.CreateFolder("audit");
        world.Write(world.Today, Array.Empty<byte>());
        Assert.False((await world.VerifyAsync()).IsSound);
    }

    [Theory]
    [InlineData("edit", "A002")]
    [InlineData("edit with its hash", "A003")]
    [InlineData("remove", "A004")]
    [InlineData("insert", "A006")]
    [InlineData("repeat", "A003")]
    [InlineData("swap", "A003 A004")]
    [InlineData("fork", "A005")]
    [InlineData("break without torn bytes", "(A008)")]
    public async Task A_changed_chain_has_its_finding(string how, string codes)
    {
        var world = new AuditWorld();
        for (int number = 1; number <= 5; number++)
        {
            await world.AppendAsync(number);
        }

        var lines = world.Lines(world.Today);
        switch (how)
        {
            case "edit":
                lines[2] = lines[2].Replace("urn:test:3", "urn:test:9", StringComparison.Ordinal);
                break;
            case "edit with its hash":
                lines[2] = Rehash(lines[2].Replace("urn:test:3", "urn:test:9", StringComparison.Ordinal));
                break;
            case "remove":
                lines.RemoveAt(2);
                break;
            case "insert":
                lines.Insert(2, "{\"prev\":\"nothing\"}");
                break;
            case "repeat":
                lines.Insert(3, lines[1]);
                break;
            case "swap":
                (lines[2], lines[3]) = (lines[3], lines[2]);
                break;
            case "fork":
                lines.Insert(3, Rehash(lines[2].Replace("urn:test:3", "urn:test:9", StringComparison.Ordinal)));
                break;
            case "break without torn bytes":
                world.Append(world.Today, "x");
                await world.AppendAsync(6);
                lines = [.. world.Lines(world.Today)];
                break;
        }

        world.Write(world.Today, lines);
        string found = await world.CodesAsync();
        Assert.Contains(codes, found, StringComparison.Ordinal);
        Assert.Equal(codes.StartsWith('('), (await world.VerifyAsync()).IsSound);
    }

    [Fact]
    public async Task A_cut_off_end_is_found_by_the_head_that_was_noted_elsewhere()
    {
        var world = new AuditWorld();
        await world.AppendAsync(1, 2, 3);
        var known = await world.VerifyAsync();
        var expected = new AuditExpectation(known.LastSeq, known.Head);
        await world.AppendAsync(4);
        Assert.Equal("", await world.CodesAsync(expected));
        Assert.Equal("", await world.CodesAsync(new AuditExpectation(null, known.Head)));
        world.Write(world.Today, world.Lines(world.Today).Take(2));
        Assert.Equal("", await world.CodesAsync());   // nothing inside says so
        Assert.Equal("A014", await world.CodesAsync(expected));
        Assert.Equal("A014", await world.CodesAsync(new AuditExpectation(null, known.Head)));
        Assert.Equal("A014", await world.CodesAsync(new AuditExpectation(3, null)));
    }

    [Fact]
    public async Task A_chain_made_anew_is_found_by_the_head_that_was_noted_elsewhere()
    {
        var world = new AuditWorld();
        await world.AppendAsync(1, 2, 3);
        var known = await world.VerifyAsync();
        world.Data.DeleteTree("audit");
        await world.AppendAsync(1, 2, 3);
        Assert.Equal("", await world.CodesAsync());
        Assert.Equal("A014", await world.CodesAsync(new AuditExpectation(known.LastSeq, known.Head)));
    }

    [Fact]
    public async Task Entries_are_shown_by_record_account_and_time()
    {
        var world = new AuditWorld();
        await world.AppendAsync(1, 2);
        world.Time.Advance(TimeSpan.FromDays(1));
        await world.AppendAsync(1);
        Assert.Equal([1L, 3], Shown(new AuditQuery { Record = "urn:test:1" }));
        Assert.Equal([3L], Shown(new AuditQuery { From = world.Time.GetUtcNow() }));
        Assert.Equal([1L, 2], Shown(new AuditQuery { To = world.Time.GetUtcNow() }));
        Assert.Equal([1L, 2, 3], Shown(new AuditQuery { Account = "tester", IsDisclosures = true }));
        Assert.Empty(Shown(new AuditQuery { Account = "nobody" }));

        IEnumerable<long> Shown(AuditQuery query) => AuditLog.Read(world.Data, query).Select(entry => entry.Seq);
    }

    private static string Rehash(string line)
    {
        string body = line[..line.LastIndexOf(",\"hash\":", StringComparison.Ordinal)];
        return $"{body},\"hash\":\"{AuditHash.Of(System.Text.Encoding.UTF8.GetBytes(body)).Hex}\"}}";
    }
}
