using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests;

/// <summary>An object with two versions leaves the archive, its neighbours stay; at every operation the power goes, or the disk fails.</summary>
public sealed class When_an_object_is_destroyed
{
    private const int Seeds = 6;

    private static readonly string[] Ids = IdsBelowOneFolder(2);

    private static readonly VersionPlan[] Held =
    [
        Some.Version(1, Ids[0], ("original.pdf", "first"), ("record.json", "about it")),
        Some.Version(2, Ids[0], ("original.pdf", "first"), ("record.json", "more about it")),
        Some.Version(1, Ids[1], ("original.pdf", "of a neighbour")),
    ];

    private static string Due => Ids[0];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_gone_with_its_empty_folders_and_the_archive_is_valid()
    {
        var world = await HeldWorldAsync();

        Assert.IsType<DestroyOutcome.Destroyed>(await DestroyAsync(world));

        Assert.Null(world.Root.Find(Due));
        AssertGone(world, "destroyed");
        Assert.IsType<DestroyOutcome.AlreadyGone>(await DestroyAsync(world));
        Assert.IsType<DestroyOutcome.Destroyed>(await world.Root.DestroyAsync(Ids[1], DigestOf(world, Ids[1]), cancellation: Cancellation));
        Assert.DoesNotContain(world.Folder.List(ArchiveWorld.RootPath), entry => entry.Kind == EntryKind.Folder && entry.Name != "extensions");
        world.AssertValid();
    }

    [Fact]
    public async Task Its_extent_tells_versions_files_bytes_and_the_digest_of_its_inventory()
    {
        var world = await HeldWorldAsync();

        var extent = world.Root.Measure(Due);

        Assert.Equal(new ObjectExtent(2, Files: 3, SizeBytes: "first".Length + "about it".Length + "more about it".Length, world.Read(Due).InventoryDigest), extent);
        Assert.Null(world.Root.Measure(Some.ObjectId));
        world.Folder.Delete($"{world.Read(Due).Path}/v1/content/original.pdf");
        Assert.Equal("E092", Assert.Throws<DamagedObjectException>(() => world.Root.Measure(Due)).Finding.Code);
    }

    [Fact]
    public async Task One_that_has_a_version_more_than_was_approved_stays()
    {
        var world = await HeldWorldAsync();
        var approved = DigestOf(world, Due);
        await world.ArchiveAsync(Some.Version(3, Due, ("original.pdf", "third")));
        var before = world.Snapshot();

        var outcome = await world.Root.DestroyAsync(Due, approved, acceptsDamage: true, Cancellation);

        Assert.Equal(new DestroyOutcome.Changed(DigestOf(world, Due)), outcome);
        Assert.Equal(before, world.Snapshot());
    }

    [Fact]
    public async Task One_that_cannot_be_read_stays_unless_damage_is_accepted()
    {
        var world = await HeldWorldAsync();
        var approved = DigestOf(world, Due);
        world.Overwrite($"{world.Read(Due).Path}/inventory.json", "{}"u8.ToArray());
        var before = world.Snapshot();

        Assert.Equal("E060", Assert.IsType<DestroyOutcome.Damaged>(await world.Root.DestroyAsync(Due, approved, cancellation: Cancellation)).Finding.Code);
        Assert.Equal(before, world.Snapshot());

        Assert.IsType<DestroyOutcome.Destroyed>(await world.Root.DestroyAsync(Due, approved, acceptsDamage: true, Cancellation));
        AssertGone(world, "accepted");
    }

    [Fact]
    public async Task Another_object_in_its_place_stays_even_where_damage_is_accepted()
    {
        var world = await HeldWorldAsync();
        var approved = DigestOf(world, Due);
        string place = world.Read(Due).Path;
        world.Folder.DeleteTree(place);
        world.Folder.Move(world.Read(Ids[1]).Path, place);

        Assert.Equal("E083", Assert.IsType<DestroyOutcome.Damaged>(await world.Root.DestroyAsync(Due, approved, acceptsDamage: true, Cancellation)).Finding.Code);
        Assert.NotNull(world.Folder.Find(place));
    }

    [Fact]
    public async Task A_cancelled_destruction_changes_nothing()
    {
        var world = await HeldWorldAsync();
        var before = world.Snapshot();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Root.DestroyAsync(Due, DigestOf(world, Due), cancellation: new CancellationToken(canceled: true)));

        Assert.Equal(before, world.Snapshot());
    }

    [Fact]
    public async Task At_any_operation_the_power_may_go_and_it_is_whole_or_gone()
    {
        int cuts = 0;
        foreach (var choice in PowerCutChoice.Samples(Seeds))
        {
            for (int n = 1; await IsCutAtAsync(n) is { } world; n++, cuts++)
            {
                world.Volume.PowerCut(choice);
                await AssertFinishedAsync(await world.RestartAsync(), $"cut at {n}, {choice}");
            }
        }

        Assert.True(cuts >= 13 * 8, $"Only {cuts} cuts: destroying is not what it was.");
    }

    [Fact]
    public async Task At_any_operation_of_finishing_it_the_power_may_go_again()
    {
        foreach (var choice in PowerCutChoice.Samples(seeds: 2))
        {
            for (int n = 1; await IsCutAtAsync(n) is not null; n++)
            {
                bool isCut = true;
                for (int m = 1; isCut; m++)
                {
                    var world = await IsCutAtAsync(n) ?? throw new InvalidOperationException("No cut.");
                    world.Volume.PowerCut(choice);
                    var finishing = await world.RestartAsync(new FaultPlan(m, FaultKind.PowerCut));
                    isCut = await IsCutAsync(() => FinishAsync(finishing));
                    world.Volume.PowerCut(choice);
                    await AssertFinishedAsync(await world.RestartAsync(), $"cut at {n}, finishing at {m}, {choice}");
                }
            }
        }
    }

    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.Full)]
    [InlineData(FaultKind.FlushFails)]
    public async Task At_any_operation_the_disk_may_fail_and_a_second_attempt_succeeds(FaultKind kind)
    {
        bool fired = true;
        for (int n = 1; fired; n++)
        {
            var world = await HeldWorldAsync();
            var approved = DigestOf(world, Due);
            var plan = new FaultPlan(n, kind);
            var failing = await world.RestartAsync(plan);
            try
            {
                await failing.Root.DestroyAsync(Due, approved, cancellation: Cancellation);
            }
            catch (StorageException)
            {
                // Reported to the caller, who tries again, as follows.
            }

            fired = plan.Fired;
            AssertWholeOrGone(world, approved, $"{kind} at {n}");
            var outcome = await world.Root.DestroyAsync(Due, approved, cancellation: Cancellation);
            Assert.True(outcome is DestroyOutcome.Destroyed or DestroyOutcome.AlreadyGone, $"{kind} at {n}: {outcome}");
            AssertGone(world, $"{kind} at {n}");
        }
    }

    [Fact]
    public async Task When_the_rename_cannot_be_flushed_it_is_taken_back()
    {
        var world = await HeldWorldAsync();
        var before = world.Snapshot();
        var failing = await world.RestartAsync(new FaultPlan(1, FaultKind.FlushFails));

        await Assert.ThrowsAsync<FlushFailedException>(() => DestroyAsync(failing));

        Assert.Equal(before, world.Snapshot());
        Assert.Empty(world.Folder.List(ArchiveWorld.StagingPath));
    }

    // A sweep knows nothing of flushes: what it deleted could outlive a rename that a power cut takes back.
    [Fact]
    public async Task A_sweep_meanwhile_leaves_it_to_whoever_destroys_it()
    {
        var world = await HeldWorldAsync();
        var before = world.Snapshot();
        int seen = 0;
        var sweeping = new SweptWhileFlushing(world.Folder, () =>
        {
            Assert.Equal(0, world.Root.SweepStaging(_ => false));
            seen += world.Root.ListUnfinishedDestructions().Count;
            return Task.CompletedTask;
        });

        await OcflStorageRoot.Open(sweeping, ArchiveWorld.RootPath, ArchiveWorld.StagingPath).DestroyAsync(Due, DigestOf(world, Due), cancellation: Cancellation);

        Assert.Equal(2, seen);   // at both flushes before it is deleted
        AssertGone(world, "swept");
        Assert.NotEmpty(before);
    }

    [Fact]
    public async Task One_that_vanishes_while_it_is_read_is_absent_and_not_damaged()
    {
        var world = await HeldWorldAsync();
        var gone = new GoneWhileRead(world.Folder, world.Read(Due).Path);
        var root = OcflStorageRoot.Open(gone, ArchiveWorld.RootPath, ArchiveWorld.StagingPath);

        Assert.Null(Again(() => root.Find(Due)));
        Assert.Equal(FindingCodes.ObjectMissing, Assert.Single(Again(() => root.Verify(Due, VersionNumber.First, Cancellation)).Findings).Code);
        Assert.Equal([Ids[1]], Again(() => root.EnumerateObjects().Select(listing => Assert.IsType<ObjectListing.Readable>(listing).Object.Id).ToList()));

        T Again<T>(Func<T> read)
        {
            gone.IsThere = true;
            return read();
        }
    }

    [Fact]
    public async Task A_neighbour_archived_meanwhile_makes_the_folders_anew_that_were_removed()
    {
        var world = await ArchiveWorld.CreateAsync();
        var pruning = new PrunedMeanwhile(world.Folder, times: 4);
        var root = OcflStorageRoot.Open(pruning, ArchiveWorld.RootPath, ArchiveWorld.StagingPath);
        var plan = Some.Version(1, Ids[1], ("original.pdf", "of a neighbour"));

        Assert.IsType<CommitResult.Committed>(Assert.Single(await root.CommitGroupAsync([plan.Stage(root)], Cancellation)));

        Assert.Equal(0, pruning.TimesLeft);
        world.AssertValid();
    }

    [Fact]
    public async Task Neighbours_come_and_go_at_once_on_a_real_disk()
    {
        using var disk = new TempFolder(inMemory: true);
        using var volumes = new LocalVolumes();
        var root = await OcflStorageRoot.OpenOrCreateAsync(volumes.Open(disk.Path), ArchiveWorld.RootPath, ArchiveWorld.StagingPath, Cancellation);
        string[] ids = IdsBelowOneFolder(24);
        var plans = ids.Select((id, at) => new VersionPlan(id, $"scan-{at}", 1, new Dictionary<string, string> { ["original.pdf"] = id })).ToList();

        for (int round = 0; round < 4; round++)
        {
            await Parallel.ForEachAsync(plans, Cancellation, async (plan, _) =>
            {
                Assert.IsType<CommitResult.Committed>(Assert.Single(await root.CommitGroupAsync([plan.Stage(root)], Cancellation)));
                Assert.IsType<DestroyOutcome.Destroyed>(await root.DestroyAsync(
                    plan.ObjectId, Assert.IsType<ObjectExtent>(root.Measure(plan.ObjectId)).InventoryDigest, cancellation: Cancellation));
            });
        }

        Assert.Empty(root.EnumerateObjects());
        Assert.Equal(["extensions"], Directory.GetDirectories(disk[ArchiveWorld.RootPath]).Select(Path.GetFileName));
        Assert.Empty(Directory.GetFileSystemEntries(disk[ArchiveWorld.StagingPath]));
    }

    private static async Task<ArchiveWorld> HeldWorldAsync()
    {
        var world = await ArchiveWorld.CreateAsync();
        foreach (var plan in Held)
        {
            await world.ArchiveAsync(plan);
            world.Root.Discard(plan.StagingName);
        }

        await world.Folder.FlushAsync(Cancellation);
        return world;
    }

    private static Task<DestroyOutcome> DestroyAsync(ArchiveWorld world) =>
        world.Root.DestroyAsync(Due, world.Root.Find(Due)?.InventoryDigest ?? default, cancellation: Cancellation);

    private static Sha512Digest DigestOf(ArchiveWorld world, string id) => world.Read(id).InventoryDigest;

    /// <summary>The world after the n-th operation met a power cut, as callers saw it; null where the destruction ended before.</summary>
    private static async Task<ArchiveWorld?> IsCutAtAsync(int n)
    {
        var world = await HeldWorldAsync();
        var cut = await world.RestartAsync(new FaultPlan(n, FaultKind.PowerCut));
        return await IsCutAsync(() => DestroyAsync(cut)) ? world : null;
    }

    // What a start does.
    private static async Task FinishAsync(ArchiveWorld world)
    {
        foreach (string left in world.Root.ListUnfinishedDestructions())
        {
            Assert.Equal(Due, left);
            Assert.True(await world.Root.RecoverDestroyAsync(left));
        }
    }

    private static async Task AssertFinishedAsync(ArchiveWorld world, string when)
    {
        bool wasLeft = world.Root.ListUnfinishedDestructions().Count > 0;
        var approved = DigestOf(await HeldWorldAsync(), Due);
        AssertWholeOrGone(world, approved, when);
        await FinishAsync(world);
        world.Volume.PowerCut(PowerCutChoice.KeepNothing);
        world = await world.RestartAsync();
        if (wasLeft || world.Root.Find(Due) is null)
        {
            AssertGone(world, when);   // a start alone finishes it
        }

        Assert.True(await world.Root.DestroyAsync(Due, approved, cancellation: Cancellation) is DestroyOutcome.Destroyed or DestroyOutcome.AlreadyGone, when);
        world.Volume.PowerCut(PowerCutChoice.KeepNothing);
        AssertGone(await world.RestartAsync(), when);
    }

    private static void AssertWholeOrGone(ArchiveWorld world, Sha512Digest approved, string when)
    {
        if (world.Root.Find(Due) is { } found)
        {
            Assert.True(found.InventoryDigest == approved, when);
            Assert.True(found.Versions.All(version => world.Root.Verify(Due, version.Number, Cancellation).IsSound), when);
        }
    }

    private static void AssertGone(ArchiveWorld world, string when)
    {
        var findings = OcflCheck.Validate(world.Folder, ArchiveWorld.RootPath);
        Assert.True(findings.Count == 0, $"{when}: {string.Join("; ", findings)}");
        Assert.True(world.Root.Find(Due) is null, when);
        Assert.Empty(world.Folder.List(ArchiveWorld.StagingPath));
        Assert.Equal("of a neighbour", world.ReadText(Ids[1], 1, "original.pdf"));
    }

    private static async Task<bool> IsCutAsync(Func<Task> work)
    {
        try
        {
            await work();
            return false;
        }
        catch (PowerCutException)
        {
            return true;
        }
    }

    // Ids whose objects share the first folder of the hierarchy, and with few others the rest of it.
    private static string[] IdsBelowOneFolder(int count) =>
        [.. Enumerable.Range(0, int.MaxValue).Select(number => $"urn:uuid:0190c6f0-0000-7000-8000-{number:x12}")
            .Where(id => HashedNTupleLayout.Default.PathOf(id).StartsWith("5a0/", StringComparison.Ordinal)).Take(count)];

    /// <summary>A folder in which a neighbour's destruction removes what is empty, whenever folders were just made.</summary>
    private sealed class PrunedMeanwhile(IDurableFolder inner, int times) : ChangedBetween(inner)
    {
        public int TimesLeft { get; private set; } = times;

        public override void CreateFolder(string path)
        {
            base.CreateFolder(path);
            if (!path.StartsWith($"{ArchiveWorld.RootPath}/", StringComparison.Ordinal) || TimesLeft == 0)
            {
                return;
            }

            new ArchivePlaces(this, ArchiveWorld.RootPath, ArchiveWorld.StagingPath).PruneEmptyParents($"{path}/object");
            if (--TimesLeft % 2 == 0)
            {
                throw new EntryNotFoundException("Pruned between two of the folders that were made.");
            }
        }
    }

    /// <summary>A folder in which an object is destroyed right after its first file was read.</summary>
    private sealed class GoneWhileRead(IDurableFolder inner, string objectPath) : ChangedBetween(inner)
    {
        public bool IsThere { get; set; } = true;

        public override FolderEntry? Find(string path) => IsOfObject(path) && !IsThere ? null : base.Find(path);

        public override Stream OpenRead(string path)
        {
            var opened = IsOfObject(path) && !IsThere ? throw new EntryNotFoundException("Destroyed.") : base.OpenRead(path);
            IsThere &= !IsOfObject(path);
            return opened;
        }

        private bool IsOfObject(string path) => $"{path}/".StartsWith($"{objectPath}/", StringComparison.Ordinal);
    }
}
