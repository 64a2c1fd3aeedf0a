using DocIngest.Storage;

namespace DocIngest.Archive.Tests;

public sealed class When_steps_are_replayed
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_new_object_is_already_committed_and_nothing_changes()
    {
        var world = await ArchiveWorld.CreateAsync();
        var plan = Some.Version(files: [("original.pdf", "scan")]);
        await world.ArchiveAsync(plan);
        var before = world.Snapshot();

        var result = Assert.Single(await world.Root.CommitGroupAsync([plan.Stage(world.Root)], Cancellation));

        Assert.IsType<CommitResult.AlreadyCommitted>(result);
        Assert.Equal(before, world.Snapshot());
    }

    [Fact]
    public async Task Another_object_under_the_same_id_is_refused_and_nothing_changes()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(files: [("original.pdf", "scan")]));
        var before = world.Snapshot();

        var result = Assert.Single(await world.Root.CommitGroupAsync([Some.Version(files: [("original.pdf", "other")]).Stage(world.Root)], Cancellation));

        Assert.IsType<ObjectExistsException>(Assert.IsType<CommitResult.Refused>(result).Reason);
        Assert.Equal(before, world.Snapshot());
    }

    [Fact]
    public async Task The_same_next_version_is_already_committed_and_nothing_changes()
    {
        var world = await ArchiveWorld.CreateAsync();
        var first = await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        await world.ArchiveAsync(Some.Version(2, files: [("original.pdf", "second")]));
        var before = world.Snapshot();

        var again = world.Root.StageNextVersion(first, "scan-9");
        again.AddContent("original.pdf", "second"u8);
        again.Seal(Some.Info(2));
        var result = Assert.Single(await world.Root.CommitGroupAsync([again], Cancellation));

        Assert.IsType<CommitResult.AlreadyCommitted>(result);
        Assert.Equal(before, world.Snapshot());
    }

    [Fact]
    public async Task Recovery_of_what_is_committed_changes_nothing_however_often()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        await world.ArchiveAsync(Some.Version(2, files: [("original.pdf", "second")]));
        var before = world.Snapshot();

        for (int time = 0; time < 3; time++)
        {
            Assert.Equal(new RecoveryOutcome.Committed(new VersionNumber(2)), await world.Root.RecoverAsync(Some.ObjectId, new VersionNumber(2), "scan-0001-2", Cancellation));
            Assert.Equal(new RecoveryOutcome.Committed(VersionNumber.First), await world.Root.RecoverAsync(Some.ObjectId, VersionNumber.First, "scan-0001-1", Cancellation));
            Assert.Equal(before, world.Snapshot());
        }
    }

    [Fact]
    public async Task Recovery_of_an_earlier_version_still_finds_it_after_later_ones()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        await world.ArchiveAsync(Some.Version(2, files: [("original.pdf", "second")]));
        await world.ArchiveAsync(Some.Version(3, files: [("original.pdf", "third")]));

        Assert.Equal(new RecoveryOutcome.Committed(new VersionNumber(2)), await world.Root.RecoverAsync(Some.ObjectId, new VersionNumber(2), "scan-0001-2", Cancellation));
    }

    [Fact]
    public async Task Recovery_of_a_scan_that_was_never_sealed_does_not_take_the_object_it_was_for_as_its_own()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        world.Root.StageNextVersion(world.Read(Some.ObjectId), "scan-8").AddContent("original.pdf", "second"u8);

        Assert.IsType<RecoveryOutcome.Absent>(await world.Root.RecoverAsync(Some.ObjectId, new VersionNumber(2), "scan-8", Cancellation));
    }

    [Fact]
    public async Task Sweeping_removes_closed_entries_and_leaves_open_ones()
    {
        var world = await ArchiveWorld.CreateAsync();
        world.Root.StageNewObject(Some.ObjectId, "open");
        world.Root.StageNewObject(Some.ObjectId, "closed");
        world.Folder.CreateFolder($"{ArchiveWorld.StagingPath}/.root-left-by-a-crash");

        Assert.Equal(2, world.Root.SweepStaging(name => name == "open"));
        Assert.Equal(0, world.Root.SweepStaging(name => name == "open"));

        Assert.Equal("open", Assert.Single(world.Folder.List(ArchiveWorld.StagingPath)).Name);
    }

    [Fact]
    public async Task Sweeping_leaves_what_another_process_needs_to_recover_an_open_scan()
    {
        var world = await ArchiveWorld.CreateAsync();
        await world.ArchiveAsync(Some.Version(1, files: [("original.pdf", "scan")]));
        var second = Some.Version(2, files: [("original.pdf", "second")]);
        var staged = second.Stage(world.Root);
        await world.Root.CommitGroupAsync([staged], Cancellation);

        bool isOpen = true;
        var other = new SweptWhileFlushing(world.Folder, () =>
        {
            world.Root.SweepStaging(name => isOpen && name == second.StagingName);
            return Task.CompletedTask;
        });
        var root = OcflStorageRoot.Open(other, ArchiveWorld.RootPath, ArchiveWorld.StagingPath);
        Assert.IsType<RecoveryOutcome.Committed>(await root.RecoverAsync(Some.ObjectId, new VersionNumber(2), second.StagingName, Cancellation));
        Assert.True(other.Sweeps > 0);
        world.AssertValid();

        world.Folder.CreateFolder($"{ArchiveWorld.StagingPath}/.{Guid.NewGuid():N}-{second.StagingName}");   // a crash in there
        isOpen = false;
        world.Root.SweepStaging(_ => isOpen);
        Assert.Empty(world.Folder.List(ArchiveWorld.StagingPath));
    }

    [Fact]
    public async Task A_root_that_another_process_completes_and_sweeps_meanwhile_is_opened()
    {
        var volume = new MemoryVolume();
        var sweeping = new SweptWhileFlushing(volume.FolderAt("data"), async () =>
        {
            var other = await OcflStorageRoot.OpenOrCreateAsync(volume.FolderAt("data"), ArchiveWorld.RootPath, ArchiveWorld.StagingPath, Cancellation);
            other.SweepStaging(_ => false);
        });
        await OcflStorageRoot.OpenOrCreateAsync(sweeping, ArchiveWorld.RootPath, ArchiveWorld.StagingPath, Cancellation);
        Assert.True(sweeping.Sweeps > 0);
        Assert.Empty(volume.FolderAt("data").List(ArchiveWorld.StagingPath));
    }

    [Fact]
    public async Task An_unsealed_version_stops_the_group_before_anything_happens()
    {
        var world = await ArchiveWorld.CreateAsync();
        var done = Some.Version(files: [("original.pdf", "scan")]).Stage(world.Root);
        var open = world.Root.StageNewObject("urn:uuid:0190c6f0-0000-7000-8000-000000000002", "scan-8");

        await Assert.ThrowsAsync<ArgumentException>(() => world.Root.CommitGroupAsync([done, open], Cancellation));

        Assert.Null(world.Root.Find(Some.ObjectId));
    }

    [Fact]
    public async Task A_cancelled_group_places_nothing_and_can_be_committed_later()
    {
        var world = await ArchiveWorld.CreateAsync();
        var staged = Some.Version(files: [("original.pdf", "scan")]).Stage(world.Root);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Root.CommitGroupAsync([staged], new CancellationToken(canceled: true)));
        Assert.Null(world.Root.Find(Some.ObjectId));

        Assert.IsType<CommitResult.Committed>(Assert.Single(await world.Root.CommitGroupAsync([staged], Cancellation)));
    }
}
