using System.Buffers;
using System.Buffers.Binary;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace DocIngest.Storage;

/// <summary>Puts one blob: in one request where it is small, else block by block. Nothing is visible before the last request.</summary>
/// <remarks>
/// Blocks: 1. each block is staged under an id of this upload's own; 2. the list of blocks is committed, which is the put. A crash at 1 leaves
/// blocks that no reader sees and Azure drops after a week.
/// </remarks>
internal sealed class AzureUpload(BlockBlobClient blob, AzureTransfers transfers, string store)
{
    private const int NumberBytes = sizeof(int);

    // Azure compares what it got with a digest that the client library sends along; CRC-64 would be faster, but the emulator does not know it.
    private static readonly UploadTransferValidationOptions Checked = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 };

    // Two uploads of one blob must not meet in their blocks: the faster one would commit the other's bytes.
    private readonly Guid _upload = Guid.NewGuid();

    /// <returns>Version and size of the new blob.</returns>
    /// <exception cref="IOException">The source failed, in its own words. Nothing is visible.</exception>
    internal async Task<(ETag Version, long SizeBytes)> PutAsync(Stream content, BlobRequestConditions conditions, CancellationToken cancellation)
    {
        int pieceBytes = PieceBytes(content);
        byte[] piece = ArrayPool<byte>.Shared.Rent(pieceBytes);
        try
        {
            int read = await content.ReadAtLeastAsync(piece.AsMemory(0, pieceBytes), pieceBytes, throwOnEndOfStream: false, cancellation);
            return read < pieceBytes
                ? (await PutAtOnceAsync(piece, read, conditions, cancellation), read)
                : await PutBlocksAsync(content, piece, pieceBytes, conditions, cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>One byte more than a small blob has: where it comes, the blob grew meanwhile and goes on in blocks.</summary>
    private int PieceBytes(Stream content) =>
        content.CanSeek && content.Length - content.Position is >= 0 and var left && left < transfers.OneRequestBytes ? (int)left + 1 : transfers.BlockBytes;

    private async Task<ETag> PutAtOnceAsync(byte[] content, int count, BlobRequestConditions conditions, CancellationToken cancellation)
    {
        using var body = new MemoryStream(content, 0, count, writable: false);
        var options = new BlobUploadOptions
        {
            Conditions = conditions,
            TransferValidation = Checked,
            TransferOptions = new StorageTransferOptions { InitialTransferSize = count + 1 },   // never cut by the client library, which cuts what is not below this
        };
        return (await AskAsync(() => blob.UploadAsync(body, options, cancellation), cancellation)).Value.ETag;
    }

    private async Task<(ETag Version, long SizeBytes)> PutBlocksAsync(
        Stream content, byte[] piece, int pieceBytes, BlobRequestConditions conditions, CancellationToken cancellation)
    {
        var blocks = new List<string>();
        long size = 0;
        for (int read = pieceBytes; read > 0;)
        {
            blocks.Add(BlockId(blocks.Count));
            using (var body = new MemoryStream(piece, 0, read, writable: false))
                await AskAsync(() => blob.StageBlockAsync(blocks[^1], body, StageConditions(conditions), cancellation), cancellation);   // 1
            size += read;
            read = await content.ReadAtLeastAsync(piece.AsMemory(0, pieceBytes), pieceBytes, throwOnEndOfStream: false, cancellation);
        }

        var options = new CommitBlockListOptions { Conditions = conditions };
        return ((await AskAsync(() => blob.CommitBlockListAsync(blocks, options, cancellation), cancellation)).Value.ETag, size);   // 2
    }

    /// <summary>A block is held against the lease alone: versions count when the list is committed.</summary>
    private static BlockBlobStageBlockOptions StageConditions(BlobRequestConditions conditions) => new()
    {
        Conditions = conditions.LeaseId is null ? null : new BlobRequestConditions { LeaseId = conditions.LeaseId },
        TransferValidation = Checked,
    };

    /// <summary>All of the same length, as Azure demands.</summary>
    private string BlockId(int number)
    {
        Span<byte> id = stackalloc byte[16 + NumberBytes];
        _upload.TryWriteBytes(id);
        BinaryPrimitives.WriteInt32BigEndian(id[16..], number);
        return Convert.ToBase64String(id);
    }

    // Around the requests alone: a source that fails keeps its own words.
    private Task<T> AskAsync<T>(Func<Task<T>> request, CancellationToken cancellation) => AzureError.TranslatedAsync(request, store, cancellation);
}

/// <summary>How much goes over the line at a time.</summary>
/// <param name="OneRequestBytes">Blobs below this, where their length is known, are put by one request. Default 32 MiB: a pack of a backup and
/// nearly every scan; Azure would take 5,000 MiB, but a broken request is sent again whole.</param>
/// <param name="BlockBytes">The size of a block otherwise; 50,000 of them make the largest blob. Default 8 MiB, so 390 GiB.</param>
/// <param name="PageEntries">How many blobs a listing asks for at once. Default 5,000, the most there are.</param>
internal sealed record AzureTransfers(int OneRequestBytes = 32 * 1024 * 1024, int BlockBytes = 8 * 1024 * 1024, int PageEntries = 5000);
