using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Recovering;

/// <summary>What the last call of a recovery came to, for a person: <c>recovery/result.json</c>.</summary>
public static class RecoveryResultFile
{
    private const string File = $"{DataFolder.Recovery}/result.json";
    private const int MostBytes = 256 << 20;

    /// <summary>What the last call found that a person must see to.</summary>
    /// <exception cref="DamagedObjectException">It cannot be read: nobody knows what would be accepted.</exception>
    public static IReadOnlyList<string> Findings(IDurableFolder data)
    {
        try
        {
            if (SmallFile.Read(data, File, MostBytes) is { } bytes)
            {
                using var document = JsonDocument.Parse(bytes);
                return [.. document.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetString() ?? "")];
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // As one that is missing.
        }

        throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, File, "What the recovery has found cannot be read. Run the same 'docingest recover' again: it writes it anew."));
    }

    /// <summary>Writes it, over that of the call before.</summary>
    /// <exception cref="StorageException">It may be the former one still. Repeat.</exception>
    public static Task WriteAsync(IDurableFolder data, ReadOnlyMemory<byte> json, CancellationToken cancellation) => SmallFile.PutAsync(data, File, json, cancellation);
}
