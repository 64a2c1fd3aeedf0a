using DocIngest.Storage;

namespace DocIngest.Archive.Tests.Blobs;

public sealed class ObjectLeaseTests
{
    private static readonly VersionPlan Plan = Some.Version(1, files: ("original.pdf", "content"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lease_is_renewed_while_the_object_is_written()
    {
        using var world = BlobWorld.InMemory();
        var renewed = new SemaphoreSlim(0);
        var store = new InterruptedStore(world.Store, operation => operation.StartsWith("replace ", StringComparison.Ordinal), async _ =>
        {
            for (int i = 0; i < 10; i++)   // far beyond one lease
            {
                await world.PassAsync(TimeSpan.FromSeconds(8));
                await renewed.WaitAsync(Cancellation);
            }
        })
        {
            Renewing = () =>
            {
                renewed.Release();
                return Task.CompletedTask;
            },
        };
        var root = await world.OpenAsync(store);

        Assert.IsType<CommitResult.Committed>(await root.CommitAsync(world.Stage(null, Plan), Cancellation));
    }

    [Fact]
    public async Task A_writer_who_learns_that_his_lease_is_lost_ends()
    {
        using var world = BlobWorld.InMemory();
        var store = new InterruptedStore(world.Store, operation => operation.StartsWith("put ", StringComparison.Ordinal) && operation.EndsWith("original.pdf", StringComparison.Ordinal), async lost =>
        {
            await world.PassAsync(TimeSpan.FromSeconds(8));
            await Task.Delay(Timeout.InfiniteTimeSpan, world.Clock, lost);
        })
        {
            Renewing = () => throw new PreconditionFailedException("The lease is lost."),
        };
        var root = await world.OpenAsync(store);

        var failed = Assert.IsType<CommitResult.Failed>(await root.CommitAsync(world.Stage(null, Plan), Cancellation));

        Assert.IsType<StorageUnavailableException>(failed.Error);   // may be tried again
        Assert.Null(await root.FindAsync(Some.ObjectId, Cancellation));
    }

    [Fact]
    public async Task Whoever_waits_gets_the_object_of_a_dead_writer()
    {
        using var world = BlobWorld.InMemory();
        var root = await world.OpenAsync();
        await world.ArchiveAsync(root, Plan);
        string path = root.Places.ObjectPath(Some.ObjectId);
        Assert.NotNull(await world.Store.TryLeaseAsync($"{path}/inventory.json", ObjectLease.Duration, Cancellation));   // and never given up

        await Assert.ThrowsAsync<LockHeldException>(() => ObjectLease.TakeAsync(root.Places, path, TimeSpan.Zero, world.Clock, Cancellation));
        var waiting = ObjectLease.TakeAsync(root.Places, path, ObjectLease.Duration * 2, world.Clock, Cancellation);
        while (!waiting.IsCompleted)
        {
            await world.PassAsync(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await (await waiting).DisposeAsync();
    }
}
