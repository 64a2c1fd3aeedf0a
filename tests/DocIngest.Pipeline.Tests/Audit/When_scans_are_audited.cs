using DocIngest.Pipeline.Audit;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Audit;

/// <summary>What is filed has its entry, once, whatever dies (records.md 8.7): versions of the archive and entries of the audit are the same.</summary>
public sealed class When_scans_are_audited
{
    [Fact]
    public async Task Each_outcome_has_an_entry()
    {
        using var world = new IngestWorld();
        world.Put("a.pdf", IngestWorld.Document("one"));
        world.Put("list.txt", "eggs"u8.ToArray());
        await world.RunAsync();
        world.Put("again.pdf", IngestWorld.Document("one"));
        await world.RunAsync();
        Assert.Equal(["duplicate", "filed", "quarantined"], Ingested(world).Select(entry => entry.Subtype).Order(StringComparer.Ordinal));
        Assert.Equal("urn:docingest:account:test:tester", AuditLog.Read(world.Data, new AuditQuery()).First().Json.GetProperty("agent").GetProperty("address").GetString());
    }

    [Fact]
    public async Task A_restored_older_database_hides_no_later_entry()
    {
        using var world = new IngestWorld();
        world.Put("a.pdf", IngestWorld.Document("one"));
        await world.RunAsync();
        using (var database = world.OpenDatabase())
        {
            await database.WriteAsync(
                (_, transaction) =>
                {
                    using var command = transaction.Connection!.CreateCommand();   // of an open transaction
                    command.Transaction = transaction;
                    command.CommandText = "DELETE FROM audit_outbox";   // as in a copy made before
                    return command.ExecuteNonQuery();
                },
                TestContext.Current.CancellationToken);
        }

        world.Put("b.pdf", IngestWorld.Document("two"));
        await world.RunAsync();
        Assert.Equal(2, Ingested(world).Count);
    }

    [Theory]
    [InlineData(FaultKind.PowerCut)]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FlushFails)]
    public async Task Whatever_fails_each_version_has_one_entry(FaultKind kind)
    {
        int n = 0;
        for (bool fired = true; fired; n += kind == FaultKind.PowerCut ? 1 : 3)
        {
            using var world = new IngestWorld();
            world.Put("a.pdf", IngestWorld.Document("one"));
            world.Put("b.pdf", IngestWorld.Document("two"));
            var plan = new FaultPlan(n + 1, kind);
            try
            {
                await world.RunAsync(plan);
            }
            catch (Exception error) when (error is PowerCutException or StorageException)
            {
                // The process is gone; the test goes on with what the disk kept.
            }

            fired = plan.Fired;
            if (kind == FaultKind.PowerCut)
            {
                world.Volume.PowerCut(PowerCutChoice.Random(n));
            }

            await world.RunAsync();
            await world.RunAsync();   // what failed for good in one is taken in by another
            var filed = Ingested(world).Where(entry => entry.Subtype == "filed").Select(entry => entry.Record).ToList();
            Assert.Equal(world.Records().Select(record => record.Id.ToString()).Order(StringComparer.Ordinal), filed.Order(StringComparer.Ordinal));
            var verification = await new AuditVerifier(world.Data, world.Locks, null, TimeProvider.System).VerifyAsync(new AuditExpectation(null, null), null, TestContext.Current.CancellationToken);
            Assert.True(verification.IsSound, $"{kind} at {n + 1}: {string.Join('\n', verification.Findings)}");
        }

        Assert.True(n > 40, $"only {n} operations were tried");
    }

    private static List<(string Subtype, string? Record)> Ingested(IngestWorld world) =>
        [.. AuditLog.Read(world.Data, new AuditQuery()).Where(entry => entry.Json.GetProperty("type").GetString() == "ingest").Select(entry => (
            entry.Json.GetProperty("subtype").GetString() ?? "",
            entry.Json.GetProperty("entities").EnumerateArray().Where(entity => entity.GetProperty("kind").GetString() == "record")
                .Select(entity => entity.GetProperty("id").GetString()).FirstOrDefault()))];
}
