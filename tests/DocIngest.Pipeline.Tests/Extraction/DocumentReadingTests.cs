using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Records;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Extraction;

public sealed class DocumentReadingTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_page_renews_the_stall_limit()
    {
        using var reading = Start();
        Assert.True(reading.Accept(Opened(100)));
        for (int page = 1; page <= 20; page++)
        {
            _time.Advance(119 * Second);   // 2 min are allowed
            Assert.True(reading.Accept(Page(page)));
            if (page == 4)
            {
                break;
            }
        }

        _time.Advance(121 * Second);
        var end = Assert.IsType<ReadingEnd.TimedOut>(await reading.WaitAsync(Test));
        Assert.Equal(new TimeGrant(TimeLimitKind.Stall, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(2)), end.Grant);
        Assert.Equal(4, reading.Pages.Count);
    }

    [Fact]
    public async Task No_grant_outlasts_the_document()
    {
        using var reading = Start();
        reading.Accept(Opened(100));
        for (int page = 1; page <= 5; page++)
        {
            _time.Advance(110 * Second);
            Assert.True(reading.Accept(Page(page)));
        }

        _time.Advance(50 * Second);   // 600 s since the start
        var end = Assert.IsType<ReadingEnd.TimedOut>(await reading.WaitAsync(Test));
        Assert.Equal("stall limit requested=00:02:00 granted=00:00:50, bounded by the document limit", end.Grant.ToString());
    }

    [Fact]
    public async Task An_external_call_has_its_own_time_and_no_page_renews_it()
    {
        using var reading = Start(o => o with { StallLimit = 10 * Second, ExternalCallLimit = 60 * Second });
        reading.Accept(Opened(100));
        Assert.True(reading.Accept(External(begins: true)));
        _time.Advance(40 * Second);
        Assert.True(reading.Accept(Page(1)));
        _time.Advance(21 * Second);
        var end = Assert.IsType<ReadingEnd.TimedOut>(await reading.WaitAsync(Test));
        Assert.Equal(TimeLimitKind.ExternalCall, end.Grant.Kind);
    }

    [Fact]
    public async Task The_stall_limit_returns_when_the_external_call_ends()
    {
        using var reading = Start(o => o with { StallLimit = 10 * Second, ExternalCallLimit = 60 * Second });
        reading.Accept(External(begins: true));
        _time.Advance(40 * Second);
        Assert.True(reading.Accept(External(begins: false)));
        _time.Advance(11 * Second);
        Assert.Equal(TimeLimitKind.Stall, Assert.IsType<ReadingEnd.TimedOut>(await reading.WaitAsync(Test)).Grant.Kind);
    }

    [Fact]
    public void Nothing_is_taken_after_the_end()
    {
        using var reading = Start();
        reading.Accept(Opened(1));
        reading.End(new ReadingEnd.Crashed("test"));
        Assert.False(reading.Accept(Page(1)));
        Assert.Empty(reading.Pages);
    }

    [Fact]
    public void Workers_that_die_one_after_another_are_started_ever_more_slowly()
    {
        var backoff = new StartBackoff(_time);
        var delays = new List<double>();
        for (int death = 1; death <= 14; death++)
        {
            backoff.NoteDeath();
            delays.Add(backoff.Delay.TotalSeconds);
        }

        Assert.Equal([0, 0, 0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30], delays.Select(delay => Math.Round(delay, 3)));
        _time.Advance(10 * Second);
        Assert.Equal(20 * Second, backoff.Delay);
        backoff.NoteAnswer();
        Assert.Equal(TimeSpan.Zero, backoff.Delay);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_all_reported()
    {
        var faults = (Options() with { DocumentLimit = Second, WorkerCount = 0, WorkerExecutable = "docingest" }).Faults();
        Assert.Equal(3, faults.Count);
    }

    private DocumentReading Start(Func<ExtractionOptions, ExtractionOptions>? adjust = null) =>
        new(adjust?.Invoke(Options()) ?? Options(), _time);

    private static ExtractionOptions Options() => new()
    {
        WorkerExecutable = Path.GetFullPath("/bin/docingest"),
        WorkerArguments = ["extract-worker"],
        ReadableFolders = [],
    };

    private static WorkerMessage Opened(int pages) => new() { Opened = new WorkerOpened(pages) };

    private static WorkerMessage Page(int number) => new() { Page = new WorkerPage(number, PageFate.Text, "words", TextSource.Layer) };

    private static WorkerMessage External(bool begins) => new() { External = new WorkerExternal(begins) };
}
