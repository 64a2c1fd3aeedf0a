using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Indexes;

/// <summary>A pack that no index names and that waits for its deletion, as index files of rustic's kind tell it (<c>packs_to_delete</c>).</summary>
/// <remarks>
/// It may be one that another host, whose lock was lost, is about to index. A mark means nothing any more once an index names the pack.
/// restic ignores marks, and deletes such packs by itself.
/// </remarks>
/// <param name="Id">The pack.</param>
/// <param name="Since">When it was first found so; 1970 where the index does not say.</param>
internal readonly record struct MarkedPack(FileId Id, UnixTime Since)
{
    /// <summary>An index file of nothing but marks.</summary>
    internal static ReadOnlyMemory<byte> WriteFile(IEnumerable<(MarkedPack Pack, long SizeBytes)> marks)
    {
        var json = new GoJson();
        json.BeginObject();
        json.Name("packs"u8);
        json.BeginArray();
        json.EndArray();
        json.Name("packs_to_delete"u8);
        json.BeginArray();
        foreach (var (pack, sizeBytes) in marks)
        {
            json.BeginObject();
            json.Name("id"u8);
            json.Digest(pack.Id.Digest);
            json.Name("blobs"u8);
            json.BeginArray();
            json.EndArray();
            json.Name("time"u8);
            json.Time(new ZonedTime(pack.Since));
            json.Name("size"u8);
            json.Number((ulong)sizeBytes);
            json.EndObject();
        }

        json.EndArray();
        json.EndObject();
        json.LineFeed();
        return json.Written.ToArray();
    }
}
