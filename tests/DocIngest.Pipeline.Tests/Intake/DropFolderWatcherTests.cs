using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Intake;

public sealed class DropFolderWatcherTests : IDisposable
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly DropFolderInTest _drop = new();

    public void Dispose() => _drop.Dispose();

    [Fact]
    public async Task A_scan_is_taken_after_two_looks_and_the_settle_time_also_one_that_stood_there_at_start()
    {
        _drop.Put("a.pdf");
        _drop.Time.Advance(TimeSpan.FromDays(3));
        Assert.Empty(await _drop.LookAsync());
        Assert.Empty(await _drop.LookAsync(Settle - Second));
        Assert.Equal(["a.pdf"], await _drop.LookAsync(Second));
        Assert.Empty(await _drop.LookAsync(TimeSpan.FromHours(1)));   // in hand
    }

    [Fact]
    public async Task A_single_look_settles_nothing_however_old_the_file()
    {
        await _drop.LookAsync();
        _drop.Put("a.pdf");
        Assert.Empty(await _drop.LookAsync(TimeSpan.FromDays(1)));
    }

    [Fact]
    public async Task A_growing_scan_is_left_alone_and_alarmed_once_and_taken_when_it_stands()
    {
        _drop.Put("a.pdf");
        for (int minute = 0; minute < 70; minute++)
        {
            _drop.Append("a.pdf", "more");
            Assert.Empty(await _drop.LookAsync(TimeSpan.FromMinutes(1)));
        }

        Assert.Equal([("still-growing", 1L)], _drop.Alarms);
        await _drop.LookAsync(Second);
        Assert.Equal(["a.pdf"], await _drop.LookAsync(Settle));
        await _drop.LookAsync(Second);
        Assert.Empty(_drop.Alarms);
    }

    [Fact]
    public async Task A_file_open_for_writing_is_waited_for_until_incompleteAfter()
    {
        using var writer = _drop.Volume.FolderAt("drop").Create("a.pdf");
        writer.Write("some"u8);
        await _drop.LookAsync();
        Assert.Empty(await _drop.LookAsync(TimeSpan.FromMinutes(9)));
        Assert.Equal(["a.pdf"], await _drop.LookAsync(TimeSpan.FromMinutes(1)));
    }

    [Theory]
    [InlineData("half a document")]
    [InlineData("")]
    public async Task An_incomplete_or_empty_file_is_taken_after_incompleteAfter_only(string content)
    {
        _drop.Tail = TailVerdict.Incomplete;
        _drop.Put("a.pdf", content);
        await _drop.LookAsync();
        Assert.Empty(await _drop.LookAsync(TimeSpan.FromMinutes(10) - Second));
        Assert.Equal(["a.pdf"], await _drop.LookAsync(Second));
    }

    [Fact]
    public async Task A_scan_waits_for_its_done_file_even_beyond_incompleteAfter()
    {
        _drop.Profile.DoneFile = true;
        _drop.Put("a.pdf");
        await _drop.LookAsync();
        Assert.Empty(await _drop.LookAsync(TimeSpan.FromMinutes(20)));
        _drop.Put("a.pdf.done", "");
        Assert.Equal(["a.pdf"], await _drop.LookAsync(Second));
    }

    [Fact]
    public async Task A_scan_waits_for_its_sidecar_even_beyond_incompleteAfter_and_settles_anew_with_it()
    {
        _drop.Profile.Sidecar = SidecarMode.Required;
        _drop.Put("a.pdf");
        await _drop.LookAsync();
        Assert.Empty(await _drop.LookAsync(TimeSpan.FromMinutes(20)));
        _drop.Put("a.pdf.json", "{}");
        Assert.Empty(await _drop.LookAsync(Second));
        Assert.Empty(await _drop.LookAsync(Settle - Second));
        Assert.Equal(["a.pdf"], await _drop.LookAsync(Second));
    }

    [Theory]
    [InlineData(SidecarMode.Optional)]
    [InlineData(SidecarMode.Required)]
    public async Task A_half_written_sidecar_is_waited_for_until_incompleteAfter(SidecarMode mode)
    {
        _drop.Profile.Sidecar = mode;
        _drop.Put("a.pdf");
        _drop.Put("a.pdf.json", "{\"documentKey\":");
        _drop.Put("b.pdf");
        _drop.Put("b.pdf.json", "{\"documentKey\":");
        await _drop.LookAsync();
        Assert.Empty(await _drop.LookAsync(Settle));
        _drop.Append("a.pdf.json", "\"K-1\"}");
        await _drop.LookAsync(Second);
        Assert.Equal(["a.pdf"], await _drop.LookAsync(Settle));
        Assert.Equal(["b.pdf"], await _drop.LookAsync(TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public async Task A_file_that_fails_as_nobody_expects_holds_up_no_other()
    {
        bool odd = true;
        _drop.Folder = new MeddledFolder(_drop.Folder, path =>
        {
            if (odd && path == "odd.pdf")
            {
                throw new InvalidOperationException();
            }
        });
        _drop.Put("a.pdf");
        _drop.Put("odd.pdf");
        await _drop.LookAsync();
        Assert.Equal(["a.pdf"], await _drop.LookAsync(Settle));
        Assert.Equal([("unreadable", 1L)], _drop.Alarms);
        odd = false;
        Assert.Equal(["odd.pdf"], await _drop.LookAsync(Second));
        await _drop.LookAsync(Second);
        Assert.Empty(_drop.Alarms);
    }

    [Fact]
    public async Task A_removal_that_fails_as_nobody_expects_holds_up_no_scan()
    {
        _drop.Put("a.pdf");
        _drop.Put(DropFolder.AsidePath("b.pdf", new RecordIdSource(_drop.Time).Draw()));   // nothing here can end a removal
        await _drop.LookAsync();
        Assert.Equal(["a.pdf"], await _drop.LookAsync(Settle));
        Assert.Equal([("source-stuck", 1L)], _drop.Alarms);
    }

    [Fact]
    public async Task A_file_that_could_not_be_claimed_is_left_alone_until_it_changes()
    {
        _drop.Put("odd.pdf");
        await _drop.LookAsync();
        await _drop.LookAsync(Settle);
        _drop.Drop.NoteOdd("odd.pdf", _drop.Folder.Find("odd.pdf")!.Stamp);   // it is there
        _drop.Drop.PutDown("odd.pdf");
        await _drop.LookAsync(Settle);
        Assert.Empty(await _drop.LookAsync(Settle));
        Assert.Equal([("unreadable", 1L)], _drop.Alarms);
        _drop.Append("odd.pdf", "more");
        await _drop.LookAsync();
        Assert.Equal(["odd.pdf"], await _drop.LookAsync(Settle));
        Assert.Empty(_drop.Alarms);
    }

    [Fact]
    public async Task One_unreadable_file_or_subfolder_holds_up_no_other()
    {
        bool forbidden = true;
        _drop.Folder = new ForbiddingFolder(_drop.Folder, path => forbidden && path is "secret.pdf" or "closed");
        _drop.Put("a.pdf");
        _drop.Put("secret.pdf");
        _drop.Put("closed/b.pdf");
        await _drop.LookAsync();
        Assert.Equal(["a.pdf"], await _drop.LookAsync(Settle));
        Assert.Empty(await _drop.LookAsync(TimeSpan.FromMinutes(20)));
        Assert.Equal([("unreadable", 1L)], _drop.Alarms);
        forbidden = false;
        Assert.Contains("secret.pdf", await _drop.LookAsync(Settle));
    }

    [Fact]
    public async Task A_folder_that_vanishes_is_alarmed_once_and_taken_up_again()
    {
        _drop.Put("a.pdf");
        _drop.Volume.IsGone = true;
        for (int look = 0; look < 5; look++)
        {
            Assert.Empty(await _drop.LookAsync(Settle));
        }

        Assert.Equal([("folder-missing", 1L)], _drop.Alarms);
        _drop.Volume.IsGone = false;
        await _drop.LookAsync();
        Assert.Equal(["a.pdf"], await _drop.LookAsync(Settle));
        Assert.Empty(_drop.Alarms);
    }

    [Fact]
    public async Task Without_its_marker_file_the_folder_counts_as_missing()
    {
        _drop.Profile.MarkerFile = "here.txt";
        _drop.Put("a.pdf");
        await _drop.LookAsync();
        Assert.Empty(await _drop.LookAsync(Settle));
        Assert.Equal([("folder-missing", 1L)], _drop.Alarms);
        _drop.Put("here.txt");
        await _drop.LookAsync();
        Assert.Equal(["a.pdf"], await _drop.LookAsync(Settle));
    }

    [Fact]
    public async Task Links_and_pipes_are_refused_and_alarmed_until_they_are_gone()
    {
        _drop.Volume.Place("drop/link.pdf", EntryKind.Link);
        _drop.Volume.Place("drop/pipe", EntryKind.Special);
        await _drop.LookAsync();
        Assert.Empty(await _drop.LookAsync(TimeSpan.FromHours(2)));
        Assert.Equal([("refused-entry", 1L)], _drop.Alarms);
        _drop.Volume.FolderAt("drop").Delete("link.pdf");
        _drop.Volume.FolderAt("drop").Delete("pipe");
        await _drop.LookAsync();
        Assert.Empty(_drop.Alarms);
    }

    [Fact]
    public async Task A_sidecar_that_comes_first_is_no_alarm_one_that_stays_alone_is()
    {
        _drop.Profile.Sidecar = SidecarMode.Optional;
        _drop.Put("a.pdf.json", "{}");
        await _drop.LookAsync();
        await _drop.LookAsync(TimeSpan.FromMinutes(5));
        Assert.Empty(_drop.Alarms);
        await _drop.LookAsync(TimeSpan.FromMinutes(5));
        Assert.Equal([("orphan-sidecar", 1L)], _drop.Alarms);
        _drop.Put("a.pdf");
        await _drop.LookAsync();
        Assert.Empty(_drop.Alarms);
    }

    [Fact]
    public async Task Fifty_thousand_files_with_sidecars_settle_in_one_look_in_claim_order()
    {
        const int count = 50_000;
        _drop.Profile.Sidecar = SidecarMode.Optional;
        for (int n = 0; n < count; n++)
        {
            _drop.Put($"scan-{n:D5}.pdf", "x");
            _drop.Put($"scan-{n:D5}.pdf.json", "{}");
        }

        await _drop.LookAsync();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long started = TimeProvider.System.GetTimestamp();
        Assert.Equal(count, (await _drop.LookAsync(Settle)).Count);
        var took = TimeProvider.System.GetElapsedTime(started);
        Assert.True(took < TimeSpan.FromSeconds(15), $"{took}");   // a quadratic look takes minutes
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 50_000_000);
        Assert.Equal(_drop.TakenPaths.Order(StringComparer.Ordinal), _drop.TakenPaths);
    }
}
