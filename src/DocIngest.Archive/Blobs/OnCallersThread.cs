using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Reading blobs where nobody can await: the same steps as elsewhere, over a store and streams that have done their work when they return.</summary>
internal static class OnCallersThread
{
    /// <summary>The names of an archive whose blobs are read on the caller's thread.</summary>
    public static BlobPlaces PlacesOf(BlobPlaces places) => new(places.Store.OnCallersThread, places.Root, readsOnCallersThread: true);

    /// <summary>What a step over such places has come to. Waits for nothing.</summary>
    /// <exception cref="InvalidOperationException">It awaits something: such a step must not be taken here, since a thread would wait for others.</exception>
#pragma warning disable VSTHRD002 // It has completed: there is nothing to wait for.
    public static T Completed<T>(Task<T> step) =>
        step.IsCompleted ? step.GetAwaiter().GetResult() : throw new InvalidOperationException("A step that was to be done on the caller's thread waits for another.");
#pragma warning restore VSTHRD002

    /// <summary>What a list over such places holds, read as the caller goes on.</summary>
    public static IEnumerable<T> Completed<T>(IAsyncEnumerable<T> list)
    {
        var items = list.GetAsyncEnumerator();
        try
        {
            while (Completed(items.MoveNextAsync().AsTask()))
            {
                yield return items.Current;
            }
        }
        finally
        {
            Completed(DisposedAsync(items));
        }
    }

    private static async Task<bool> DisposedAsync(IAsyncDisposable items)
    {
        await items.DisposeAsync();
        return true;
    }

    /// <summary>A stream whose asynchronous reads are synchronous ones: its base class does that.</summary>
    public sealed class Reading(Stream inner) : ReadOnlyStream
    {
        public override long Length => inner.Length;

        public override int Read(Span<byte> buffer) => inner.Read(buffer);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
