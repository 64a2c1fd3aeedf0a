using DocIngest.Backup.Chunking;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Sources;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Backups;

/// <summary>Reads files, cuts them into chunks and stores those.</summary>
/// <remarks>
/// A file of one chunk is stored by the thread that read it, from the memory it was read to. The chunks of a longer one are copied and
/// stored by other threads, so that one large file keeps all processors busy too.
/// </remarks>
internal sealed class FileSaver(Chunker chunker, BlobWriter blobs, WorkGroup work, BackupTally tally) : IDisposable
{
    private readonly IdlePool<ChunkReader> _readers = new(() => new ChunkReader(chunker));
    private readonly SemaphoreSlim _copies = new(Environment.ProcessorCount);   // of up to 8 MiB each

    /// <summary>Stores the content of a file.</summary>
    /// <param name="folder">Where it is.</param>
    /// <param name="listed">As the folder listed it.</param>
    /// <param name="path">For messages.</param>
    /// <param name="before">What the parent snapshot has under its name.</param>
    /// <param name="within">What was asked for that it belongs to.</param>
    /// <returns>The file as it was read, with its content; null where it could not be read to its end, which is told, or has vanished.</returns>
    internal async Task<Node?> SaveAsync(ISourceFolder folder, Node listed, TreePath path, Node? before, AskedFor? within)
    {
        if (await TryOpenAsync(folder, listed, path) is not { } file)
            return null;
        await using (file)
        {
            if (await TrySaveContentAsync(file, path) is not { } content)
                return null;
            var saved = file.Node with { Content = content.Blobs, SizeBytes = content.SizeBytes };   // the file may have changed since it was opened
            tally.AddRead(saved, before, within);
            return saved;
        }
    }

    public void Dispose()
    {
        _readers.Dispose();
        _copies.Dispose();
    }

    private async ValueTask<SourceFile?> TryOpenAsync(ISourceFolder folder, Node listed, TreePath path)
    {
        try
        {
            return await folder.OpenFileAsync(listed, work.Stopping);
        }
        catch (EntryNotFoundException)
        {
            return null;   // It vanished after it was listed: as if the backup had begun a moment later.
        }
        catch (StorageException error)
        {
            tally.Report(path, SourceProblemKind.Unreadable, error.Message);
            return null;
        }
    }

    private async Task<Content?> TrySaveContentAsync(SourceFile file, TreePath path)
    {
        var reader = _readers.Take();
        try
        {
            reader.Open(file.Content);
            var chunks = new List<Task<BlobId>>(1);
            ulong size = 0;
            while (await TryReadAsync(reader, path) is { } chunk)
            {
                if (chunk.IsEmpty)
                    return new Content(await Task.WhenAll(chunks), size);
                bool isWhole = size == 0 && (ulong)chunk.Length == file.Node.SizeBytes;
                size += (ulong)chunk.Length;
                chunks.Add(isWhole ? Task.FromResult(await StoreAsync(chunk)) : await StartAsync(chunk));
            }

            return null;
        }
        finally
        {
            _readers.Return(reader);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> TryReadAsync(ChunkReader reader, TreePath path)
    {
        try
        {
            return await reader.ReadAsync(work.Stopping);
        }
        catch (StorageException error)
        {
            tally.Report(path, SourceProblemKind.Unreadable, error.Message);
            return null;
        }
    }

    private async Task<Task<BlobId>> StartAsync(ReadOnlyMemory<byte> chunk)
    {
        await _copies.WaitAsync(work.Stopping);
        var copy = PooledBytes.Rent(chunk.Length);
        chunk.CopyTo(copy.Memory);
        return work.Start(async () =>
        {
            try
            {
                return await StoreAsync(copy.Memory);
            }
            finally
            {
                copy.Dispose();
                _copies.Release();
            }
        });
    }

    private async ValueTask<BlobId> StoreAsync(ReadOnlyMemory<byte> chunk)
    {
        var id = Chunker.IsZeroChunk(chunk.Span) ? Chunker.ZeroChunk : BlobId.Of(chunk.Span);
        await blobs.StoreAsync(BlobType.Data, id, chunk, work.Stopping);
        return id;
    }

    private readonly record struct Content(BlobId[] Blobs, ulong SizeBytes);
}
