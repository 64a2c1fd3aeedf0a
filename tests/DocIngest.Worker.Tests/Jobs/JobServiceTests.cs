using System.Collections.Concurrent;
using DocIngest.Storage;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Jobs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Worker.Tests.Jobs;

/// <summary>Jobs run at their times: by a clock of ours, over the real scheduler.</summary>
public sealed class JobServiceTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Midnight.AddMinutes(10));
    private readonly ConcurrentQueue<string> _ran = new();

    [Fact]
    public async Task Each_runs_at_its_times_and_one_that_fails_runs_again()
    {
        var jobs = new[] { Job("hourly", "0 * * * *"), Job("failing", "30 * * * *") };
        await ServeAsync(jobs, missed: [], async () =>
        {
            await AdvanceUntilAsync(_time, () => _ran.Count >= 4);
            Assert.Equal(["failing 00:30", "hourly 01:00", "failing 01:30", "hourly 02:00"], _ran.Take(4));
        });
    }

    [Fact]
    public async Task What_was_missed_runs_once_soon_after_the_start_unless_it_is_to_be_left_out()
    {
        var jobs = new[] { Job("made-up", "0 1 * * *"), Job("skipped", "0 1 * * *", MissedRuns.Skip) };
        await ServeAsync(jobs, missed: ["made-up", "skipped"], async () =>
        {
            await AdvanceUntilAsync(_time, () => !_ran.IsEmpty);
            Assert.Equal(["made-up 00:10"], _ran);
            await AdvanceUntilAsync(_time, () => _ran.Count >= 3);
            Assert.Equal(["made-up 01:00", "skipped 01:00"], _ran.Skip(1).Order(StringComparer.Ordinal));
        });
    }

    [Fact]
    public async Task What_was_missed_is_not_made_up_for_where_its_time_came_first()
    {
        _time.SetUtcNow(Midnight.AddMinutes(59).AddSeconds(55));
        await ServeAsync([Job("nightly", "0 1 * * *")], missed: ["nightly"], async () =>
        {
            await AdvanceUntilAsync(_time, () => _time.GetUtcNow() > Midnight.AddMinutes(65));
            Assert.Equal(["nightly 01:00"], _ran);
        });
    }

    [Fact]
    public async Task A_clock_that_was_ahead_leaves_the_next_times_as_they_are_planned()
    {
        await ServeAsync([Job("hourly", "0 * * * *")], missed: [], async () =>
        {
            _time.Advance(TimeSpan.FromDays(400));
            await AdvanceUntilAsync(_time, () => !_ran.IsEmpty);
            _time.AdjustTime(Midnight.AddMinutes(20));   // and it is set right again
            _ran.Clear();
            await AdvanceUntilAsync(_time, () => !_ran.IsEmpty);
            Assert.Equal("hourly 01:00", _ran.First());
        });
    }

    [Fact]
    public async Task Told_to_stop_it_waits_for_what_is_at_work()
    {
        using var stop = new CancellationTokenSource();
        var began = new TaskCompletionSource();
        bool hasEnded = false;
        using var service = new JobService(
            [Job("long", "* * * * *")],
            async (_, stopping) =>
            {
                began.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);   // a child that takes its time
                hasEnded = true;
            },
            _ => false, _time, NullLogger.Instance);
        var running = service.RunAsync(stop.Token);
        await AdvanceUntilAsync(_time, () => began.Task.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(hasEnded);
    }

    private async Task ServeAsync(JobOptions[] jobs, string[] missed, Func<Task> look)
    {
        using var stop = new CancellationTokenSource();
        var left = new ConcurrentDictionary<string, bool>(missed.Select(name => KeyValuePair.Create(name, true)));
        using var service = new JobService(
            jobs,
            (job, stopping) =>
            {
                left.TryRemove(job.Name, out _);
                _ran.Enqueue($"{job.Name} {_time.GetUtcNow():HH:mm}");
                return job.Name == "failing" ? throw new EntryNotFoundException("no such thing") : Task.CompletedTask;
            },
            job => left.ContainsKey(job.Name), _time, NullLogger.Instance);
        var running = service.RunAsync(stop.Token);
        await look();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    // The scheduler waits on this clock: each step wakes it, and then it needs a moment.
    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Func<bool> isReached)
    {
        var limit = Until.Limit();
        while (!isReached())
        {
            Assert.False(limit.IsCancellationRequested, "It did not come to it.");
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        }
    }

    private static JobOptions Job(string name, string cron, MissedRuns onMissed = MissedRuns.RunOnce) =>
        new() { Name = name, Run = ["backup", "run"], Cron = cron, TimeZone = "Etc/UTC", OnMissed = onMissed };
}
