using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;
using DocIngest.Storage;

namespace DocIngest.Backup.Restores;

/// <summary>Reads stretches of packs and hands each blob, once it was found to be what its id says, to the files that need it.</summary>
/// <remarks>
/// Whatever goes wrong with a blob only makes its files doubtful: they are written again by themselves, which looks for other copies and
/// tells what is wrong. For any number of threads.
/// </remarks>
internal sealed class BlobDelivery(RestoreScene scene, FileFinisher finisher)
{
    /// <summary>Blobs of more than this are read by themselves: whether a pack can hold them is asked before memory is taken.</summary>
    internal const int TrustedBytes = 16 * 1024 * 1024;

    internal async Task RunAsync(PackRead read, CancellationToken cancellation)
    {
        using var stretch = read.Length <= TrustedBytes ? await TryReadAsync(read, cancellation) : null;
        for (int from = 0; from < read.Uses.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            int to = from + 1;
            while (to < read.Uses.Count && read.Uses[to].Entry == read.Uses[from].Entry)
                to++;
            await DeliverAsync(read, stretch, read.Uses[from..to], cancellation);
            from = to;
        }
    }

    private async Task<PooledBytes?> TryReadAsync(PackRead read, CancellationToken cancellation)
    {
        var stretch = PooledBytes.Rent((int)read.Length);
        try
        {
            await scene.Repository.Store.ReadAsync(FileKind.Pack, read.Pack, read.Offset, stretch.Memory, cancellation);
            return stretch;
        }
        catch (Exception error) when (error is DamagedRepositoryException or EntryNotFoundException or StorageUnavailableException)
        {
            stretch.Dispose();
            return null;   // found again, and told, when the files are written by themselves
        }
        catch
        {
            stretch.Dispose();
            throw;
        }
    }

    private async Task DeliverAsync(PackRead read, PooledBytes? stretch, ArraySegment<BlobUse> uses, CancellationToken cancellation)
    {
        bool isDelivered = stretch is not null && TryDeliver(scene.Index[uses[0].Entry], read.Offset, stretch, uses);
        foreach (var use in uses)
        {
            if (!isDelivered)
                use.File.Doubt();
            if (use.File.PartCame())
                await finisher.FinishAsync(use.File, cancellation);
        }
    }

    private bool TryDeliver(IndexEntry entry, long start, PooledBytes stretch, ArraySegment<BlobUse> uses)
    {
        try
        {
            var input = stretch.Memory.Slice((int)(entry.Blob.Offset - start), (int)entry.Blob.Length);
            using var memory = BlobCodec.DecodeInPlace(scene.Repository.Key, entry.Blob.Id, entry.Blob.IsCompressed, input, out var plaintext);
            if (plaintext.Length != entry.Blob.PlaintextLength)
                return false;   // it does not belong where the index made us believe
            foreach (var use in uses)
                use.File.Take(plaintext.Span, use.FileOffset);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;   // as above
        }
    }
}
