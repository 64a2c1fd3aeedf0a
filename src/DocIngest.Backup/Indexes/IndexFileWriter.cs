using DocIngest.Backup.Encoding;
using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Indexes;

/// <summary>Collects packs into the JSON of an index file (restic-format 7). Each pack belongs in one index file, with all its blobs.</summary>
/// <remarks>For one thread.</remarks>
internal sealed class IndexFileWriter
{
    /// <summary>restic closes an index file at so many blobs.</summary>
    internal const int FullAtBlobs = 50_000;

    private readonly GoJson _json = new(64 * 1024);

    internal IndexFileWriter() => Clear();

    /// <summary>Blobs so far.</summary>
    internal int BlobCount { get; private set; }

    /// <summary>Whether it should be saved now.</summary>
    internal bool IsFull => BlobCount >= FullAtBlobs;

    internal void Add(FileId pack, ReadOnlySpan<PackedBlob> blobs)
    {
        _json.BeginObject();
        _json.Name("id"u8);
        _json.Digest(pack.Digest);
        _json.Name("blobs"u8);
        _json.BeginArray();
        foreach (var blob in blobs)
            Add(blob);
        _json.EndArray();
        _json.EndObject();
        BlobCount += blobs.Length;
    }

    /// <summary>The whole document. Nothing may be added before <see cref="Clear"/>.</summary>
    internal ReadOnlyMemory<byte> Finish()
    {
        _json.EndArray();
        _json.EndObject();
        _json.LineFeed();
        return _json.Written;
    }

    /// <summary>Starts the next index file in the same memory.</summary>
    internal void Clear()
    {
        BlobCount = 0;
        _json.Clear();
        _json.BeginObject();
        _json.Name("packs"u8);
        _json.BeginArray();
    }

    private void Add(PackedBlob blob)
    {
        _json.BeginObject();
        _json.Name("id"u8);
        _json.Digest(blob.Id.Digest);
        _json.Name("type"u8);
        _json.Raw(blob.Type is BlobType.Tree ? "\"tree\""u8 : "\"data\""u8);
        _json.Name("offset"u8);
        _json.Number((ulong)blob.Offset);
        _json.Name("length"u8);
        _json.Number((ulong)blob.Length);
        if (blob.IsCompressed)
        {
            _json.Name("uncompressed_length"u8);
            _json.Number((ulong)blob.UncompressedLength);
        }

        _json.EndObject();
    }
}
