using Dapper;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Revisions;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Extraction;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Intake;

public sealed class When_the_service_watches : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-03-01T10:00:00Z"));
    private readonly IngestWorld _world;

    public When_the_service_watches()
    {
        _world = new IngestWorld(_time);
        _world.Profile.FeedbackFolder = IngestWorld.DropPath + "/feedback";
        _world.Drop.CreateFolder("feedback");
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Scans_are_filed_refused_ones_explained_and_the_status_says_so()
    {
        _world.Put("a.pdf", IngestWorld.Document("first"));
        _world.Put("Müller\n=1.txt", "no document"u8.ToArray());
        _world.Put("empty.pdf", []);
        await _world.WatchUntilAsync(() => Status().Contains("1 filed, 2 need you (see rejected); keep scanning", StringComparison.Ordinal) && _world.DroppedNames() is ["feedback"]);
        var reasons = _world.Drop.List("feedback/rejected").Select(entry => IngestWorld.ReadText(_world.Drop, $"feedback/rejected/{entry.Name}")).ToList();
        Assert.Equal(2, reasons.Count);
        Assert.Contains(reasons, reason => reason.Contains("The file is empty", StringComparison.Ordinal));
        Assert.Contains(reasons, reason => reason.Contains(@"Müller\n=1.txt", StringComparison.Ordinal));
        Assert.Contains(_world.Drop.List("feedback"), entry => entry.Name == "receipts-2026-03-01.csv");
        Assert.Empty(_world.Alarms());
    }

    [Fact]
    public async Task A_feedback_folder_named_with_a_backslash_is_no_place_for_scans()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There it separates folders.");
        _world.Profile.FeedbackFolder = IngestWorld.DropPath + @"/feed\back";
        _world.Drop.CreateFolder(@"feed\back");
        _world.Put(@"feed\back/letter.pdf", IngestWorld.Document("somebody's"));
        _world.Put("a.pdf", IngestWorld.Document("first"));
        await _world.WatchUntilAsync(() => _world.Counts().GetValueOrDefault("filed") > 0 && _world.DroppedNames() is ["feed\\back", "feedback"]);
        Assert.Equal(1, _world.Counts()["filed"]);
    }

    [Fact]
    public async Task Reasons_that_could_not_be_written_are_written_when_the_feedback_folder_is_back()
    {
        bool isAway = true;
        _world.Wrap = folder => new ForbiddingFolder(folder, path => isAway && path.Contains("rejected", StringComparison.Ordinal));
        _world.Put("list.txt", "no document"u8.ToArray());
        await _world.WatchAsync(async until =>
        {
            await until(() => _world.Alarms().Any(alarm => alarm.Kind == "feedback-failing") && _world.DroppedNames() is ["feedback"]);
            isAway = false;
            await until(() => _world.Alarms().Count == 0);
        });
        Assert.StartsWith("list.txt.", Assert.Single(Reasons()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_does_not_answer_is_told_of_until_it_does()
    {
        using var answers = new ManualResetEventSlim(true);
        _world.Wrap = folder => new ForbiddingFolder(folder, _ =>
        {
            answers.Wait();
            return false;
        });
        _world.Profile.FeedbackFolder = null;
        await _world.WatchAsync(async until =>
        {
            _world.Put("a.pdf", IngestWorld.Document("first"));
            await until(() => _world.Counts().GetValueOrDefault("filed") == 1);
            answers.Reset();   // as a share whose server is gone
            try
            {
                await until(() =>
                {
                    _time.Advance(TimeSpan.FromSeconds(20));
                    return _world.Alarms().Any(alarm => alarm.Kind == "watcher-silent");
                });
            }
            finally
            {
                answers.Set();
            }

            await until(() => _world.Alarms().Count == 0);
        });
    }

    [Fact]
    public async Task A_language_that_tesseract_lacks_is_an_alarm_until_it_is_there()
    {
        var reader = new LaterReader(_world) { Missing = ["deu"] };
        _world.Reader = reader;
        await _world.WatchAsync(async until =>
        {
            await until(() => _world.Alarms() is [{ Kind: "ocr-language-missing" } alarm] && alarm.Message.Contains("deu", StringComparison.Ordinal));
            reader.Missing = [];
            await until(() => _world.Alarms().Count == 0);
        });
    }

    [Fact]
    public async Task What_a_person_has_decided_needs_nobody_any_more()
    {
        _world.Put("accepted.txt", "a list"u8.ToArray());
        _world.Put("discarded.txt", "another list"u8.ToArray());
        await _world.WatchUntilAsync(() => Status().Contains("0 filed, 2 need you", StringComparison.Ordinal));
        using (var file = _world.Drop.Create("feedback/rejected/a note of the staff.txt"))
        {
            file.Write("Number for your administrator: 4711"u8);
        }

        var waiting = _world.Ask(connection => QuarantineTable.List(connection).ToDictionary(item => item.FileName, item => item.ScanId));
        await _world.ResumeQuarantinedAsync(waiting["accepted.txt"], accept: true);
        Assert.Contains("1 filed, 1 need you", Status(), StringComparison.Ordinal);
        using (var database = _world.OpenDatabase())
        {
            await database.WriteAsync(
                (_, transaction) => QuarantineTable.Decide(transaction, waiting["discarded.txt"], "discarded", "nurse", "none", _time.GetUtcNow()),
                TestContext.Current.CancellationToken);
        }

        await _world.WatchUntilAsync(() => Status().Contains("1 filed; keep scanning", StringComparison.Ordinal));
        Assert.Equal(["a note of the staff.txt"], Reasons());
    }

    [Fact]
    public async Task A_file_that_failed_needs_somebody_until_it_is_filed_or_taken_away()
    {
        _world.Reader = new When_a_scan_cannot_be_taken_in.FailingReader(new InvalidDataException("a fault of the reader's own"));
        _world.Put("a.pdf", IngestWorld.Document("first"));
        _world.Put("b.pdf", IngestWorld.Document("second"));
        await _world.WatchUntilAsync(() => Status().Contains("0 filed, 2 need you", StringComparison.Ordinal));
        _world.Drop.Delete("b.pdf");
        await _world.WatchUntilAsync(() => Status().Contains("0 filed, 1 need you", StringComparison.Ordinal));
        _world.Reader = new PlainReader();
        await _world.WatchUntilAsync(() => Status().Contains("1 filed; keep scanning", StringComparison.Ordinal));
        Assert.Empty(Reasons());
    }

    [Fact]
    public async Task A_file_that_cannot_even_be_claimed_ends_nothing()
    {
        _world.Wrap = folder => new RenamingFolder(folder, "odd.pdf", "\uD800.pdf");   // no Linux name: the ledger cannot hold it
        foreach (string name in new[] { "a.pdf", "odd.pdf", "z.pdf" })
        {
            _world.Put(name, IngestWorld.Document(name));
        }

        await _world.WatchAsync(async until =>
        {
            await until(() => _world.Counts().GetValueOrDefault("filed") == 2 && _world.DroppedNames() is ["feedback", "odd.pdf"]);
            var begun = _time.GetUtcNow();
            await until(() => _time.GetUtcNow() - begun > TimeSpan.FromMinutes(2));
        });
        Assert.Equal(["unreadable"], _world.Alarms().Select(alarm => alarm.Kind));
    }

    [Fact]
    public async Task Below_the_reserve_nothing_is_claimed_and_the_status_says_stop_and_go_at_once()
    {
        _world.FreeSpaceReserveBytes = 1_000_000;
        _world.Volume.CapacityBytes = 900_000;
        _world.Put("a.pdf", IngestWorld.Document("first"));
        await _world.WatchAsync(async until =>
        {
            await until(() => Status().Contains("STOP: disk full", StringComparison.Ordinal));
            Assert.Equal(["disk-reserve"], _world.Alarms().Select(alarm => alarm.Kind));
            Assert.Empty(_world.Counts());
            _world.Volume.CapacityBytes = null;
            await until(() => Status().Contains("1 filed; keep scanning", StringComparison.Ordinal));
            Assert.Empty(_world.Alarms());
        });
    }

    [Fact]
    public async Task A_file_larger_than_the_free_space_holds_up_no_other_and_is_forgotten_when_it_goes()
    {
        _world.FreeSpaceReserveBytes = 1_000_000;
        _world.Volume.CapacityBytes = 6_000_000;
        _world.Put("a huge.pdf", IngestWorld.Document(new string('x', 3_000_000)));
        await _world.WatchAsync(async until =>
        {
            await until(() => _world.Alarms().Any(alarm => alarm.Kind == "disk-reserve"));
            _world.Put("b.pdf", IngestWorld.Document("second"));
            await until(() => _world.Counts().GetValueOrDefault("filed") == 1);
            Assert.Contains("a huge.pdf", _world.DroppedNames());
            _world.Drop.Delete("a huge.pdf");
            var gone = _time.GetUtcNow();
            await until(() => _time.GetUtcNow() - gone > TimeSpan.FromMinutes(2));
            _world.Put("c.pdf", IngestWorld.Document("third"));
            await until(() => _world.Counts().GetValueOrDefault("filed") == 2 && _world.Alarms().Count == 0);
        });
    }

    [Fact]
    public async Task A_share_that_goes_away_with_many_files_leaves_room_for_the_files_of_others()
    {
        bool away = true;
        var opened = new System.Collections.Concurrent.ConcurrentDictionary<string, byte>();
        _world.Volume.FolderAt("").CreateFolder("share");
        _world.OtherProfiles.Add(new ProfileOptions { Name = "share", Folder = "/volume/share", Watch = WatchMode.Polling });
        _world.Wrap = folder => folder.DisplayName.EndsWith("share", StringComparison.Ordinal)
            ? new ForbiddingFolder(folder, path => away && path.EndsWith(".pdf", StringComparison.Ordinal) && !opened.TryAdd(path, 0))   // settles, and cannot be copied
            : folder;
        var share = _world.Volume.FolderAt("share");
        for (int n = 0; n < 600; n++)
        {
            using var file = share.Create($"{n}.pdf");
            file.Write(IngestWorld.Document($"scan {n}"));
        }

        _world.Put("a.pdf", IngestWorld.Document("of another folder"));
        await _world.WatchAsync(async until =>
        {
            await until(() => _world.Counts().GetValueOrDefault("filed") == 1);
            away = false;
            await until(() => _world.Counts().GetValueOrDefault("filed") == 601);
        });
        Assert.Equal(0, _world.Counts().GetValueOrDefault("pending"));
    }

    [Fact]
    public async Task A_file_that_settles_and_cannot_be_read_is_alarmed_all_the_time_and_tried_seldom()
    {
        var opened = 0;
        bool isBad = true;
        _world.Wrap = folder => new ForbiddingFolder(folder, path => path == "bad.pdf" && isBad && Interlocked.Increment(ref opened) % 2 == 0);
        _world.Put("bad.pdf", IngestWorld.Document("on a bad sector"));
        await _world.WatchAsync(async until =>
        {
            await until(() => _world.Counts().GetValueOrDefault("released") == 1);
            var begun = _time.GetUtcNow();
            await until(() => _time.GetUtcNow() - begun > TimeSpan.FromSeconds(5));   // a look that was under way may end it once
            await until(() =>
            {
                Assert.Contains("unreadable", _world.Alarms().Select(alarm => alarm.Kind));
                return _time.GetUtcNow() - begun > TimeSpan.FromMinutes(3);
            });
            Assert.InRange(_world.Counts()["released"], 2, 4);
            isBad = false;
            await until(() => _world.Counts().GetValueOrDefault("filed") == 1 && _world.Alarms().Count == 0);
        });
    }

    [Fact]
    public async Task Of_a_profile_that_is_gone_nothing_is_removed_that_it_may_have_kept()
    {
        _world.Profile.KeepSource = KeepSourceRule.UntilBackedUp;
        _world.Put("a.pdf", IngestWorld.Document("first"));
        for (int n = 1; _world.Counts().GetValueOrDefault("pending") == 0; n++)
        {
            await Assert.ThrowsAsync<PowerCutException>(() => _world.RunAsync(new FaultPlan(n, FaultKind.PowerCut)));   // until it is claimed
            _world.Volume.PowerCut(PowerCutChoice.KeepAll);
        }

        _world.Profile.Name = "renamed";
        _world.Profile.Folder = "/volume/elsewhere";
        _world.Profile.KeepSource = "none";
        _world.Volume.FolderAt("").CreateFolder("elsewhere");
        await _world.WatchAsync(async until =>
        {
            await until(() => _world.Counts().GetValueOrDefault("filed") == 1);
            var filed = _time.GetUtcNow();
            await until(() => _time.GetUtcNow() - filed > TimeSpan.FromMinutes(2));
        });
        Assert.Contains("a.pdf", _world.DroppedNames());
    }

    [Fact]
    public async Task Late_bytes_become_a_version_a_flag_and_an_alarm_that_a_person_ends()
    {
        _world.Put("a.pdf", IngestWorld.Document("first"));
        _world.Reader = new GrowingReader(_world);
        await _world.WatchAsync(async until =>
        {
            await until(() => _world.Counts().GetValueOrDefault("versioned") == 1 && _world.Alarms().Any(alarm => alarm.Kind == "late-bytes"));
            var record = Assert.Single(_world.Records());
            Assert.Equal(["late-bytes"], record.Flags);
            Assert.Equal("default", _world.Alarms().Single().Subject);
            await until(() => _world.DroppedNames() is ["feedback"]);
            var settling = new RecordSettling(_world.Process ?? throw new InvalidOperationException("A process runs."));
            Assert.IsType<SettlingOutcome.Settled>(await settling.ConfirmAsync(record.Id, null, null, TestContext.Current.CancellationToken));
            await until(() => _world.Alarms().Count == 0);
        });
    }

    [Fact]
    public async Task Another_document_written_into_the_same_file_is_another_record()
    {
        _world.Put("a.pdf", IngestWorld.Document("first"));
        _world.Reader = new GrowingReader(_world, IngestWorld.Document(new string('x', 4_000)));
        await _world.WatchUntilAsync(() => _world.Counts().GetValueOrDefault("filed") == 2 && _world.DroppedNames() is ["feedback"]);
        Assert.Equal(2, _world.Records().Count);
        Assert.Empty(_world.Alarms());
    }

    [Fact]
    public async Task In_a_folder_that_refuses_each_file_is_filed_once_with_one_alarm_also_after_a_restart()
    {
        bool refuses = true;
        _world.Wrap = folder => new ForbiddingFolder(folder, path => refuses && path == "move");
        for (int n = 0; n < 5; n++)
        {
            _world.Put($"{n}.pdf", IngestWorld.Document($"scan {n}"));
        }

        for (int start = 0; start < 2; start++)
        {
            await _world.WatchAsync(async until =>
            {
                await until(() => _world.Counts().GetValueOrDefault("filed") == 5 && _world.Alarms().Count > 0);
                var filed = _time.GetUtcNow();
                await until(() => _time.GetUtcNow() - filed > TimeSpan.FromMinutes(2));
            });
            Assert.Equal([("source-stuck", 1L)], _world.Alarms().Select(alarm => (alarm.Kind, alarm.Count)));
            Assert.Equal(5, _world.Counts().Values.Sum());
        }

        refuses = false;
        await _world.WatchUntilAsync(() => _world.DroppedNames() is ["feedback"] && _world.Alarms().Count == 0);
        Assert.Equal(5, _world.Counts().Values.Sum());
    }

    [Fact]
    public async Task A_folder_that_was_named_for_a_patient_and_refuses_is_not_named_in_any_log()
    {
        const string Mark = "Roe Jane 1961";
        var log = new RecordingLogger();
        _world.Logger = log;
        _world.Wrap = folder => new ForbiddingFolder(folder, path => path == "move");
        _world.Drop.CreateFolder(Mark);
        _world.Put($"{Mark}/a.pdf", IngestWorld.Document("first"));
        await _world.RunAsync((session, cancellation) => session.TakeInAsync([$"{IngestWorld.DropPath}/{Mark}"], "default", true, _ => { }, cancellation));
        Assert.Contains(log.Lines, line => line.EventId == 1004);
        Assert.DoesNotContain(log.Lines, line => line.Text.Contains("Roe", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("./in")]
    [InlineData("in//ward/")]
    [InlineData("../data/in")]
    public async Task A_drop_folder_within_the_data_folder_is_made_however_it_is_written(string folder)
    {
        _world.Profile.Folder = folder;
        await _world.WatchUntilAsync(() => _world.Data.Find("in") is { Kind: EntryKind.Folder });
    }

    [Fact]
    public async Task A_drop_folder_may_be_named_from_the_data_folder_up()
    {
        _world.Profile.Folder = "../drop";
        _world.Put("a.pdf", IngestWorld.Document("first"));
        await _world.WatchUntilAsync(() => _world.Counts().GetValueOrDefault("filed") == 1);
    }

    [Fact]
    public async Task A_rebuild_of_the_catalog_that_died_is_swept()
    {
        await BeginRebuildAsync();
        await _world.WatchUntilAsync(() => Rebuilds() == 0);
    }

    [Fact]
    public async Task A_rebuild_of_the_catalog_that_runs_goes_on()
    {
        await BeginRebuildAsync();
        IDisposable? held = null;
        _world.Wrap = folder =>
        {
            held ??= _world.Locks.TryAcquire(CatalogRebuild.LockName);   // before the session begins to watch
            return folder;
        };
        _world.Put("a.pdf", IngestWorld.Document("first"));
        await _world.WatchUntilAsync(() => _world.Counts().GetValueOrDefault("filed") == 1 && _world.DroppedNames() is ["feedback"]);
        Assert.NotNull(held);
        Assert.Equal(1, Rebuilds());
    }

    [Fact]
    public async Task Kept_sources_are_not_filed_again_and_go_when_they_are_due()
    {
        _world.Profile.KeepSource = "10:00:00";
        _world.Put("a.pdf", IngestWorld.Document("first"));
        await _world.WatchUntilAsync(() => _world.Counts().GetValueOrDefault("filed") == 1);
        _time.Advance(TimeSpan.FromHours(9));   // the clock of this world runs ahead while a loaded machine is slow
        await _world.WatchAsync(async until =>
        {
            var begun = _time.GetUtcNow();
            await until(() => _time.GetUtcNow() - begun > TimeSpan.FromMinutes(2));
            Assert.Contains("a.pdf", _world.DroppedNames());
            _time.Advance(TimeSpan.FromHours(1));
            await until(() => _world.DroppedNames() is ["feedback"]);
        });
        Assert.Equal(1, _world.Counts().Values.Sum());
    }

    [Fact]
    public async Task A_source_to_be_kept_stays_where_the_power_went_before_that_was_noted()
    {
        int filed = 0;
        for (int n = 1; ; n++)
        {
            using var world = new IngestWorld(_time);
            world.Profile.KeepSource = "10:00:00";
            world.Put("a.pdf", IngestWorld.Document("first"));
            var plan = new FaultPlan(n, FaultKind.PowerCut);
            await Record.ExceptionAsync(() => world.RunAsync(plan));
            world.Volume.PowerCut(PowerCutChoice.KeepAll);
            await world.WatchAsync(async until =>
            {
                await until(() => world.Counts().GetValueOrDefault("filed") == 1);
                var begun = _time.GetUtcNow();
                await until(() => _time.GetUtcNow() - begun > TimeSpan.FromMinutes(2));   // any retry comes once a minute
                Assert.True(world.DroppedNames().Contains("a.pdf"), $"after a power cut at {n}");
                filed++;
            });
            if (!plan.Fired)
                break;
        }

        Assert.True(filed > 10, $"{filed}");
    }

    [Fact]
    public async Task A_feedback_folder_that_cannot_be_written_is_alarmed_and_filing_goes_on()
    {
        _world.Wrap = folder => folder.DisplayName.Contains("feedback", StringComparison.Ordinal) ? new FaultyFolder(folder, new FaultPlan(1, FaultKind.FailBefore)) : folder;
        _world.Volume.Place("drop/feedback/rejected", EntryKind.File);
        _world.Put("a.pdf", IngestWorld.Document("first"));
        await _world.WatchUntilAsync(() => _world.DroppedNames() is ["feedback"] && _world.Alarms().Any(alarm => alarm.Kind == "feedback-failing"));
    }

    [Fact]
    public async Task A_failure_that_is_over_ends_its_alarm()
    {
        _world.Put("a.pdf", IngestWorld.Document("first"));
        var reader = new RecoveringReader();
        _world.Reader = reader;
        await _world.WatchAsync(async until =>
        {
            await until(() => _world.Alarms().Any(alarm => alarm.Kind == "extraction-down"));
            reader.IsWell = true;
            await until(() => _world.Counts().GetValueOrDefault("filed") == 1 && _world.Alarms().Count == 0);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_name_left_aside_by_a_crash_goes_with_the_next_look_and_with_ingest(bool watching)
    {
        _world.Put("a.pdf", IngestWorld.Document("first"));
        _world.Wrap = folder => new ForbiddingFolder(folder, path => path == "move");
        await _world.WatchUntilAsync(() => _world.Counts().GetValueOrDefault("filed") == 1 && _world.Alarms().Count == 1);
        _world.Wrap = folder => folder;
        var id = _world.Records().Single().Id;
        _world.Drop.Move("a.pdf", DropFolder.AsidePath("a.pdf", id));
        if (watching)
        {
            await _world.WatchUntilAsync(() => _world.DroppedNames() is ["feedback"]);
        }
        else
        {
            await _world.RunAsync();
            Assert.Equal(["feedback"], _world.DroppedNames());
        }
    }

    private async Task BeginRebuildAsync()
    {
        using var database = _world.OpenDatabase();
        await database.WriteAsync(
            (connection, transaction) =>
            {
                CatalogTables.CreateShadow(transaction);
                return connection.Execute("INSERT INTO catalog_rebuild (id, token) VALUES (1, 'one')", null, transaction);
            },
            TestContext.Current.CancellationToken);
    }

    private long Rebuilds() => _world.Ask(connection => connection.ExecuteScalar<long>("SELECT count(*) FROM catalog_rebuild"));

    private IEnumerable<string> Reasons() => _world.Drop.List("feedback/rejected").Select(entry => entry.Name);

    private string Status() => _world.Drop.Find("feedback/STATUS.txt") is null ? "" : IngestWorld.ReadText(_world.Drop, "feedback/STATUS.txt");

    // Bytes arrive, or others are written over, while the first scan is being read.
    private sealed class GrowingReader(IngestWorld world, byte[]? instead = null) : IExtractor
    {
        private int _reads;

        public Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
        {
            if (Interlocked.Increment(ref _reads) == 1)
            {
                if (instead is not null)
                {
                    world.Drop.Truncate("a.pdf", 0);
                }

                using var file = world.Drop.OpenAppend("a.pdf");
                file.Write(instead ?? "more\n%%EOF\n"u8.ToArray());
            }

            return new PlainReader().ExtractAsync(request, cancellation);
        }
    }

    private sealed class RecoveringReader : IExtractor
    {
        public bool IsWell { get; set; }

        public Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation) =>
            IsWell ? new PlainReader().ExtractAsync(request, cancellation) : throw new ExtractionUnavailableException("no worker");
    }
}
