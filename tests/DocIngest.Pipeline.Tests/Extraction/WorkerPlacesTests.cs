using DocIngest.Pipeline.Extraction;

namespace DocIngest.Pipeline.Tests.Extraction;

public sealed class WorkerPlacesTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_free_place_goes_to_the_lowest_order_and_then_to_who_waits_longest()
    {
        var places = new WorkerPlaces(1);
        await places.TakeAsync(9, None);
        var order = new List<string>();
        Task[] all = [TakeAsync(2, "later document"), TakeAsync(1, "earlier document"), TakeAsync(WorkerPlaces.First, "first reading"), TakeAsync(1, "earlier document again")];
        places.GiveBack();
        await Task.WhenAll(all);
        Assert.Equal(["first reading", "earlier document", "earlier document again", "later document"], order);

        async Task TakeAsync(long at, string name)
        {
            await places.TakeAsync(at, None);
            order.Add(name);   // one at a time: there is one place
            places.GiveBack();
        }
    }

    [Fact]
    public async Task Who_gave_up_waiting_takes_no_place()
    {
        var places = new WorkerPlaces(1);
        await places.TakeAsync(1, None);
        using var impatience = new CancellationTokenSource();
        var givesUp = places.TakeAsync(1, impatience.Token);
        var waits = places.TakeAsync(2, None);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givesUp);
        places.GiveBack();
        await waits;
        Assert.False(places.TakeAsync(1, None).IsCompleted);
        places.GiveBack();
    }

    [Fact]
    public async Task As_many_work_at_once_as_there_are_places()
    {
        var places = new WorkerPlaces(3);
        int inside = 0;
        int most = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 2_000), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken }, async (number, token) =>
        {
            await places.TakeAsync(number % 4, token);
            InterlockedMax(ref most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            places.GiveBack();
        });
        Assert.InRange(most, 1, 3);

        static void InterlockedMax(ref int most, int value)
        {
            for (int seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            {
                Interlocked.CompareExchange(ref most, value, seen);
            }
        }
    }
}
