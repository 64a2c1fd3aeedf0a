using System.Text;
using System.Text.Json;
using DocIngest.Backup;
using DocIngest.Pipeline;
using DocIngest.Storage;

namespace DocIngest.Worker.Backups;

/// <summary>One escrow of a repository's master key.</summary>
/// <param name="Repository">SHA-256 of the repository's file <c>config</c>: tells it without any password, wherever it lies.</param>
/// <param name="RepositoryId">Its id.</param>
/// <param name="MadeAt">When.</param>
/// <param name="MadeBy">By which account.</param>
/// <param name="Subject">Whose certificate.</param>
/// <param name="Fingerprint">SHA-256 of the certificate, in hexadecimal digits.</param>
internal sealed record EscrowRecord(string Repository, string RepositoryId, DateTimeOffset MadeAt, string MadeBy, string Subject, string Fingerprint);

/// <summary>The escrows made from this data folder, one JSON line each in <c>keys/escrows.jsonl</c>. Nothing secret is in it.</summary>
internal static class EscrowRecords
{
    private const string FileName = "escrows.jsonl";
    private const int MaxBytes = 1024 * 1024;   // thousands

    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Names a repository by its config.</summary>
    public static string NameOf(ReadOnlySpan<byte> config) => FileId.Of(config).ToString();

    /// <summary>Adds a line, durably.</summary>
    public static async Task AddAsync(LocalVolumes volumes, string dataPath, EscrowRecord record, CancellationToken cancellation)
    {
        var keys = volumes.OpenOrCreate(Path.Combine(dataPath, DataFolder.Keys), EntryPermissions.Private);
        await using (var file = keys.OpenAppend(FileName))
        {
            // A line feed on either side: a torn line of a power cut spoils none but itself.
            await file.WriteAsync(Encoding.UTF8.GetBytes($"\n{JsonSerializer.Serialize(record, Format)}\n"), cancellation);
        }

        await keys.FlushAsync(cancellation);
    }

    /// <summary>All escrows.</summary>
    /// <exception cref="StorageException">This account may not look.</exception>
    public static IReadOnlyList<EscrowRecord> Read(LocalVolumes volumes, string dataPath)
    {
        var keys = volumes.Open(Path.Combine(dataPath, DataFolder.Keys), EntryPermissions.Private);
        try
        {
            using var file = keys.OpenRead(FileName);
            byte[] content = new byte[Math.Min(file.Length, MaxBytes)];
            int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return [.. Encoding.UTF8.GetString(content, 0, length).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(TryParse).OfType<EscrowRecord>()];
        }
        catch (EntryNotFoundException)
        {
            return [];   // none was made
        }
    }

    private static EscrowRecord? TryParse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<EscrowRecord>(line, Format);
        }
        catch (JsonException)
        {
            return null;   // torn: an escrow that is not known of only makes 'status' more careful
        }
    }
}
