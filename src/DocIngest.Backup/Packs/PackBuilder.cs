using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DocIngest.Backup.Crypto;

namespace DocIngest.Backup.Packs;

/// <summary>Lays sealed blobs end to end in memory and closes them with a header (restic-format 6). To be used again after <see cref="Clear"/>.</summary>
/// <remarks>
/// For one thread. All blobs of a pack are of one type. Blobs lie in the order they were added: who does not want the sizes of a
/// file's chunks to be read off the pack adds them in another order than the file's.
/// </remarks>
/// <param name="key">Seals the header.</param>
/// <param name="type">Of all blobs.</param>
/// <param name="capacityBytes">What the pack will probably need; it grows beyond.</param>
internal sealed class PackBuilder(MasterKey key, BlobType type, int capacityBytes)
{
    /// <summary>rustic takes no more (restic-format 20).</summary>
    internal const int MostBlobs = 10_000;

    private readonly List<PackedBlob> _blobs = [];
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(capacityBytes);
    private int _end;
    private int _entryBytes;

    /// <summary>Of all blobs.</summary>
    internal BlobType Type => type;

    /// <summary>Blobs so far.</summary>
    internal int Count => _blobs.Count;

    /// <summary>Bytes of the pack if it were finished now.</summary>
    internal long SizeBytes => (long)_end + _entryBytes + PackHeader.FixedBytes;

    /// <summary>Whether it should be finished before another blob comes.</summary>
    internal bool IsFull(long targetBytes) => SizeBytes >= targetBytes || _blobs.Count >= MostBlobs;

    /// <summary>Memory behind the last blob to encode the next one into, without copying it. Valid until the next call.</summary>
    internal Span<byte> Room(int length)
    {
        Grow(length);
        return _buffer.AsSpan(_end, length);
    }

    /// <summary>Takes what was encoded into <see cref="Room"/> as the next blob.</summary>
    internal void Commit(BlobId id, EncodedBlob encoded)
    {
        var blob = new PackedBlob(type, id, (uint)_end, (uint)encoded.SealedLength, (uint)encoded.UncompressedLength);
        _blobs.Add(blob);
        _end += encoded.SealedLength;
        _entryBytes += PackHeader.EntryBytes(blob.IsCompressed);
    }

    /// <summary>Copies a blob that was encoded elsewhere.</summary>
    internal void Add(BlobId id, EncodedBlob encoded, ReadOnlySpan<byte> sealedBlob)
    {
        sealedBlob[..encoded.SealedLength].CopyTo(Room(encoded.SealedLength));
        Commit(id, encoded);
    }

    /// <summary>Copies all blobs of another pack of this type, unless the two together exceed a limit.</summary>
    internal bool TryAppend(PackBuilder other, long limitBytes)
    {
        if (SizeBytes + other.SizeBytes > limitBytes || Count + other.Count > MostBlobs)
            return false;
        foreach (var blob in other._blobs)
        {
            var encoded = new EncodedBlob((int)blob.Length, (int)blob.UncompressedLength);
            Add(blob.Id, encoded, other._buffer.AsSpan((int)blob.Offset, encoded.SealedLength));
        }

        return true;
    }

    /// <summary>Writes the header, makes sure that it can be read, and names the pack.</summary>
    /// <returns>Valid until <see cref="Clear"/>.</returns>
    /// <exception cref="InvalidOperationException">There is no blob.</exception>
    /// <exception cref="UnsoundEncodingException">The header does not read as it was written.</exception>
    internal BuiltPack Finish()
    {
        if (_blobs.Count == 0)
            throw new InvalidOperationException("A pack holds at least one blob.");
        int total = checked((int)SizeBytes);
        Grow(total - _end);
        int sealedHeader = _entryBytes + MasterKey.Overhead;
        var header = _buffer.AsSpan(_end + MasterKey.NonceBytes, _entryBytes);
        PackHeader.Write(CollectionsMarshal.AsSpan(_blobs), header);
        key.Seal(header, _buffer.AsSpan(_end, sealedHeader));
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_end + sealedHeader), (uint)sealedHeader);

        var content = _buffer.AsMemory(0, total);
        var pack = new BuiltPack(FileId.Of(content.Span), content, [.. _blobs]);
        Verify(pack, key);
        return pack;
    }

    /// <summary>Makes sure that the header of a pack tells its blobs.</summary>
    /// <exception cref="UnsoundEncodingException">It does not.</exception>
    internal static void Verify(BuiltPack pack, MasterKey key)
    {
        const string What = "The header of a new pack";
        try
        {
            if (!PackReader.ReadHeader(pack.Id, key, pack.Content.Span).AsSpan().SequenceEqual(pack.Blobs))
                throw new UnsoundEncodingException(What);
        }
        catch (DamagedRepositoryException error)
        {
            throw new UnsoundEncodingException(What, error);
        }
    }

    /// <summary>Starts the next pack in the same memory.</summary>
    internal void Clear()
    {
        _blobs.Clear();
        _end = 0;
        _entryBytes = 0;
    }

    private void Grow(int length)
    {
        long needed = (long)_end + length;
        if (needed <= _buffer.Length)
            return;
        byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(Math.Max(needed, _buffer.Length * 3L / 2), Array.MaxLength));
        _buffer.AsSpan(0, _end).CopyTo(larger);
        _buffer = larger;
    }
}

/// <summary>A pack to be saved, and then told to the index.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Blobs">What lies where.</param>
internal sealed record BuiltPack(FileId Id, ReadOnlyMemory<byte> Content, PackedBlob[] Blobs);
