using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Audit;

public sealed class AuditTrailTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_line_has_its_fields_in_their_order_and_the_hash_of_its_stored_bytes()
    {
        var world = new AuditWorld();
        world.Time.Advance(TimeSpan.FromTicks(12_345_679));   // 1.2345679 s: finer than a microsecond (records.md 8.1)
        await world.AppendAsync(1, 2);
        var lines = world.Lines(world.Today);
        string host = Environment.MachineName;
        Assert.StartsWith(
            $$$"""{"prev":"{{{new string('0', 64)}}}","seq":1,"time":"2026-11-27T12:00:01.234567Z","type":"read","subtype":"show","action":"R","outcome":"success","""
            + $$$"""
            "agent":{"account":"tester","address":"urn:docingest:account:test:tester","kind":"person"},"source":{"host":"{{{host}}}","service":"docingest","version":"test"},
            """
            + "\"entities\":[{\"kind\":\"record\",\"id\":\"urn:test:1\"}],\"correlation\":",
            lines[0], StringComparison.Ordinal);
        string first = HashOf(lines[0]);
        Assert.EndsWith($",\"hash\":\"{first}\"}}", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"{{\"prev\":\"{first}\",\"seq\":2,", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_accounts_stay_within_ascii_and_cannot_forge_a_line()
    {
        var world = new AuditWorld();
        var actor = new Actor("Jürgen\n\",\"hash\":\"", "urn:x");
        using var trail = AuditTrail.Open(world.Data, world.Locks, AuditOrigin.Of(actor, isService: true, "test"), () => null, world.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await trail.AppendAsync(AuditWorld.Events(trail, 1, 2), Cancellation);
        Assert.Equal(2, world.Lines(world.Today).Count);
        Assert.DoesNotContain(world.Bytes(world.Today), one => one > 127);
        Assert.Equal("", await world.CodesAsync());
        Assert.Equal(2, AuditLog.Read(world.Data, new AuditQuery { Account = actor.Name }).Count());
    }

    [Fact]
    public async Task A_plain_sha256sum_loop_verifies_it()
    {
        Needs.Tool("sha256sum");
        var world = new AuditWorld();
        await world.AppendAsync(1, 2, 3);
        world.Time.Advance(TimeSpan.FromDays(1));
        await world.AppendAsync(4);
        world.Append(world.Today, "{\"prev\":\"torn");
        await world.AppendAsync(5);
        using var folder = new TempFolder();
        world.CopyTo(folder.Path);
        var (exitCode, said) = Loop(folder.Path);
        Assert.True(exitCode == 0, said);
        Assert.Contains($"6 entries, head {(await world.VerifyAsync()).Head}", said, StringComparison.Ordinal);

        string segment = folder[Path.GetFileName(AuditWorld.Segment(world.Time.GetUtcNow().AddDays(-1)))];
        string text = await File.ReadAllTextAsync(segment, Cancellation);
        foreach (string changed in new[] { text.Replace("urn:test:2", "urn:test:9", StringComparison.Ordinal), text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..], "" })
        {
            await File.WriteAllTextAsync(segment, changed, Cancellation);
            Assert.Equal(1, Loop(folder.Path).ExitCode);
        }
    }

    [Fact]
    public async Task Appenders_at_once_make_one_chain()   // records.md 8.2, 8.5, 8.6
    {
        var world = new AuditWorld();
        var processes = Enumerable.Range(0, 4).Select(_ => world.Process()).ToList();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => Task.Run(
            () => processes[number % 4].AppendAsync(AuditWorld.Events(processes[number % 4], number), Cancellation), Cancellation)));
        var verification = await world.VerifyAsync();
        Assert.Equal(("", 40, 40), (AuditWorld.Codes(verification), verification.Entries, verification.LastSeq));
        Assert.Equal(Enumerable.Range(0, 40).Select(number => $"{number}").Order(StringComparer.Ordinal), world.Recorded().Order(StringComparer.Ordinal));
        processes.ForEach(process => process.Dispose());
    }

    [Fact]
    public async Task A_clock_set_back_never_leads_to_an_earlier_file_and_is_noted()
    {
        var world = new AuditWorld();
        await world.AppendAsync(1);
        string path = world.Today;
        world.Time.AdjustTime(world.Time.GetUtcNow().AddDays(-2));
        await world.AppendAsync(2);
        Assert.Equal(path, Assert.Single(world.Data.List("audit"), entry => entry.Name.EndsWith(".jsonl", StringComparison.Ordinal)) is var found ? $"audit/{found.Name}" : "");
        Assert.Contains("\"clock\":\"behind\"", world.Lines(path)[1], StringComparison.Ordinal);
        Assert.Equal("(A016)", await world.CodesAsync());
    }

    [Fact]
    public async Task Where_it_cannot_be_written_nothing_is_confirmed_and_a_retry_records_it_once()
    {
        foreach (var kind in new[] { FaultKind.FailBefore, FaultKind.FailAfter, FaultKind.Full, FaultKind.TornWrite, FaultKind.FlushFails })
        {
            int n = 0;
            for (bool fired = true; fired;)
            {
                var world = new AuditWorld();
                await world.AppendAsync(1);
                var plan = new FaultPlan(++n, kind);
                using (var trail = world.Process(plan))
                {
                    try
                    {
                        await trail.AppendAsync(AuditWorld.Events(trail, 2), Cancellation);
                    }
                    catch (StorageException)
                    {
                        await trail.AppendAsync(AuditWorld.Events(trail, 2), Cancellation);   // as intake does
                    }
                }

                fired = plan.Fired;
                await world.AppendAsync(3);
                Assert.Equal(["1", "2", "3"], world.Recorded());   // what failed took its own lines back
                Assert.Equal("", await world.CodesAsync());
            }

            Assert.True(n > 3, $"{kind}: only {n} operations");
        }
    }

    private static string HashOf(string line) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line[..line.LastIndexOf(",\"hash\":", StringComparison.Ordinal)])));

    private static (int ExitCode, string Said) Loop(string folder)
    {
        var start = new ProcessStartInfo("sh") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile()) ?? "", "../../../docs/formats/verify-audit.sh")));
        start.ArgumentList.Add(folder);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("No process.");
        string said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
