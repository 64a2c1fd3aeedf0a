using DocIngest.Storage;

namespace DocIngest.Archive.Tests;

/// <summary>
/// One group of two new objects and three next versions, stopped at every operation in turn, with every behaviour of the
/// disk. Afterwards each version is there whole or can be staged again, and the archive is valid for the independent validator.
/// </summary>
public sealed class When_the_power_is_cut
{
    private const int Seeds = 6;

    // Held before the group begins.
    private static readonly VersionPlan[] Held =
    [
        Plan('a', 1, ("original.pdf", "a1"), ("record.json", "a1")),
        Plan('b', 1, ("original.pdf", "b1"), ("rendition.pdf", "b1 text")),
        Plan('b', 2, ("original.pdf", "b1"), ("record.json", "b2")),
        Plan('c', 1, ("original.pdf", "c1")),
    ];

    private static readonly VersionPlan[] Group =
    [
        Plan('x', 1, ("original.pdf", "x1"), ("record.json", "x1 record"), ("copy.pdf", "x1")),
        Plan('a', 2, ("original.pdf", "a2"), ("record.json", "a1")),
        Plan('b', 3, ("original.pdf", "b1"), ("rendition.pdf", "b1 text")),   // nothing new: no content folder
        Plan('y', 1, ("original.pdf", "y1")),
        Plan('c', 2, ("original.pdf", "c2"), ("pages/0001.tif", "c2 page")),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task At_any_operation_of_a_group_nothing_is_lost_doubled_or_invalid()
    {
        int cuts = 0;
        var seen = new HashSet<Type>();
        foreach (var choice in PowerCutChoice.Samples(Seeds))
        {
            for (int n = 1; await CommitIsCutAtAsync(n) is { } world; n++, cuts++)
            {
                world.Volume.PowerCut(choice);
                seen.UnionWith(await AssertRecoversAsync(await world.RestartAsync(), $"cut at {n}, {choice}"));
            }
        }

        Assert.True(cuts > 700, $"Only {cuts} cuts: the group is not what it was.");
        Assert.Superset(new HashSet<Type> { typeof(RecoveryOutcome.Absent), typeof(RecoveryOutcome.Committed), typeof(RecoveryOutcome.RolledForward) }, seen);
    }

    // The whole space, not a sample, where it matters most: every subset of the unflushed renames at the end.
    [Fact]
    public async Task Every_subset_of_the_last_renames_can_be_recovered_from()
    {
        int last = await LastOperationAsync();
        for (int back = 0; back < 2; back++)
        {
            for (ulong subset = 0; subset < 1 << 8; subset++)
            {
                var world = await CommitIsCutAtAsync(last - back) ?? throw new InvalidOperationException("No cut.");
                world.Volume.PowerCut(PowerCutChoice.Subset(subset));
                await AssertRecoversAsync(await world.RestartAsync(), $"cut at last - {back}, subset {subset}");
            }
        }
    }

    [Fact]
    public async Task During_recovery_it_can_be_recovered_again()
    {
        int last = await LastOperationAsync();
        foreach (var choice in PowerCutChoice.Samples(seeds: 1))
        {
            for (int n = last - 20; n <= last; n += 4)   // from about the first flush on: before it there is nothing to recover
            {
                await CutRecoveryAfterCutAtAsync(n, choice);
            }
        }
    }

    [Fact]
    public async Task A_process_that_dies_leaves_every_object_readable_even_without_recovery()
    {
        for (int n = 1; await CommitIsCutAtAsync(n) is { } world; n++)
        {
            world = await world.RestartAsync();
            foreach (var plan in Held.GroupBy(plan => plan.ObjectId).Select(versions => versions.Last()))
            {
                Assert.Equal(plan.Files, world.ReadVersion(plan.ObjectId, plan.Version));
            }
        }
    }

    [Fact]
    public async Task While_a_root_is_made_the_next_open_finishes_it()
    {
        foreach (var choice in PowerCutChoice.Samples(Seeds))
        {
            bool isCut = true;
            for (int n = 1; isCut; n++)
            {
                var volume = new MemoryVolume();
                var plan = new FaultPlan(n, FaultKind.PowerCut);
                isCut = await IsCutAsync(() => OpenAsync(new FaultyFolder(volume.FolderAt("data"), plan)));
                volume.PowerCut(choice);
                await OpenAsync(volume.FolderAt("data"));
                volume.PowerCut(PowerCutChoice.KeepNothing);

                OcflStorageRoot.Open(volume.FolderAt("data"), ArchiveWorld.RootPath, ArchiveWorld.StagingPath).SweepStaging(_ => false);
                Assert.Empty(TestKit.OcflCheck.Validate(volume.FolderAt("data"), ArchiveWorld.RootPath));
                Assert.Empty(volume.FolderAt("data").List(ArchiveWorld.StagingPath));
            }
        }
    }

    /// <summary>The world after its n-th operation met a power cut, as callers saw it; null where the group ended before.</summary>
    private static async Task<ArchiveWorld?> CommitIsCutAtAsync(int n)
    {
        var world = await HeldWorldAsync();
        var cut = await world.RestartAsync(new FaultPlan(n, FaultKind.PowerCut));
        return await IsCutAsync(() => CommitGroupAsync(cut)) ? world : null;
    }

    private static async Task<int> LastOperationAsync()
    {
        int last = 0;
        while (await CommitIsCutAtAsync(last + 1) is not null)
        {
            last++;
        }

        return last;
    }

    private static async Task CutRecoveryAfterCutAtAsync(int n, PowerCutChoice choice)
    {
        bool isCut = true;
        for (int m = 1; isCut; m++)
        {
            var world = await CommitIsCutAtAsync(n) ?? throw new InvalidOperationException("No cut.");
            world.Volume.PowerCut(choice);
            var recovering = await world.RestartAsync(new FaultPlan(m, FaultKind.PowerCut));
            isCut = await IsCutAsync(() => RecoverAllAsync(recovering));
            world.Volume.PowerCut(choice);
            await AssertRecoversAsync(await world.RestartAsync(), $"cut at {n}, in recovery at {m}, {choice}");
        }
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

    private static async Task CommitGroupAsync(ArchiveWorld world)
    {
        var staged = Group.Select(plan => plan.Stage(world.Root)).ToList();
        Assert.All(await world.Root.CommitGroupAsync(staged, Cancellation), result => Assert.IsType<CommitResult.Committed>(result));
    }

    private static async Task<Dictionary<VersionPlan, RecoveryOutcome>> RecoverAllAsync(ArchiveWorld world)
    {
        var outcomes = new Dictionary<VersionPlan, RecoveryOutcome>();
        foreach (var plan in Group)
        {
            outcomes[plan] = await world.Root.RecoverAsync(plan.ObjectId, new VersionNumber(plan.Version), plan.StagingName, Cancellation);
        }

        await world.Folder.FlushAsync(Cancellation);
        return outcomes;
    }

    private static async Task<IEnumerable<Type>> AssertRecoversAsync(ArchiveWorld world, string when)
    {
        var outcomes = await RecoverAllAsync(world);
        var findings = TestKit.OcflCheck.Validate(world.Folder, ArchiveWorld.RootPath);
        Assert.True(findings.Count == 0, $"{when}: {string.Join("; ", findings)}");
        foreach (var (plan, outcome) in outcomes)
        {
            Assert.False(outcome is RecoveryOutcome.Damaged, $"{when}: {plan.ObjectId} {outcome}");
            bool isThere = world.Root.Find(plan.ObjectId) is { } found && found.Head.Value >= plan.Version;
            Assert.True(isThere == outcome is RecoveryOutcome.Committed or RecoveryOutcome.RolledForward, $"{when}: {plan.ObjectId} {outcome}");
            if (!isThere)
            {
                world.Root.Discard(plan.StagingName);
                await world.ArchiveAsync(plan);   // from its source, as the pipeline does
            }

            world.Root.Discard(plan.StagingName);
        }

        await world.Folder.FlushAsync(Cancellation);
        world.Volume.PowerCut(PowerCutChoice.KeepNothing);
        world.Root.SweepStaging(_ => false);
        AssertComplete(await world.RestartAsync(), when);
        return outcomes.Values.Select(outcome => outcome.GetType());
    }

    private static void AssertComplete(ArchiveWorld world, string when)
    {
        var findings = TestKit.OcflCheck.Validate(world.Folder, ArchiveWorld.RootPath);
        Assert.True(findings.Count == 0, $"{when}: {string.Join("; ", findings)}");
        foreach (var plan in Held.Concat(Group))
        {
            Assert.Equal(plan.Files, world.ReadVersion(plan.ObjectId, plan.Version));
            Assert.True(world.Root.Verify(plan.ObjectId, new VersionNumber(plan.Version), Cancellation).IsSound, when);
        }

        Assert.Equal(5, world.Root.EnumerateObjects().Count(listing => listing is ObjectListing.Readable));
        Assert.Empty(world.Folder.List(ArchiveWorld.StagingPath));
    }

    private static async Task OpenAsync(IDurableFolder folder) =>
        await OcflStorageRoot.OpenOrCreateAsync(folder, ArchiveWorld.RootPath, ArchiveWorld.StagingPath, Cancellation);

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

    private static VersionPlan Plan(char name, int version, params (string Path, string Text)[] files) =>
        Some.Version(version, $"urn:uuid:0190c6f0-0000-7000-8000-00000000000{name}", files);
}
