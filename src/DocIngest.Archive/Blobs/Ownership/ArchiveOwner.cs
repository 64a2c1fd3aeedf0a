using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace DocIngest.Archive;

/// <summary>Which installation writes an archive, as a blob beside the storage root tells it.</summary>
/// <param name="Installation">Drawn once for a data folder.</param>
/// <param name="Since">When it became the owner.</param>
public sealed record ArchiveOwner(Guid Installation, DateTimeOffset Since)
{
    internal const int LimitBytes = 4096;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 2 };

    internal byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("installation", Installation);
            json.WriteString("since", Since.ToString("O", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Null for what this program did not write.</summary>
    internal static ArchiveOwner? TryRead(byte[] content)
    {
        try
        {
            using var json = JsonDocument.Parse(content, Strict);
            return new ArchiveOwner(json.RootElement.GetProperty("installation").GetGuid(), json.RootElement.GetProperty("since").GetDateTimeOffset());
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;   // not ours: whoever asks says that it cannot be told
        }
    }
}
