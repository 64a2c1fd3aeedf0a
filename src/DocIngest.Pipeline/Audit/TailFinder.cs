using System.Security.Cryptography;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit;

/// <summary>
/// Finds the true end of the chain, whatever a crash, a power cut or a hand has left. Nothing is cut off or written here: bytes that are no line of the chain
/// stay where they are, and become a break that the next append records.
/// </summary>
/// <remarks>
/// <para>A line that a head names was durable before the head was written. What follows it is read line by line; what does not link to its
/// predecessor was never confirmed to anybody: <see cref="AuditBreak.Torn"/>.</para>
/// <para>Where the line that a head or checkpoint names is not there, lines that were confirmed are gone: <see cref="AuditBreak.Lost"/>. The chain goes on behind the
/// last line that is there, with numbers behind the last that is known, and never starts anew.</para>
/// </remarks>
/// <param name="data">The data folder.</param>
/// <param name="archived">The newest checkpoint that the archive has, where there is one. Asked only where the folder has no segment.</param>
internal sealed class TailFinder(IDurableFolder data, Func<AuditCheckpoint?> archived)
{
    private readonly List<(DateOnly Day, long Offset)> _strange = [];   // stretches behind the tail that do not link to it

    /// <summary>Looks. The caller holds the lock of the chain.</summary>
    public FoundTail Find()
    {
        var days = AuditFiles.Segments(data);
        var heads = AuditHead.ReadAll(data);
        var known = Known(heads, days.Count);
        var tail = heads.Select(AtHead).OfType<AuditTail>().FirstOrDefault();
        if (tail is not null)
        {
            tail = ScanFrom(tail, days);
        }
        else
        {
            tail = ScanNewest(days) ?? AuditTail.Genesis;
        }

        var breaks = new List<AuditBreak>();
        long number = tail.Seq;
        if (known is not null && known.AtLeast > tail.Seq)
        {
            number = known.AtLeast;   // numbers are not given twice
            breaks.Add(new AuditBreak(AuditBreak.Lost) { Seq = known.Seq, Hash = known.Hash });
        }

        breaks.AddRange(_strange.Select(stretch => Torn(stretch.Day, stretch.Offset, stretch.Day == days[^1])));
        return new FoundTail(tail with { Seq = number }, days.Count > 0 ? days[^1] : null, breaks);
    }

    /// <summary>A line that was durable.</summary>
    /// <param name="Seq">Its number.</param>
    /// <param name="Hash">Its hash.</param>
    /// <param name="AtLeast">How far the chain must reach: to it, or behind it.</param>
    private sealed record KnownLine(long Seq, string Hash, long AtLeast);

    // A day is closed only when the next one has a durable line: there must be one behind what its checkpoint names.
    private KnownLine? Known(IReadOnlyList<AuditHead> heads, int segments)
    {
        var claims = heads.Select(head => new KnownLine(head.Seq, head.Hash, head.Seq)).ToList();
        if (AuditFiles.Checkpoints(data) is { Count: > 0 } closed && AuditCheckpoint.Read(data, closed[^1]) is { } checkpoint)
        {
            claims.Add(new KnownLine(checkpoint.LastSeq, checkpoint.Head, checkpoint.LastSeq + 1));
        }

        if (segments == 0 && archived() is { } last)
        {
            claims.Add(new KnownLine(last.LastSeq, last.Head, last.LastSeq + 1));
        }

        return claims.MaxBy(claim => claim.AtLeast);
    }

    // The line that a head names, where it stands there still.
    private AuditTail? AtHead(AuditHead head)
    {
        if (AuditFiles.Day(head.Segment) is not { } day || SizeOf(day) is not { } size || size < head.End || head.Start < 0 || head.Start >= head.End)
        {
            return null;
        }

        var at = SegmentReader.Read(data, AuditFiles.SegmentPath(day), head.Start, head.End).First();
        return at is { IsTerminated: true } && at.End == head.End && AuditLine.TryRead(at.Content) is { IsIntact: true } line
            && line.Seq == head.Seq && line.Hash.Hex == head.Hash
            ? new AuditTail(day, head.End, line.Seq, line.Hash, line.Time, head.Outbox)
            : null;
    }

    private AuditTail ScanFrom(AuditTail tail, IReadOnlyList<DateOnly> days)
    {
        foreach (var day in days.Where(day => day >= tail.Day))
        {
            tail = Scan(tail, day, day == tail.Day ? tail.End : 0, isSeeded: true);
        }

        return tail;
    }

    // No head can be used: the newest segment that has a line, from its beginning, and what follows it.
    private AuditTail? ScanNewest(IReadOnlyList<DateOnly> days)
    {
        for (int at = days.Count - 1; at >= 0; at--)
        {
            _strange.Clear();
            var tail = Scan(AuditTail.Genesis, days[at], 0, isSeeded: false);
            if (tail.Seq > 0)
            {
                tail = tail.Outbox > 0 ? tail : tail with { Outbox = LastOutbox(days.Take(at).Reverse()) };
                return ScanFrom(tail, [.. days.Skip(at + 1)]);
            }
        }

        _strange.Clear();
        _strange.AddRange(days.Select(day => (day, 0L)));
        return null;
    }

    private AuditTail Scan(AuditTail tail, DateOnly day, long from, bool isSeeded)
    {
        if (SizeOf(day) is not { } size)
        {
            return tail;
        }

        bool isStrange = false;
        if (size == 0)
        {
            _strange.Add((day, 0));   // made by an append that did not come to its end, or emptied
        }

        foreach (var stretch in SegmentReader.Read(data, AuditFiles.SegmentPath(day), from, size))
        {
            if (stretch.IsTerminated && AuditLine.TryRead(stretch.Content) is { IsIntact: true } line && (!isSeeded || Follows(line, tail)))
            {
                tail = tail.After(line, day, stretch.End);
                _strange.Clear();   // either a break in between speaks of it, or the verifier will
                (isSeeded, isStrange) = (true, false);
            }
            else if (!isStrange)
            {
                _strange.Add((day, stretch.Start));
                isStrange = true;
            }
        }

        return tail;
    }

    private static bool Follows(AuditLine line, AuditTail tail) =>
        line.Prev == tail.Hash && (line.Seq == tail.Seq + 1 || (line.Break is not null && line.Seq > tail.Seq));

    private long LastOutbox(IEnumerable<DateOnly> newestFirst)
    {
        foreach (var day in newestFirst)
        {
            long last = SegmentReader.Read(data, AuditFiles.SegmentPath(day), 0, SizeOf(day) ?? 0)
                .Select(stretch => AuditLine.TryRead(stretch.Content)?.Outbox ?? 0).DefaultIfEmpty().Max();
            if (last > 0)
            {
                return last;
            }
        }

        return 0;
    }

    // The line feed that the next append puts behind them counts, where it goes to the same file.
    private AuditBreak Torn(DateOnly day, long offset, bool isNewest)
    {
        using var file = data.OpenRead(AuditFiles.SegmentPath(day));
        file.Seek(offset, SeekOrigin.Begin);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[64 * 1024];
        long bytes = 0;
        byte last = (byte)'\n';
        for (int read; (read = file.Read(block)) > 0; bytes += read)
        {
            digest.AppendData(block, 0, read);
            last = block[read - 1];
        }

        if (isNewest && last != '\n')
        {
            digest.AppendData("\n"u8);
            bytes++;
        }

        return new AuditBreak(AuditBreak.Torn)
        {
            Segment = AuditFiles.Word(day), Offset = offset, Bytes = bytes, Sha256 = Convert.ToHexStringLower(digest.GetHashAndReset()),
        };
    }

    private long? SizeOf(DateOnly day) => data.Find(AuditFiles.SegmentPath(day)) is { Kind: EntryKind.File } found ? found.Stamp.SizeBytes : null;
}
