using System.Threading.Channels;

namespace DocIngest.Backup.Restores;

/// <summary>One produces, several consume. The first error ends them all.</summary>
internal static class WorkQueue
{
    /// <summary>Returns when everything produced is consumed.</summary>
    /// <param name="produce">Ends by returning.</param>
    /// <param name="consume">Called by <paramref name="consumers"/> at once.</param>
    /// <param name="consumers">How many.</param>
    /// <param name="cancellation">Gives up.</param>
    internal static async Task RunAsync<T>(
        Func<ChannelWriter<T>, CancellationToken, Task> produce, Func<T, CancellationToken, Task> consume, int consumers, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var queue = Channel.CreateBounded<T>(new BoundedChannelOptions(2 * consumers) { SingleWriter = true });

        // Of those that end in an error and those that were cancelled for it, awaiting all tells the error.
        await Task.WhenAll(Enumerable.Range(0, consumers).Select(_ => RunAsync(ConsumeAsync)).Append(RunAsync(ProduceAsync)).ToList());

        async Task ProduceAsync()
        {
            await produce(queue.Writer, ending.Token);
            queue.Writer.Complete();
        }

        async Task ConsumeAsync()
        {
            await foreach (var one in queue.Reader.ReadAllAsync(ending.Token))
                await consume(one, ending.Token);
        }

        Task RunAsync(Func<Task> work) => Task.Run(
            async () =>
            {
                try
                {
                    await work();
                }
                catch
                {
                    await ending.CancelAsync();
                    throw;
                }
            },
            CancellationToken.None);
    }
}
