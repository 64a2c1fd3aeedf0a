using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Revisions;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Classification;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Revisions;

/// <summary>What waits for OCR is read afterwards, as a new version that loses nothing of the former.</summary>
public sealed class When_records_are_read_later : IDisposable
{
    private readonly IngestWorld _world = new();
    private readonly LaterReader _reader;

    public When_records_are_read_later()
    {
        _reader = new LaterReader(_world);
        _world.Reader = _reader;
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task It_becomes_a_version_with_text_rendition_and_class()
    {
        _world.Classifier = KeyRule();
        var filed = await TakeAsync("a.pdf", "Order: 77 first");
        Assert.Equal((TextStatus.PendingOcr, "unclassified", null), (filed.TextStatus, filed.RecordClass, filed.DocumentKey));

        var report = Assert.Single(await ReadAsync());
        Assert.Equal((LaterReadingReport.Read, 2, TextStatus.Complete, 1), (report.Outcome, report.Version, report.TextStatus, report.Pages));
        var read = Assert.Single(_world.Records());
        Assert.Equal((TextStatus.Complete, "order", "77"), (read.TextStatus, read.RecordClass, read.DocumentKey));
        Assert.Equal((filed.ScanId, filed.Sha512, filed.ReceivedAt, filed.FileName), (read.ScanId, read.Sha512, read.ReceivedAt, read.FileName));
        Assert.Equal([null, Encoding.UTF8.GetString(LaterReader.Rendition("Order: 77 first"))], _world.Renditions().Select(version => version.Rendition));
        Assert.Single(_world.Archived().Select(file => file.Content).Distinct());
        Assert.True(_world.Ask(connection => HeadTable.HasKey(connection, "default", "77", but: default)));
        await AssertRebuiltAsync();
        AssertNothingLeft();
        Assert.Empty(await ReadAsync());   // nothing waits any more
    }

    [Fact]
    public async Task The_service_does_so_by_itself_and_leaves_room_for_others()
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-03-01T12:00:00Z"));
        using var world = new IngestWorld(time);
        var reader = new LaterReader(world);
        world.Reader = reader;
        world.Put("a.pdf", IngestWorld.Document("first words"));
        await world.WatchUntilAsync(() => world.Records() is [{ TextStatus: TextStatus.Complete }]);
        Assert.True(Assert.Single(reader.Long).LeavesRoom);
    }

    [Fact]
    public async Task Without_tesseract_nothing_is_copied_or_tried()
    {
        await TakeAsync("a.pdf", "some words");
        _reader.HasOcr = false;
        Assert.Empty(await ReadAsync(out var unreadable));
        Assert.Equal(["default"], unreadable());
        Assert.Empty(_reader.Long);
    }

    [Fact]
    public async Task What_was_read_without_a_language_waits_for_a_person_and_is_read_again_once_that_is_there()
    {
        (_reader.ReadsAtOnce, _reader.Missing) = (true, ["deu"]);
        var filed = await TakeAsync("a.pdf", "some words");
        Assert.Equal((TextStatus.Complete, "deu", "language-missing"), (filed.TextStatus, Assert.Single(filed.MissingLanguages), Assert.Single(filed.Flags)));
        Assert.Equal(["language-missing"], ReviewTable.CodesFor(filed));
        Assert.Empty(await ReadAsync());   // it still is not there

        _reader.Missing = [];
        var report = Assert.Single(await ReadAsync());
        Assert.Equal((LaterReadingReport.Read, 2, TextStatus.Complete), (report.Outcome, report.Version, report.TextStatus));
        var read = Assert.Single(_world.Records());
        Assert.Empty(read.MissingLanguages);
        Assert.Empty(read.Flags);
        Assert.Empty(_world.Ask(connection => ReviewTable.List(connection).ToList()));
        Assert.Empty(await ReadAsync());
        await AssertRebuiltAsync();
        AssertNothingLeft();
    }

    [Fact]
    public async Task A_reading_that_gains_nothing_makes_no_version()
    {
        await TakeAsync("a.pdf", "some words");
        _reader.Reads = false;
        Assert.Equal(LaterReadingReport.Waiting, Assert.Single(await ReadAsync()).Outcome);
        Assert.Single(_world.Archived());
        AssertNothingLeft();
    }

    [Fact]
    public async Task A_record_named_by_a_person_is_read_again_and_gets_no_version_for_nothing()
    {
        var filed = await TakeAsync("a.pdf", "some words");
        Assert.Equal(LaterReadingReport.Read, (await ReadAsync(filed.Id)).Outcome);
        Assert.Equal(LaterReadingReport.Unchanged, (await ReadAsync(filed.Id)).Outcome);
        Assert.Equal(LaterReadingReport.Absent, (await ReadAsync(new RecordIdSource(TimeProvider.System).Draw())).Outcome);
        Assert.Equal(2, _world.Archived().Count);
    }

    [Fact]
    public async Task Less_text_than_before_is_never_a_version()
    {
        _world.Reader = new WordsReader(_world);
        var filed = await TakeAsync("a.pdf", "some words");
        _world.Reader = _reader;
        _reader.Reads = false;
        Assert.NotEqual(LaterReadingReport.Read, (await ReadAsync(filed.Id)).Outcome);
        Assert.Equal(TextStatus.Complete, Assert.Single(_world.Records()).TextStatus);
    }

    [Fact]
    public async Task A_key_found_late_that_another_record_has_is_for_a_person()
    {
        _world.Classifier = KeyRule();
        _world.Reader = new WordsReader(_world);
        await TakeAsync("a.pdf", "Order: 77 first");
        _world.Reader = _reader;
        await TakeAsync("b.pdf", "Order: 77 second");
        await ReadAsync();
        var late = _world.Records().Single(record => record.FileName == "b.pdf");
        Assert.Equal(("77", "key-exists"), (late.DocumentKey, Assert.Single(late.Flags)));
        Assert.Contains(_world.Ask(connection => ReviewTable.List(connection).ToList()), item => item.RecordId == late.Id && item.Code == "key-exists");
    }

    [Fact]
    public async Task A_key_found_late_that_another_scan_gets_meanwhile_is_looked_up_anew()
    {
        _world.Classifier = KeyRule();
        _world.Profile.DocumentKeyPattern = "^K(?<key>[0-9]+)";
        var late = await TakeAsync("a.pdf", "Order: 77 first");
        await _world.RunWithEnvironmentAsync(async (environment, session) =>
        {
            var hooked = environment with
            {
                Locks = new HookedLocks(environment.Locks, () =>
                {
                    _world.Put("K77.pdf", IngestWorld.Document("second"));
                    return session.TakeInAsync([IngestWorld.DropPath], "default", removesSource: true, _ => { }, TestContext.Current.CancellationToken);
                }),
            };
            Assert.Equal(LaterReadingReport.Read, (await new LaterReading(hooked).ReadAsync(late.Id, TestContext.Current.CancellationToken)).Outcome);
        });
        Assert.Equal("77", Assert.Single(_world.Records(), record => record.FileName == "K77.pdf").DocumentKey);
        Assert.Equal(["key-exists"], _world.Records().Single(record => record.Id == late.Id).Flags);
    }

    [Fact]
    public async Task Where_the_profile_is_gone_only_the_text_changes()
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        _world.Put("a.pdf.json", Encoding.UTF8.GetBytes("""{ "recordClass": "letter", "fields": { "patientId": "4711" } }"""));
        await TakeAsync("a.pdf", "some words");
        _world.Profile.Name = "renamed";
        await ReadAsync();
        var read = Assert.Single(_world.Records());
        Assert.Equal((TextStatus.Complete, "letter", "4711", "default"), (read.TextStatus, read.RecordClass, read.Fields["patientId"], read.Profile));
    }

    [Fact]
    public async Task One_record_that_cannot_be_read_keeps_no_other_waiting()
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-03-01T12:00:00Z"));
        using var world = new IngestWorld(time);
        var reader = new LaterReader(world);
        world.Reader = reader;
        int count = 0;
        reader.Before = () => Interlocked.Increment(ref count) == 1 ? throw new System.Text.Json.JsonException("odd") : Task.CompletedTask;
        world.Put("a.pdf", IngestWorld.Document("first words"));
        world.Put("b.pdf", IngestWorld.Document("second words"));
        await world.WatchUntilAsync(() => world.Records().Count(record => record.TextStatus == TextStatus.Complete) == 1);
        Assert.Equal(2, count);
    }

    [Fact]
    public async Task A_damaged_original_gives_no_version()
    {
        await TakeAsync("a.pdf", "some words");
        _world.RotOriginals();
        Assert.Equal(LaterReadingReport.Failed, Assert.Single(await ReadAsync()).Outcome);
        AssertNothingLeft();
    }

    [Fact]
    public async Task A_version_that_comes_meanwhile_is_read_in_place_of_the_former()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)";
        await TakeAsync("K1 a.pdf", "first words");
        var report = await ReadWhileAsync(async (_, session) =>
        {
            _world.Put("K1 b.pdf", IngestWorld.Document("second words"));
            await session.TakeInAsync([IngestWorld.DropPath], "default", removesSource: true, _ => { }, TestContext.Current.CancellationToken);
        });
        Assert.Equal((LaterReadingReport.Read, 3), (report.Outcome, report.Version));
        var record = Assert.Single(_world.Records());
        Assert.Equal(("K1 b.pdf", "second words"), (record.FileName, _world.TextOf(record.Id).Trim()));
        Assert.Equal(2, _reader.Long.Count);
        Assert.Equal(3, _world.Archived().Count);
        AssertNothingLeft();
        await AssertRebuiltAsync();
    }

    [Fact]
    public async Task A_record_can_be_withdrawn_while_it_is_read_and_what_was_read_does_not_undo_it()
    {
        var filed = await TakeAsync("a.pdf", "some words");
        var report = await ReadWhileAsync(async (environment, _) => Assert.Equal(
            2, Assert.IsType<SettlingOutcome.Settled>(await new RecordSettling(environment).WithdrawAsync(filed.Id, WithdrawalReason.All[0], null, null, TestContext.Current.CancellationToken)).Version));
        Assert.Equal((LaterReadingReport.Unchanged, "It was withdrawn meanwhile."), (report.Outcome, report.Reason));
        var record = Assert.Single(_world.Records());
        Assert.Equal((WithdrawalReason.All[0], TextStatus.PendingOcr), (record.Withdrawn, record.TextStatus));
        Assert.Equal(2, _world.Archived().Count);
        AssertNothingLeft();
        Assert.Empty(await ReadAsync());
        await AssertRebuiltAsync();
    }

    [Fact]
    public async Task A_correction_that_comes_meanwhile_stands_beside_what_was_read()
    {
        _world.Classifier = KeyRule();
        var filed = await TakeAsync("a.pdf", "Order: 77 first");
        var correction = new Assignment(new Dictionary<string, string> { ["order"] = "78" }, "letter", null, "misread");
        var report = await ReadWhileAsync(async (environment, _) => Assert.IsType<SettlingOutcome.Settled>(
            await new RecordSettling(environment).AmendAsync(filed.Id, correction, null, TestContext.Current.CancellationToken)));
        Assert.Equal((LaterReadingReport.Read, 3), (report.Outcome, report.Version));
        var record = Assert.Single(_world.Records());
        Assert.Equal(("letter", "78", TextStatus.Complete), (record.RecordClass, record.Fields["order"], record.TextStatus));
        Assert.Single(_reader.Long);   // not read a second time
        Assert.Single(record.Decisions);
        AssertNothingLeft();
        await AssertRebuiltAsync();
    }

    [Fact]
    public async Task While_it_is_read_it_is_not_read_a_second_time()
    {
        var filed = await TakeAsync("a.pdf", "some words");
        var report = await ReadWhileAsync(async (environment, _) => Assert.Equal(
            LaterReadingReport.Busy, (await new LaterReading(environment).ReadAsync(filed.Id, TestContext.Current.CancellationToken)).Outcome));
        Assert.Equal((LaterReadingReport.Read, 2), (report.Outcome, report.Version));
        Assert.Single(_reader.Long);
    }

    [Fact]
    public async Task What_it_reads_waits_for_a_decision_that_is_being_filed()
    {
        var filed = await TakeAsync("a.pdf", "some words");
        var decision = new Revision(new RecordIdSource(TimeProvider.System).Draw(), filed.Id, null, "");
        var report = await ReadWhileAsync(async (environment, session) =>
        {
            await environment.Database.WriteAsync(
                (_, transaction) => RevisionTable.TryBegin(transaction, decision with { Owner = environment.Instances.Name }, default), TestContext.Current.CancellationToken);
            _ = Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System, TestContext.Current.CancellationToken).ContinueWith(
                _ => environment.Database.WriteAsync(
                    (_, transaction) =>
                    {
                        RevisionTable.End(transaction, decision.Id);
                        return true;
                    },
                    CancellationToken.None),
                TaskScheduler.Default);
        });
        Assert.Equal((LaterReadingReport.Read, 2), (report.Outcome, report.Version));
        AssertNothingLeft();
    }

    [Theory]
    [InlineData("dead", false)]
    [InlineData("dead", true)]
    [InlineData(ScanTable.GivenUp, false)]
    [InlineData(ScanTable.GivenUp, true)]
    public async Task What_a_reading_left_that_died_or_gave_up_holds_nobody_up(string owner, bool heldItsRecord)
    {
        var filed = await TakeAsync("a.pdf", "some words");
        var reading = new Revision(Revision.IdOfReading(filed.Id), filed.Id, null, owner);
        using (var database = _world.OpenDatabase())
        {
            await database.WriteAsync(
                (_, transaction) => RevisionTable.TryBegin(transaction, reading, default, holdsRecord: false) && (!heldItsRecord || RevisionTable.TryHold(transaction, reading)),
                TestContext.Current.CancellationToken);
        }

        Assert.Equal(filed.Id, _world.Ask(connection => RevisionTable.Find(connection, reading.Id))!.RecordId);   // written above

        Assert.True(_world.Ask(connection => RevisionTable.IsOpen(connection, filed.Id)));
        Assert.Equal(LaterReadingReport.Read, Assert.Single(await ReadAsync()).Outcome);
        Assert.Empty(_world.Ask(RevisionTable.Owners));
    }

    [Theory]
    [InlineData(FaultKind.PowerCut)]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.Full)]
    [InlineData(FaultKind.FlushFails)]
    public async Task Whatever_fails_at_any_operation_no_version_is_lost_or_doubled(FaultKind kind)
    {
        int n = 0;
        for (bool fired = true; fired;)
        {
            using var world = new IngestWorld();
            world.Reader = new LaterReader(world);
            world.Put("a.pdf", IngestWorld.Document("some words"));
            await world.RunAsync();
            var plan = new FaultPlan(n += kind == FaultKind.PowerCut ? 1 : 3, kind);
            try
            {
                await world.RunWithEnvironmentAsync(
                    async (environment, _) => await new LaterReading(environment).ReadWaitingAsync(_ => { }, TestContext.Current.CancellationToken), plan);
            }
            catch (Exception error) when (error is PowerCutException or StorageException)
            {
                // The process is gone, or said so.
            }

            fired = plan.Fired;
            world.Volume.PowerCut(kind == FaultKind.PowerCut ? PowerCutChoice.Random(n) : PowerCutChoice.KeepAll);
            await world.RunAsync();   // takes up what is left
            Assert.Empty(world.Ask(RevisionTable.Owners));
            await world.RunWithEnvironmentAsync(
                async (environment, _) => await new LaterReading(environment).ReadWaitingAsync(_ => { }, TestContext.Current.CancellationToken));
            Assert.Equal(TextStatus.Complete, Assert.Single(world.Records()).TextStatus);
            Assert.Equal(2, world.Archived().Count);
            Assert.Empty(world.Data.List(DataFolder.Staging));
            var (live, rebuilt) = await world.DumpAndRebuildAsync();
            Assert.Equal(rebuilt, live);
        }

        Assert.True(n > 20, $"only {n} operations were tried");
    }

    [Fact]
    public async Task What_a_dead_process_left_of_a_record_holds_nobody_up()
    {
        var filed = await TakeAsync("a.pdf", "some words");
        using (var database = _world.OpenDatabase())
        {
            await database.WriteAsync(
                (_, transaction) => RevisionTable.TryBegin(transaction, new Revision(new RecordIdSource(TimeProvider.System).Draw(), filed.Id, null, "dead"), default),
                TestContext.Current.CancellationToken);
        }

        Assert.Equal(LaterReadingReport.Read, Assert.Single(await ReadAsync()).Outcome);
        Assert.Empty(_world.Ask(RevisionTable.Owners));
    }

    private async Task<RecordDocument> TakeAsync(string name, string words)
    {
        _world.Put(name, IngestWorld.Document(words));
        await _world.RunAsync();
        return _world.Records().Single(record => record.FileName == name);
    }

    // Something happens in the middle of a reading, in another session.
    private async Task<LaterReadingReport> ReadWhileAsync(Func<IngestEnvironment, IngestSession, Task> happens)
    {
        var entered = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        _reader.Before = async () =>
        {
            entered.TrySetResult();
            await goOn.Task;
        };
        var reports = new List<LaterReadingReport>();
        await _world.RunWithEnvironmentAsync(async (environment, session) =>
        {
            var reading = new LaterReading(environment).ReadWaitingAsync(reports.Add, TestContext.Current.CancellationToken);
            await entered.Task;
            await happens(environment, session);
            goOn.SetResult();
            await reading;
        });
        return Assert.Single(reports);
    }

    private Task<List<LaterReadingReport>> ReadAsync() => ReadAsync(out _);

    private Task<List<LaterReadingReport>> ReadAsync(out Func<IReadOnlyList<string>> unreadable)
    {
        IReadOnlyList<string> left = [];
        unreadable = () => left;
        return RunAsync();

        async Task<List<LaterReadingReport>> RunAsync()
        {
            var reports = new List<LaterReadingReport>();
            await _world.RunWithEnvironmentAsync(async (environment, _) =>
                left = await new LaterReading(environment).ReadWaitingAsync(reports.Add, TestContext.Current.CancellationToken));
            return reports;
        }
    }

    private async Task<LaterReadingReport> ReadAsync(RecordId id)
    {
        LaterReadingReport? report = null;
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
            report = await new LaterReading(environment).ReadAsync(id, TestContext.Current.CancellationToken));
        return report ?? throw new InvalidOperationException();
    }

    private void AssertNothingLeft()
    {
        Assert.Empty(_world.Data.List(DataFolder.Staging));
        Assert.Empty(_world.Ask(RevisionTable.Owners));
    }

    private async Task AssertRebuiltAsync()
    {
        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(rebuilt, live);
    }

    private static Classifier KeyRule() => new(
        Rules.Set(new RuleOptions
        {
            Name = "key", RecordClass = "order", When = [new ConditionOptions { Any = ["order"] }], DocumentKey = "{order}", Fields = [Rules.Field("order", FieldType.Identifier, "Order")],
        }),
        LanguageDetector.None, TimeProvider.System);
}
