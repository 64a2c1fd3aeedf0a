using System.Buffers;
using System.Text.Json;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>What a staged next version is and what it was built on (<c>staging/NAME/seal.json</c>). Written before, and removed after, its commit.</summary>
/// <param name="ObjectId">The object.</param>
/// <param name="Version">The version.</param>
/// <param name="Base">Digest of the root inventory it was built on.</param>
/// <param name="Inventory">Digest of its own inventory.</param>
internal sealed record Seal(string ObjectId, VersionNumber Version, Sha512Digest Base, Sha512Digest Inventory)
{
    public const int LimitBytes = 4096;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 2 };

    public static byte[] Write(Seal seal)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("objectId", seal.ObjectId);
            json.WriteString("version", seal.Version.Name);
            json.WriteString("base", seal.Base.Hex);
            json.WriteString("inventory", seal.Inventory.Hex);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The seal in a staging entry; null where there is none, or one of another object.</summary>
    public static Seal? Find(IDurableFolder folder, string stagingEntry, string objectId)
    {
        byte[]? content = folder.TryReadWhole($"{stagingEntry}/{SealedFolder.SealFileName}", LimitBytes);
        return content is not null && TryRead(content) is { } seal && seal.ObjectId == objectId ? seal : null;
    }

    /// <summary>Null for a torn file: then its version was never flushed, so never placed.</summary>
    public static Seal? TryRead(byte[] content)
    {
        try
        {
            using var json = JsonDocument.Parse(content, Strict);
            return VersionNumber.TryParse(Text(json, "version"), out var version)
                ? new Seal(Text(json, "objectId"), version, new Sha512Digest(Text(json, "base")), new Sha512Digest(Text(json, "inventory")))
                : null;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;   // torn or not ours: both mean "no seal"
        }
    }

    private static string Text(JsonDocument json, string key) => json.RootElement.GetProperty(key).GetString() ?? "";
}
