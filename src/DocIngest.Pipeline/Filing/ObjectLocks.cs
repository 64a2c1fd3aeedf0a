using System.Security.Cryptography;
using System.Text;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Filing;

/// <summary>The 256 stripes that keep two writers from one object (DESIGN 7). New objects need none: nobody else knows their id.</summary>
public static class ObjectLocks
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);   // longer than any group takes to commit

    /// <summary>Takes the lock of any object of the archive.</summary>
    /// <param name="locks">Locks of the data folder.</param>
    /// <param name="objectId">Of a record or a system object.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <inheritdoc cref="TakeAsync(INamedLocks, IEnumerable{RecordId}, CancellationToken)" path="/exception" />
    public static Task<IAsyncDisposable> TakeAsync(INamedLocks locks, string objectId, CancellationToken cancellation) => RecordId.TryParse(objectId, out var record)
        ? TakeAsync(locks, [record], cancellation)
        : TakeStripesAsync(locks, [objectId.StartsWith(SystemObjectName.IdPrefix, StringComparison.Ordinal) ? objectId[SystemObjectName.IdPrefix.Length..] : objectId], cancellation);

    /// <summary>Takes the locks of several records, in the one order that all processes use.</summary>
    /// <exception cref="LockHeldException">Another process holds one for very long. None is held; retry later.</exception>
    public static Task<IAsyncDisposable> TakeAsync(INamedLocks locks, IEnumerable<RecordId> records, CancellationToken cancellation) =>
        TakeStripesAsync(locks, records.Select(record => record.ToBareString()), cancellation);

    /// <summary>Takes the lock of a system object.</summary>
    /// <inheritdoc cref="TakeAsync(INamedLocks, IEnumerable{RecordId}, CancellationToken)" path="/exception" />
    public static Task<IAsyncDisposable> TakeAsync(INamedLocks locks, SystemObjectName systemObject, CancellationToken cancellation) =>
        TakeStripesAsync(locks, [systemObject.Text], cancellation);

    private static async Task<IAsyncDisposable> TakeStripesAsync(INamedLocks locks, IEnumerable<string> objects, CancellationToken cancellation)
    {
        var held = new HeldLocks();
        try
        {
            foreach (string name in objects.Select(StripeOf).Distinct().Order(StringComparer.Ordinal))
            {
                held.Add(await locks.AcquireAsync(name, Patience, cancellation));
            }
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }

        return held;
    }

    private static string StripeOf(string name) => $"object-{SHA256.HashData(Encoding.ASCII.GetBytes(name))[0]:x2}";

    private sealed class HeldLocks : IAsyncDisposable
    {
        private readonly Stack<IDisposable> _held = new();

        public void Add(IDisposable held) => _held.Push(held);

        public ValueTask DisposeAsync()
        {
            while (_held.TryPop(out var held))
            {
                held.Dispose();
            }

            return ValueTask.CompletedTask;
        }
    }
}
