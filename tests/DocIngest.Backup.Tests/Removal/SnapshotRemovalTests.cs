using DocIngest.Backup.Encoding;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Removal;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Tests.Locks;

namespace DocIngest.Backup.Tests.Removal;

public sealed class SnapshotRemovalTests : IAsyncLifetime
{
    private LockWorld _world = null!;   // set before each test

    private SnapshotRemoval Removal => new(_world.Repository, new LockTerms(_world.Owner(), _world.Clock, TimeSpan.Zero));

    private IReadOnlyList<string> Left => [.. _world.Folder.Files("snapshots").Select(file => file["snapshots/".Length..])];

    public async ValueTask InitializeAsync() => _world = await LockWorld.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_policy_is_asked_group_by_group()
    {
        await MakeAsync(1, "a");
        var newestOfA = await MakeAsync(2, "a");
        var onlyOfB = await MakeAsync(1, "b");
        var plan = await RunAsync(new RemovalRequest { Policy = new SnapshotPolicy { KeepLast = 1 } });
        Assert.Single(plan.Removed);
        Assert.Equal(2, plan.Groups.Count);
        Assert.Equal(Names(newestOfA, onlyOfB), Left);
        Assert.Equal(0, _world.LockCount);
    }

    [Fact]
    public async Task A_plan_says_what_would_go_and_changes_nothing()
    {
        var older = await MakeAsync(1, "a");
        await MakeAsync(2, "a");
        await _world.LeaveAsync(isExclusive: true);   // it needs no lock
        var plan = await Removal.PlanAsync(new RemovalRequest { Policy = new SnapshotPolicy { KeepLast = 1 } }, LockWorld.Cancellation);
        Assert.Equal([older], plan.Removed);
        Assert.Equal(2, Left.Count);
    }

    [Fact]
    public async Task Nothing_goes_while_somebody_else_works_there()
    {
        await MakeAsync(1, "a");
        await MakeAsync(2, "a");
        await _world.LeaveAsync(isExclusive: false);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => RunAsync(new RemovalRequest { Policy = new SnapshotPolicy { KeepLast = 1 } }));
        Assert.Equal(2, Left.Count);
    }

    [Fact]
    public async Task A_whole_group_goes_only_where_that_is_allowed()
    {
        await MakeAsync(1, "a");
        var tagged = await MakeAsync(1, "b", "x");
        var request = new RemovalRequest { Policy = new SnapshotPolicy { KeepTags = [["x"]] } };
        await Assert.ThrowsAsync<RemovalRefusedException>(() => RunAsync(request));
        Assert.Equal(2, Left.Count);
        await RunAsync(request with { MayRemoveWholeGroups = true });
        Assert.Equal(Names(tagged), Left);
    }

    [Fact]
    public async Task A_policy_that_keeps_nothing_is_no_policy()
    {
        await MakeAsync(1, "a");
        await Assert.ThrowsAsync<RemovalRefusedException>(() => RunAsync(new RemovalRequest { MayRemoveWholeGroups = true }));
        Assert.Single(Left);
    }

    [Fact]
    public async Task What_the_filter_leaves_out_stays()
    {
        await MakeAsync(1, "a");
        var kept = await MakeAsync(2, "a");
        var others = new[] { await MakeAsync(1, "b"), await MakeAsync(2, "b") };
        await RunAsync(new RemovalRequest { Policy = new SnapshotPolicy { KeepLast = 1 }, Filter = new SnapshotFilter { Hosts = ["a"] } });
        Assert.Equal(Names([kept, .. others]), Left);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_read_stops_the_policy_and_goes_by_its_name()
    {
        await MakeAsync(1, "a");
        var damaged = await MakeAsync(2, "a");
        _world.Folder.Flip($"snapshots/{damaged}");
        var request = new RemovalRequest { Policy = new SnapshotPolicy { KeepLast = 1 } };
        Assert.Equal(damaged, (await Assert.ThrowsAsync<DamagedRepositoryException>(() => RunAsync(request))).File);
        Assert.Equal(2, Left.Count);
        await RunAsync(new RemovalRequest { Named = [damaged] });
        Assert.Single(Left);
    }

    [Fact]
    public async Task Where_one_of_the_named_is_not_there_none_goes()
    {
        var one = await MakeAsync(1, "a");
        await Assert.ThrowsAsync<NameNotFoundException>(() => RunAsync(new RemovalRequest { Named = [one, FileId.Of("absent"u8)] }));
        Assert.Equal(Names(one), Left);
    }

    [Theory]
    [InlineData(SnapshotGrouping.HostAndPaths)]
    [InlineData(SnapshotGrouping.None)]
    [InlineData(SnapshotGrouping.Tags)]
    public async Task No_policy_counts_or_removes_the_destruction_ledger(SnapshotGrouping grouping)
    {
        var old = await MakeAsync(1, "a");
        var kept = await MakeAsync(2, "a");
        var ledgers = new[] { await MakeAsync(3, "a", DestructionLedger.Tag), await MakeAsync(4, "a", "x", DestructionLedger.Tag), await MakeAsync(5, "b", DestructionLedger.Tag) };
        var plan = await RunAsync(new RemovalRequest { Policy = new SnapshotPolicy { KeepLast = 1 }, Grouping = grouping, MayRemoveWholeGroups = true });
        Assert.Equal([old], plan.Removed);
        Assert.Equal(Names([kept, .. ledgers]), Left);
        var told = plan.Groups.SelectMany(planned => planned.Verdict.Kept).Where(entry => entry.Reasons is [DestructionLedger.Reason]);
        Assert.Equal(ledgers.Order(), told.Select(entry => entry.Snapshot.Id).Order());
    }

    [Fact]
    public async Task The_ledger_does_not_stand_for_backups_that_are_all_to_go()
    {
        await MakeAsync(1, "a");
        await MakeAsync(2, "a", DestructionLedger.Tag);
        var request = new RemovalRequest { Policy = new SnapshotPolicy { KeepTags = [[DestructionLedger.Tag]] } };
        Assert.True((await Assert.ThrowsAsync<RemovalRefusedException>(() => RunAsync(request))).MayBeAllowed);
        Assert.Equal(2, Left.Count);
    }

    [Fact]
    public async Task Named_with_others_the_ledger_keeps_all_of_them()
    {
        var one = await MakeAsync(1, "a");
        var ledger = await MakeAsync(2, "a", DestructionLedger.Tag);
        var request = new RemovalRequest { Named = [one, ledger], MayRemoveWholeGroups = true };
        Assert.False((await Assert.ThrowsAsync<RemovalRefusedException>(() => RunAsync(request))).MayBeAllowed);
        await Assert.ThrowsAsync<RemovalRefusedException>(() => Removal.PlanAsync(request, LockWorld.Cancellation));
        Assert.Equal(Names(one, ledger), Left);
    }

    [Fact]
    public async Task Of_audit_heads_the_newest_of_each_host_stay_whatever_the_policy_and_none_goes_by_its_name()
    {
        var backup = await MakeAsync(1, "a");
        var heads = new List<FileId>();
        for (int day = 2; day < AuditHeads.MostKept + 5; day++)
        {
            heads.Add(await MakeAsync(day, "a", AuditHeads.Tag, $"audit-seq:{day}"));
        }

        var other = await MakeAsync(2, "b", AuditHeads.Tag);
        var named = new RemovalRequest { Named = [backup, heads[0]], MayRemoveWholeGroups = true };
        Assert.False((await Assert.ThrowsAsync<RemovalRefusedException>(() => RunAsync(named))).MayBeAllowed);
        var plan = await RunAsync(new RemovalRequest { Policy = new SnapshotPolicy { KeepLast = 1 }, Grouping = SnapshotGrouping.Tags });
        Assert.Equal(heads.Take(3).Order(), plan.Removed.Order());
        Assert.Equal(Names([backup, other, .. heads.Skip(3)]), Left);

        // They do not stand for backups, nor backups for them.
        var request = new RemovalRequest { Policy = new SnapshotPolicy { KeepTags = [[AuditHeads.Tag]] } };
        Assert.True((await Assert.ThrowsAsync<RemovalRefusedException>(() => RunAsync(request))).MayBeAllowed);
    }

    private Task<RemovalPlan> RunAsync(RemovalRequest request) => _world.RunAsync(Removal.RunAsync(request, LockWorld.Cancellation));

    private Task<FileId> MakeAsync(int day, string host, params string[] tags) => _world.Repository.SaveSnapshotAsync(
        new Snapshot
        {
            Time = new ZonedTime(new UnixTime(1_700_000_000 + (day * 86_400), 0)),
            Tree = BlobId.Of(RepositoryWorld.Tree),
            Paths = ["/file"],
            HostName = host,
            Tags = tags,
        },
        LockWorld.Cancellation);

    private static IEnumerable<string> Names(params FileId[] ids) => ids.Select(id => id.ToString()).Order(StringComparer.Ordinal);
}
