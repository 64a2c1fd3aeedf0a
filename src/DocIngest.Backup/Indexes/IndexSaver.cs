using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Indexes;

/// <summary>Writes the index files of one operation: what packs it saved, each with all its blobs (restic-format 7 and 12).</summary>
/// <remarks>
/// <para>A file is saved when it is full, or when the oldest pack in it has waited for long: what a killed operation had indexed, the
/// next one uses without looking at packs. Every pack must be durable before it is told here.</para>
/// <para>May be used from several threads. After an error the operation must end: the packs of the failed file are in no index.</para>
/// </remarks>
internal sealed class IndexSaver(Repository repository, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan SaveAfter = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _gate = new(1);

    // Under _gate.
    private readonly IndexFileWriter _file = new();
    private long _begun;
    private bool _isFinished;   // a file whose saving failed: adding to it would make it one that nobody can read

    /// <summary>Adds a durable pack. It may stay in memory until <see cref="FlushAsync"/>.</summary>
    internal Task AddAsync(FileId pack, ReadOnlyMemory<PackedBlob> blobs, CancellationToken cancellation) => AloneAsync(
        async () =>
        {
            if (_file.BlobCount == 0)
                _begun = time.GetTimestamp();
            _file.Add(pack, blobs.Span);
            if (_file.IsFull || time.GetElapsedTime(_begun) >= SaveAfter)
                await SaveAsync(cancellation);
        },
        cancellation);

    /// <summary>Saves what is not saved yet.</summary>
    internal Task FlushAsync(CancellationToken cancellation) => AloneAsync(
        async () =>
        {
            if (_file.BlobCount > 0)
                await SaveAsync(cancellation);
        },
        cancellation);

    public void Dispose() => _gate.Dispose();

    private async Task SaveAsync(CancellationToken cancellation)
    {
        _isFinished = true;
        await repository.SaveUnpackedAsync(FileKind.Index, _file.Finish(), cancellation);
        _file.Clear();
        _isFinished = false;
    }

    private async Task AloneAsync(Func<Task> step, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (_isFinished)
                throw new InvalidOperationException("An index file could not be saved: the operation is at its end.");
            await step();
        }
        finally
        {
            _gate.Release();
        }
    }
}
