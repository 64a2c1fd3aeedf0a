using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DocIngest.Archive;

/// <summary>Writes inventories: compact JSON without BOM, one LF at the end, lower-case digests, only the keys OCFL knows (E102).</summary>
internal static class InventoryWriter
{
    private static readonly JsonWriterOptions Compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,   // read by people and never put into HTML
        NewLine = "\n",
    };

    /// <summary>The same inventory always gives the same bytes.</summary>
    public static InventoryFile Write(Inventory inventory)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            WriteInventory(json, inventory);
        }

        buffer.Write("\n"u8);
        byte[] bytes = buffer.WrittenSpan.ToArray();
        return new InventoryFile(inventory, bytes, Sha512Digest.Of(bytes));
    }

    private static void WriteInventory(Utf8JsonWriter json, Inventory inventory)
    {
        json.WriteStartObject();
        json.WriteString("id", inventory.Id);
        json.WriteString("type", Inventory.TypeUri);
        json.WriteString("digestAlgorithm", "sha512");
        json.WriteString("head", inventory.Head.Name);
        if (inventory.ContentDirectory is { } contentDirectory)
        {
            json.WriteString("contentDirectory", contentDirectory);
        }

        json.WriteStartObject("manifest");
        foreach (var (digest, paths) in inventory.Manifest)
        {
            WritePaths(json, digest.Hex, paths);
        }

        json.WriteEndObject();
        WriteVersions(json, inventory);
        WriteFixity(json, inventory);
        json.WriteEndObject();
    }

    private static void WriteVersions(Utf8JsonWriter json, Inventory inventory)
    {
        json.WriteStartObject("versions");
        for (var version = VersionNumber.First; version.Value <= inventory.Head.Value; version = version.Next)
        {
            var block = inventory[version];
            json.WriteStartObject(version.Name);
            json.WriteString("created", block.Created);
            json.WriteStartObject("state");
            foreach (var paths in block.State.GroupBy(entry => entry.Value, entry => entry.Key))
            {
                WritePaths(json, paths.Key.Hex, paths);
            }

            json.WriteEndObject();
            if (block.Message is { } message)
            {
                json.WriteString("message", message);
            }

            if (block.User is { } user)
            {
                json.WriteStartObject("user");
                json.WriteString("name", user.Name);
                if (user.Address is { } address)
                {
                    json.WriteString("address", address);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteFixity(Utf8JsonWriter json, Inventory inventory)
    {
        if (inventory.Fixity is null)
        {
            return;
        }

        json.WriteStartObject("fixity");
        foreach (var (algorithm, block) in inventory.Fixity)
        {
            json.WriteStartObject(algorithm);
            foreach (var (digest, paths) in block)
            {
                WritePaths(json, digest, paths);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WritePaths(Utf8JsonWriter json, string digest, IEnumerable<string> paths)
    {
        json.WriteStartArray(digest);
        foreach (string path in paths)
        {
            json.WriteStringValue(path);
        }

        json.WriteEndArray();
    }
}
