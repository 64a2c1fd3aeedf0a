namespace DocIngest.Pipeline.Audit;

/// <summary>What a segment was found to be.</summary>
internal sealed record SegmentFacts(long FirstSeq, long LastSeq, AuditHash Head, long Lines, long Bytes, string Sha256);

/// <summary>Follows the chain through the segments, in their order, and notes where it is not what an append leaves.</summary>
/// <param name="expected">What must be met on the way.</param>
/// <param name="found">Takes findings.</param>
internal sealed class ChainCheck(AuditExpectation expected, Action<AuditFinding> found)
{
    /// <summary>A stretch that does not link, until a break explains it or the check ends.</summary>
    private sealed record Stretch(DateOnly Day, long Offset, AuditHash Hash)
    {
        public List<AuditFinding> Findings { get; } = [];

        public bool HoldsLines { get; set; }
    }

    private readonly List<Stretch> _open = [];
    private readonly Dictionary<string, AuditFinding> _rollbacks = [];   // not accepted yet, by the hash that is kept elsewhere
    private AuditHash _prevOfLast;
    private DateTimeOffset _lastTime;
    private bool _isHeadMet;
    private bool _isSeqMet;

    public long Entries { get; private set; }

    /// <summary>Entries that say that another key signs the days.</summary>
    public List<Signing.KeyEntry> KeyEntries { get; } = [];

    public long Seq { get; private set; }

    public AuditHash Hash { get; private set; }

    /// <summary>Reads the segment of a day.</summary>
    /// <param name="day">Its day.</param>
    /// <param name="open">Opens it; more than once where torn bytes are to be looked at.</param>
    /// <param name="upTo">Where it ended when the check began.</param>
    public SegmentFacts Read(DateOnly day, Func<Stream> open, long upTo)
    {
        using var file = open();
        using var measured = new MeasuredStream(file);
        long first = 0;
        long lines = 0;
        bool isStrange = false;
        foreach (var stretch in SegmentReader.Read(measured, 0, upTo))
        {
            if (AuditLine.TryRead(stretch.Content) is { } line && stretch.IsTerminated)
            {
                first = first == 0 ? line.Seq : first;
                lines++;
                Take(line, day, stretch.Start, open);
                isStrange = false;
            }
            else if (!isStrange)
            {
                isStrange = true;
                Begin(day, stretch.Start).Findings.Add(Error("A006", day, stretch.Start, "Bytes that are no line of the chain, and no break speaks of them."));
            }
        }

        return new SegmentFacts(first, Seq, Hash, lines, measured.Bytes, measured.Sha256);
    }

    /// <summary>No more segments come.</summary>
    public void Complete()
    {
        GiveUpExplaining();
        _rollbacks.Values.ToList().ForEach(found);
        if (Entries == 0)
        {
            found(new AuditFinding("A001", true, DataFolder.Audit, "There is no entry: nothing was checked."));
        }

        if (expected is { Seq: { } seq } && !_isSeqMet)
        {
            found(new AuditFinding("A014", true, DataFolder.Audit, $"The chain was said to have an entry {seq}, and has none: its end was cut off, or it is another chain."));
        }

        if (expected.Head is { } head && !_isHeadMet)
        {
            found(new AuditFinding(
                "A014", true, DataFolder.Audit, $"No entry{(expected.Seq is null ? "" : " of that number")} has the hash {head}: it was changed or cut off, or it is another chain."));
        }
    }

    private void Take(AuditLine line, DateOnly day, long start, Func<Stream> open)
    {
        if (!line.IsIntact)
        {
            found(Error("A002", day, line.Seq, "The entry was changed after it had been written: its bytes have not the hash that stands in it."));
        }

        if (line.Break is { Kind: AuditBreak.Torn } torn
            && _open.Find(one => (one.Hash == line.Prev || Hash == line.Prev) && IsDescribed(one, torn, open, day)) is { } stretch)
        {
            Explain(stretch, torn, line, day);
            Move(line, day);
            return;
        }

        foreach (var unexplained in _open)
        {
            unexplained.HoldsLines = true;
        }

        if (line.Prev == Hash)
        {
            Link(line, day);
        }
        else
        {
            var unlinked = Begin(day, start);
            unlinked.HoldsLines = true;
            unlinked.Findings.Add(Unlinked(line, day));
        }

        Move(line, day);
    }

    private void Link(AuditLine line, DateOnly day)
    {
        NoteRollback(line, day);
        if (line.KeyStatement is { } digest)
        {
            KeyEntries.Add(new Signing.KeyEntry($"{AuditFiles.SegmentName(day)}:{line.Seq}", digest));
        }

        if (line.Break is { Kind: AuditBreak.Lost })
        {
            found(Error("A007", day, line.Seq, $"Entries are lost: up to number {line.Break.Seq} they had been confirmed, and were gone when this one was written."));
        }
        else if (line.Break is { Kind: AuditBreak.Torn })
        {
            found(Warning("A008", day, line.Seq, "An append did not come to its end, in a crash or power cut. What it was to record had not been handed out."));
        }
        else if (line.Seq != Seq + 1)
        {
            found(Error("A004", day, line.Seq, $"The number does not follow {Seq}."));
        }
    }

    // Found by what backups know: wrong until somebody says how it came.
    private void NoteRollback(AuditLine line, DateOnly day)
    {
        if (line.Break is { Kind: AuditBreak.RolledBack, Hash: { } kept })
        {
            _rollbacks[kept] = Error("A019", day, line.Seq, $"Backups know of an entry {line.Break.Seq} that is not here: the machine was rolled back, or the chain cut off or replaced. Nobody has accepted that.");
        }
        else if (line.Break is { Kind: AuditBreak.Accepted, Hash: { } accepted } && _rollbacks.Remove(accepted))
        {
            found(Warning("A020", day, line.Seq, $"Backups know of an entry {line.Break.Seq} that is not here: the machine was rolled back, or the chain cut off or replaced. The account of this entry has accepted that."));
        }
    }

    // The chain goes on from where it was before the stretch.
    private void Explain(Stretch stretch, AuditBreak torn, AuditLine line, DateOnly day)
    {
        _open.Remove(stretch);
        found(stretch.HoldsLines
            ? Error("A007", day, line.Seq, $"{torn.Bytes} bytes were left out of the chain as torn, and whole entries are among them.")
            : Warning("A008", day, line.Seq, $"An append did not come to its end, in a crash or power cut, and left {torn.Bytes} bytes. What it was to record had not been handed out."));
    }

    private AuditFinding Unlinked(AuditLine line, DateOnly day) =>
        Entries > 0 && line.Prev == _prevOfLast ? Error("A005", day, line.Seq, "A fork: it follows the same entry as the one before it.")
        : line.Seq > Seq + 1 ? Error("A004", day, line.Seq, $"Entries are missing between {Seq} and it.")
        : Error("A003", day, line.Seq, "It does not follow the entry before it: one was put in, taken out, replaced, or they were put in another order.");

    private void Move(AuditLine line, DateOnly day)
    {
        if (DateOnly.FromDateTime(line.Time.UtcDateTime) > day)
        {
            found(Error("A018", day, line.Seq, "It stands in the file of an earlier day."));
        }

        if (line.Time < _lastTime)
        {
            found(Warning("A016", day, line.Seq, "The clock was set back before it was written."));
        }

        _isSeqMet |= line.Seq == expected.Seq;
        _isHeadMet |= line.Hash == expected.Head && (expected.Seq is null || line.Seq == expected.Seq);
        _prevOfLast = line.Prev;
        _lastTime = line.Time;
        (Seq, Hash) = (line.Seq, line.Hash);
        Entries++;
    }

    private Stretch Begin(DateOnly day, long offset)
    {
        var stretch = new Stretch(day, offset, Hash);
        _open.Add(stretch);
        return stretch;
    }

    private static bool IsDescribed(Stretch stretch, AuditBreak torn, Func<Stream> open, DateOnly day)
    {
        if (torn.Segment != AuditFiles.Word(stretch.Day) || torn.Offset != stretch.Offset || torn.Bytes is not { } bytes)
        {
            return false;
        }

        if (stretch.Day != day)
        {
            return true;   // the day's checkpoint covers its bytes
        }

        using var file = open();
        using var measured = new MeasuredStream(file);
        Skip(file, stretch.Offset);
        Skip(measured, bytes);
        return measured.Bytes == bytes && measured.Sha256 == torn.Sha256;
    }

    private static void Skip(Stream file, long bytes)
    {
        byte[] block = new byte[64 * 1024];
        for (int read; bytes > 0 && (read = file.Read(block, 0, (int)Math.Min(block.Length, bytes))) > 0;)
        {
            bytes -= read;
        }
    }

    private void GiveUpExplaining()
    {
        foreach (var finding in _open.SelectMany(stretch => stretch.Findings))
        {
            found(finding);
        }

        _open.Clear();
    }

    private static AuditFinding Error(string code, DateOnly day, long place, string message) => new(code, true, $"{AuditFiles.SegmentName(day)}:{place}", message);

    private static AuditFinding Warning(string code, DateOnly day, long place, string message) => new(code, false, $"{AuditFiles.SegmentName(day)}:{place}", message);
}
