using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests;

public sealed class DamageReportsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Counter _log = new();

    [Fact]
    public void Damage_that_stays_is_told_once_a_day_and_other_damage_at_once()
    {
        var reports = new DamageReports(_time, _log);
        for (int halfMinute = 0; halfMinute < 2 * 60 * 24; halfMinute++)
        {
            reports.Tell("E092", "one");
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(1, _log.Count);
        reports.Tell("E092", "one");
        reports.Tell("E092", "two");
        reports.Tell("E034", "two");
        Assert.Equal(4, _log.Count);
    }

    [Fact]
    public void What_was_mended_and_breaks_again_is_told_at_once()
    {
        var reports = new DamageReports(_time, _log);
        reports.Tell("E092", "one");
        reports.Forget();
        reports.Tell("E092", "one");
        Assert.Equal(2, _log.Count);
    }

    private sealed class Counter : ILogger
    {
        public int Count { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Count += eventId.Id == 1019 ? 1 : 0;
    }
}
