using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Audit.Signing;
using DocIngest.Storage;
using DocIngest.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Audit;

/// <summary>Another key signs the days: handed over by the former, or announced where that is gone.</summary>
public sealed class When_the_signing_key_changes
{
    private static readonly DateTimeOffset Start = new(2026, 12, 30, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_certificate_verifies_all_days_and_each_key_only_its_own()
    {
        var time = new FakeTimeProvider(Start);
        using var world = new IngestWorld(time);
        await DayAsync(world, time);
        await CloseAsync(world);
        string first = Certificates(world);
        await RotateAsync(world);
        await DayAsync(world, time);
        await RotateAsync(world);
        await DayAsync(world, time);
        await CloseAsync(world);
        Assert.Equal(("", 3), await VerifyAsync(world, time, first));
        Assert.Equal(("", 3), await VerifyAsync(world, time, trusted: null));
        Assert.Equal(["key rotate", "key rotate"], Keys(world));

        // The newest alone says nothing of days before it; all of them say what the first does.
        string all = Certificates(world);
        Assert.Equal(3, Count(all));
        Assert.Equal(("A011 A022", 2), await VerifyAsync(world, time, all[all.LastIndexOf("-----BEGIN", StringComparison.Ordinal)..]));   // what the first handed over to is told
        Assert.Equal(("", 3), await VerifyAsync(world, time, all));

        // A later key is refused on a day of an earlier one.
        var day = DateOnly.FromDateTime(Start.UtcDateTime);
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            using var signer = await Signatures.ServiceSigner.OpenOrCreateAsync(environment.OpenKeys(), Signatures.ServiceKey.Audit, time, Cancellation);
            byte[] checkpoint = Bytes(world, AuditFiles.CheckpointPath(day));
            Replace(world, AuditFiles.SignaturePath(day), signer.Sign(checkpoint, time.GetUtcNow()));
        });
        Assert.Equal("A011", (await VerifyAsync(world, time, first, archived: false)).Codes);
        Assert.Equal("A011", (await VerifyAsync(world, time, all, archived: false)).Codes);
    }

    [Fact]
    public async Task A_key_that_is_gone_is_announced_and_told_until_its_certificate_is_named()
    {
        var time = new FakeTimeProvider(Start);
        using var world = new IngestWorld(time);
        await DayAsync(world, time);
        await CloseAsync(world);
        world.Data.DeleteTree("keys");
        await DayAsync(world, time);
        await CloseAsync(world);
        await CloseAsync(world);
        Assert.Equal(["key announce"], Keys(world));
        string all = Certificates(world);
        string first = all[..(all.IndexOf("-----END CERTIFICATE-----\n", StringComparison.Ordinal) + "-----END CERTIFICATE-----\n".Length)];
        Assert.Equal(("A022", 2), await VerifyAsync(world, time, trusted: null));
        Assert.Equal(("A022", 2), await VerifyAsync(world, time, first));
        Assert.Equal(("", 2), await VerifyAsync(world, time, all));

        // It is handed over as any other.
        await RotateAsync(world);
        await DayAsync(world, time);
        await CloseAsync(world);
        Assert.Equal(("A022", 3), await VerifyAsync(world, time, first));
        Assert.Equal(("", 3), await VerifyAsync(world, time, all));
    }

    [Fact]
    public async Task Whoever_takes_the_place_of_the_key_cannot_take_days_that_were_signed()
    {
        var time = new FakeTimeProvider(Start);
        using var world = new IngestWorld(time);
        await DayAsync(world, time);
        await RotateAsync(world);
        await DayAsync(world, time);
        await CloseAsync(world);
        string first = Certificates(world)[..(Certificates(world).IndexOf("-----END CERTIFICATE-----\n", StringComparison.Ordinal) + "-----END CERTIFICATE-----\n".Length)];

        // A statement of the forger's own, in the place of the true one: the chain has another digest.
        var (statement, _, _) = SignerStatement.Read(world.Data, 2)!.Value;   // '!': rotated above
        byte[] forged = (statement with { FromDay = "2020-01-01" }).ToBytes();
        byte[] genuine = Bytes(world, SignerStatement.PathOf(2));
        Replace(world, SignerStatement.PathOf(2), forged);
        Assert.Equal("A011 A021", (await VerifyAsync(world, time, first, archived: false)).Codes);
        Replace(world, SignerStatement.PathOf(2), genuine);
        Assert.Equal("", (await VerifyAsync(world, time, first, archived: false)).Codes);

        // The archive has it where the folder lost it.
        world.Data.Delete(SignerStatement.PathOf(2));
        Assert.Equal("A011 A021", (await VerifyAsync(world, time, first, archived: false)).Codes);
        Assert.Equal("", (await VerifyAsync(world, time, first)).Codes);
    }

    [Fact]
    public async Task A_certificate_that_no_entry_tells_of_is_explained_and_counts_for_who_names_it()   // as builds before there were statements left it
    {
        var time = new FakeTimeProvider(Start);
        using var world = new IngestWorld(time);
        await DayAsync(world, time);
        await CloseAsync(world);
        var day = DateOnly.FromDateTime(Start.UtcDateTime);
        string first = Certificates(world);
        using var other = new People.Colleague("another-key");
        var nobody = new Pipeline.People.Person("p-1", "", [], [], [], time.GetUtcNow(), "", "");
        Replace(world, AuditFiles.SignaturePath(day), other.Sign(nobody, Bytes(world, AuditFiles.CheckpointPath(day))).Der);
        Assert.Equal("A011", (await VerifyAsync(world, time, first, archived: false)).Codes);   // it stands nowhere
        Replace(world, AuditFiles.CertificatePath, Encoding.ASCII.GetBytes(first + other.Certificate + "\n"));
        Assert.Equal(("A023", 0), await VerifyAsync(world, time, first, archived: false));
        Assert.Equal(("A023", 0), await VerifyAsync(world, time, trusted: null, archived: false));
        Assert.Equal(("", 1), await VerifyAsync(world, time, first + other.Certificate, archived: false));
    }

    [Fact]
    public async Task Openssl_follows_the_rotation()
    {
        Needs.Tool("openssl");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(-2));   // openssl looks at the clock of this machine
        using var world = new IngestWorld(time);
        await DayAsync(world, time);
        await CloseAsync(world);
        string first = Certificates(world);
        await RotateAsync(world);
        await DayAsync(world, time);
        await CloseAsync(world);
        using var folder = new TempFolder();
        foreach (var entry in world.Data.List("audit"))
        {
            await File.WriteAllBytesAsync(folder[entry.Name], Bytes(world, $"audit/{entry.Name}"), Cancellation);
        }

        await File.WriteAllTextAsync(folder["first.pem"], first, Cancellation);
        Assert.Equal(0, OpenSsl(folder["signer-2.json"], folder["first.pem"]));
        using var statement = JsonDocument.Parse(await File.ReadAllTextAsync(folder["signer-2.json"], Cancellation));
        await File.WriteAllTextAsync(folder["second.pem"], statement.RootElement.GetProperty("certificate").GetString(), Cancellation);
        string[] days = [.. Directory.GetFiles(folder.Path, "*.checkpoint.json").Order(StringComparer.Ordinal)];
        Assert.Equal((0, 0), (OpenSsl(days[0], folder["first.pem"]), OpenSsl(days[1], folder["second.pem"])));
        Assert.NotEqual(0, OpenSsl(days[1], folder["first.pem"]));
    }

    [Theory]
    [InlineData(FaultKind.PowerCut)]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.FlushFails)]
    public async Task Whatever_fails_while_it_rotates_the_first_certificate_verifies_all_that_is_signed(FaultKind kind)
    {
        foreach (var choice in kind == FaultKind.PowerCut ? PowerCutChoice.Samples(seeds: 1).TakeLast(2) : [PowerCutChoice.KeepAll])
        {
            int n = 0;
            for (bool fired = true; fired;)
            {
                var time = new FakeTimeProvider(Start);
                using var world = new IngestWorld(time);
                await DayAsync(world, time);
                await CloseAsync(world);
                string first = Certificates(world);
                await DayAsync(world, time);
                world.Volume.PowerCut(PowerCutChoice.KeepAll);
                var plan = new FaultPlan(++n, kind);
                try
                {
                    await world.RunWithEnvironmentAsync((environment, _) => new AuditKeyRotation(environment).RunAsync(Cancellation), plan);
                }
                catch (Exception error) when (error is PowerCutException or StorageException)
                {
                    // The process is gone, or has told its operator; the test goes on with what the disk kept.
                }

                fired = plan.Fired;
                if (kind == FaultKind.PowerCut)
                {
                    world.Volume.PowerCut(choice);
                }

                await world.RunWithEnvironmentAsync((environment, _) => environment.SystemObjects.RecoverLeftAsync(Cancellation));   // as every start does
                await DayAsync(world, time);   // nobody repeats it at once
                await CloseAsync(world);
                Assert.True(await VerifyAsync(world, time, first) is ("" or "(A008)", 3), $"{kind} at operation {n}, {choice}: {await VerifyAsync(world, time, first)}");
                Assert.Null(kind == FaultKind.PowerCut && Keys(world).Count > 0 ? world.Data.Find("keys/audit-signing.next.pem") : null);   // brought to its end
                await RotateAsync(world);
                await DayAsync(world, time);
                await CloseAsync(world);
                Assert.True(await VerifyAsync(world, time, first) is ("" or "(A008)", 4), $"{kind} at operation {n}, {choice}: {await VerifyAsync(world, time, first)}");
            }

            Assert.True(n > 20, $"only {n} operations were tried");
        }
    }

    [Fact]
    public async Task What_was_begun_is_brought_to_its_end_and_not_done_twice()
    {
        var time = new FakeTimeProvider(Start);
        using var world = new IngestWorld(time);
        await DayAsync(world, time);
        byte[] former = [];
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await new DayClosing(environment).CloseAsync(Cancellation);
            using var signer = await Signatures.ServiceSigner.OpenOrCreateAsync(environment.OpenKeys(), Signatures.ServiceKey.Audit, time, Cancellation);
        });
        former = Bytes(world, "keys/audit-signing.pem");
        await RotateAsync(world);
        byte[] next = Bytes(world, "keys/audit-signing.pem");
        Replace(world, "keys/audit-signing.pem", former);   // as before step 5
        Replace(world, "keys/audit-signing.next.pem", next);
        Assert.True((await RotateAsync(world)).WasBegun);
        Assert.Equal(next, Bytes(world, "keys/audit-signing.pem"));
        Assert.Single(Keys(world));
        Assert.False((await RotateAsync(world)).WasBegun);
        Assert.Equal(2, Keys(world).Count);
    }

    private static async Task<(string Fingerprint, bool WasBegun)> RotateAsync(IngestWorld world)
    {
        (string, bool) result = default;
        await world.RunWithEnvironmentAsync(async (environment, _) => result = await new AuditKeyRotation(environment).RunAsync(Cancellation));
        return result;
    }

    private static Task CloseAsync(IngestWorld world) => world.RunWithEnvironmentAsync((environment, _) => new DayClosing(environment).CloseAsync(Cancellation));

    // A day with an entry, over with the first entry of the next.
    private static Task DayAsync(IngestWorld world, FakeTimeProvider time) => world.RunWithEnvironmentAsync(async (environment, _) =>
    {
        await environment.Audit.AppendAsync(AuditWorld.Events(environment.Audit, 1), Cancellation);
        time.Advance(TimeSpan.FromDays(1));
        await environment.Audit.AppendAsync(AuditWorld.Events(environment.Audit, 2), Cancellation);
    });

    private static List<string> Keys(IngestWorld world) =>
        [.. AuditLog.Read(world.Data, new AuditQuery()).Where(entry => entry.Json.GetProperty("type").GetString() == "key").Select(entry => $"key {entry.Json.GetProperty("subtype").GetString()}")];

    // Codes, and checkpoints whose signature counts.
    private static async Task<(string Codes, int Checkpoints)> VerifyAsync(IngestWorld world, TimeProvider time, string? trusted, bool archived = true)
    {
        var archive = archived ? OcflStorageRoot.Open(world.Data, DataFolder.Archive, DataFolder.Staging) : null;
        var verification = await new AuditVerifier(world.Data, world.Locks, archive, time).VerifyAsync(new AuditExpectation(null, null), trusted, Cancellation);
        return (AuditWorld.Codes(verification), verification.Checkpoints);
    }

    private static string Certificates(IngestWorld world) => Encoding.ASCII.GetString(Bytes(world, AuditFiles.CertificatePath));

    private static int Count(string pem) => pem.Split("-----BEGIN").Length - 1;

    private static byte[] Bytes(IngestWorld world, string path)
    {
        using var file = world.Data.OpenRead(path);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static void Replace(IngestWorld world, string path, byte[] content)
    {
        world.Data.Delete(path);
        using var file = world.Data.Create(path);
        file.Write(content);
    }

    private static int OpenSsl(string content, string certificate)
    {
        var start = new ProcessStartInfo("openssl") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[]
        {
            "cms", "-verify", "-binary", "-purpose", "any", "-inform", "DER", "-in", content + ".p7s", "-content", content, "-CAfile", certificate, "-out", "/dev/null",
        })
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("No process.");
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
