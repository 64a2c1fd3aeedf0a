using DocIngest.Backup.Chunking;
using DocIngest.Backup.Crypto;

namespace DocIngest.Backup.Packs;

/// <summary>The packs of one type that are being filled.</summary>
/// <remarks>
/// Blobs are spread over several by chance, so that the chunk sizes of a file, which may be known to others, cannot be read off a pack
/// (restic-format 6). May be used from several threads.
/// </remarks>
internal sealed class OpenPacks(MasterKey key, BlobType type)
{
    /// <summary>A pack is closed at this size: restic's default. It exceeds it by less than one blob.</summary>
    internal const int TargetBytes = 16 * 1024 * 1024;

    private const int Spread = 2;
    private const int FirstTreeBytes = 1024 * 1024;   // most backups have few new trees

    /// <summary>What a full data pack can need. Memory that is never written to costs nothing.</summary>
    private const int FullDataBytes = TargetBytes + Chunker.LongestChunk + (1024 * 1024);

    private readonly Lock _gate = new();

    // Under _gate.
    private readonly PackBuilder?[] _open = new PackBuilder?[Spread];
    private readonly Stack<PackBuilder> _idle = [];

    /// <summary>Adds an encoded blob to one of the packs.</summary>
    /// <returns>A pack that is full by it: the caller saves it and gives it back. Null mostly.</returns>
    internal PackBuilder? Add(BlobId id, EncodedBlob encoded, ReadOnlySpan<byte> sealedBlob)
    {
        int chosen = Random.Shared.Next(Spread);
        lock (_gate)
        {
            var pack = _open[chosen] ??= _idle.TryPop(out var idle) ? idle : new PackBuilder(key, type, type is BlobType.Tree ? FirstTreeBytes : FullDataBytes);
            pack.Add(id, encoded, sealedBlob);
            if (!pack.IsFull(TargetBytes))
                return null;
            _open[chosen] = null;
            return pack;
        }
    }

    /// <summary>Takes all packs that are not full, joined to as few as they fit into.</summary>
    internal IReadOnlyList<PackBuilder> TakeAll()
    {
        lock (_gate)
        {
            var taken = new List<PackBuilder>();
            foreach (var pack in _open.OfType<PackBuilder>())
            {
                if (taken.Count > 0 && taken[^1].TryAppend(pack, TargetBytes))
                    Keep(pack);
                else
                    taken.Add(pack);
            }

            Array.Clear(_open);
            return taken;
        }
    }

    /// <summary>Gives back a pack that was saved: its memory is used again.</summary>
    internal void Return(PackBuilder saved)
    {
        lock (_gate)
            Keep(saved);
    }

    private void Keep(PackBuilder pack)
    {
        pack.Clear();
        if (_idle.Count < Spread)
            _idle.Push(pack);
    }
}
