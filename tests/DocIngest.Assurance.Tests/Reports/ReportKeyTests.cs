using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Assurance.Tests.Reports;

/// <summary>Another key never signs unseen: the one before it says so, or it is announced.</summary>
public sealed class ReportKeyTests
{
    private static readonly Actor Tester = new("tester", "urn:docingest:account:test:tester");

    private readonly MemoryVolume _volume = new();
    private readonly MemoryLocks _locks = new(TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_is_stated_once_and_rotated_ones_are_handed_over()
    {
        await InProcessAsync(async key =>
        {
            using var first = await key.OpenAsync(Cancellation);
            using var again = await key.OpenAsync(Cancellation);
            Assert.Equal(first.CertificatePem, again.CertificatePem);
            var second = await key.RotateAsync(Cancellation);
            using var inForce = await key.OpenAsync(Cancellation);
            Assert.Equal(second.Certificate, inForce.CertificatePem);
            Assert.NotEqual(first.CertificatePem, inForce.CertificatePem);
            Assert.Equal([(1, "first"), (2, "rotated")], key.Statements().Select(statement => (statement.Number, statement.Way)));
            Assert.Equal(key.Statements()[0].Sha256, key.Statements()[1].FormerSha256);
        });
    }

    [Fact]
    public async Task One_that_was_drawn_because_the_former_is_gone_is_announced()
    {
        await InProcessAsync(async key => (await key.OpenAsync(Cancellation)).Dispose());
        _volume.FolderAt("").DeleteTree("keys");
        await InProcessAsync(async key =>
        {
            (await key.OpenAsync(Cancellation)).Dispose();
            Assert.Equal(["first", "announced"], key.Statements().Select(statement => statement.Way));
        });
        Assert.Equal(["first", "announced"], AuditLog.Read(_volume.FolderAt(""), new AuditQuery()).Select(entry => entry.Json.GetProperty("subtype").GetString()));
    }

    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.FlushFails)]
    [InlineData(FaultKind.PowerCut)]
    public async Task Whatever_fails_while_it_is_rotated_the_key_in_force_is_the_one_stated_last(FaultKind kind)
    {
        int n = 0;
        for (bool fired = true; fired;)
        {
            n++;
            var test = new ReportKeyTests();
            await test.InProcessAsync(async key => (await key.OpenAsync(Cancellation)).Dispose());
            test._volume.PowerCut(PowerCutChoice.KeepAll);
            var plan = new FaultPlan(n, kind);
            try
            {
                await test.InProcessAsync(key => key.RotateAsync(Cancellation), plan);
            }
            catch (Exception error) when (error is StorageException or PowerCutException or ArchiveException)
            {
                // The same call goes on.
            }

            fired = plan.Fired;
            if (kind == FaultKind.PowerCut)
            {
                test._volume.PowerCut(PowerCutChoice.KeepAll);
            }

            await test.InProcessAsync(async key =>
            {
                using var inForce = await key.OpenAsync(Cancellation);
                Assert.Equal(key.Statements()[^1].Certificate, inForce.CertificatePem);
                await key.RotateAsync(Cancellation);
                Assert.Equal(["first", .. Enumerable.Repeat("rotated", key.Statements().Count - 1)], key.Statements().Select(statement => statement.Way));
                Assert.InRange(key.Statements().Count, 2, 3);
            });
        }

        Assert.True(n > 10, $"only {n} operations were tried");
    }

    private async Task InProcessAsync(Func<ReportKey, Task> work, FaultPlan? plan = null)
    {
        _locks.HoldersDie();
        IDurableFolder data = plan is null ? _volume.FolderAt("") : new FaultyFolder(_volume.FolderAt(""), plan);
        data.CreateFolder("keys");
        data.CreateFolder("locks");
        var archive = await OcflStorageRoot.OpenOrCreateAsync(data, DataFolder.Archive, DataFolder.Staging, Cancellation);
        using var audit = AuditTrail.Open(data, _locks, AuditOrigin.Of(Tester, isService: false, "test"), () => archive, TimeProvider.System, NullLogger.Instance);
        await work(new ReportKey(
            new SystemObjectStore(archive, data, _locks, Tester, TimeProvider.System), data, () => plan is null ? (IDurableFolder)_volume.FolderAt("keys") : new FaultyFolder(_volume.FolderAt("keys"), plan), audit, _locks,
            TimeProvider.System));
    }
}
