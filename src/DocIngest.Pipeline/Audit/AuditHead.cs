using System.Text.Json;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit;

/// <summary>The end of the chain as an append left it: a line that is durable. Says where to look, and what must be there at least.</summary>
/// <param name="Segment">The day of the file that the line is in.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where the next one begins.</param>
/// <param name="Seq">Its number.</param>
/// <param name="Hash">Its hash, in hexadecimal.</param>
/// <param name="Outbox">The last of the ledger's outbox that the chain has.</param>
internal sealed record AuditHead(string Segment, long Start, long End, long Seq, string Hash, long Outbox)
{
    private const int LargestBytes = 4096;

    /// <summary>Those that can be read, the newest first. A power cut can have torn the newest; its predecessor was flushed with the append after it.</summary>
    public static IReadOnlyList<AuditHead> ReadAll(IDurableFolder data) =>
        [.. AuditFiles.HeadPaths.Select(path => Read(data, path)).OfType<AuditHead>().OrderByDescending(head => head.Seq)];

    /// <summary>Notes it beside its predecessor's. Not flushed: the next append's flush makes it durable.</summary>
    public void Write(IDurableFolder data)
    {
        // Over the older of the two: the other one is durable.
        string path = AuditFiles.HeadPaths.MinBy(path => Read(data, path)?.Seq ?? 0) ?? AuditFiles.HeadPaths[0];
        string part = path + ".part";
        data.Delete(part);
        using (var file = data.Create(part))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(this, AuditJson.Default.AuditHead));
        }

        data.Replace(part, path);
    }

    private static AuditHead? Read(IDurableFolder data, string path)
    {
        if (data.Find(path) is not { Kind: EntryKind.File, Stamp.SizeBytes: > 0 and <= LargestBytes })
        {
            return null;
        }

        using var file = data.OpenRead(path);
        try
        {
            return JsonSerializer.Deserialize(file, AuditJson.Default.AuditHead) is { } head && AuditFiles.Day(head.Segment) is not null
                && AuditHash.TryParse(head.Hash, out _)
                ? head
                : null;
        }
        catch (JsonException)
        {
            return null;   // torn by a power cut; whoever wrote over it has its end of the chain from the other one
        }
    }
}
