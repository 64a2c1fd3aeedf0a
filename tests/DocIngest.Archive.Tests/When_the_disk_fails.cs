using DocIngest.Storage;

namespace DocIngest.Archive.Tests;

/// <summary>Every operation of a group fails in turn while the process lives on. Whatever is reported, recovery and a second attempt from the sources end in the same archive.</summary>
public sealed class When_the_disk_fails
{
    private static readonly VersionPlan[] Held = [Plan('a', 1, ("original.pdf", "a1")), Plan('b', 1, ("original.pdf", "b1"), ("record.json", "b1"))];

    private static readonly VersionPlan[] Group =
    [
        Plan('x', 1, ("original.pdf", "x1"), ("record.json", "x1 record")),
        Plan('a', 2, ("original.pdf", "a2")),
        Plan('b', 2, ("original.pdf", "b1")),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.Full)]
    [InlineData(FaultKind.TornWrite)]
    [InlineData(FaultKind.FlushFails)]
    public async Task At_any_operation_a_second_attempt_from_the_sources_succeeds(FaultKind kind)
    {
        bool fired = true;
        for (int n = 1; fired; n++)
        {
            var world = await HeldWorldAsync();
            var plan = new FaultPlan(n, kind);
            await TryCommitAsync(await world.RestartAsync(plan));
            fired = plan.Fired;

            await RecoverAndRepeatAsync(world, $"{kind} at {n}");
            world.Volume.PowerCut(PowerCutChoice.KeepNothing);
            AssertComplete(await world.RestartAsync(), $"{kind} at {n}");
        }
    }

    // What a flush failed to keep must not pass for kept because the next flush succeeds.
    [Fact]
    public async Task A_version_staged_before_a_flush_failed_cannot_be_committed_after_it()
    {
        var world = await HeldWorldAsync();
        var staged = Group[0].Stage(world.Root);
        world.Volume.FailFlush(PowerCutChoice.KeepNothing);

        await Assert.ThrowsAsync<FlushFailedException>(() => world.Root.CommitGroupAsync([staged], Cancellation));
        await Assert.ThrowsAsync<FlushFailedException>(() => world.Root.CommitGroupAsync([staged], Cancellation));

        Assert.Null(world.Root.Find(Group[0].ObjectId));
        world.AssertValid();
    }

    [Fact]
    public async Task When_what_was_placed_cannot_be_flushed_it_is_taken_back()
    {
        var world = await HeldWorldAsync();
        var counting = new FaultPlan(int.MaxValue, FaultKind.None);
        var trial = await (await HeldWorldAsync()).RestartAsync(counting);
        Group.ToList().ForEach(plan => plan.Stage(trial.Root));
        int firstFlush = counting.Operations + 1;
        var before = world.Snapshot();

        var failing = await world.RestartAsync(new FaultPlan(firstFlush + 1, FaultKind.FlushFails));
        var staged = Group.Select(plan => plan.Stage(failing.Root)).ToList();
        await Assert.ThrowsAsync<FlushFailedException>(() => failing.Root.CommitGroupAsync(staged, Cancellation));

        Assert.Equal(before, world.Snapshot());
        Assert.NotNull(world.Folder.Find($"{ArchiveWorld.StagingPath}/{Group[0].StagingName}/v1/content/original.pdf"));
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

    private static async Task TryCommitAsync(ArchiveWorld world)
    {
        try
        {
            var staged = Group.Select(plan => plan.Stage(world.Root)).ToList();
            await world.Root.CommitGroupAsync(staged, Cancellation);
        }
        catch (StorageException)
        {
            // Reported to the caller, who does what the test does next.
        }
    }

    private static async Task RecoverAndRepeatAsync(ArchiveWorld world, string when)
    {
        var absent = new List<VersionPlan>();
        foreach (var plan in Group)
        {
            var outcome = await world.Root.RecoverAsync(plan.ObjectId, new VersionNumber(plan.Version), plan.StagingName, Cancellation);
            Assert.False(outcome is RecoveryOutcome.Damaged, $"{when}: {outcome}");
            if (outcome is RecoveryOutcome.Absent or RecoveryOutcome.RolledBack)
            {
                absent.Add(plan);
            }
        }

        Assert.Empty(TestKit.OcflCheck.Validate(world.Folder, ArchiveWorld.RootPath));
        absent.ForEach(plan => world.Root.Discard(plan.StagingName));
        var results = await world.Root.CommitGroupAsync([.. absent.Select(plan => plan.Stage(world.Root))], Cancellation);
        Assert.All(results, result => Assert.IsType<CommitResult.Committed>(result));
        await world.Folder.FlushAsync(world.Folder.Mark(), Cancellation);
    }

    private static void AssertComplete(ArchiveWorld world, string when)
    {
        var findings = TestKit.OcflCheck.Validate(world.Folder, ArchiveWorld.RootPath);
        Assert.True(findings.Count == 0, $"{when}: {string.Join("; ", findings)}");
        Assert.All(Held.Concat(Group), plan => Assert.Equal(plan.Files, world.ReadVersion(plan.ObjectId, plan.Version)));
    }

    private static VersionPlan Plan(char name, int version, params (string Path, string Text)[] files) =>
        Some.Version(version, $"urn:uuid:0190c6f0-0000-7000-8000-00000000000{name}", files);
}
