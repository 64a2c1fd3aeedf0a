using System.Threading.Channels;

namespace DocIngest.Pipeline;

/// <summary>
/// Does a stage's work for each profile beside that for the others, in its order: a share whose server does not answer gives no
/// error, and must hold up its own profile alone.
/// </summary>
/// <param name="profiles">The configured ones. Work of others, which are no longer configured, shares one lane.</param>
/// <param name="profileOf">Whose work something is.</param>
internal sealed class ProfileLanes<T>(IEnumerable<string> profiles, Func<T, string> profileOf)
{
    // Unbounded, so that none fills up and stops the others: each holds no more than is inside (ScansInside).
    private readonly Dictionary<string, Channel<T>> _lanes = profiles.ToDictionary(profile => profile, _ => Channel.CreateUnbounded<T>());
    private readonly Channel<T> _others = Channel.CreateUnbounded<T>();

    /// <summary>Hands work on until there is no more and all of it is done.</summary>
    /// <param name="work">What comes.</param>
    /// <param name="serve">Does the work of one lane until that has ended. Called once a lane; may block its thread.</param>
    /// <param name="stopping">Ends all.</param>
    public async Task RunAsync(IAsyncEnumerable<T> work, Func<ChannelReader<T>, CancellationToken, Task> serve, CancellationToken stopping)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var token = linked.Token;
        Task[] tasks =
        [
            HandOnAsync(work, token),
            .. _lanes.Values.Append(_others).Select(lane => Task.Run(() => serve(lane.Reader, token), token)),
        ];
        await EndTogether.RunAsync(tasks, linked);
    }

    private async Task HandOnAsync(IAsyncEnumerable<T> work, CancellationToken stopping)
    {
        await foreach (var item in work.WithCancellation(stopping))
        {
            await _lanes.GetValueOrDefault(profileOf(item), _others).Writer.WriteAsync(item, stopping);
        }

        foreach (var lane in _lanes.Values.Append(_others))
        {
            lane.Writer.Complete();
        }
    }
}
