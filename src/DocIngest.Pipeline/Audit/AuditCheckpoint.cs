using System.Text.Json;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit;

/// <summary>What closes a day of the chain. Signed as it stands in its file (docs/formats/audit.md).</summary>
/// <param name="Day">The day of the segment.</param>
/// <param name="FirstSeq">Number of its first line.</param>
/// <param name="LastSeq">Number of its last line.</param>
/// <param name="Head">Hash of its last line.</param>
/// <param name="Lines">Lines of the chain in it; torn bytes are none.</param>
/// <param name="SegmentBytes">Length of the file.</param>
/// <param name="SegmentSha256">SHA-256 of the file.</param>
/// <param name="PriorSha256">SHA-256 of the checkpoint before it; zeros where there is none.</param>
public sealed record AuditCheckpoint(
    string Day, long FirstSeq, long LastSeq, string Head, long Lines, long SegmentBytes, string SegmentSha256, string PriorSha256)
{
    private const int LargestBytes = 64 * 1024;

    internal byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, AuditJson.Default.AuditCheckpoint), (byte)'\n'];

    /// <summary>Reads one; null for bytes that are none.</summary>
    internal static AuditCheckpoint? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, AuditJson.Default.AuditCheckpoint) is { } read && AuditFiles.Day(read.Day) is not null
                && AuditHash.TryParse(read.Head, out _) && AuditHash.TryParse(read.PriorSha256, out _)
                ? read
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The one of a day in the audit folder; null where none can be read.</summary>
    internal static AuditCheckpoint? Read(IDurableFolder data, DateOnly day) => SmallFile.Read(data, AuditFiles.CheckpointPath(day), LargestBytes) is { } bytes ? Parse(bytes) : null;
}
