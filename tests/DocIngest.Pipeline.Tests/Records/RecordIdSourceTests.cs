using System.Collections.Concurrent;
using DocIngest.Pipeline.Records;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Records;

public sealed class RecordIdSourceTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-03-01T10:00:00Z")) { };

    [Fact]
    public void Ids_grow_strictly_within_one_millisecond()
    {
        var source = new RecordIdSource(_time);
        var ids = Enumerable.Range(0, 20_000).Select(_ => source.Draw()).ToList();
        Assert.All(ids.Zip(ids.Skip(1)), pair =>
        {
            Assert.True(pair.First.CompareTo(pair.Second) < 0);
            Assert.True(pair.First.OrderKey < pair.Second.OrderKey);
        });
        Assert.All(ids, id => Assert.Equal(7, id.Value.Version));
    }

    [Fact]
    public void Parallel_draws_never_meet()
    {
        var source = new RecordIdSource(TimeProvider.System);
        var keys = new ConcurrentDictionary<long, byte>();
        Parallel.For(0, 8, _ =>
        {
            long last = 0;
            for (int n = 0; n < 5_000; n++)
            {
                long key = source.Draw().OrderKey;
                Assert.True(key > last && keys.TryAdd(key, 0));
                last = key;
            }
        });
    }

    [Fact]
    public void A_clock_set_back_is_not_followed()
    {
        var clock = new SettableClock(DateTimeOffset.Parse("2026-03-01T10:00:00Z"));
        var source = new RecordIdSource(clock);
        var before = source.Draw();
        clock.Now -= TimeSpan.FromHours(1);
        var after = source.Draw();
        Assert.True(before.OrderKey < after.OrderKey && before.CompareTo(after) < 0);
    }

    [Fact]
    public void The_order_key_tells_when_it_was_drawn()
    {
        var id = new RecordIdSource(_time).Draw();
        Assert.Equal(_time.GetUtcNow(), id.DrawnAt);
        Assert.True(id.OrderKey >= RecordId.FirstOrderKeyAt(_time.GetUtcNow()));
        Assert.True(id.OrderKey < RecordId.FirstOrderKeyAt(_time.GetUtcNow().AddMilliseconds(1)));
        Assert.Equal(id, RecordId.Parse(id.ToString()));
        Assert.Equal(id, RecordId.Parse(id.ToBareString()));
    }

    private sealed class SettableClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
