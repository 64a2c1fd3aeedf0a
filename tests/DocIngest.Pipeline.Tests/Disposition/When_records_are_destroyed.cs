using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Audit.Rollback;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Signatures;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Pipeline.Tests.Intake;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Disposition;

/// <summary>Nothing goes that three people did not decide, that a hold covers or that is not due; and what was decided goes, whatever happens on the way.</summary>
public sealed class When_records_are_destroyed : IDisposable
{
    private readonly DispositionWorld _world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_approved_is_gone_after_the_cool_off_and_a_certificate_says_so()
    {
        var letters = await _world.PrepareAsync(3);
        Assert.IsType<DispositionOutcome.Changed>(await _world.ProposeAsync());
        await _world.ApproveByBothAsync();
        Assert.Contains("may be executed from", Assert.IsType<ExecutionOutcome.Refused>(await _world.ExecuteAsync()).Why, StringComparison.Ordinal);
        _world.Advance(days: 7);
        var ended = Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync());
        Assert.Equal((3, true), (ended.Disposition.Destroyed, ended.Disposition.IsGoneEverywhere));
        Assert.Empty(ended.Warnings);
        Assert.Empty(_world.InArchive(letters));
        Assert.Empty(_world.InCatalog(letters));
        Assert.Equal(2, _world.Copies.Saved);   // before and after
        await DemandCertificateAsync(1, letters);
        Assert.Equal(ended.Records.Select(one => one.Id), Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync()).Records.Select(one => one.Id));   // again: nothing more
    }

    [Fact]
    public async Task It_takes_two_others_who_sign_the_very_proposal()
    {
        await _world.PrepareAsync(1);
        await _world.ProposeAsync();
        Assert.Contains("0 of 2 approvals", Assert.IsType<ExecutionOutcome.Refused>(await _world.ExecuteAsync()).Why, StringComparison.Ordinal);
        Assert.IsType<DispositionOutcome.Refused>(await _world.ApproveAsync(_world.Manager));                                             // no approver, and the proposer
        Assert.IsType<DispositionOutcome.Refused>(await _world.ApproveAsync(_world.First, signedBy: _world.Second));                      // another's key
        Assert.IsType<DispositionOutcome.Refused>(await _world.ApproveAsync(_world.First, signedBytes: Encoding.UTF8.GetBytes("{}")));    // other bytes
        Assert.IsType<DispositionOutcome.Changed>(await _world.ApproveAsync(_world.First));
        Assert.IsType<DispositionOutcome.Refused>(await _world.ApproveAsync(_world.First));                                               // twice
        Assert.Contains("1 of 2 approvals", Assert.IsType<ExecutionOutcome.Refused>(await _world.ExecuteAsync()).Why, StringComparison.Ordinal);
        Assert.IsType<DispositionOutcome.Absent>(await _world.ApproveAsync(_world.Second, number: 2, signedBytes: [1]));
    }

    [Fact]
    public async Task A_proposer_who_may_approve_as_well_cannot_approve_their_own()
    {
        await _world.PrepareAsync(1);
        await _world.InAsync(async environment =>
        {
            var people = new PeopleRegister(environment.SystemObjects, _world.Second.Actor, environment.Time).Read();
            var register = DispositionWorld.RegisterOf(environment, _world.Second);
            var both = people.OfAccount(_world.Second.Actor.Address)!;   // approver and records manager
            var record = new ProposedRecord(new RecordIdSource(environment.Time).Draw(), "letter", new DateOnly(2020, 1, 1), [], environment.Time.GetUtcNow(), 1, 1, 1, new string('0', 128));
            await register.ProposeAsync([record], [], "due", 0, both, 0, Cancellation);
            var refused = Assert.IsType<DispositionOutcome.Refused>(await register.ApproveAsync(1, _world.Second.Sign(both, register.ProposalOf(1)!), Cancellation));   // proposed above
            Assert.Contains("Whoever proposed cannot approve", refused.Why, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_hold_that_arrives_after_the_approval_keeps_what_it_covers_and_nothing_else()
    {
        var letters = await ApprovedAsync(3);
        await _world.HoldAsync(new WantedScope.Records([letters[1]]));
        var ended = Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync());
        Assert.Equal([letters[1]], _world.InArchive(letters));
        Assert.Equal([letters[1]], _world.InCatalog(letters));
        Assert.Equal("held by hold-1", Assert.Single(ended.Records, one => !one.Destroyed).Kept);
    }

    [Fact]
    public async Task A_hold_that_arrives_while_it_is_executed_waits_for_the_records_in_hand_and_keeps_the_rest()
    {
        var letters = await ApprovedAsync(20);   // more than go at once
        Task? placing = null;
        await _world.InAsync(async environment =>
        {
            var people = new PeopleRegister(environment.SystemObjects, _world.Manager.Actor, environment.Time).Read();
            var ended = Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecutionOf(environment).RunAsync(
                1,
                decided =>
                {
                    placing ??= Task.Run(() => DispositionWorld.HoldsOf(environment, _world.Manager).PlaceAsync("t", "r", new WantedScope.Class("letter"), people, Cancellation));
                    Assert.True(SpinWait.SpinUntil(() => placing.IsCompleted || IsWaitedFor(environment, "holds-wanted"), TimeSpan.FromSeconds(20)));
                },
                Cancellation));
            await placing!;   // begun with the first record
            Assert.Equal(16, ended.Disposition.Destroyed);   // those in hand were under the lock
            Assert.All(ended.Records.Where(one => !one.Destroyed), one => Assert.Equal("held by hold-1", one.Kept));
        });
        Assert.Equal(4, _world.InArchive(letters).Count);
        var left = _world.InArchive(letters);
        Assert.Equal(left, _world.InCatalog(letters));
    }

    [Fact]
    public async Task Whoever_records_events_waits_for_the_records_in_hand_alone_and_what_they_move_is_kept()
    {
        var letters = await ApprovedOfPatientAsync(20);   // more than go at once
        Task<IReadOnlyList<EventOutcome>>? recording = null;
        await _world.InAsync(async environment =>
        {
            var ended = Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecutionOf(environment).RunAsync(
                1,
                decided =>
                {
                    recording ??= Task.Run(() => RecordEncounterAsync(environment, new DateOnly(2027, 7, 1)));
                    Assert.True(SpinWait.SpinUntil(() => recording.IsCompleted || IsWaitedFor(environment, "events-wanted"), TimeSpan.FromSeconds(20)));
                },
                Cancellation));
            Assert.IsType<EventOutcome.Added>(Assert.Single(await recording!));   // begun with the first record
            Assert.Equal(16, ended.Disposition.Destroyed);   // those in hand were under the lock
            Assert.All(ended.Records.Where(one => !one.Destroyed), one => Assert.Contains("not due any more: an event", one.Kept, StringComparison.Ordinal));
        });
        Assert.Equal(4, _world.InArchive(letters).Count);
        Assert.Equal(_world.InArchive(letters), _world.InCatalog(letters));
    }

    [Fact]
    public async Task What_is_not_due_any_more_or_has_changed_is_kept()
    {
        var letters = await ApprovedAsync(2);
        _world.Schedule = DispositionWorld.ScheduleOf(7, RetentionAction.Transfer);   // the schedule was changed
        var ended = Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync());
        Assert.Equal(letters, _world.InArchive(letters));
        Assert.All(ended.Records, one => Assert.False(one.Destroyed));
    }

    [Fact]
    public async Task A_period_that_was_shortened_after_the_approval_destroys_nothing()
    {
        var letters = await ApprovedAsync(1);
        _world.Schedule = DispositionWorld.ScheduleOf(7, expression: "received+1m");
        Assert.Contains("not the one that was approved", Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync()).Records[0].Kept, StringComparison.Ordinal);
        Assert.Equal(letters, _world.InArchive(letters));
    }

    [Fact]
    public async Task A_proposal_or_an_approval_that_was_tampered_with_destroys_nothing()
    {
        foreach (string file in new[] { "d-1/proposal.json", "d-1/records.jsonl", "d-1/approval-2.p7s" })
        {
            using var world = new DispositionWorld();
            var letters = await ApprovedAsync(2, world);
            string path = FindFile(world.World.Data, DataFolder.Archive, file);
            byte[] content = Encoding.Latin1.GetBytes(ReadRaw(world.World.Data, path));
            content[content.Length / 2] ^= 1;
            world.World.Data.Delete(path);
            using (var written = world.World.Data.Create(path))
            {
                written.Write(content);
            }

            await Assert.ThrowsAnyAsync<Exception>(() => world.ExecuteAsync());
            Assert.Equal(letters, world.InArchive(letters));
        }
    }

    [Fact]
    public async Task A_forged_approval_in_a_register_whose_digests_fit_destroys_nothing()
    {
        var letters = await _world.PrepareAsync(1);
        await _world.ProposeAsync();
        Assert.IsType<DispositionOutcome.Changed>(await _world.ApproveAsync(_world.First));
        await _world.InAsync(async environment =>
        {
            // Whoever may write the archive writes a version of the register that says there are two approvals.
            var objects = environment.SystemObjects;
            await objects.ChangeAsync(
                DispositionRegister.Name,
                found =>
                {
                    using var stream = objects.Open(found!, "register.json")!;   // proposed above
                    var document = System.Text.Json.Nodes.JsonNode.Parse(stream)!;
                    var approvals = document["dispositions"]![0]!["approvals"]!.AsArray();
                    approvals.Add(System.Text.Json.Nodes.JsonNode.Parse($$"""{"person":"p4","at":"2027-07-20T12:00:00+00:00","account":"{{_world.Second.Actor.Address}}"}"""));
                    using var first = objects.Open(found!, "d-1/approval-1.p7s")!;
                    using var signature = new MemoryStream();
                    first.CopyTo(signature);
                    return new SystemObjectChange("forged", new Dictionary<string, ReadOnlyMemory<byte>>
                    {
                        ["register.json"] = Encoding.UTF8.GetBytes(document.ToJsonString()), ["d-1/approval-2.p7s"] = signature.ToArray(),
                    });
                },
                Cancellation);
        });
        _world.Advance(days: 30);
        Assert.Contains("not signed by p4", Assert.IsType<ExecutionOutcome.Refused>(await _world.ExecuteAsync()).Why, StringComparison.Ordinal);
        Assert.Equal(letters, _world.InArchive(letters));
    }

    [Fact]
    public async Task Without_the_ledger_in_every_backup_nothing_goes()
    {
        var letters = await ApprovedAsync(2);
        _world.Copies.Problems.Add("the repository at the other site does not answer");
        Assert.IsType<ExecutionOutcome.LedgerNotSaved>(await _world.ExecuteAsync());
        Assert.Equal(letters, _world.InArchive(letters));
        _world.Copies.Problems.Clear();
        Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync());
        Assert.Empty(_world.InArchive(letters));
    }

    [Fact]
    public async Task Where_backups_know_of_a_later_audit_nothing_goes_and_nothing_is_begun()
    {
        var letters = await ApprovedAsync(2);
        _world.Copies.RolledBack = new RolledBackException("the machine was rolled back");
        await Assert.ThrowsAsync<RolledBackException>(() => _world.ExecuteAsync());
        _world.Copies.RolledBack = new StorageUnavailableException("the repository at the other site could not be asked");
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _world.ExecuteAsync());
        Assert.Equal(letters, _world.InArchive(letters));
        Assert.Equal(0, _world.Copies.Saved);
        _world.Copies.RolledBack = null;
        Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync());
        Assert.Empty(_world.InArchive(letters));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Power_may_go_at_any_operation_and_the_same_call_goes_on(bool isInBlobs)
    {
        foreach (var choice in PowerCutChoice.Samples(seeds: 1))
        {
            int step = 1;
            for (bool fired = true; fired; step += isInBlobs ? 23 : 7)   // each operation in turn, over the samples
            {
                using var world = new DispositionWorld(isInBlobs);
                var letters = await ApprovedAsync(2, world);
                await world.HoldAsync(new WantedScope.Records([letters[0]]));
                var plan = new FaultPlan(step, FaultKind.PowerCut);
                try
                {
                    await world.ExecuteAsync(plan: plan);
                }
                catch (PowerCutException)
                {
                    // The machine is off.
                }

                fired = plan.Fired;
                world.World.Volume.PowerCut(choice);
                var ended = Assert.IsType<ExecutionOutcome.Ended>(await world.ExecuteAsync());
                Assert.Equal([letters[0]], world.InArchive(letters));
                Assert.Equal([letters[0]], world.InCatalog(letters));
                Assert.Equal(1, ended.Disposition.Destroyed);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Any_operation_may_fail_and_the_same_call_goes_on(bool isInBlobs)
    {
        int step = 1;
        for (bool fired = true; fired; step += isInBlobs ? 19 : 5)
        {
            using var world = new DispositionWorld(isInBlobs);
            var letters = await ApprovedAsync(2, world);
            await world.HoldAsync(new WantedScope.Records([letters[0]]));
            var plan = new FaultPlan(step, FaultKind.FailBefore);
            try
            {
                await world.ExecuteAsync(plan: plan);
            }
            catch (StorageException)
            {
                // Told; the next call goes on.
            }

            fired = plan.Fired;
            var ended = Assert.IsType<ExecutionOutcome.Ended>(await world.ExecuteAsync());
            Assert.Equal([letters[0]], world.InArchive(letters));
            Assert.Equal(1, ended.Disposition.Destroyed);
        }
    }

    [Fact]
    public async Task Each_repository_is_named_until_it_was_pruned_itself()
    {
        var letters = await ApprovedAsync(1);
        Configure("main", "other");
        Hold("main", "abc", letters);
        Hold("other", "def", letters);
        Assert.False(Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync()).Disposition.IsGoneEverywhere);
        Assert.Equal(["main holds abc+", "other holds def+"], await AccountsAsync(1));
        await _world.InAsync(async environment =>
        {
            Assert.Equal(2, (await CertifyAsync(environment)).Snapshots.Count);
            await PruneAsync(environment, "main", "abc");   // before anything was forgotten
            _world.Copies.Snapshots.Clear();
            var found = await CertifyAsync(environment);
            Assert.Equal(["main", "other"], found.Unclear.Select(words => words.Split(':')[0]));
            Assert.All(found.Unclear, words => Assert.Contains("no 'backup prune' of it", words, StringComparison.Ordinal));
            await PruneAsync(environment, "main", "new");
            Assert.StartsWith("other: ", Assert.Single((await CertifyAsync(environment)).Unclear), StringComparison.Ordinal);   // that one was not pruned
            await PruneAsync(environment, "other");
            Assert.True((await CertifyAsync(environment)).AreNone);
            Assert.True((await CertifyAsync(environment)).AreNone);   // and nothing more is signed
            Assert.Equal((2, true), (DispositionWorld.RegisterOf(environment, _world.Manager).List()[0].Certificates, DispositionWorld.RegisterOf(environment, _world.Manager).List()[0].IsGoneEverywhere));
        });
        Assert.Equal(["main pruned abc-", "other pruned def-"], await AccountsAsync(2));
        await DemandCertificateAsync(2, letters);
    }

    [Fact]
    public async Task A_repository_that_is_not_configured_any_more_keeps_it_open_until_a_person_says_that_it_is_gone()
    {
        var letters = await ApprovedAsync(1);
        Configure("main", "usb");
        Hold("main", "abc", letters);
        Hold("usb", "def", letters);
        await _world.ExecuteAsync();
        await _world.InAsync(async environment =>
        {
            _world.Copies.Snapshots.Clear();
            Configure("main");
            await PruneAsync(environment, "main");
            Assert.Contains("was not asked", Assert.Single((await CertifyAsync(environment)).Unclear), StringComparison.Ordinal);
            var register = DispositionWorld.RegisterOf(environment, _world.Manager);
            var manager = new PeopleRegister(environment.SystemObjects, _world.Manager.Actor, environment.Time).Read().OfAccount(_world.Manager.Actor.Address)!;   // registered
            Assert.IsType<DispositionOutcome.Refused>(await register.DeclareGoneAsync(1, "nobody's", manager, "r", Cancellation));
            Assert.IsType<DispositionOutcome.Absent>(await register.DeclareGoneAsync(2, "usb", manager, "r", Cancellation));
            Assert.IsType<DispositionOutcome.Changed>(await register.DeclareGoneAsync(1, "usb", manager, "shredded", Cancellation));
            Assert.IsType<DispositionOutcome.Refused>(await register.DeclareGoneAsync(1, "usb", manager, "again", Cancellation));
            Assert.True((await CertifyAsync(environment)).AreNone);
        });
        Assert.Equal(["main pruned abc-", "usb declaredGone def+ p2 shredded"], await AccountsAsync(2));
    }

    [Fact]
    public async Task A_repository_that_is_there_again_is_asked_whatever_was_said_of_it()
    {
        var letters = await ApprovedAsync(1);
        Configure("usb");
        Hold("usb", "def", letters);
        await _world.ExecuteAsync();
        await _world.InAsync(async environment =>
        {
            var register = DispositionWorld.RegisterOf(environment, _world.Manager);
            var manager = new PeopleRegister(environment.SystemObjects, _world.Manager.Actor, environment.Time).Read().OfAccount(_world.Manager.Actor.Address)!;   // registered
            await register.DeclareGoneAsync(1, "usb", manager, "lost", Cancellation);
            _world.Copies.Asked = [new AskedRepository("usb at another place", "id-of-usb", IsClear: true, ["def"])];   // the same one
            _world.Copies.Snapshots[0] = _world.Copies.Snapshots[0] with { Repository = "usb at another place" };
            Assert.Single((await CertifyAsync(environment)).Snapshots);
        });
    }

    [Fact]
    public async Task One_that_could_not_be_asked_must_be_pruned_while_nothing_is_left_that_nobody_looked_at()
    {
        var letters = await ApprovedAsync(1);
        _world.Copies.Asked = [new AskedRepository("main", null, IsClear: false, [])];
        await _world.ExecuteAsync();
        Assert.Equal(["main unclear"], await AccountsAsync(1));
        await _world.InAsync(async environment =>
        {
            await PruneAsync(environment, "main", "gone", "still");   // 'gone' was never looked through
            _world.Copies.Asked = [new AskedRepository("main", "id-of-main", IsClear: true, ["still"])];
            Assert.Contains("no 'backup prune' of it", Assert.Single((await CertifyAsync(environment)).Unclear), StringComparison.Ordinal);
            await PruneAsync(environment, "main", "still");
            Assert.True((await CertifyAsync(environment)).AreNone);
        });
        Assert.Equal(["main pruned"], await AccountsAsync(2));
    }

    [Fact]
    public async Task A_snapshot_that_turns_up_later_is_in_a_further_certificate()
    {
        var letters = await ApprovedAsync(1);
        Assert.True(Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync()).Disposition.IsGoneEverywhere);
        Hold("main", "late", letters);   // begun before, and ended after
        await _world.InAsync(async environment =>
        {
            Assert.Single((await CertifyAsync(environment)).Snapshots);
            Assert.Single((await CertifyAsync(environment)).Snapshots);
            Hold("main", "later", letters);
            await CertifyAsync(environment);
        });
        Assert.Equal(["main holds late+"], await AccountsAsync(2));
        Assert.Equal(["main holds late+,later+"], await AccountsAsync(3));
    }

    [Fact]
    public async Task A_feedback_folder_that_hangs_holds_up_no_hold()
    {
        using var world = new DispositionWorld();
        world.World.Volume.FolderAt("").CreateFolder("feedback");
        world.World.Profile.FeedbackFolder = "/volume/feedback";
        using var back = new ManualResetEventSlim();
        var hangs = false;
        var hanging = new List<HangingFolder>();
        world.World.Wrap = folder =>
        {
            var share = new HangingFolder(folder, call => Volatile.Read(ref hangs) && call.Contains("receipts-", StringComparison.Ordinal), back);
            lock (hanging)
            {
                hanging.Add(share);
            }

            return share;
        };
        var letters = await ApprovedAsync(2, world);
        Volatile.Write(ref hangs, true);
        await world.InAsync(async environment =>
        {
            var executing = Task.Run(() => world.ExecutionOf(environment).RunAsync(1, null, Cancellation), Cancellation);
            while (!IsHanging())
            {
                Assert.False(executing.IsCompleted, "it did not come to the feedback folder");
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
            }

            var people = new PeopleRegister(environment.SystemObjects, world.Manager.Actor, environment.Time).Read();
            var placing = DispositionWorld.HoldsOf(environment, world.Manager).PlaceAsync("a matter", "a court", new WantedScope.Class("deed"), people, Cancellation);
            Assert.IsType<HoldOutcome.Changed>(await placing.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancellation));
            Assert.False(executing.IsCompleted);
            while (!executing.IsCompleted)
            {
                world.Advance(TimeSpan.FromSeconds(5));
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
            }

            var ended = Assert.IsType<ExecutionOutcome.Ended>(await executing);
            Assert.Equal(2, ended.Disposition.Destroyed);
            Assert.Contains("The feedback folder of profile default does not answer", Assert.Single(ended.Warnings), StringComparison.Ordinal);
            Volatile.Write(ref hangs, false);
            back.Set();
        });
        Assert.Empty(Assert.IsType<ExecutionOutcome.Ended>(await world.ExecuteAsync()).Warnings);
        string told = string.Concat(world.World.Volume.FolderAt("feedback").List("").Where(entry => entry.Kind == EntryKind.File).Select(entry => ReadRaw(world.World.Volume.FolderAt("feedback"), entry.Name)));
        Assert.DoesNotContain("letter-0.pdf", told, StringComparison.Ordinal);
        Assert.Empty(world.InArchive(letters));

        bool IsHanging()
        {
            lock (hanging)
            {
                return hanging.Exists(share => share.IsHanging);
            }
        }
    }

    [Fact]
    public async Task An_older_archive_that_is_restored_gets_its_holds_back_and_loses_again_what_was_destroyed()
    {
        var letters = await ApprovedAsync(3);
        var before = _world.CopyOfArchive();
        await _world.HoldAsync(new WantedScope.Records([letters[2]]));
        await _world.ExecuteAsync();
        Assert.Equal([letters[2]], _world.InArchive(letters));
        _world.PutArchiveBack(before);   // the ledger beside it stays as it is
        Assert.Equal(letters, _world.InArchive(letters));
        await _world.InAsync(async environment =>
        {
            var result = await new LedgerReplay(environment).RunAsync(Cancellation);
            Assert.True(result.HoldsRestored);
            Assert.Equal(letters.Take(2), result.DestroyedAgain);
            Assert.Empty(result.Kept);   // the ledger says of it that it was kept
            Assert.True((await new LedgerReplay(environment).RunAsync(Cancellation)).IsEmpty);
        });
        Assert.Equal([letters[2]], _world.InArchive(letters));
    }

    [Fact]
    public async Task Executing_on_an_older_archive_brings_its_holds_up_to_date_first()
    {
        var letters = await ApprovedAsync(2);
        var before = _world.CopyOfArchive();
        await _world.HoldAsync(new WantedScope.Records([letters[1]]));
        _world.PutArchiveBack(before);   // approved, and without the hold
        Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync());
        Assert.Equal([letters[1]], _world.InArchive(letters));
    }

    [Fact]
    public async Task A_hold_placed_on_an_older_archive_comes_behind_those_it_had_lost()
    {
        var letters = await _world.PrepareAsync(2);
        await _world.HoldAsync(new WantedScope.Records([letters[0]]));
        var before = _world.CopyOfArchive();
        await _world.HoldAsync(new WantedScope.Records([letters[1]]));
        _world.PutArchiveBack(before);
        await _world.InAsync(async environment =>
        {
            var register = DispositionWorld.HoldsOf(environment, _world.Manager);
            Assert.Throws<DamagedObjectException>(register.InForce);   // nobody destroys by it
            await Task.CompletedTask;
        });
        await _world.HoldAsync(new WantedScope.Class("letter"));
        await _world.InAsync(environment =>
        {
            Assert.Equal([1, 2, 3], DispositionWorld.HoldsOf(environment, _world.Manager).List().Select(hold => hold.Number));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task A_hold_that_is_marked_as_released_without_two_signatures_holds()
    {
        var letters = await ApprovedAsync(1);
        await _world.HoldAsync(new WantedScope.Records([letters[0]]));
        await _world.InAsync(async environment => await environment.SystemObjects.ChangeAsync(
            HoldRegister.Name,
            found =>
            {
                using var stream = environment.SystemObjects.Open(found!, "holds.json")!;   // placed above
                var document = System.Text.Json.Nodes.JsonNode.Parse(stream)!;
                foreach (string mark in new[] { "asked", "released" })
                {
                    document["holds"]![0]![mark] = System.Text.Json.Nodes.JsonNode.Parse("""{"person":"p3","at":"2027-07-20T12:00:00+00:00","account":"urn:docingest:account:h:x"}""");
                }

                return new SystemObjectChange("forged", new Dictionary<string, ReadOnlyMemory<byte>> { ["holds.json"] = Encoding.UTF8.GetBytes(document.ToJsonString()) });
            },
            Cancellation));
        await _world.ExecuteAsync();
        Assert.Equal(letters, _world.InArchive(letters));
    }

    [Fact]
    public async Task What_was_rejected_stays_so_when_an_older_archive_is_restored()
    {
        var letters = await ApprovedAsync(1);
        var before = _world.CopyOfArchive();
        await _world.InAsync(async environment =>
        {
            var people = new PeopleRegister(environment.SystemObjects, _world.First.Actor, environment.Time).Read();
            var rejected = await DispositionWorld.RegisterOf(environment, _world.First).RejectAsync(1, people.OfAccount(_world.First.Actor.Address)!, "no", Cancellation);   // registered
            await new DestructionLedger(environment.Data).RejectAsync(Assert.IsType<DispositionOutcome.Changed>(rejected).Disposition, Cancellation);
        });
        Assert.Contains("is rejected", Assert.IsType<ExecutionOutcome.Refused>(await _world.ExecuteAsync()).Why, StringComparison.Ordinal);
        _world.PutArchiveBack(before);
        Assert.Contains("was rejected", Assert.IsType<ExecutionOutcome.Refused>(await _world.ExecuteAsync()).Why, StringComparison.Ordinal);
        Assert.Equal(letters, _world.InArchive(letters));
    }

    [Fact]
    public async Task Signatures_of_one_proposal_are_none_for_another()
    {
        var letters = await ApprovedAsync(1);
        await _world.InAsync(async environment => await environment.SystemObjects.ChangeAsync(
            DispositionRegister.Name,
            found =>
            {
                // A second disposition with what was signed for the first, and without its days.
                var objects = environment.SystemObjects;
                using var stream = objects.Open(found!, "register.json")!;   // proposed above
                var document = System.Text.Json.Nodes.JsonNode.Parse(stream)!;
                var copy = document["dispositions"]![0]!.DeepClone();
                copy["number"] = 2;
                document["dispositions"]!.AsArray().Add(copy);
                var files = new Dictionary<string, ReadOnlyMemory<byte>> { ["register.json"] = Encoding.UTF8.GetBytes(document.ToJsonString()) };
                foreach (string name in new[] { "proposal.json", "records.jsonl", "approval-1.p7s", "approval-2.p7s" })
                {
                    using var file = objects.Open(found!, $"d-1/{name}")!;
                    using var content = new MemoryStream();
                    file.CopyTo(content);
                    files[$"d-2/{name}"] = content.ToArray();
                }

                return new SystemObjectChange("forged", files);
            },
            Cancellation));
        Assert.Contains("What was signed is not d-2", Assert.IsType<ExecutionOutcome.Refused>(await _world.ExecuteAsync(number: 2)).Why, StringComparison.Ordinal);
        Assert.Equal(letters, _world.InArchive(letters));
    }

    [Fact]
    public async Task A_file_that_somebody_wrote_into_the_ledger_destroys_nothing()
    {
        var letters = await _world.PrepareAsync(2);
        await _world.InAsync(async environment =>
        {
            string digest = new('a', 128);
            environment.Data.CreateFolder(DataFolder.Destruction);
            using (var file = environment.Data.Create($"{DataFolder.Destruction}/d-9-{digest[..16]}.done.json"))
            {
                file.Write(Encoding.UTF8.GetBytes(
                    $$"""{"format":"docingest-destruction-ledger/1","disposition":"d-9","endedAt":"2026-01-01T00:00:00+00:00","proposalSha512":"{{digest}}","holdsReadAt":null,"records":[{"id":"{{letters[0]}}","destroyed":true,"at":"2026-01-01T00:00:00+00:00","versions":1,"kept":null}]}"""));
            }

            Assert.Equal(["d-9"], (await new LedgerReplay(environment).RunAsync(Cancellation)).Unproven);
            Assert.Equal(letters, _world.InArchive(letters));
            Assert.Equal([letters[0]], (await new LedgerReplay(environment).RunAsync(Cancellation, trustsLedger: true)).DestroyedAgain);   // an administrator says so
        });
        Assert.Equal([letters[1]], _world.InArchive(letters));
    }

    [Fact]
    public async Task A_version_that_came_after_the_destruction_is_not_destroyed_again()
    {
        var letters = await ApprovedAsync(1);
        var before = _world.CopyOfArchive();
        await _world.ExecuteAsync();
        _world.PutArchiveBack(before);
        await _world.InAsync(async environment =>
        {
            var staged = environment.Archive.StageNextVersion(environment.Archive.Find(letters[0].ToString())!, "later");   // put back above
            staged.AddContent("later.txt", "a page that came later"u8);
            staged.Seal(new VersionInfo { Created = environment.Time.GetUtcNow(), Message = "m", UserName = "u", UserAddress = "urn:u" });
            Assert.Null((await environment.Archive.CommitGroupAsync([staged], Cancellation)).Single().Error());
            environment.Archive.Discard("later");
            Assert.Equal(letters, (await new LedgerReplay(environment).RunAsync(Cancellation)).Kept);
        });
        Assert.Equal(letters, _world.InArchive(letters));
    }

    [Fact]
    public async Task What_got_lost_by_itself_is_not_certified_as_destroyed()
    {
        var letters = await ApprovedAsync(2);
        _world.Copies.Problems.Add("no answer");
        Assert.IsType<ExecutionOutcome.LedgerNotSaved>(await _world.ExecuteAsync());   // begun
        _world.Copies.Problems.Clear();
        _world.World.Data.DeleteTree(_world.World.Find(letters[0]).Found.Path);
        var ended = Assert.IsType<ExecutionOutcome.Ended>(await _world.ExecuteAsync());
        Assert.Equal((letters[0], false), (ended.Records[0].Id, ended.Records[0].Destroyed));
        Assert.Contains("did not destroy it", ended.Records[0].Kept, StringComparison.Ordinal);
        Assert.Equal(1, ended.Disposition.Destroyed);
    }

    [Fact]
    public async Task A_ledger_that_was_lost_is_written_anew_from_the_register()
    {
        var letters = await ApprovedAsync(2);
        await _world.ExecuteAsync();
        _world.World.Data.DeleteTree(DataFolder.Destruction);
        await _world.InAsync(async environment =>
        {
            Assert.Equal(["d-1"], (await new LedgerReplay(environment).RunAsync(Cancellation)).Recreated);
            Assert.Equal(letters, new DestructionLedger(environment.Data).Done().Single().Records.Select(one => one.Id));
        });
    }

    [Fact]
    public async Task A_number_that_only_the_ledger_knows_is_not_given_again()
    {
        var letters = await ApprovedAsync(1);
        var before = _world.CopyOfArchive();
        await _world.ExecuteAsync();
        _world.PutArchiveBack(before);
        await _world.InAsync(async environment => await environment.SystemObjects.ChangeAsync(
            DispositionRegister.Name,
            _ => new SystemObjectChange("an older register", new Dictionary<string, ReadOnlyMemory<byte>>
            {
                ["register.json"] = Encoding.UTF8.GetBytes("""{"format":"docingest-dispositions/1","dispositions":[]}"""),
            }),
            Cancellation));
        await _world.World.DumpAndRebuildAsync();   // as whoever restores an archive does
        Assert.Equal("d-2", Assert.IsType<DispositionOutcome.Changed>(await _world.ProposeAsync()).Disposition.Id);
        Assert.Equal(letters, _world.InArchive(letters));
    }

    [Fact]
    public async Task A_clock_set_back_is_no_cool_off_that_is_over()
    {
        var letters = await ApprovedAsync(1);
        _world.GoTo(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.IsType<ExecutionOutcome.Refused>(await _world.ExecuteAsync());
        Assert.Equal(letters, _world.InArchive(letters));
    }

    public void Dispose() => _world.Dispose();

    private Task<IReadOnlyList<RecordId>> ApprovedAsync(int letters) => ApprovedAsync(letters, _world);

    private static async Task<IReadOnlyList<RecordId>> ApprovedAsync(int letters, DispositionWorld world)
    {
        var records = await world.PrepareAsync(letters);
        Assert.IsType<DispositionOutcome.Changed>(await world.ProposeAsync());
        await world.ApproveByBothAsync();
        world.Advance(days: 8);
        return records;
    }

    // Of one patient, who was seen last long ago.
    private async Task<IReadOnlyList<RecordId>> ApprovedOfPatientAsync(int letters)
    {
        _world.World.Profile.Sidecar = SidecarMode.Optional;
        for (int letter = 0; letter < letters; letter++)
        {
            _world.World.Put($"letter-{letter}.pdf.json", """{"fields":{"patientId":"4711"}}"""u8.ToArray());
        }

        _world.Schedule = DispositionWorld.ScheduleOf(7, expression: "max(received+1y, lastEncounter+1y)");
        await _world.InAsync(environment => RecordEncounterAsync(environment, new DateOnly(2020, 1, 1)));
        return await ApprovedAsync(letters);
    }

    private static Task<IReadOnlyList<EventOutcome>> RecordEncounterAsync(IngestEnvironment environment, DateOnly day) =>
        new EventStore(environment.SystemObjects, environment.Database, environment.Locks, IngestWorld.EventNames, environment.Actor, environment.Time, environment.Logger)
            .RecordAsync([new EventLine(EventKind.Encounter, day, null, [new EventSubject(SubjectKind.Patient, "4711")])], EventSource.Command, Cancellation);

    private void Configure(params string[] names) => _world.Copies.Asked = [.. names.Select(name => new AskedRepository(name, $"id-of-{name}", IsClear: true, []))];

    private void Hold(string repository, string snapshot, IReadOnlyList<RecordId> records) =>
        _world.Copies.Snapshots.Add(new SnapshotCopies(repository, snapshot, new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), records));

    private async Task<FoundCopies> CertifyAsync(IngestEnvironment environment) => (await _world.ExecutionOf(environment).CertifyAgainAsync(1, Cancellation))!.Value.Copies;   // it ended

    private static Task PruneAsync(IngestEnvironment environment, string repository, params string[] snapshots) => environment.Audit.AppendAsync(
        [
            environment.Audit.Origin.Event(
                AuditType.Backup, "pruned", AuditAction.Delete,
                [new AuditEntity(AuditEntity.Repository, $"id-of-{repository}"), .. snapshots.Select(id => new AuditEntity(AuditEntity.Snapshot, id))]) with { Count = snapshots.Length },
        ],
        Cancellation);

    // Each repository of a certificate in one line; + where a snapshot still holds some.
    private async Task<IReadOnlyList<string>> AccountsAsync(int number)
    {
        IReadOnlyList<string> lines = [];
        await _world.InAsync(environment =>
        {
            var register = DispositionWorld.RegisterOf(environment, _world.Manager);
            using var json = JsonDocument.Parse(register.FileOf(register.List().Single(), $"certificate-{number}.json")!);   // it is there
            lines = [.. json.RootElement.GetProperty("repositories").EnumerateArray().Select(InWords)];
            return Task.CompletedTask;
        });
        return lines;

        static string InWords(JsonElement one)
        {
            string held = string.Join(',', one.GetProperty("held").EnumerateArray().Select(snapshot => $"{snapshot.GetProperty("snapshot").GetString()}{(snapshot.GetProperty("isThere").GetBoolean() ? "+" : "-")}"));
            Assert.Equal(one.GetProperty("state").ValueEquals("pruned"), one.GetProperty("prunedAt").ValueKind == JsonValueKind.String);
            string said = one.TryGetProperty("declared", out var declared) ? $" {declared.GetProperty("person").GetString()} {declared.GetProperty("reason").GetString()}" : "";
            return $"{one.GetProperty("repository").GetString()} {one.GetProperty("state").GetString()} {held}{said}".TrimEnd();
        }
    }

    private Task DemandCertificateAsync(int number, IReadOnlyList<RecordId> destroyed) => _world.InAsync(environment =>
    {
        var register = DispositionWorld.RegisterOf(environment, _world.Manager);
        var disposition = register.List().Single();
        byte[] certificate = register.FileOf(disposition, $"certificate-{number}.json")!;   // it ended
        using var signer = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(register.FileOf(disposition, $"signer-{number}.pem")!));
        Assert.True(DetachedSignature.IsBy(certificate, register.FileOf(disposition, $"certificate-{number}.json.p7s"), [signer]));
        using var json = JsonDocument.Parse(certificate);
        Assert.Equal(destroyed.Select(id => id.ToString()), json.RootElement.GetProperty("destroyed").EnumerateArray().Select(one => one.GetProperty("id").GetString()));
        Assert.Equal(2, json.RootElement.GetProperty("approvals").GetArrayLength());
        Assert.Equal("tapes", json.RootElement.GetProperty("foreignCopies")[0].GetProperty("name").GetString());
        Assert.DoesNotContain("letter-0.pdf", Encoding.UTF8.GetString(certificate), StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    private static bool IsWaitedFor(IngestEnvironment environment, string ticket)
    {
        using var free = environment.Locks.TryAcquire(ticket);
        return free is null;
    }

    private static string ReadRaw(IDurableFolder folder, string path)
    {
        using var stream = folder.OpenRead(path);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return Encoding.Latin1.GetString(content.ToArray());
    }

    private static string FindFile(IDurableFolder folder, string below, string ending) => folder.List(below).ToList().Select(entry =>
        entry.Kind == EntryKind.Folder ? FindFile(folder, $"{below}/{entry.Name}", ending)
        : $"{below}/{entry.Name}".EndsWith(ending, StringComparison.Ordinal) ? $"{below}/{entry.Name}" : "").FirstOrDefault(found => found.Length > 0) ?? "";
}
