using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests;

/// <summary>Locks of the pipeline that do something before a record's lock is taken.</summary>
/// <param name="inner">The locks.</param>
/// <param name="before">What.</param>
internal sealed class HookedLocks(INamedLocks inner, Func<Task> before) : INamedLocks
{
    public IDisposable? TryAcquire(string name) => inner.TryAcquire(name);

    public IDisposable? TryAcquireTemporary(string name) => inner.TryAcquireTemporary(name);

    public async Task<IDisposable> AcquireAsync(string name, TimeSpan timeout, CancellationToken cancellation)
    {
        if (name.StartsWith("object-", StringComparison.Ordinal))
        {
            await before();
        }

        return await inner.AcquireAsync(name, timeout, cancellation);
    }
}
