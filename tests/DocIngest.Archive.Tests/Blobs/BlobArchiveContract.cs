using System.Text;
using DocIngest.Storage;

namespace DocIngest.Archive.Tests.Blobs;

/// <summary>What an archive in blobs promises, and what a crash at any operation leaves of it. One class derives from it per store.</summary>
public abstract class BlobArchiveContract
{
    private const string A = "urn:uuid:0190c6f0-0000-7000-8000-00000000000a";
    private const string B = "urn:uuid:0190c6f0-0000-7000-8000-00000000000b";
    private const string X = "urn:uuid:0190c6f0-0000-7000-8000-000000000001";

    private static readonly VersionPlan A1 = Some.Version(1, A, ("original.pdf", "a1"), ("record.json", "a1 record"));
    private static readonly VersionPlan A2 = Some.Version(2, A, ("original.pdf", "a1"), ("record.json", "a2 record"), ("pages/0001.tif", "a2 page"));
    private static readonly VersionPlan B1 = Some.Version(1, B, ("original.pdf", "b1"), ("copy.pdf", "b1"));
    private static readonly VersionPlan B2 = Some.Version(2, B, ("original.pdf", "b1"));   // nothing new: no content folder
    private static readonly VersionPlan X1 = Some.Version(1, X, ("original.pdf", "x1"), ("record.json", "x1 record"));

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract Task<BlobWorld> NewWorldAsync();

    [Fact]
    public async Task What_was_committed_is_found_read_verified_and_listed()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        await world.ArchiveAsync(root, A1);
        await world.ArchiveAsync(root, B1);
        var a = await world.ArchiveAsync(root, A2);
        var b = await world.ArchiveAsync(root, B2);

        Assert.Equal((2, 2), (a.Head.Value, b.Head.Value));
        Assert.Equal(A1.Files, await BlobWorld.ReadVersionAsync(root, A, 1));
        Assert.Equal(A2.Files, await BlobWorld.ReadVersionAsync(root, A, 2));
        Assert.Equal(B2.Files, await BlobWorld.ReadVersionAsync(root, B, 2));
        Assert.True((await root.VerifyAsync(A, new VersionNumber(2), Cancellation)).IsSound);
        Assert.Null(await root.FindAsync(X, Cancellation));
        var listed = await root.EnumerateObjectsAsync(Cancellation).ToListAsync(Cancellation);
        Assert.Equal([A, B], listed.Select(listing => Assert.IsType<ObjectListing.Readable>(listing).Object.Id).Order(StringComparer.Ordinal));
        await world.AssertValidAsync("after commits");
        Assert.Equal(2, (await root.RecoverAllAsync(cancellation: Cancellation)).Objects);
        Assert.Empty((await root.RecoverAllAsync(cancellation: Cancellation)).Changed);
    }

    [Fact]
    public async Task Committing_again_changes_nothing()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var staged = await world.StageAsync(root, A1);
        Assert.IsType<CommitResult.Committed>(await root.CommitAsync(staged, Cancellation));
        var before = await world.SnapshotAsync();

        Assert.IsType<CommitResult.AlreadyCommitted>(await root.CommitAsync(staged, Cancellation));
        await world.OpenAsync();

        Assert.Equal(before, await world.SnapshotAsync());
    }

    [Fact]
    public async Task Another_object_of_the_same_id_is_refused()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        await world.ArchiveAsync(root, A1);
        var before = await world.SnapshotAsync();

        var other = await world.StageAsync(root, Some.Version(1, A, ("original.pdf", "another")));

        Assert.IsType<ObjectExistsException>(Assert.IsType<CommitResult.Refused>(await root.CommitAsync(other, Cancellation)).Reason);
        Assert.Equal(before, await world.SnapshotAsync());
    }

    [Fact]
    public async Task A_version_built_on_an_older_one_is_refused()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var first = await world.ArchiveAsync(root, A1);
        var late = world.Stage(first, Some.Version(2, A, ("original.pdf", "late")) with { StagingName = "late" });
        await world.ArchiveAsync(root, A2);
        var before = await world.SnapshotAsync();

        Assert.IsType<ObjectOutOfSyncException>(Assert.IsType<CommitResult.Refused>(await root.CommitAsync(late, Cancellation)).Reason);
        Assert.Equal(before, await world.SnapshotAsync());
    }

    [Fact]
    public async Task Of_two_writers_at_once_one_wins()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var first = await world.ArchiveAsync(root, A1);
        var news = Enumerable.Range(0, 4).Select(i => world.Stage(null, Some.Version(1, X, ("original.pdf", $"x by {i}")) with { StagingName = $"new-{i}" }));
        var nexts = Enumerable.Range(0, 4).Select(i => world.Stage(first, Some.Version(2, A, ("original.pdf", $"a by {i}")) with { StagingName = $"next-{i}" }));
        var staged = news.Concat(nexts).ToList();

        var results = await Task.WhenAll(staged.Select(version => Task.Run(() => root.CommitAsync(version, Cancellation), Cancellation)));

        // All may have met in a lease that none of them then used to the end; but never do two win.
        foreach (var group in results.GroupBy(result => result.Staged.ObjectId))
        {
            var winner = Assert.Single(group, result => result is CommitResult.Committed);
            Assert.All(group.Except([winner]), loser => Assert.True(loser is CommitResult.Refused or CommitResult.Failed { Error: LockHeldException }, $"{loser}"));
        }

        await root.RecoverAllAsync(cancellation: Cancellation);
        await world.AssertValidAsync("after a race");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_writer_that_slept_through_its_lease_is_fenced_out(bool isNewObject)
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var held = isNewObject ? null : await world.ArchiveAsync(root, A1);
        var slow = world.Stage(held, Some.Version(isNewObject ? 1 : 2, A, ("original.pdf", "slow")) with { StagingName = "slow" });
        var fast = world.Stage(held, isNewObject ? A1 : A2);
        CommitResult? won = null;
        var sleepy = await world.OpenAsleepAsync(new InterruptedStore(world.Store, operation => operation.StartsWith("replace ", StringComparison.Ordinal), async _ =>
        {
            await world.PassLeasesAsync();
            won = await root.CommitAsync(fast, Cancellation);
        }));

        var lost = await sleepy.CommitAsync(slow, Cancellation);

        Assert.IsType<CommitResult.Committed>(won);
        Assert.IsType<ObjectOutOfSyncException>(Assert.IsType<CommitResult.Refused>(lost).Reason);
        Assert.Equal((isNewObject ? A1 : A2).Files, await BlobWorld.ReadVersionAsync(root, A, isNewObject ? 1 : 2));
        await world.AssertValidAsync("after a late writer");
    }

    [Fact]
    public async Task A_writer_whose_object_was_taken_back_meanwhile_does_not_decide()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var slow = world.Stage(null, A1);
        var sleepy = await world.OpenAsleepAsync(new InterruptedStore(world.Store, operation => operation.StartsWith("replace ", StringComparison.Ordinal), async _ =>
        {
            await world.PassLeasesAsync();
            Assert.IsType<BlobRecoveryOutcome.TakenBack>(await root.RecoverAsync(A, Cancellation));
        }));

        Assert.IsType<CommitResult.Refused>(await sleepy.CommitAsync(slow, Cancellation));
        Assert.Null(await root.FindAsync(A, Cancellation));
        await world.AssertValidAsync("after a taken back object");
        var again = await root.CommitAsync(slow, Cancellation);
        Assert.True(again is CommitResult.Committed, $"{again}");
    }

    [Fact]
    public async Task A_claim_that_recovery_takes_away_is_made_again()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var claiming = await world.OpenAsync(new InterruptedStore(world.Store, operation => operation.EndsWith("/inventory.json", StringComparison.Ordinal), async _ =>
            Assert.IsType<BlobRecoveryOutcome.TakenBack>(await root.RecoverAsync(A, Cancellation))));

        Assert.IsType<CommitResult.Committed>(await claiming.CommitAsync(world.Stage(null, A1), Cancellation));
        await world.AssertValidAsync("claimed again");
    }

    [Fact]
    public async Task While_somebody_writes_an_object_recovery_leaves_it_alone()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var held = await world.ArchiveAsync(root, B1);
        foreach (var staged in new[] { world.Stage(null, A1), world.Stage(held, B2) })
        {
            var writing = await world.OpenAsync(new InterruptedStore(world.Store, operation => operation.StartsWith("replace ", StringComparison.Ordinal), async _ =>
                Assert.IsType<BlobRecoveryOutcome.Busy>(await root.RecoverAsync(staged.ObjectId, Cancellation))));
            Assert.IsType<CommitResult.Committed>(await writing.CommitAsync(staged, Cancellation));
        }

        await world.AssertValidAsync("left alone");
    }

    [Fact]
    public async Task An_object_that_lost_its_inventory_is_damage_and_never_removed()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var found = await world.ArchiveAsync(root, A1);
        await world.Store.DeleteAsync($"{found.Path}/inventory.json", null, Cancellation);
        foreach (bool withSidecar in new[] { true, false })
        {
            if (!withSidecar)
            {
                await world.Store.DeleteAsync($"{found.Path}/inventory.json.sha512", null, Cancellation);
            }

            var before = await world.SnapshotAsync();
            Assert.Equal("E063", (await Assert.ThrowsAsync<DamagedObjectException>(() => root.FindAsync(A, Cancellation))).Finding.Code);
            Assert.IsType<BlobRecoveryOutcome.Damaged>(await root.RecoverAsync(A, Cancellation));
            Assert.IsType<CommitResult.Refused>(await root.CommitAsync(world.Stage(null, A1), Cancellation));
            Assert.Equal(before, await world.SnapshotAsync());
        }
    }

    [Fact]
    public async Task A_tampered_inventory_is_neither_believed_nor_built_upon_nor_mended()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var found = await world.ArchiveAsync(root, A1);
        var next = world.Stage(found, A2);
        byte[] inventory = await world.BytesAsync($"{found.Path}/inventory.json");
        await world.OverwriteAsync($"{found.Path}/inventory.json", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(inventory).Replace("filed", "faked", StringComparison.Ordinal)));
        var before = await world.SnapshotAsync();

        Assert.Equal("E060", (await Assert.ThrowsAsync<DamagedObjectException>(() => root.FindAsync(A, Cancellation))).Finding.Code);
        Assert.IsType<BlobRecoveryOutcome.Damaged>(await root.RecoverAsync(A, Cancellation));
        Assert.IsType<CommitResult.Refused>(await root.CommitAsync(next, Cancellation));
        Assert.Equal(before, await world.SnapshotAsync());
    }

    [Fact]
    public async Task A_content_path_that_climbs_out_is_refused_before_it_is_used()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var found = await world.ArchiveAsync(root, X1);
        string climbing = Encoding.UTF8.GetString(await world.BytesAsync($"{found.Path}/inventory.json")).Replace("v1/content/original.pdf", "v1/content/../../../../../secret", StringComparison.Ordinal);
        byte[] inventory = Encoding.UTF8.GetBytes(climbing);
        foreach (string folder in new[] { found.Path, $"{found.Path}/v1" })
        {
            await world.OverwriteAsync($"{folder}/inventory.json", inventory);
            await world.OverwriteAsync($"{folder}/inventory.json.sha512", Sidecar.Write(Sha512Digest.Of(inventory)));
        }

        Assert.Equal("E099", (await Assert.ThrowsAsync<DamagedObjectException>(() => root.FindAsync(X, Cancellation))).Finding.Code);
    }

    [Fact]
    public async Task Content_that_changed_is_not_handed_out()
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var found = await world.ArchiveAsync(root, X1);
        await world.OverwriteAsync($"{found.Path}/v1/content/original.pdf", "xx"u8.ToArray());

        await Assert.ThrowsAsync<FixityException>(() => BlobWorld.ReadVersionAsync(root, X, 1));
        Assert.Equal("E092", Assert.Single((await root.VerifyAsync(X, VersionNumber.First, Cancellation)).Findings).Code);
    }

    [Fact]
    public async Task A_store_with_other_things_in_it_is_refused_and_left_alone()
    {
        using var world = await NewWorldAsync();
        await world.Store.PutIfAbsentAsync(ArchivePlaces.Below(world.RootPath, "somebody/else"), new MemoryStream([1]), Cancellation);
        Assert.Equal("E069", (await Assert.ThrowsAsync<StorageRootRefusedException>(() => world.OpenAsync())).Finding.Code);
        Assert.Single(await world.SnapshotAsync());
    }

    [Fact]
    public async Task A_root_of_another_version_of_OCFL_is_refused()
    {
        using var world = await NewWorldAsync();
        await world.OpenAsync();
        await world.Store.PutIfAbsentAsync(ArchivePlaces.Below(world.RootPath, "0=ocfl_1.0"), new MemoryStream("ocfl_1.0\n"u8.ToArray()), Cancellation);
        Assert.Equal("E076", (await Assert.ThrowsAsync<StorageRootRefusedException>(() => world.OpenAsync())).Finding.Code);
    }

    [Fact]
    public async Task Making_the_root_can_be_cut_short_anywhere()
    {
        for (int n = 1, isOver = 0; isOver == 0; n++)
        {
            using var world = await NewWorldAsync();
            var plan = new FaultPlan(n, FaultKind.PowerCut);
            var error = await Record.ExceptionAsync(() => world.OpenAsync(new FaultyBlobStore(world.Store, plan)));
            Assert.True(plan.Fired == error is PowerCutException, $"{error}");
            isOver = plan.Fired ? 0 : 1;
            await world.OpenAsync();
            await world.AssertValidAsync($"root cut at {n}");
        }
    }

    /// <summary>Commits are stopped at each operation, reads too, in every way; then the archive is recovered, or the versions are committed again.</summary>
    [Theory]
    [InlineData(FaultKind.PowerCut)]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    public async Task At_any_operation_nothing_is_lost_doubled_or_invalid(FaultKind kind)
    {
        int cuts = 0;
        for (bool isOver = false; !isOver; cuts++)
        {
            isOver = !await IsCutAtAsync(cuts + 1, kind);
        }

        Assert.True(cuts > 50, $"Only {cuts}: the versions are not what they were.");
    }

    private async Task<bool> IsCutAtAsync(int n, FaultKind kind)
    {
        using var world = await NewWorldAsync();
        var root = await world.OpenAsync();
        var a = await world.ArchiveAsync(root, A1);
        var b = await world.ArchiveAsync(root, B1);
        StagedVersion[] group = [world.Stage(null, X1), world.Stage(a, A2), world.Stage(b, B2)];
        var plan = new FaultPlan(n, kind, countReads: true);
        try
        {
            var cut = await world.OpenAsync(new FaultyBlobStore(world.Store, plan));
            foreach (var staged in group)
            {
                await cut.CommitAsync(staged, Cancellation);
            }
        }
        catch (Exception error) when (error is PowerCutException or StorageUnavailableException)
        {
            Assert.True(plan.Fired);
        }

        // A reader without any recovery meets the old head or the new.
        string because = $"{kind} at {n}";
        Assert.InRange((await root.FindAsync(A, Cancellation))?.Head.Value ?? 0, 1, 2);
        Assert.Equal(A1.Files, await BlobWorld.ReadVersionAsync(root, A, 1));
        await world.PassLeasesAsync();
        if (n % 2 == 0)
        {
            var summary = await root.RecoverAllAsync(cancellation: Cancellation);
            Assert.All(summary.Changed.Values, outcome => Assert.True(outcome is BlobRecoveryOutcome.TakenBack or BlobRecoveryOutcome.Finished, $"{because}: {outcome}"));
            await world.AssertValidAsync($"{because}, recovered");
            Assert.Empty((await root.RecoverAllAsync(cancellation: Cancellation)).Changed);
        }

        foreach (var staged in group)
        {
            var result = await root.CommitAsync(staged, Cancellation);
            Assert.True(result is CommitResult.Committed or CommitResult.AlreadyCommitted, $"{because}: {result}");
        }

        await world.AssertValidAsync($"{because}, committed again");
        Assert.Equal(X1.Files, await BlobWorld.ReadVersionAsync(root, X, 1));
        Assert.Equal(A2.Files, await BlobWorld.ReadVersionAsync(root, A, 2));
        Assert.Equal(B2.Files, await BlobWorld.ReadVersionAsync(root, B, 2));
        Assert.Equal(3, await root.EnumerateObjectsAsync(Cancellation).CountAsync(Cancellation));
        return plan.Fired;
    }
}
