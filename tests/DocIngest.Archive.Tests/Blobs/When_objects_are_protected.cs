using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests.Blobs;

/// <summary>An archive in a store that can protect blobs, as no emulator can: memory plays it, stricter than Azure.</summary>
public sealed class When_objects_are_protected : IDisposable
{
    private const string A = "urn:uuid:00000000-0000-7000-8000-00000000000a";
    private static readonly TimeSpan Window = TimeSpan.FromDays(10);
    private static readonly string[] Replaced = ["inventory.json", "inventory.json.sha512"];

    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider _clock = BlobWorld.NewClock();
    private readonly MemoryBlobStore _store;
    private readonly BlobWorld _world;
    private readonly BlobSite _site;

    public When_objects_are_protected()
    {
        _store = new MemoryBlobStore(_clock, protects: true);
        _world = new BlobWorld(_store, "", _clock, static _ => Task.CompletedTask);
        _site = new BlobSite(_world, Window);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task Nobody_deletes_or_replaces_what_was_committed_and_a_next_version_is_made_all_the_same()
    {
        var archive = await _site.OpenAsync();
        await CommitAsync(archive, 1, "one");
        string place = Guarding(archive).PlaceOf(A);
        foreach (string name in await NeverReplacedAsync(place))
        {
            await Assert.ThrowsAsync<StorageDeniedException>(() => _store.DeleteAsync(name, lease: null, Cancellation));
            var found = Assert.IsType<BlobInfo>(await _store.FindAsync(name, Cancellation));
            await Assert.ThrowsAsync<StorageDeniedException>(() => _store.PutIfMatchAsync(name, new MemoryStream([1]), found.Version, lease: null, Cancellation));
        }

        await CommitAsync(archive, 2, "two");
        await _site.AssertValidAsync("after a next version");
        var guard = await Guarding(archive).FindAsync(place, Cancellation);
        Assert.Equal(7, guard.Blobs);   // the declaration, and of each version a file, an inventory and a sidecar
        Assert.Equal(_clock.GetUtcNow() + Window, guard.ImmutableUntil);
    }

    [Fact]
    public async Task A_window_is_renewed_when_half_of_it_is_over_and_runs_out_where_nobody_does()
    {
        var archive = await _site.OpenAsync();
        await CommitAsync(archive, 1, "one");
        var protection = Guarding(archive);
        string place = protection.PlaceOf(A);
        Assert.Equal(0, await protection.KeepAsync(place, Cancellation));
        _clock.Advance(Window / 2 + TimeSpan.FromMinutes(1));
        Assert.True((await protection.FindAsync(place, Cancellation)).IsDueForRenewal);
        Assert.Equal(4, await protection.KeepAsync(place, Cancellation));
        Assert.False((await protection.FindAsync(place, Cancellation)).IsDueForRenewal);

        _clock.Advance(Window);
        Assert.True((await protection.FindAsync(place, Cancellation)).IsOpen);
        await _store.DeleteAsync($"{place}/0=ocfl_object_1.1", lease: null, Cancellation);
    }

    [Fact]
    public async Task A_shorter_window_takes_nothing_from_one_that_runs()
    {
        await CommitAsync(await _site.OpenAsync(), 1, "one");
        var until = _clock.GetUtcNow() + Window;
        await _site.DieAsync();
        using var shorter = new BlobSite(_world, Window / 5);
        var protection = Guarding(await shorter.OpenAsync());
        string place = protection.PlaceOf(A);
        Assert.Equal(0, await protection.KeepAsync(place, Cancellation));
        Assert.Equal(until, (await protection.FindAsync(place, Cancellation)).ImmutableUntil);

        _clock.Advance(Window - TimeSpan.FromDays(0.5));
        Assert.Equal(4, await protection.KeepAsync(place, Cancellation));
        Assert.Equal(_clock.GetUtcNow() + Window / 5, (await protection.FindAsync(place, Cancellation)).ImmutableUntil);
    }

    [Fact]
    public async Task Destruction_waits_for_the_window_and_for_the_hold_and_leaves_no_former_version()
    {
        var archive = await _site.OpenAsync();
        await CommitAsync(archive, 1, "one");
        await CommitAsync(archive, 2, "two");
        var approved = Assert.IsType<OcflObject>(archive.Find(A)).InventoryDigest;
        var before = await _site.SnapshotAsync();
        var waits = Assert.IsType<DestroyOutcome.Protected>(await archive.DestroyAsync(A, approved, cancellation: Cancellation));
        Assert.Equal(new DestroyOutcome.Protected(_clock.GetUtcNow() + Window, IsHeld: false), waits);

        string place = Guarding(archive).PlaceOf(A);
        Assert.Equal(7, await Guarding(archive).SetLegalHoldAsync(place, isHeld: true, Cancellation));
        _clock.Advance(Window);
        Assert.Equal(new DestroyOutcome.Protected(null, IsHeld: true), await archive.DestroyAsync(A, approved, cancellation: Cancellation));
        Assert.Equal(before, await _site.SnapshotAsync());
        Assert.Empty(archive.ListUnfinishedDestructions());

        await Guarding(archive).SetLegalHoldAsync(place, isHeld: false, Cancellation);
        Assert.IsType<DestroyOutcome.Destroyed>(await archive.DestroyAsync(A, approved, cancellation: Cancellation));
        Assert.DoesNotContain(await _site.SnapshotAsync(), blob => blob.Key.StartsWith(place, StringComparison.Ordinal));
        Assert.DoesNotContain(_store.FormerVersions, name => name.StartsWith(place, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whatever_cuts_a_commit_short_it_is_protected_when_it_says_so_and_taken_back_when_it_was_not_decided()
    {
        foreach (var kind in new[] { FaultKind.FailBefore, FaultKind.FailAfter, FaultKind.PowerCut })
        {
            for (int n = 1; ; n++)
            {
                using var world = new When_objects_are_protected();
                await CommitAsync(await world._site.OpenAsync(), 1, "one");
                var plan = new FaultPlan(n, kind, countReads: true);
                bool isTold = false;
                try
                {
                    isTold = await TryCommitAsync(await world._site.OpenAsync(plan), 2, "two") is CommitResult.Committed;
                }
                catch (Exception error) when (error is StorageException or PowerCutException)
                {
                    // What the fault plan asked for.
                }

                bool hasFired = plan.Fired;
                await world._site.DieAsync();
                world._site.Disk.PowerCut(PowerCutChoice.KeepAll);
                var archive = await world._site.OpenAsync();
                string place = Guarding(archive).PlaceOf(A);
                Assert.True(!isTold || !(await Guarding(archive).FindAsync(place, Cancellation)).IsDueForRenewal, $"{kind} at {n}: told and not protected");
                await archive.RecoverAsync(A, new VersionNumber(2), "scan-2", Cancellation);
                await world._site.AssertValidAsync($"{kind} at {n}");
                await Guarding(archive).KeepAsync(place, Cancellation);
                Assert.False((await Guarding(archive).FindAsync(place, Cancellation)).IsDueForRenewal, $"{kind} at {n}: not protected");
                if (!hasFired)
                {
                    Assert.True(isTold && n > 10, $"{kind}: {n} operations");
                    break;
                }
            }
        }
    }

    [Fact]
    public async Task Whatever_cuts_a_destruction_short_it_is_finished_with_every_former_version()
    {
        for (int n = 1; ; n++)
        {
            using var world = new When_objects_are_protected();
            var archive = await world._site.OpenAsync();
            await CommitAsync(archive, 1, "one");
            await CommitAsync(archive, 2, "two");
            var approved = Assert.IsType<OcflObject>(archive.Find(A)).InventoryDigest;
            string place = Guarding(archive).PlaceOf(A);
            await world._site.DieAsync();
            world._clock.Advance(Window);
            var plan = new FaultPlan(n, FaultKind.PowerCut, countReads: true);
            try
            {
                await (await world._site.OpenAsync(plan)).DestroyAsync(A, approved, cancellation: Cancellation);
            }
            catch (Exception error) when (error is StorageException or PowerCutException)
            {
                // What the fault plan asked for.
            }

            bool hasFired = plan.Fired;
            await world._site.DieAsync();
            world._site.Disk.PowerCut(PowerCutChoice.KeepAll);
            archive = await world._site.OpenAsync();
            foreach (string unfinished in archive.ListUnfinishedDestructions())
            {
                await archive.RecoverDestroyAsync(unfinished);
            }

            Assert.True(await archive.DestroyAsync(A, approved, cancellation: Cancellation) is DestroyOutcome.Destroyed or DestroyOutcome.AlreadyGone, $"at {n}");
            Assert.DoesNotContain(world._store.FormerVersions, name => name.StartsWith(place, StringComparison.Ordinal));
            await world._site.AssertValidAsync($"at {n}");
            if (!hasFired)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task The_listing_tells_of_every_object_and_of_the_files_of_the_root()
    {
        var archive = await _site.OpenAsync();
        await CommitAsync(archive, 1, "one");
        var protection = Guarding(archive);
        var listed = await protection.ListAsync(Cancellation).ToListAsync(Cancellation);
        Assert.Equal([protection.PlaceOf(A), ""], listed.Select(guard => guard.Place));
        Assert.False(listed[0].IsDueForRenewal);
        Assert.True(listed[1].IsDueForRenewal);
        Assert.Equal(listed[1].Blobs, await protection.KeepAsync("", Cancellation));
        Assert.False((await protection.ListAsync(Cancellation).LastAsync(Cancellation)).IsDueForRenewal);
        await Assert.ThrowsAsync<StorageDeniedException>(() => _store.DeleteAsync("0=ocfl_1.1", lease: null, Cancellation));
    }

    [Fact]
    public async Task A_store_that_can_protect_nothing_is_told_when_it_is_asked_for()
    {
        using var world = BlobWorld.InMemory();
        var root = await world.OpenAsync();
        Assert.Throws<NotSupportedException>(() => root.ProtectedFor(Window));
        Assert.Null(root.Protection);
    }

    private static IArchiveProtection Guarding(IArchive archive) => archive.Protection ?? throw new InvalidOperationException("It is protected.");

    private async Task<IEnumerable<string>> NeverReplacedAsync(string place) =>
        (await _store.ListAsync($"{place}/", Cancellation).ToListAsync(Cancellation)).Select(blob => blob.Name).Where(name => !Replaced.Contains(name[(place.Length + 1)..]));

    private static async Task CommitAsync(IArchive archive, int version, string text) => Assert.IsType<CommitResult.Committed>(await TryCommitAsync(archive, version, text));

    private static async Task<CommitResult> TryCommitAsync(IArchive archive, int version, string text)
    {
        string name = $"scan-{version}";
        var staged = version == 1 ? archive.StageNewObject(A, name) : archive.StageNextVersion(Assert.IsType<OcflObject>(archive.Find(A)), name);
        staged.AddContent("a.txt", System.Text.Encoding.UTF8.GetBytes(text));
        staged.Seal(Some.Info(version));
        return Assert.Single(await archive.CommitGroupAsync([staged], Cancellation));
    }
}
