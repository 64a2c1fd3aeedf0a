using DocIngest.Archive;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Disposition;

/// <summary>The protection that a store has of its own follows retention and holds, and destruction waits for it.</summary>
public sealed class When_the_store_protects_records : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromDays(30);

    private readonly DispositionWorld _world = new(protectedFor: Window);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task What_is_to_be_kept_is_renewed_and_what_is_due_runs_out()
    {
        var letters = await _world.PrepareAsync(2);   // due since a month; nobody renewed anything meanwhile
        _world.Schedule = DispositionWorld.ScheduleOf(coolOffDays: 7, expression: "received+10y");
        var kept = await ProtectAsync();
        Assert.Equal((0, 0, 0), (kept.RunningOut, kept.Failed, kept.Held));
        Assert.Equal(kept.Objects, kept.Renewed);   // the letters, the people and the files of the storage root
        Assert.Equal(0, (await ProtectAsync()).Renewed);
        await Assert.ThrowsAsync<StorageDeniedException>(() => DeleteContentAsync(letters[0]));

        _world.Advance(days: 16);
        Assert.Equal(kept.Objects, (await ProtectAsync()).Renewed);
        _world.Schedule = DispositionWorld.ScheduleOf(coolOffDays: 7);   // now they are due
        _world.Advance(days: 16);
        var over = await ProtectAsync();
        Assert.Equal((2, over.Objects - 2), (over.RunningOut, over.Renewed));
        _world.Advance(days: 15);
        Assert.True((await GuardAsync(letters[0])).IsOpen);
    }

    [Theory]
    [InlineData(RetentionAction.Destroy, true)]
    [InlineData(RetentionAction.Review, true)]
    [InlineData(RetentionAction.Transfer, false)]   // nothing of this program destroys it
    public async Task What_is_due_runs_out_only_where_it_may_be_destroyed(RetentionAction action, bool runsOut)
    {
        var letters = await _world.PrepareAsync(1);
        _world.Schedule = DispositionWorld.ScheduleOf(coolOffDays: 7, action);
        Assert.Equal(runsOut ? 1 : 0, (await ProtectAsync()).RunningOut);
        Assert.Equal(runsOut, (await GuardAsync(letters[0])).IsOpen);
    }

    [Fact]
    public async Task Destruction_waits_for_the_window_of_what_was_approved_and_goes_on_then()
    {
        var letters = await _world.PrepareAsync(2);
        await RenewAsync(letters);
        await _world.ProposeAsync();
        await _world.ApproveByBothAsync();
        _world.Advance(days: 8);
        var refused = Assert.IsType<ExecutionOutcome.Refused>(await _world.ExecuteAsync());
        Assert.Contains("immutable until", refused.Why, StringComparison.Ordinal);
        Assert.All(letters, letter => Assert.NotNull(Found(letter)));

        _world.Advance(days: 23);
        var ended = Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync());
        Assert.Equal(2, ended.Disposition.Destroyed);
        Assert.DoesNotContain(_world.World.Protecting.FormerVersions, name => letters.Any(letter => name.Contains(PlaceOf(letter), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_hold_is_put_on_in_the_store_and_only_a_release_by_two_takes_it_off()
    {
        var letters = await _world.PrepareAsync(2);
        await _world.HoldAsync(new WantedScope.Records([letters[0]]));
        Assert.Equal((1, 0), (await ProtectAsync()) is var report ? (report.Held, report.Failed) : default);
        await Assert.ThrowsAsync<StorageDeniedException>(() => DeleteContentAsync(letters[0]));
        await DeleteContentAsync(letters[1]);   // its window is over

        var guard = await GuardAsync(letters[0]);
        Assert.Equal(guard.Blobs, guard.HeldBlobs);
        await ReleaseAsync();
        Assert.Equal(1, (await ProtectAsync()).Released);
        Assert.True((await GuardAsync(letters[0])).IsOpen);
    }

    [Fact]
    public async Task A_hold_that_only_the_store_has_left_stops_an_execution_with_words()
    {
        var letters = await _world.PrepareAsync(1);
        await _world.ProposeAsync();
        await _world.ApproveByBothAsync();
        _world.Advance(days: 8);
        await SetHoldAsync(letters[0], isHeld: true);
        Assert.Contains("archive protect", Assert.IsType<ExecutionOutcome.Refused>(await _world.ExecuteAsync()).Why, StringComparison.Ordinal);
        Assert.Equal(1, (await ProtectAsync()).Released);
        Assert.Equal(1, Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync()).Disposition.Destroyed);
    }

    [Fact]
    public async Task A_held_record_does_not_keep_the_others_of_its_disposition_waiting()
    {
        var letters = await _world.PrepareAsync(2);
        await _world.ProposeAsync();
        await _world.ApproveByBothAsync();
        await _world.HoldAsync(new WantedScope.Records([letters[0]]));
        await ProtectAsync();
        _world.Advance(days: 8);
        var ended = Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync());
        Assert.Equal("held by hold-1", Assert.Single(ended.Records, one => !one.Destroyed).Kept);
        Assert.NotNull(Found(letters[0]));
        Assert.Null(Found(letters[1]));
    }

    [Fact]
    public async Task A_hold_stays_on_what_a_value_of_an_earlier_version_brought_under_it()
    {
        var letters = await _world.PrepareAsync(1);
        await _world.HoldAsync(new WantedScope.Class("letter"));
        await ProtectAsync();
        await SetInCatalogAsync("record_class = 'other'");   // the catalog knows the head alone, and that may be of another class
        Assert.Equal(0, (await ProtectAsync()).Released);
        Assert.NotEqual(0, (await GuardAsync(letters[0])).HeldBlobs);
    }

    [Fact]
    public async Task What_a_former_version_alone_brings_under_a_hold_is_held_before_it_may_run_out()
    {
        _world.World.Profile.Sidecar = SidecarMode.Optional;
        _world.World.Put("letter-0.pdf.json", """{"fields":{"patientId":"4711"}}"""u8.ToArray());
        var letters = await _world.PrepareAsync(2);
        await SetInCatalogAsync("record = json_set(record, '$.fields.patientId', '4712')");   // as it is after a correction
        await _world.HoldAsync(new WantedScope.Field("patientId", "4711"));
        var report = await ProtectAsync();
        Assert.Equal((1, 0, 0), (report.Held, report.Released, report.Failed));
        var covered = Assert.Single(letters, letter => Found(letter) is { } found && RecordDocuments.ReadRecord(Archive, found).Fields.Count > 0);
        var guard = await GuardAsync(covered);
        Assert.Equal(guard.Blobs, guard.HeldBlobs);
        Assert.Equal(0, (await ProtectAsync()).Held);
        Assert.True((await GuardAsync(Assert.Single(letters, letter => letter != covered))).IsOpen);
    }

    [Fact]
    public async Task A_version_that_came_after_the_hold_is_held_as_the_others_are()
    {
        var letters = await _world.PrepareAsync(1);
        await _world.HoldAsync(new WantedScope.Records([letters[0]]));
        await ProtectAsync();
        await _world.InAsync(async environment =>
        {
            var staged = environment.Archive.StageNextVersion(environment.Archive.Find(letters[0].ToString()) ?? throw new InvalidOperationException("It is held."), "later");
            staged.AddContent("later.txt", "a page that came later"u8);
            staged.Seal(new VersionInfo { Created = environment.Time.GetUtcNow(), Message = "m", UserName = "u", UserAddress = "urn:u" });
            Assert.Null((await environment.Archive.CommitGroupAsync([staged], Cancellation)).Single().Error());
            environment.Archive.Discard("later");
        });
        var before = await GuardAsync(letters[0]);
        Assert.Equal(3, before.Blobs - before.HeldBlobs);   // what the version brought: a page, an inventory and a sidecar
        Assert.Equal(1, (await ProtectAsync()).Held);
        var after = await GuardAsync(letters[0]);
        Assert.Equal(after.Blobs, after.HeldBlobs);
    }

    [Fact]
    public async Task The_service_follows_a_hold_within_minutes_and_retention_within_a_day_and_tells_while_it_cannot()
    {
        var letters = await _world.PrepareAsync(1);
        bool isAway = true;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await _world.InAsync(async environment =>
        {
            var watch = new ProtectionWatch(
                () => Volatile.Read(ref isAway) ? throw new StorageUnavailableException("The store is away.") : ProtectionOf(environment),
                environment.SystemObjects, environment.Database, environment.Time, environment.Logger);
            var watching = watch.RunAsync(ends.Token);
            await AfterAsync(TimeSpan.Zero, most: 0, () => Task.FromResult(_world.World.Alarms() is [{ Kind: "archive-unprotected" }]));
            Volatile.Write(ref isAway, false);
            await AfterAsync(TimeSpan.FromMinutes(5), most: 15, () => Task.FromResult(_world.World.Alarms().Count == 0));   // tried again

            var people = new PeopleRegister(environment.SystemObjects, _world.Manager.Actor, environment.Time).Read();
            await DispositionWorld.HoldsOf(environment, _world.Manager).PlaceAsync("a matter", "a court", new WantedScope.Records(letters), people, Cancellation);
            await AfterAsync(TimeSpan.FromMinutes(1), most: 5, () => IsHeldAsync(environment));
            await Guarding(environment).SetLegalHoldAsync(Guarding(environment).PlaceOf(letters[0].ToString()), isHeld: false, Cancellation);   // by somebody with the right to
            await AfterAsync(TimeSpan.FromHours(1), most: 26, () => IsHeldAsync(environment));
            await ends.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        });

        async Task<bool> IsHeldAsync(IngestEnvironment environment) =>
            (await Guarding(environment).FindAsync(Guarding(environment).PlaceOf(letters[0].ToString()), Cancellation)).HeldBlobs > 0;
    }

    // Some looks between one step of the clock and the next, so that what the step has woken can work.
    private async Task AfterAsync(TimeSpan step, int most, Func<Task<bool>> condition)
    {
        const int LooksAStep = 40;
        for (int looks = 1; !await condition(); looks++)
        {
            Assert.True(looks < 10_000 && (most == 0 || looks / LooksAStep <= most), $"not after {most} times {step}");
            if (most > 0 && looks % LooksAStep == 0)
            {
                _world.Advance(step);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancellation);
        }
    }

    private async Task<ProtectionReport> ProtectAsync()
    {
        ProtectionReport? report = null;
        await _world.InAsync(async environment => report = await ProtectionOf(environment).RunAsync(Cancellation));
        return report ?? throw new InvalidOperationException("It was run.");
    }

    private RecordProtection ProtectionOf(IngestEnvironment environment) => new(
        environment.Archive, environment.Database, environment.SystemObjects, DispositionWorld.HoldsOf(environment, _world.Manager), _world.Schedule, environment.Locks, environment.Time);

    private async Task SetInCatalogAsync(string what)
    {
        using var database = _world.World.OpenDatabase();
        await database.WriteAsync(
            (_, transaction) =>
            {
                using var change = transaction.Connection?.CreateCommand() ?? throw new InvalidOperationException("It is open.");
                change.Transaction = transaction;
                change.CommandText = $"UPDATE catalog_records SET {what}";
                change.ExecuteNonQuery();
                return true;
            },
            Cancellation);
    }

    private async Task RenewAsync(IEnumerable<RecordId> letters)
    {
        foreach (var letter in letters)
        {
            await _world.InAsync(environment => Guarding(environment).KeepAsync(PlaceOf(letter), Cancellation));
        }
    }

    private Task SetHoldAsync(RecordId letter, bool isHeld) => _world.InAsync(environment => Guarding(environment).SetLegalHoldAsync(PlaceOf(letter), isHeld, Cancellation));

    private async Task<ObjectGuard> GuardAsync(RecordId letter)
    {
        ObjectGuard? guard = null;
        await _world.InAsync(async environment => guard = await Guarding(environment).FindAsync(PlaceOf(letter), Cancellation));
        return guard ?? throw new InvalidOperationException("It was asked.");
    }

    private IArchive Archive => (_world.World.Process ?? throw new InvalidOperationException("It ran.")).Archive;

    private OcflObject? Found(RecordId letter) => Archive.Find(letter.ToString());

    private string PlaceOf(RecordId letter) => Guarding(_world.World.Process ?? throw new InvalidOperationException("It ran.")).PlaceOf(letter.ToString());

    private Task DeleteContentAsync(RecordId letter) => _world.World.Protecting.DeleteAsync($"archive/{PlaceOf(letter)}/v1/inventory.json", lease: null, Cancellation);

    private static IArchiveProtection Guarding(IngestEnvironment environment) => environment.Archive.Protection ?? throw new InvalidOperationException("It is protected.");

    private Task ReleaseAsync() => _world.InAsync(async environment =>
    {
        var (mine, theirs) = (DispositionWorld.HoldsOf(environment, _world.Manager), DispositionWorld.HoldsOf(environment, _world.Second));
        var people = new PeopleRegister(environment.SystemObjects, _world.Manager.Actor, environment.Time).Read();
        var manager = people.OfAccount(_world.Manager.Actor.Address) ?? throw new InvalidOperationException("Registered.");
        var second = people.OfAccount(_world.Second.Actor.Address) ?? throw new InvalidOperationException("Registered.");
        byte[] statement = mine.DraftRelease(1, "settled", manager) ?? throw new InvalidOperationException("It holds.");
        Assert.IsType<HoldOutcome.Changed>(await mine.AskReleaseAsync(1, statement, _world.Manager.Sign(manager, statement), Cancellation));
        Assert.IsType<HoldOutcome.Changed>(await theirs.AgreeReleaseAsync(1, _world.Second.Sign(second, statement), Cancellation));
    });
}
