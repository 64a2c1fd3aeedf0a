using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>The right to write an object, held by a lease on its root inventory that is renewed until this is disposed.</summary>
/// <remarks>The lease fences the decision: a put of the root inventory with a lease that ran out fails, whatever its holder believes.</remarks>
internal sealed class ObjectLease : IAsyncDisposable
{
    // A dead writer keeps others out for this long; a paused one is fenced out after it.
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(8);   // three renewals may fail before the lease is lost
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    private readonly string _objectPath;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationToken _cancellation;
    private readonly Task _renewing;

    private ObjectLease(IBlobLease lease, string objectPath, TimeProvider time, CancellationToken cancellation)
    {
        Lease = lease;
        _objectPath = objectPath;
        _time = time;
        _cancellation = cancellation;
        _lost = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _renewing = RenewAsync(time.GetTimestamp());
    }

    /// <summary>What writes hand along.</summary>
    public IBlobLease Lease { get; }

    /// <summary>Cancelled when the caller cancels, or when the lease is lost.</summary>
    public CancellationToken Token => _lost.Token;

    /// <summary>Takes the lease on an object whose root inventory is there, if only reserved.</summary>
    /// <param name="wait">How long to wait for another holder: one that died keeps it for <see cref="Duration"/>.</param>
    /// <exception cref="LockHeldException">Another writer has it. Nothing changed.</exception>
    /// <exception cref="EntryNotFoundException">There is no root inventory.</exception>
    public static async Task<ObjectLease> TakeAsync(BlobPlaces places, string objectPath, TimeSpan wait, TimeProvider time, CancellationToken cancellation)
    {
        string name = ObjectRootFiles.InventoryPathOf(objectPath);
        long start = time.GetTimestamp();
        while (true)
        {
            if (await places.Store.TryLeaseAsync(name, Duration, cancellation) is { } lease)
            {
                return new ObjectLease(lease, objectPath, time, cancellation);
            }

            if (time.GetElapsedTime(start) >= wait)
            {
                throw new LockHeldException($"{places.Store.DisplayName}: another writer has the object {objectPath}, or died less than {Duration.TotalSeconds:0} s ago.");
            }

            await Task.Delay(AskAgain, time, cancellation);
        }
    }

    /// <summary>Runs work that ends when the lease is lost.</summary>
    /// <exception cref="StorageUnavailableException">The lease was lost. What was decided stands; a retry is safe.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return await work(Token);
        }
        catch (OperationCanceledException error) when (_lost.IsCancellationRequested && !_cancellation.IsCancellationRequested)
        {
            throw new StorageUnavailableException($"{_objectPath}: the lease on the object ran out while it was written.", error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _renewing;
        await Lease.DisposeAsync();
        _ended.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync(long renewed)
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Renewal, _time, _ended.Token);
                long asked = _time.GetTimestamp();
                await Lease.RenewAsync(_ended.Token);
                renewed = asked;
            }
            catch (OperationCanceledException)
            {
                return;   // disposed
            }
            catch (StorageUnavailableException) when (_time.GetElapsedTime(renewed) + Renewal < Duration)
            {
                // The next renewal comes before the lease runs out.
            }
            catch (StorageException)
            {
                await _lost.CancelAsync();   // another may have it by now
                return;
            }
        }
    }
}
