using System.Text;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Extraction;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Intake;

/// <summary>Nothing is lost when taking in fails for good: neither the scanner's file nor, where that is gone, our only copy.</summary>
public sealed class When_a_scan_cannot_be_taken_in
{
    [Fact]
    public async Task A_file_that_failed_stands_after_the_next_start_and_is_filed_then()
    {
        using var world = new IngestWorld();
        world.Put("a.pdf", IngestWorld.Document("first"));
        world.Reader = new FailingReader(new ExtractionUnavailableException("no worker"));
        await world.RunAsync();
        Assert.Equal("failed", Assert.Single(world.Reports).Outcome);
        Assert.Single(world.Dropped());

        // Recovery of the dead process' rows must not take the closed claim for one whose source may go.
        await world.RunAsync((session, cancellation) => session.TakeInAsync([], "default", true, _ => { }, cancellation));
        Assert.Single(world.Dropped());

        world.Reader = new PlainReader();
        await world.RunAsync();
        Assert.Empty(world.Dropped());
        Assert.Single(world.Archived());
    }

    [Fact]
    public async Task A_file_that_would_eat_into_the_reserve_is_told_of_the_reserve_and_not_of_a_full_disk()
    {
        using var world = new IngestWorld { FreeSpaceReserveBytes = 1_000_000 };
        world.Volume.CapacityBytes = 900_000;
        world.Put("a.pdf", IngestWorld.Document("first"));
        await world.RunAsync();
        var report = Assert.Single(world.Reports);
        Assert.Equal("failed", report.Outcome);
        Assert.Contains("below the reserve (freeSpaceReserveBytes)", report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_lines_use_the_promised_words_and_tell_each_scan_once()
    {
        var log = new RecordingLogger();
        using var world = new IngestWorld { Logger = log, FreeSpaceReserveBytes = 1_000_000 };
        world.Volume.CapacityBytes = 900_000;
        world.Put("a.pdf", IngestWorld.Document("first"));
        world.Put("list.txt", "eggs"u8.ToArray());
        await world.RunAsync();
        world.Volume.CapacityBytes = null;
        await world.RunAsync();

        Assert.Contains(log.Lines, line => line.EventId == 1010 && line.Text.StartsWith("Alarm disk-reserve for data", StringComparison.Ordinal));
        Assert.Contains(log.Lines, line => line.EventId == 1011 && line.Text.StartsWith("Alarm disk-reserve for data", StringComparison.Ordinal));
        string filed = Assert.Single(log.Lines, line => line.EventId == 1006).Text;
        Assert.Contains(" filed as ", filed, StringComparison.Ordinal);
        Assert.Contains("text complete", filed, StringComparison.Ordinal);
        Assert.DoesNotContain("null", filed, StringComparison.Ordinal);
        Assert.Single(log.Lines, line => line.EventId == 1007);
    }

    [Fact]
    public async Task The_service_leaves_a_file_that_failed_alone_until_it_changes_or_the_service_starts_anew()
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-03-01T10:00:00Z"));
        using var world = new IngestWorld(time);
        var reader = new FailingReader(new InvalidDataException("a fault of the reader's own"));
        world.Reader = reader;
        world.Put("a.pdf", IngestWorld.Document("first"));
        world.Put("b.pdf", IngestWorld.Document("second"));
        await world.WatchAsync(async until =>
        {
            await until(() => world.Counts().GetValueOrDefault("failed") == 2);
            var failed = time.GetUtcNow();
            await until(() => time.GetUtcNow() - failed > TimeSpan.FromMinutes(2));
        });

        Assert.Equal(2, world.Counts()["failed"]);
        Assert.Equal(2, reader.Calls);
        Assert.Equal(2, world.Dropped().Count);

        world.Reader = new PlainReader();
        await world.WatchUntilAsync(() => world.Counts().GetValueOrDefault("filed") == 2 && world.DroppedNames().Count == 0);
    }

    [Fact]
    public async Task A_sidecar_that_changes_while_its_scan_is_claimed_is_not_filed_half()
    {
        using var world = new IngestWorld();
        world.Profile.Sidecar = SidecarMode.Optional;
        world.Put("a.pdf", IngestWorld.Document("first"));
        world.Put("a.pdf.json", "{\"documentKey\":\"K-"u8.ToArray());
        bool written = false;
        world.Wrap = folder => new MeddledFolder(folder, path =>
        {
            if (path == "a.pdf" && !written)
            {
                written = true;
                using var sidecar = world.Drop.OpenAppend("a.pdf.json");
                sidecar.Write("1\"}"u8);
            }
        });
        await world.RunAsync();
        Assert.Equal("skipped", Assert.Single(world.Reports).Outcome);
        Assert.Equal(["a.pdf", "a.pdf.json"], world.DroppedNames());

        await world.RunAsync();
        Assert.Equal("K-1", world.Records().Single().DocumentKey);
        Assert.Empty(world.DroppedNames());
    }

    [Fact]
    public async Task A_file_named_with_a_backslash_is_not_another_one()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There it separates folders.");
        using var world = new IngestWorld();
        world.Drop.CreateFolder("a");
        world.Put("a/b.pdf", IngestWorld.Document("not named"));
        world.Put(@"a\b.pdf", IngestWorld.Document("named"));
        await world.RunAsync((session, cancellation) =>
            session.TakeInAsync([IngestWorld.DropPath + @"/a\b.pdf"], "default", removesSource: true, _ => { }, cancellation));
        Assert.Equal(["a"], world.DroppedNames());
        Assert.Contains("not named", IngestWorld.ReadText(world.Drop, "a/b.pdf"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_breaks_on_one_file_does_not_stop_the_others()
    {
        using var world = new IngestWorld();
        world.Put("a.pdf", IngestWorld.Document("poison"));
        world.Put("b.pdf", IngestWorld.Document("sound"));
        world.Reader = new PoisonedReader(world);
        await world.RunAsync();
        Assert.Equal(["failed", "filed"], world.Reports.Select(report => report.Outcome).Order());
        Assert.Equal(["a.pdf"], world.DroppedNames());
    }

    [Fact]
    public async Task A_quarantined_file_survives_a_retry_that_fails_for_good()
    {
        using var world = new IngestWorld();
        world.Put("notes.txt", Encoding.UTF8.GetBytes("no document"));
        await world.RunAsync();
        var scan = world.Ask(connection => QuarantineTable.List(connection).Single().ScanId);

        // Every change in the data folder fails from some point on, through all attempts: there is no other copy than the one in hand.
        for (int n = 1; n < 40; n += 3)
        {
            using var same = new IngestWorld();
            same.Put("notes.txt", Encoding.UTF8.GetBytes("no document"));
            await same.RunAsync();
            var id = same.Ask(connection => QuarantineTable.List(connection).Single().ScanId);
            try
            {
                await same.ResumeQuarantinedAsync(id, accept: true, new FaultPlan(n, FaultKind.PowerCut));
            }
            catch (PowerCutException)
            {
                // As a kill.
            }

            same.Volume.PowerCut(PowerCutChoice.KeepNothing);
            await same.RunAsync();
            Assert.True(
                same.Quarantined().Concat(same.Archived().Select(file => file.Content)).Count(content => content == "no document") == 1,
                $"after operation {n}: quarantine {same.Quarantined().Count}, archive {same.Archived().Count}");
            Assert.Equal(0, same.Counts().GetValueOrDefault("pending"));
        }

        world.Volume.IsReadOnly = true;
        await Assert.ThrowsAnyAsync<StorageException>(() => world.ResumeQuarantinedAsync(scan, accept: true));
        world.Volume.IsReadOnly = false;
        await world.RunAsync();
        Assert.Equal(["no document"], world.Quarantined());
    }

    [Fact]
    public async Task A_quarantined_file_survives_a_retry_while_its_drop_folder_is_away()
    {
        using var world = new IngestWorld();
        world.Put("notes.txt", Encoding.UTF8.GetBytes("no document"));
        await world.RunAsync();
        var scan = world.Ask(connection => QuarantineTable.List(connection).Single().ScanId);

        world.Wrap = folder => new AwayFolder(folder);
        await world.ResumeQuarantinedAsync(scan, accept: true);
        Assert.Equal("filed", Assert.Single(world.Reports).Outcome);
        Assert.Equal(["no document"], world.Archived().Select(file => file.Content));
    }

    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.Full)]
    public async Task A_quarantined_file_survives_any_failure_of_its_retry(FaultKind kind)
    {
        int n = 0;
        for (bool fired = true; fired;)
        {
            using var world = new IngestWorld();
            world.Put("notes.txt", Encoding.UTF8.GetBytes("no document"));
            await world.RunAsync();
            var id = world.Ask(connection => QuarantineTable.List(connection).Single().ScanId);
            var plan = new FaultPlan(n += 2, kind);
            try
            {
                await world.ResumeQuarantinedAsync(id, accept: n % 4 == 0, plan);
            }
            catch (StorageException)
            {
                // The command ends with an error.
            }

            fired = plan.Fired;
            await world.RunAsync();
            string where = $"{kind} at {n}: quarantine {world.Quarantined().Count}, archive {world.Archived().Count}";
            Assert.True(world.Quarantined().Concat(world.Archived().Select(file => file.Content)).Count(content => content == "no document") == 1, where);
            Assert.True(world.Counts().GetValueOrDefault("pending") == 0, where);
        }

        Assert.True(n > 10);
    }

    [Fact]
    public async Task The_only_copy_of_a_file_deleted_at_its_source_survives_a_failure_for_good()
    {
        using var world = new IngestWorld();
        world.Put("a.pdf", IngestWorld.Document("first"));
        world.Reader = new DeletingReader(world, "a.pdf");
        await world.RunAsync();
        Assert.Equal("failed", Assert.Single(world.Reports).Outcome);
        Assert.Empty(world.DroppedNames());

        world.Reader = new PlainReader();
        await world.RunAsync();
        Assert.Single(world.Archived());
        Assert.Equal(0, world.Counts().GetValueOrDefault("pending"));
    }

    /// <summary>An unmounted share: whether a file stands there cannot be told.</summary>
    private sealed class AwayFolder(IDurableFolder inner) : ForbiddingFolder(inner, _ => true)
    {
        public override FolderEntry? Find(string path) => throw new StorageUnavailableException("The share is away.");
    }

    internal sealed class FailingReader(Exception error) : IExtractor
    {
        private int _calls;

        public int Calls => _calls;

        public Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _calls);
            throw error;
        }
    }

    private sealed class PoisonedReader(IngestWorld world) : IExtractor
    {
        public Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation) =>
            IngestWorld.ReadText(world.Data, request.FilePath[(IngestWorld.DataPath.Length + 1)..]).Contains("poison", StringComparison.Ordinal)
                ? throw new InvalidDataException("a fault of the reader's own")
                : new PlainReader().ExtractAsync(request, cancellation);
    }

    private sealed class DeletingReader(IngestWorld world, string name) : IExtractor
    {
        public Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
        {
            world.Drop.Delete(name);
            throw new ExtractionUnavailableException("no worker");
        }
    }
}
