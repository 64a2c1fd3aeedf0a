using System.Runtime.InteropServices;
using System.Text.Json;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Indexes;

/// <summary>Reads the JSON of an index file pack by pack, without making objects of it (restic-format 7).</summary>
internal static class IndexFileReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 1000 };   // unknown fields may nest deeper than ours

    /// <exception cref="InvalidDataException">No index. Packs before the fault were found already.</exception>
    /// <exception cref="UnsupportedRepositoryException">The format before restic 0.2.</exception>
    internal static void Read(ReadOnlySpan<byte> content, PackFound found, Action<MarkedPack>? marked = null)
    {
        var json = new Utf8JsonReader(content, Options);
        try
        {
            _ = json.Read();
            if (json.TokenType is JsonTokenType.StartArray)
                throw new UnsupportedRepositoryException("An index has the format that restic used before version 0.2.");
            Demand(json.TokenType is JsonTokenType.StartObject, "The index is no JSON object.");
            var blobs = new List<PackedBlob>();
            while (IsField(ref json))
            {
                if (IsNamed(ref json, "packs"u8))
                    ReadPacks(ref json, blobs, found);
                else if (IsNamed(ref json, "packs_to_delete"u8))
                    ReadMarks(ref json, marked);
                else
                    json.Skip();
            }

            Demand(!json.Read(), "Something follows the index.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException("The index is no well-formed JSON.", error);
        }
    }

    private static void ReadPacks(ref Utf8JsonReader json, List<PackedBlob> blobs, PackFound found)
    {
        if (!IsArray(ref json))
            return;
        while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
        {
            blobs.Clear();
            var pack = ReadPack(ref json, blobs);
            found(pack, CollectionsMarshal.AsSpan(blobs));
        }
    }

    /// <summary>rustic's list of packs that wait for their deletion. restic does not know it.</summary>
    private static void ReadMarks(ref Utf8JsonReader json, Action<MarkedPack>? marked)
    {
        if (!IsArray(ref json))
            return;
        while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
        {
            Demand(json.TokenType is JsonTokenType.StartObject, "A pack of the index is no JSON object.");
            Sha256Digest? id = null;
            ZonedTime time = default;
            while (IsField(ref json))
            {
                if (IsNamed(ref json, "id"u8))
                    id = ReadDigest(ref json);
                else if (IsNamed(ref json, "time"u8))
                    time = json.TokenType is JsonTokenType.String && ZonedTime.TryParse(json.GetString(), out var read) ? read : default;
                else
                    json.Skip();
            }

            Demand(id is not null, "A pack of the index has no id.");
            marked?.Invoke(new MarkedPack(new FileId(id ?? default), time.Instant));
        }
    }

    private static FileId ReadPack(ref Utf8JsonReader json, List<PackedBlob> blobs)
    {
        Demand(json.TokenType is JsonTokenType.StartObject, "A pack of the index is no JSON object.");
        Sha256Digest? id = null;
        while (IsField(ref json))
        {
            if (IsNamed(ref json, "id"u8))
                id = ReadDigest(ref json);
            else if (IsNamed(ref json, "blobs"u8))
                ReadBlobs(ref json, blobs);
            else
                json.Skip();
        }

        return new FileId(id ?? throw new InvalidDataException("A pack of the index has no id."));
    }

    private static void ReadBlobs(ref Utf8JsonReader json, List<PackedBlob> blobs)
    {
        blobs.Clear();
        if (!IsArray(ref json))
            return;
        while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
            blobs.Add(ReadBlob(ref json));
    }

    private static PackedBlob ReadBlob(ref Utf8JsonReader json)
    {
        Demand(json.TokenType is JsonTokenType.StartObject, "A blob of the index is no JSON object.");
        Sha256Digest? id = null;
        BlobType? type = null;
        uint offset = 0, length = 0, uncompressed = 0;
        while (IsField(ref json))
        {
            if (IsNamed(ref json, "id"u8))
                id = ReadDigest(ref json);
            else if (IsNamed(ref json, "type"u8))
                type = ReadType(ref json);
            else if (IsNamed(ref json, "offset"u8))
                offset = ReadNumber(ref json);
            else if (IsNamed(ref json, "length"u8))
                length = ReadNumber(ref json);
            else if (IsNamed(ref json, "uncompressed_length"u8))
                uncompressed = ReadNumber(ref json);
            else
                json.Skip();
        }

        Demand(id is not null && type is not null, "A blob of the index lacks its id or type.");
        Demand(length >= MasterKey.Overhead, "A blob of the index is shorter than its seal.");
        Demand((long)offset + length <= uint.MaxValue, "A blob of the index lies beyond 4 GiB.");
        return new PackedBlob(type ?? default, new BlobId(id ?? default), offset, length, uncompressed);
    }

    /// <summary>Goes to the next name of the object, or to its end.</summary>
    private static bool IsField(ref Utf8JsonReader json) => json.Read() && json.TokenType is JsonTokenType.PropertyName;

    /// <summary>Whether the present name is this one; then its value is the next token.</summary>
    private static bool IsNamed(ref Utf8JsonReader json, ReadOnlySpan<byte> name) =>
        json.TokenType is JsonTokenType.PropertyName && json.ValueTextEquals(name) && json.Read();

    private static bool IsArray(ref Utf8JsonReader json)
    {
        Demand(json.TokenType is JsonTokenType.StartArray or JsonTokenType.Null, "A list of the index is no array.");
        return json.TokenType is JsonTokenType.StartArray;
    }

    private static Sha256Digest ReadDigest(ref Utf8JsonReader json)
    {
        Demand(json.TokenType is JsonTokenType.String, "An id of the index is no string.");
        bool isDigest = json.ValueIsEscaped
            ? Sha256Digest.TryParse(json.GetString(), out var digest)
            : Sha256Digest.TryParse(json.ValueSpan, out digest);
        return isDigest ? digest : throw new InvalidDataException("An id of the index is not hexadecimal.");
    }

    private static BlobType ReadType(ref Utf8JsonReader json)
    {
        Demand(json.TokenType is JsonTokenType.String, "A type of the index is no string.");
        if (json.ValueTextEquals("data"u8))
            return BlobType.Data;
        return json.ValueTextEquals("tree"u8) ? BlobType.Tree : throw new InvalidDataException("A blob of the index is of unknown type.");
    }

    private static uint ReadNumber(ref Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.Null)
            return 0;
        Demand(json.TokenType is JsonTokenType.Number, "A length of the index is no number.");
        return json.TryGetUInt32(out uint value) ? value : throw new InvalidDataException("A length of the index is beyond 4 GiB.");
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }
}

/// <summary>Takes one pack of an index. The blobs are gone when it returns.</summary>
public delegate void PackFound(FileId pack, ReadOnlySpan<PackedBlob> blobs);
