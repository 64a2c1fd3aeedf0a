using DocIngest.Storage;
using DocIngest.TestKit.Servers;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Archive.Tests.Blobs;

/// <summary>One installation writes an archive; all its processes do; another takes it over when told to, and the former then knows it. One class derives from it per store.</summary>
public abstract class ArchiveOwnershipContract
{
    private const string Blob = "owner.of.archive";

    private static readonly Guid Ours = new("0b9f5b3e-1111-4222-8333-444455556666");
    private static readonly Guid Theirs = new("0b9f5b3e-7777-4222-8333-444455556666");
    private static readonly TimeSpan ALittle = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract Task<BlobWorld> NewWorldAsync();

    [Fact]
    public async Task Who_writes_first_owns_it_and_another_may_neither_write_nor_read()
    {
        using var world = await NewWorldAsync();
        using var nobody = Of(world, Theirs);
        nobody.DemandNotAnothers();
        Assert.Null(await nobody.FindAsync(Cancellation));
        using var ours = Of(world, Ours);
        await ours.EnsureAsync(Cancellation);

        using var another = Of(world, Theirs);
        var refused = await Assert.ThrowsAsync<LockHeldException>(() => another.EnsureAsync(Cancellation));
        Assert.Contains($"{Ours:D}", refused.Message);
        Assert.Throws<LockHeldException>(another.DemandNotAnothers);
        Assert.False(another.Lost.IsCancellationRequested);   // it never had it
        ours.DemandNotAnothers();
        Assert.Equal(Ours, (await another.FindAsync(Cancellation))?.Installation);
    }

    [Fact]
    public async Task Processes_of_one_installation_share_it_and_the_next_finds_it_again()
    {
        using var world = await NewWorldAsync();
        var service = Of(world, Ours);
        await service.EnsureAsync(Cancellation);
        using (var command = Of(world, Ours))
        {
            await command.EnsureAsync(Cancellation);
        }

        await service.EnsureAsync(Cancellation);
        service.Dispose();
        using var later = Of(world, Ours);
        await later.EnsureAsync(Cancellation);   // while the lease of the dead one lasts
        await world.PassAsync(ArchiveOwnership.LeaseDuration + ALittle);
        using var muchLater = Of(world, Ours);
        await muchLater.EnsureAsync(Cancellation);
    }

    [Fact]
    public async Task It_is_taken_over_only_when_the_lease_has_run_out_and_the_former_writes_no_more()
    {
        using var world = await NewWorldAsync();
        var sleeping = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));   // renews nothing, as a machine that is suspended
        using var former = new ArchiveOwnership(world.Store, Blob, () => Ours, sleeping);
        await former.EnsureAsync(Cancellation);
        using var successor = Of(world, Theirs);
        var alive = await Assert.ThrowsAsync<LockHeldException>(() => successor.TakeOverAsync(TimeSpan.Zero, Cancellation));
        Assert.Contains("alive", alive.Message);

        await world.PassAsync(ArchiveOwnership.LeaseDuration + ALittle);
        await Assert.ThrowsAsync<LockHeldException>(() => successor.EnsureAsync(Cancellation));   // never without being told to
        Assert.Equal(Ours, (await successor.TakeOverAsync(TimeSpan.Zero, Cancellation))?.Installation);
        await successor.EnsureAsync(Cancellation);
        Assert.Null(await successor.TakeOverAsync(TimeSpan.Zero, Cancellation));   // told twice

        sleeping.Advance(ArchiveOwnership.LeaseDuration);
        await Assert.ThrowsAsync<LockHeldException>(() => former.EnsureAsync(Cancellation));
        Assert.True(former.Lost.IsCancellationRequested);
        await Assert.ThrowsAsync<LockHeldException>(() => former.EnsureAsync(Cancellation));
    }

    [Fact]
    public async Task Nothing_is_committed_or_destroyed_by_who_does_not_own_it()
    {
        using var world = await NewWorldAsync();
        using var ours = Of(world, Ours);
        using var theirs = Of(world, Theirs);
        var folder = new MemoryVolume().FolderAt("data");
        folder.CreateFolder("staging");
        var root = await world.OpenAsync();
        var archive = new OcflBlobArchive(root, folder, "staging", ours, "archive");
        var staged = world.Stage(null, Some.Version(files: ("original.pdf", "ours")));
        Assert.IsType<CommitResult.Committed>(Assert.Single(await archive.CommitGroupAsync([staged], Cancellation)));
        var before = await world.SnapshotAsync();
        var foreign = new OcflBlobArchive(root, folder, "staging", theirs, "archive");

        var late = world.Stage(archive.Find(Some.ObjectId), Some.Version(2, files: ("original.pdf", "theirs")));
        await Assert.ThrowsAsync<LockHeldException>(() => foreign.CommitGroupAsync([late], Cancellation));
        await Assert.ThrowsAsync<LockHeldException>(() => foreign.DestroyAsync(Some.ObjectId, archive.Find(Some.ObjectId)!.InventoryDigest, cancellation: Cancellation));
        await Assert.ThrowsAsync<LockHeldException>(async () => await foreign.RecoverAsync(Some.ObjectId, VersionNumber.First, "none", Cancellation));
        await Assert.ThrowsAsync<LockHeldException>(() => foreign.RecoverDestroyAsync(Some.ObjectId));
        Assert.Equal(before, await world.SnapshotAsync());
    }

    [Fact]
    public async Task A_blob_of_others_in_its_place_lets_nobody_write()
    {
        using var world = await NewWorldAsync();
        await world.Store.PutIfAbsentAsync(Blob, new MemoryStream("somebody's"u8.ToArray()), Cancellation);
        using var ours = Of(world, Ours);
        await Assert.ThrowsAsync<LockHeldException>(() => ours.EnsureAsync(Cancellation));
        Assert.Throws<LockHeldException>(ours.DemandNotAnothers);
        await Assert.ThrowsAsync<LockHeldException>(() => ours.TakeOverAsync(TimeSpan.Zero, Cancellation));
    }

    [Fact]
    public async Task Of_many_who_begin_at_once_one_owns_it()
    {
        using var world = await NewWorldAsync();
        var all = Enumerable.Range(0, 6).Select(_ => Of(world, Guid.NewGuid())).ToList();
        var results = await Task.WhenAll(all.Select(one => Task.Run(async () => await Record.ExceptionAsync(() => one.EnsureAsync(Cancellation)), Cancellation)));
        Assert.Single(results, result => result is null);
        Assert.All(results.OfType<Exception>(), refused => Assert.IsType<LockHeldException>(refused));
        all.ForEach(one => one.Dispose());
    }

    private static ArchiveOwnership Of(BlobWorld world, Guid installation) => new(world.Store, Blob, () => installation, world.Clock);
}

public sealed class MemoryArchiveOwnershipTests : ArchiveOwnershipContract
{
    private protected override Task<BlobWorld> NewWorldAsync() => Task.FromResult(BlobWorld.InMemory("archive"));
}

public sealed class LocalArchiveOwnershipTests : ArchiveOwnershipContract
{
    private protected override Task<BlobWorld> NewWorldAsync() => Task.FromResult(BlobWorld.InFolder(new MemoryVolume().FolderAt("")));
}

[Collection(Azurite.Clock)]
public sealed class AzureArchiveOwnershipTests(Azurite azurite) : ArchiveOwnershipContract
{
    private readonly string _container = Azurite.NewContainer();

    private protected override async Task<BlobWorld> NewWorldAsync()
    {
        var store = new AzureBlobStore(azurite.Account, _container, "hospital");
        await store.CreateContainerAsync(Cancellation);
        return new BlobWorld(store, "archive", BlobWorld.NewClock(), azurite.AdvanceAsync);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
