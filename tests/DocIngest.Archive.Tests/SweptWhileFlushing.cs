using DocIngest.Storage;

namespace DocIngest.Archive.Tests;

/// <summary>A folder in which another process does something at each flush: where this one waits longest.</summary>
internal sealed class SweptWhileFlushing(IDurableFolder inner, Func<Task> sweep) : ChangedBetween(inner)
{
    public int Sweeps { get; private set; }

    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        await SweepAsync();
        await base.FlushAsync(cancellation);
    }

    public override async ValueTask FlushAsync(FlushMark since, CancellationToken cancellation)
    {
        await SweepAsync();
        await base.FlushAsync(since, cancellation);
    }

    private async Task SweepAsync()
    {
        Sweeps++;
        await sweep();
    }
}
