using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit.Rollback;

/// <summary>The chain of a data folder, as others know it: by its first line, and by lines that were kept elsewhere.</summary>
/// <param name="data">The data folder.</param>
/// <param name="archive">Opens its archive; null where there is none. Asked only where the folder lacks the beginning of the chain.</param>
/// <param name="time">The clock.</param>
public sealed class OwnChain(IDurableFolder data, Func<IArchive?> archive, TimeProvider time)
{
    /// <summary>Where the head that goes into backups is written, for who reads them with a program of their own.</summary>
    public const string HeadFile = $"{DataFolder.Audit}/kept-head.json";

    /// <summary>The hash of its first line; null where there is no line.</summary>
    /// <exception cref="ArchiveException">The beginning is in the archive alone, and cannot be read there.</exception>
    public AuditHash? Id()
    {
        var here = AuditFiles.Segments(data).Select(day => FirstOf(SegmentReader.Read(data, AuditFiles.SegmentPath(day), 0, SizeOf(day)))).FirstOrDefault(line => line is not null);
        return here is { Seq: 1 } ? here.Hash : FirstArchived()?.Hash ?? here?.Hash;
    }

    /// <summary>Whether it has a line.</summary>
    public bool Has(KeptHead head)
    {
        foreach (var day in AuditFiles.Segments(data).Reverse())
        {
            AuditLine? first = null;
            foreach (var stretch in SegmentReader.Read(data, AuditFiles.SegmentPath(day), 0, SizeOf(day)))
            {
                if (!stretch.IsTerminated || AuditLine.TryRead(stretch.Content) is not { IsIntact: true } line)
                {
                    continue;
                }

                first ??= line;
                if (first.Seq > head.Seq)
                {
                    break;   // in an earlier file, if anywhere
                }

                if (line.Seq == head.Seq && line.Hash == head.Hash)
                {
                    return true;
                }
            }

            if (first is not null && first.Seq <= head.Seq)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>The end of the chain as it may be kept elsewhere, written to <see cref="HeadFile"/> too.</summary>
    /// <returns>Null where the chain has no line, or a break must be recorded first.</returns>
    /// <exception cref="StorageException">It cannot be read or written.</exception>
    /// <exception cref="LockHeldException">Another process holds the chain for very long.</exception>
    public async Task<KeptHead?> NoteHeadAsync(AuditTrail audit, CancellationToken cancellation)
    {
        if (await audit.LastAsync(cancellation) is not var (seq, hash) || Id() is not { } id)
        {
            return null;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new HeadDocument(id.Hex, seq, hash.Hex, AuditLine.InWords(time.GetUtcNow())), AuditJson.Default.HeadDocument);
        await SmallFile.PutAsync(data, HeadFile, json, cancellation);
        return new KeptHead(id, seq, hash);
    }

    private AuditLine? FirstArchived()
    {
        if (archive() is not { } root)
        {
            return null;
        }

        var archived = AuditArchive.In(root);
        if (archived.Years(time.GetUtcNow().Year).FirstOrDefault() is not { } year || AuditArchive.Days(year) is not [var day, ..])
        {
            return null;
        }

        using var segment = archived.Open(year, AuditFiles.SegmentName(day));
        return segment is null ? null : FirstOf(SegmentReader.Read(segment, 0, long.MaxValue));
    }

    private static AuditLine? FirstOf(IEnumerable<SegmentLine> stretches) =>
        stretches.Select(stretch => stretch.IsTerminated && AuditLine.TryRead(stretch.Content) is { IsIntact: true } line ? line : null).FirstOrDefault(line => line is not null);

    private long SizeOf(DateOnly day) => data.Find(AuditFiles.SegmentPath(day))?.Stamp.SizeBytes ?? 0;
}

/// <summary>The file that is kept elsewhere (docs/formats/audit.md).</summary>
/// <param name="Chain">Hash of the chain's first line.</param>
/// <param name="Seq">Number of its last line then.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Time">When: UTC.</param>
internal sealed record HeadDocument(string Chain, long Seq, string Hash, string Time);
