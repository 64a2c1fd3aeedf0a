using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Audit;

/// <summary>Checkpoints: signed, archived, and what they prove.</summary>
public sealed class When_days_are_closed
{
    private static readonly DateTimeOffset Start = new(2026, 12, 30, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_day_that_is_over_gets_a_checkpoint_and_a_version_of_its_year()
    {
        var time = new FakeTimeProvider(Start);
        using var world = new IngestWorld(time);
        await WriteDaysAsync(world, time, days: 4);   // 30 and 31 December, 1 January; the fourth is open
        var archive = Archive(world);
        Assert.Equal((2, 1), (AuditArchive.In(archive).Years(2027).Count(), archive.Find("urn:docingest:audit:2026")?.Head.Value));
        Assert.Equal(["2027-01-01.checkpoint.json", "2027-01-01.checkpoint.json.p7s", "2027-01-01.jsonl", "signer.pem"], Names(archive, 2027));
        var verification = await VerifyAsync(world, archive, time);
        Assert.Equal(("", 8, 3), (AuditWorld.Codes(verification), verification.Entries, verification.Checkpoints));
    }

    [Fact]
    public async Task A_year_that_is_closed_day_by_day_has_a_version_for_each()
    {
        var time = new FakeTimeProvider(Start.AddDays(-10));
        using var world = new IngestWorld(time);
        for (int day = 0; day < 3; day++)
        {
            await WriteDaysAsync(world, time, days: 2);   // closes at its end
        }

        Assert.Equal(3, Archive(world).Find("urn:docingest:audit:2026")?.Head.Value);
        Assert.Equal("", AuditWorld.Codes(await VerifyAsync(world, Archive(world), time)));
    }

    [Fact]
    public async Task Openssl_accepts_a_checkpoint_and_rejects_a_changed_or_forged_one()
    {
        Needs.Tool("openssl");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(-2));   // openssl looks at the clock of this machine
        using var world = new IngestWorld(time);
        await WriteDaysAsync(world, time, days: 2);
        using var folder = new TempFolder();
        foreach (var entry in world.Data.List("audit"))
        {
            using var content = world.Data.OpenRead($"audit/{entry.Name}");
            using var file = File.Create(folder[entry.Name]);
            await content.CopyToAsync(file, Cancellation);
        }

        string checkpoint = Assert.Single(Directory.GetFiles(folder.Path, "*.checkpoint.json"));
        Assert.Equal(0, OpenSsl(folder, checkpoint));
        byte[] bytes = await File.ReadAllBytesAsync(checkpoint, Cancellation);
        await File.WriteAllBytesAsync(checkpoint, [.. bytes, (byte)'\n'], Cancellation);
        Assert.NotEqual(0, OpenSsl(folder, checkpoint));
        await File.WriteAllBytesAsync(checkpoint, bytes, Cancellation);
        await File.WriteAllBytesAsync(checkpoint + ".p7s", Forge(bytes, folder["signer.pem"]), Cancellation);
        Assert.NotEqual(0, OpenSsl(folder, checkpoint));
    }

    [Fact]
    public async Task What_is_not_what_was_closed_is_found()
    {
        var day = DateOnly.FromDateTime(Start.UtcDateTime);
        string segment = AuditFiles.SegmentPath(day);
        string checkpoint = AuditFiles.CheckpointPath(day);
        await DemandAsync("A009", world => Do(() => world.Data.Delete(segment)));
        await DemandAsync("A002 A010", world => Do(() => Change(world, segment, text => text.Replace("urn:test:0", "urn:test:9", StringComparison.Ordinal))));
        await DemandAsync("A004 A010", world => Do(() => Change(world, segment, text => text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..] )));
        await DemandAsync("A015", world => Do(() => Change(world, checkpoint, text => text.Replace("\"lines\":2", "\"lines\":3", StringComparison.Ordinal))));
        await DemandAsync("A010 A013", world => Do(() =>   // cut off at the end, and what came after it taken away
        {
            world.Data.Delete(AuditFiles.SegmentPath(day.AddDays(2)));
            string last = AuditFiles.SegmentPath(day.AddDays(1));
            Change(world, last, text => text[..(text.IndexOf('\n', StringComparison.Ordinal) + 1)]);
        }));
        await DemandAsync("A009", async world =>   // a whole chain made anew, shorter than what was signed
        {
            foreach (string path in world.Data.List("audit").Select(entry => $"audit/{entry.Name}").Where(path => path != AuditFiles.CertificatePath).ToList())
            {
                world.Data.Delete(path);
            }

            using var trail = Trail(world, new FakeTimeProvider(Start), archived: null);
            await trail.AppendAsync(AuditWorld.Events(trail, 1), Cancellation);
        }, contains: true);
    }

    [Fact]
    public async Task A_checkpoint_by_another_key_of_the_same_name_is_a_forgery()
    {
        var time = new FakeTimeProvider(Start);
        using var world = new IngestWorld(time);
        await WriteDaysAsync(world, time, days: 2);
        var day = DateOnly.FromDateTime(Start.UtcDateTime);
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder["signer.pem"], Bytes(world, AuditFiles.CertificatePath), Cancellation);
        byte[] forged = Forge(Bytes(world, AuditFiles.CheckpointPath(day)), folder["signer.pem"]);
        world.Data.Delete(AuditFiles.SignaturePath(day));
        using (var file = world.Data.Create(AuditFiles.SignaturePath(day)))
        {
            file.Write(forged);
        }

        Assert.Equal("A011", AuditWorld.Codes(await VerifyAsync(world, archive: null, time)));
        Assert.Equal("", AuditWorld.Codes(await VerifyAsync(world, Archive(world), time)));   // the archived one is sound
    }

    [Fact]
    public async Task An_emptied_folder_goes_on_behind_what_the_archive_knows()
    {
        var time = new FakeTimeProvider(Start);
        using var world = new IngestWorld(time);
        await WriteDaysAsync(world, time, days: 2);
        world.Data.DeleteTree("audit");
        using (var trail = Trail(world, time, Archive(world)))
        {
            await trail.AppendAsync(AuditWorld.Events(trail, 1), Cancellation);
        }

        var first = AuditLog.Read(world.Data, new AuditQuery()).First();
        Assert.Equal((4L, "lost"), (first.Seq, first.Json.GetProperty("break").GetProperty("kind").GetString()));
        Assert.Contains("A009", AuditWorld.Codes(await VerifyAsync(world, Archive(world), time)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Power_may_go_at_any_operation_of_a_closing()
    {
        foreach (var choice in PowerCutChoice.Samples(seeds: 2))
        {
            int n = 0;
            for (bool fired = true; fired;)
            {
                var time = new FakeTimeProvider(Start);
                using var world = new IngestWorld(time);
                await WriteDaysAsync(world, time, days: 2, closes: false);
                world.Volume.PowerCut(PowerCutChoice.KeepAll);
                var plan = new FaultPlan(++n, FaultKind.PowerCut);
                try
                {
                    await world.RunWithEnvironmentAsync((environment, _) => new DayClosing(environment).CloseAsync(Cancellation), plan);
                }
                catch (PowerCutException)
                {
                    // The process is gone; the test goes on with what the disk kept.
                }

                fired = plan.Fired;
                world.Volume.PowerCut(choice);
                await world.RunWithEnvironmentAsync((environment, _) => new DayClosing(environment).CloseAsync(Cancellation));
                var verification = await VerifyAsync(world, Archive(world), time);
                Assert.True(verification is { IsSound: true, Checkpoints: 1 } && AuditWorld.Codes(verification).Length == 0,
                    $"power cut at operation {n}, {choice}: {string.Join('\n', verification.Findings)}");
            }

            Assert.True(n > 20, $"only {n} operations were tried");
        }
    }

    // Two events on each day; the last day stays open.
    private static async Task WriteDaysAsync(IngestWorld world, FakeTimeProvider time, int days, bool closes = true)
    {
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            for (int day = 0; day < days; day++)
            {
                await environment.Audit.AppendAsync(AuditWorld.Events(environment.Audit, day * 2, (day * 2) + 1), Cancellation);
                time.Advance(TimeSpan.FromDays(day == days - 1 ? 0 : 1));
            }

            if (closes)
            {
                await new DayClosing(environment).CloseAsync(Cancellation);
            }
        });
    }

    private static async Task DemandAsync(string codes, Func<IngestWorld, Task> harm, bool contains = false)
    {
        var time = new FakeTimeProvider(Start);
        using var world = new IngestWorld(time);
        await WriteDaysAsync(world, time, days: 3);
        await harm(world);
        string found = AuditWorld.Codes(await VerifyAsync(world, Archive(world), time));
        if (contains)
        {
            Assert.Contains(codes, found, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(codes, found);
        }
    }

    private static Task Do(Action work)
    {
        work();
        return Task.CompletedTask;
    }

    private static void Change(IngestWorld world, string path, Func<string, string> change)
    {
        string text = change(IngestWorld.ReadText(world.Data, path));
        world.Data.Delete(path);
        using var file = world.Data.Create(path);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }

    private static AuditTrail Trail(IngestWorld world, TimeProvider time, OcflStorageRoot? archived) => AuditTrail.Open(
        world.Data, world.Locks, AuditOrigin.Of(AuditWorld.Tester, isService: false, "test"), () => archived, time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    private static OcflStorageRoot Archive(IngestWorld world) => OcflStorageRoot.Open(world.Data, DataFolder.Archive, DataFolder.Staging);

    private static Task<AuditVerification> VerifyAsync(IngestWorld world, OcflStorageRoot? archive, TimeProvider time) =>
        new AuditVerifier(world.Data, world.Locks, archive, time).VerifyAsync(new AuditExpectation(null, null), trusted: null, Cancellation);

    private static IEnumerable<string> Names(OcflStorageRoot archive, int year) =>
        archive.Find($"urn:docingest:audit:{year}") is { } found ? found.ListVersion(found.Head).Select(file => file.LogicalPath) : [];

    private static byte[] Bytes(IngestWorld world, string path)
    {
        using var file = world.Data.OpenRead(path);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    // By another key, with a certificate of the same names and number.
    private static byte[] Forge(byte[] content, string signerFile)
    {
        using var real = X509Certificate2.CreateFromPem(File.ReadAllText(signerFile));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(real.SubjectName, key, HashAlgorithmName.SHA256);
        using var made = request.Create(real.SubjectName, X509SignatureGenerator.CreateForECDsa(key), new DateTimeOffset(real.NotBefore), new DateTimeOffset(real.NotAfter), real.SerialNumberBytes.Span);
        using var forger = made.CopyWithPrivateKey(key);
        var cms = new SignedCms(new ContentInfo(content), detached: true);
        cms.ComputeSignature(new CmsSigner(forger));
        return cms.Encode();
    }

    private static int OpenSsl(TempFolder folder, string checkpoint)
    {
        var start = new ProcessStartInfo("openssl") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[]
        {
            "cms", "-verify", "-binary", "-purpose", "any", "-inform", "DER", "-in", checkpoint + ".p7s", "-content", checkpoint,
            "-CAfile", folder["signer.pem"], "-out", "/dev/null",
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
