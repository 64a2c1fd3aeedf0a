using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Audit.Rollback;
using DocIngest.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Audit;

/// <summary>What backups know of the chain stops deleting where the chain does not have it.</summary>
public sealed class When_heads_are_kept_elsewhere
{
    private const string Place = "the backups";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 12, 30, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_head_is_a_line_of_the_chain_however_it_has_grown_since()
    {
        using var world = new IngestWorld(_time);
        await WithStopAsync(world, async (environment, chain, stop) =>
        {
            Assert.Equal((null, null), (await chain.NoteHeadAsync(environment.Audit, Cancellation), chain.Id()));   // nothing there yet
            var heads = new List<KeptHead>();
            for (int day = 0; day < 4; day++)
            {
                await environment.Audit.AppendAsync(AuditWorld.Events(environment.Audit, day, day), Cancellation);
                heads.Add(await chain.NoteHeadAsync(environment.Audit, Cancellation) ?? throw new InvalidOperationException("no head"));
                _time.Advance(TimeSpan.FromDays(1));
            }

            Assert.All(heads, head => Assert.True(chain.Has(head)));
            Assert.Single(heads.Select(head => head.Chain).Distinct());
            Assert.All(heads, head => Assert.False(chain.Has(head with { Seq = head.Seq + 1 })));
            Assert.False(chain.Has(heads[0] with { Seq = 99 }));
            Assert.Empty(await stop.CompareAsync([new KeptHeads(Place, heads)], Cancellation));
            Assert.False(stop.Stands);
        });
    }

    [Fact]
    public async Task What_is_found_is_recorded_once_and_stands_until_it_is_accepted()
    {
        using var world = new IngestWorld(_time);
        await WithStopAsync(world, async (environment, chain, stop) =>
        {
            await environment.Audit.AppendAsync(AuditWorld.Events(environment.Audit, 1), Cancellation);
            var own = await chain.NoteHeadAsync(environment.Audit, Cancellation) ?? throw new InvalidOperationException("no head");
            var later = new KeptHeads(Place, [own with { Seq = 7, Hash = AuditHash.Of("another line"u8) }]);
            Assert.Single(await stop.CompareAsync([later], Cancellation));
            Assert.Single(await stop.CompareAsync([later], Cancellation));
            Assert.Single(await stop.CompareAsync([later with { Place = "more backups" }], Cancellation));
            Assert.Equal(["1", "rolled-back"], Recorded(world));
            Assert.True(stop.Stands);
            Assert.Empty(await stop.CompareAsync([new KeptHeads("well", [own])], Cancellation));
            Assert.True(stop.Stands);   // another place that is well mends nothing
            Assert.Equal("A019", await CodesAsync(world));

            Assert.Equal([(7L, later.Heads[0].Hash.Hex)], await stop.AcceptAsync(RollbackReason.Restored, Cancellation));
            Assert.Empty(await stop.AcceptAsync(RollbackReason.Restored, Cancellation));
            Assert.False(stop.Stands);
            Assert.Empty(await stop.CompareAsync([later], Cancellation));
            Assert.Equal(["1", "rolled-back", "accepted"], Recorded(world));
            Assert.Equal("(A020)", await CodesAsync(world));

            // That one, and no other.
            Assert.Single(await stop.CompareAsync([new KeptHeads(Place, [own with { Seq = 8, Hash = AuditHash.Of("one more"u8) }])], Cancellation));
            Assert.True(stop.Stands);
        });
    }

    [Fact]
    public async Task A_place_that_is_well_again_does_not_end_the_stop_without_a_person()
    {
        using var world = new IngestWorld(_time);
        await WithStopAsync(world, async (environment, chain, stop) =>
        {
            await environment.Audit.AppendAsync(AuditWorld.Events(environment.Audit, 1, 2), Cancellation);
            var head = await chain.NoteHeadAsync(environment.Audit, Cancellation) ?? throw new InvalidOperationException("no head");
            string today = $"audit/{_time.GetUtcNow():yyyy-MM-dd}.jsonl";
            string whole = IngestWorld.ReadText(world.Data, today);
            world.Data.DeleteTree("audit");
            Assert.Single(await stop.CompareAsync([new KeptHeads(Place, [head])], Cancellation));
            Assert.True(stop.Stands);
            world.Data.DeleteTree("audit");
            world.Data.CreateFolder("audit");
            using (var file = world.Data.Create(today))
            {
                file.Write(System.Text.Encoding.UTF8.GetBytes(whole));   // the true one was put back
            }

            Assert.Empty(await stop.CompareAsync([new KeptHeads(Place, [head])], Cancellation));
            Assert.True(stop.Stands);   // somebody has taken the audit away in between
            await stop.AcceptAsync(RollbackReason.Lost, Cancellation);
            Assert.False(stop.Stands);
        });
    }

    [Fact]
    public async Task A_chain_whose_beginning_is_in_the_archive_alone_is_the_same_chain()
    {
        using var world = new IngestWorld(_time);
        AuditHash? id = null;
        await WithStopAsync(world, async (environment, chain, _) =>
        {
            await environment.Audit.AppendAsync(AuditWorld.Events(environment.Audit, 1), Cancellation);
            _time.Advance(TimeSpan.FromDays(1));
            await environment.Audit.AppendAsync(AuditWorld.Events(environment.Audit, 2), Cancellation);
            id = chain.Id();
            await new DayClosing(environment).CloseAsync(Cancellation);
        });
        world.Data.DeleteTree("audit");
        await WithStopAsync(world, async (environment, chain, _) =>
        {
            await environment.Audit.AppendAsync(AuditWorld.Events(environment.Audit, 3), Cancellation);
            Assert.NotNull(id);
            Assert.Equal(id, chain.Id());
        });
    }

    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.FlushFails)]
    [InlineData(FaultKind.PowerCut)]
    public async Task Whatever_fails_while_it_is_recorded_nothing_passes_and_the_next_look_finds_it(FaultKind kind)
    {
        int n = 0;
        for (bool fired = true; fired;)
        {
            using var world = new IngestWorld(_time);
            KeptHeads? later = null;
            await WithStopAsync(world, async (environment, chain, _) =>
            {
                await environment.Audit.AppendAsync(AuditWorld.Events(environment.Audit, 1), Cancellation);
                var own = await chain.NoteHeadAsync(environment.Audit, Cancellation) ?? throw new InvalidOperationException("no head");
                later = new KeptHeads(Place, [own with { Seq = 7, Hash = AuditHash.Of("another line"u8) }]);
            });
            var plan = new FaultPlan(++n, kind);
            try
            {
                await WithStopAsync(world, async (_, _, stop) => Assert.NotEmpty(await stop.CompareAsync([later!], Cancellation)), plan);   // '!': set above
            }
            catch (Exception error) when (error is StorageException or PowerCutException)
            {
                // Whoever asked may not delete: it was not answered.
            }

            fired = plan.Fired;
            if (kind == FaultKind.PowerCut)
            {
                world.Volume.PowerCut(PowerCutChoice.KeepAll);
            }

            await WithStopAsync(world, async (_, _, stop) =>
            {
                Assert.NotEmpty(await stop.CompareAsync([later!], Cancellation));   // '!': set above
                Assert.True(stop.Stands);
            });
            Assert.Equal("A019", (await CodesAsync(world)).Replace("(A008)", "", StringComparison.Ordinal).Trim());
        }

        Assert.True(n > 5, $"only {n} operations were tried");
    }

    private static IReadOnlyList<string> Recorded(IngestWorld world) => [.. AuditLog.Read(world.Data, new AuditQuery()).Select(entry =>
        entry.Json.TryGetProperty("break", out var broken) ? broken.GetProperty("kind").GetString() ?? "" : entry.Json.GetProperty("entities")[0].GetProperty("id").GetString()?.Split(':')[^1] ?? "")];

    private async Task<string> CodesAsync(IngestWorld world) => AuditWorld.Codes(
        await new AuditVerifier(world.Data, world.Locks, archive: null, _time).VerifyAsync(new AuditExpectation(null, null), trusted: null, Cancellation));

    private Task WithStopAsync(IngestWorld world, Func<IngestEnvironment, OwnChain, DeletionStop, Task> work, FaultPlan? plan = null) => world.RunWithEnvironmentAsync(
        async (environment, _) =>
        {
            var chain = new OwnChain(environment.Data, () => environment.Archive, _time);
            await work(environment, chain, new DeletionStop(environment.Data, chain, environment.Audit, environment.Database, _time, NullLogger.Instance));
        },
        plan);
}
