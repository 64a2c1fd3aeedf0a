using DocIngest.Backup.Compression;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Repositories;

/// <summary>Stores blobs: each once, encoded, read back, packed, and indexed when its pack is durable.</summary>
/// <remarks>
/// <para>Crash points: (1) a pack is saved, (2) an index file names it, and only then (3) the operation may save what refers to its
/// blobs. A crash before 2 leaves a pack that no index names, before 3 blobs that nothing refers to: both are harmless.</para>
/// <para>May be used from several threads. Encoding is done by the caller's thread; full packs are saved by others, a few at a time, since
/// that is mostly waiting for the disk. That one could not be saved is told by a later call. After an error the operation must end without
/// referring to any blob it stored, and the index in memory is of no use any more.</para>
/// </remarks>
internal sealed class BlobWriter : IAsyncDisposable
{
    private const int MostSavings = 2;   // a full pack in memory each

    private static readonly int MostAtOnce = Environment.ProcessorCount + 1;

    private readonly Repository _repository;
    private readonly BlobIndex _index;
    private readonly BlobCodec _codec;
    private readonly Task _mayWrite;
    private readonly IndexSaver _indexSaver;
    private readonly OpenPacks _data;
    private readonly OpenPacks _trees;

    /// <summary>Blobs that are being encoded.</summary>
    private readonly SemaphoreSlim _room = new(MostAtOnce);

    /// <summary>Packs that are being saved.</summary>
    private readonly SemaphoreSlim _savingRoom = new(MostSavings);

    private readonly CancellationToken _stopping;
    private readonly Lock _gate = new();
    private readonly List<Task> _savings = [];   // under _gate; those that have ended well may be missing

    private long _dataBlobs;
    private long _treeBlobs;
    private long _plaintextBytes;
    private long _packedBytes;

    /// <param name="repository">Where to. A lock is held.</param>
    /// <param name="index">What counts as stored already; learns of everything that is stored.</param>
    /// <param name="compression">How hard.</param>
    /// <param name="time">Decides when an index file has waited for long.</param>
    /// <param name="mayWrite">Ends when the repository may be written to.</param>
    /// <param name="stopping">Gives up saving packs.</param>
    internal BlobWriter(
        Repository repository, BlobIndex index, CompressionMode compression, TimeProvider time, Task mayWrite, CancellationToken stopping)
    {
        _repository = repository;
        _index = index;
        _codec = repository.CreateBlobCodec(compression);
        _mayWrite = mayWrite;
        _stopping = stopping;
        _indexSaver = new IndexSaver(repository, time);
        _data = new OpenPacks(repository.Key, BlobType.Data);
        _trees = new OpenPacks(repository.Key, BlobType.Tree);
    }

    /// <summary>What was stored so far.</summary>
    internal StoredBlobs Stored => new(
        Interlocked.Read(ref _dataBlobs), Interlocked.Read(ref _treeBlobs), Interlocked.Read(ref _plaintextBytes), Interlocked.Read(ref _packedBytes));

    /// <summary>Stores a blob, unless it is stored already. It is durable and indexed after <see cref="FlushAsync"/>, not before.</summary>
    /// <param name="type">Part of its identity.</param>
    /// <param name="id">The hash of <paramref name="plaintext"/>.</param>
    /// <param name="plaintext">Not empty.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Whether it was new.</returns>
    /// <exception cref="UnsoundEncodingException">What was encoded does not read as it was given: memory, processor or program are faulty.</exception>
    internal async ValueTask<bool> StoreAsync(BlobType type, BlobId id, ReadOnlyMemory<byte> plaintext, CancellationToken cancellation)
    {
        if (!_index.TryReserve(type, id))
            return false;
        await _room.WaitAsync(cancellation);
        try
        {
            if (Encode(type, id, plaintext.Span) is { } full)
                await BeginSavingAsync(full, cancellation);
            return true;
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>Waits as long as more is being stored than the repository takes in.</summary>
    internal async Task WaitForRoomAsync(CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation);
        _room.Release();
    }

    /// <summary>Stores a blob as it lies in another pack of the same repository, if it is whole. Errors as <see cref="StoreAsync"/>.</summary>
    /// <returns>False where it is damaged: nothing was stored.</returns>
    internal async ValueTask<bool> TryCopyAsync(PackedBlob blob, ReadOnlyMemory<byte> sealedBlob, CancellationToken cancellation)
    {
        var encoded = new EncodedBlob((int)blob.Length, (int)blob.UncompressedLength);
        if (!_codec.IsWhole(blob.Id, encoded, sealedBlob.Span))
            return false;
        if (_index.TryReserve(blob.Type, blob.Id) && Take(blob.Type, blob.Id, encoded, sealedBlob.Span, (int)blob.PlaintextLength) is { } full)
            await BeginSavingAsync(full, cancellation);
        return true;
    }

    /// <summary>Takes over a pack that lies in the repository but is in no index.</summary>
    internal async Task AdoptAsync(FileId pack, PackedBlob[] blobs, CancellationToken cancellation)
    {
        await _mayWrite;
        _index.Add(pack, blobs);
        await _indexSaver.AddAsync(pack, blobs, cancellation);
    }

    /// <summary>Makes everything that was stored durable and indexed. Nobody may be storing meanwhile.</summary>
    internal async Task FlushAsync(CancellationToken cancellation)
    {
        foreach (var packs in (OpenPacks[])[_data, _trees])
        {
            foreach (var pack in packs.TakeAll())
                await BeginSavingAsync(pack, cancellation);
        }

        await SavingsAsync().WaitAsync(cancellation);
        if (_index.PendingCount > 0)
            throw new InvalidOperationException("Blobs that were stored are in no pack. No snapshot may refer to them.");
        await _indexSaver.FlushAsync(cancellation);
    }

    /// <summary>What was not flushed is forgotten; packs that are being saved are waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        await SavingsAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _codec.Dispose();
        _indexSaver.Dispose();
        _room.Dispose();
        _savingRoom.Dispose();
    }

    private PackBuilder? Encode(BlobType type, BlobId id, ReadOnlySpan<byte> plaintext)
    {
        using var room = PooledBytes.Rent(BlobCodec.MaxSealedBytes(plaintext.Length));
        var encoded = _codec.Encode(type, plaintext, room.Span);
        _codec.Verify(plaintext, encoded, room.Span);
        return Take(type, id, encoded, room.Span, plaintext.Length);
    }

    private PackBuilder? Take(BlobType type, BlobId id, EncodedBlob encoded, ReadOnlySpan<byte> sealedBlob, int plaintextLength)
    {
        var full = Packs(type).Add(id, encoded, sealedBlob);
        Count(type, plaintextLength, encoded);
        return full;
    }

    private async ValueTask BeginSavingAsync(PackBuilder full, CancellationToken cancellation)
    {
        await _savingRoom.WaitAsync(cancellation);
        Task? failed;
        lock (_gate)
        {
            _savings.RemoveAll(static saving => saving.IsCompletedSuccessfully);
            failed = _savings.Find(static saving => saving.IsFaulted || saving.IsCanceled);   // one that ends well just now is neither
            if (failed is null)
                _savings.Add(Task.Run(() => SaveAsync(full), CancellationToken.None));
        }

        if (failed is null)
            return;
        _savingRoom.Release();
        await failed;
    }

    private async Task SaveAsync(PackBuilder builder)
    {
        try
        {
            var pack = builder.Finish();
            await _mayWrite;
            await _repository.Store.SaveAsync(FileKind.Pack, pack.Id, pack.Content, _stopping);   // 1
            _index.Add(pack.Id, pack.Blobs);
            await _indexSaver.AddAsync(pack.Id, pack.Blobs, _stopping);   // 2, mostly later
            Packs(builder.Type).Return(builder);
        }
        finally
        {
            _savingRoom.Release();
        }
    }

    private Task SavingsAsync()
    {
        lock (_gate)
            return Task.WhenAll(_savings);
    }

    private OpenPacks Packs(BlobType type) => type is BlobType.Tree ? _trees : _data;

    private void Count(BlobType type, int plaintextLength, EncodedBlob encoded)
    {
        Interlocked.Increment(ref type is BlobType.Tree ? ref _treeBlobs : ref _dataBlobs);
        Interlocked.Add(ref _plaintextBytes, plaintextLength);
        Interlocked.Add(ref _packedBytes, encoded.SealedLength + PackHeader.EntryBytes(encoded.UncompressedLength != 0));
    }
}

/// <summary>What a <see cref="BlobWriter"/> stored.</summary>
/// <param name="DataBlobs">New data blobs.</param>
/// <param name="TreeBlobs">New tree blobs.</param>
/// <param name="PlaintextBytes">Bytes of their plaintext.</param>
/// <param name="PackedBytes">Bytes they take in packs, their header entries included.</param>
internal readonly record struct StoredBlobs(long DataBlobs, long TreeBlobs, long PlaintextBytes, long PackedBytes);
