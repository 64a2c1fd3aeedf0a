using DocIngest.Archive;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Filing;

/// <summary>Tells a scan that grew from another scan written into the same file.</summary>
/// <remarks>
/// Both keep the file's identity. To take another patient's page for a continuation would hurt more than to file a continuation
/// as a record of its own, so the rule is strict: longer, and alike but for a few pointers that appending rewrites (the next-directory
/// offset of a TIFF's last page, a header's counts).
/// </remarks>
internal static class LateBytes
{
    private const int MaxChangedBytes = 64;
    private const int BlockBytes = 128 * 1024;

    /// <summary>Whether the new file is the archived original with bytes appended.</summary>
    public static bool Continues(Stream archived, long archivedBytes, Stream grown, long grownBytes)
    {
        if (grownBytes <= archivedBytes || archivedBytes == 0)
        {
            return false;
        }

        byte[] before = new byte[BlockBytes];
        byte[] after = new byte[BlockBytes];
        long mayChange = Math.Min(MaxChangedBytes, archivedBytes / 16);   // a tiny file is not alike for being tiny
        int changed = 0;
        for (int read; (read = archived.ReadAtLeast(before, BlockBytes, throwOnEndOfStream: false)) > 0;)
        {
            grown.ReadExactly(after, 0, read);
            for (int at = 0; at < read; at++)
            {
                if (before[at] != after[at] && ++changed > mayChange)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>The archived scan that a scan continues, or null.</summary>
    public static ContinuedScan? Find(IngestEnvironment environment, ScanInHand scan)
    {
        if (scan.Claim.LateOf is not { } earlier)
        {
            return null;
        }

        try
        {
            return Find(environment, scan, earlier);
        }
        catch (Exception error) when (error is ArchiveException or System.Text.Json.JsonException)
        {
            return null;   // the earlier record is damaged, or of a newer program: these bytes become a record of their own, verification finds the damage
        }
    }

    private static ContinuedScan? Find(IngestEnvironment environment, ScanInHand scan, RecordId earlier)
    {
        using var connection = environment.Database.OpenReader();
        if (Ledger.ScanTable.Find(connection, earlier)?.RecordId is not { } record || environment.Archive.Find(record.ToString()) is not { } archived)
        {
            return null;
        }

        var duplex = RecordDocuments.ReadRecord(environment.Archive, archived).Duplex;
        var stack = duplex is { HasBoth: true } ? duplex.Of(earlier) : null;
        var files = ArchivedOriginal.All(archived, archived.Head).Select(file => file.LogicalPath).ToList();
        if (stack is null && files.Count != 1)
        {
            return null;   // it doubled one of two stacks: which, nobody noted
        }

        using var before = environment.Archive.OpenContent(archived, archived.Head, stack?.Original ?? files[0]);
        using var after = environment.Data.OpenRead(scan.CopyPath);
        return Continues(before, before.Length, after, scan.Claim.Stamp.SizeBytes) ? new ContinuedScan(record, IsOneStackOfTwo: stack is not null) : null;
    }
}

/// <summary>An archived scan whose file grew afterwards.</summary>
/// <param name="Record">Its record.</param>
/// <param name="IsOneStackOfTwo">Whether the record has another stack beside it, which a next version with the grown file alone would lose.</param>
internal sealed record ContinuedScan(RecordId Record, bool IsOneStackOfTwo);
