using System.Text;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Receipts;

/// <summary>How a line of a receipt file is written and its sequence number read back.</summary>
internal interface IReceiptFormat
{
    /// <summary>Extension of the files, without dot.</summary>
    string Extension { get; }

    /// <summary>First line of a new file, with its end; empty for none.</summary>
    string Header { get; }

    /// <summary>A receipt as one line, without its end.</summary>
    string Line(Receipt receipt);

    /// <summary>The sequence number of a whole line; null for a torn one or a header.</summary>
    long? SequenceOf(string line);
}

/// <summary>
/// Daily receipt files made from ledger rows alone: after a crash the torn tail is cut off and the missing rows are written, so
/// that each receipt stands in exactly one file, once (DESIGN 4, Receipt).
/// </summary>
/// <param name="folder">Where the files are.</param>
/// <param name="prefix">Path and first part of their names; the day and extension follow.</param>
/// <param name="format">How lines are written.</param>
/// <param name="profile">Only this profile's receipts; null for all.</param>
internal sealed class ReceiptLog(IDurableFolder folder, string prefix, IReceiptFormat format, string? profile)
{
    private const int RowsAtOnce = 1_000;
    private const int TailBytes = 64 * 1024;

    // Where the last call ended; valid while the file still has this length, that is, while no other process has written.
    private (string Path, long SizeBytes, long Sequence)? _end;
    private bool _isWhole;   // the newest file was read through once: no later process leaves holes while we live

    /// <summary>Writes every receipt that is in the ledger and not in the files. The caller holds the lock of these files.</summary>
    public void CatchUp(SqliteDatabase database)
    {
        using var connection = database.OpenReader();
        var end = FindEnd();
        for (; ; )
        {
            var rows = ReceiptTable.After(connection, end.Sequence, RowsAtOnce);
            _end = null;   // until all is written: what a failure leaves is looked for again
            foreach (var day in rows.GroupBy(row => PathOf(row.IssuedAt)))
            {
                // A clock set back must not put later receipts into an earlier file: the newest file is where the end is looked for.
                string path = string.CompareOrdinal(day.Key, end.Path) > 0 ? day.Key : end.Path;
                if (path != end.Path && SizeOf(path) > 0)
                {
                    end = FindEnd();   // another process has begun the new day
                    if (path != end.Path)
                    {
                        end = end with { Path = path, SizeBytes = SizeOf(path) };   // its file holds no whole line
                    }
                }

                end = Append(path, [.. day.Where(row => row.Sequence > end.Sequence)], end);
            }

            _end = end;
            if (rows.Count < RowsAtOnce)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Writes the lines of some receipts anew, as the ledger has them now; all others stay to the byte. Each file is replaced by one rename, durably. The caller
    /// holds the lock of these files.
    /// </summary>
    public async Task RewriteAsync(SqliteDatabase database, IReadOnlyList<Receipt> receipts, CancellationToken cancellation)
    {
        CatchUp(database);   // cuts off a torn line, which may be one of them
        var since = folder.Mark();
        var left = receipts.ToDictionary(receipt => receipt.Sequence);
        string first = receipts.Count == 0 ? "" : PathOf(receipts.Min(receipt => receipt.IssuedAt));

        // A receipt stands in the file of its day, or in a later one where the clock had been set back. Several days share no line.
        foreach (string path in Files().Where(path => string.CompareOrdinal(path, first) >= 0).Order(StringComparer.Ordinal).TakeWhile(_ => left.Count > 0).ToList())
        {
            folder.Delete(PartOf(path));
            if (Rewritten(path, left) is { } content)
            {
                using (var file = folder.Create(PartOf(path)))
                {
                    file.Write(content);
                }

                await folder.FlushAsync(since, cancellation);   // whole before it takes the place of the other
                folder.Replace(PartOf(path), path);
            }
        }

        await folder.FlushAsync(since, cancellation);
        CatchUp(database);   // whoever issued receipts meanwhile found the files locked, and left them to us
    }

    // Null where no line is another than before. Lines that were found are taken out of those left.
    private byte[]? Rewritten(string path, Dictionary<long, Receipt> left)
    {
        byte[] before = ReadFrom(path, 0);
        using var after = new MemoryStream(before.Length);
        for (int begin = 0, end; begin < before.Length; begin = end)
        {
            end = Array.IndexOf(before, (byte)'\n', begin) is >= 0 and var at ? at + 1 : before.Length;
            var line = before.AsSpan(begin, end - begin);
            bool isAnew = format.SequenceOf(Encoding.UTF8.GetString(line).TrimEnd('\n')) is { } sequence && left.Remove(sequence, out var receipt)
                && Write(after, receipt);
            if (!isAnew)
            {
                after.Write(line);
            }
        }

        return after.ToArray() is var written && written.AsSpan().SequenceEqual(before) ? null : written;

        bool Write(Stream target, Receipt receipt)
        {
            target.Write(Encoding.UTF8.GetBytes(format.Line(receipt) + "\n"));
            return true;
        }
    }

    private static string PartOf(string path) => path + ".part";

    private long SizeOf(string path) => path.Length == 0 ? -1 : folder.Find(path)?.Stamp.SizeBytes ?? -1;

    private string PathOf(DateTimeOffset day) => $"{prefix}{day.UtcDateTime:yyyy-MM-dd}.{format.Extension}";

    private (string Path, long SizeBytes, long Sequence) Append(string path, List<Receipt> receipts, (string Path, long SizeBytes, long Sequence) end)
    {
        long sequence = receipts.Count > 0 ? receipts[^1].Sequence : end.Sequence;
        var own = receipts.Where(receipt => profile is null || receipt.Profile == profile).ToList();
        if (own.Count == 0)
        {
            return end with { Sequence = sequence };   // rows of other profiles move the place on without a line
        }

        var text = new StringBuilder(SizeOf(path) > 0 ? "" : format.Header);
        foreach (var receipt in own)
        {
            text.Append(format.Line(receipt)).Append('\n');
        }

        using (var file = folder.OpenAppend(path))
        {
            file.Write(Encoding.UTF8.GetBytes(text.ToString()));
        }

        return (path, SizeOf(path), sequence);
    }

    private (string Path, long SizeBytes, long Sequence) FindEnd()
    {
        if (_end is { } known && SizeOf(known.Path) == known.SizeBytes)
        {
            return known;
        }

        foreach (string path in Files().OrderDescending(StringComparer.Ordinal))
        {
            long sizeBytes = SizeOf(path);
            if (!_isWhole && FindHole(path) is { } hole)
            {
                folder.Truncate(path, hole);
                sizeBytes = hole;
            }

            if (CutTornTail(path, sizeBytes) is { } whole)
            {
                _isWhole = true;
                return (path, whole.SizeBytes, whole.Sequence);
            }
        }

        return ("", -1, 0);
    }

    private IEnumerable<string> Files()
    {
        string parent = prefix.LastIndexOf('/') is >= 0 and var at ? prefix[..at] : "";
        folder.CreateFolder(parent);
        string start = parent.Length == 0 ? prefix : prefix[(parent.Length + 1)..];
        return folder.List(parent)
            .Where(entry => entry.Kind == EntryKind.File && entry.Name.StartsWith(start, StringComparison.Ordinal) && entry.Name.EndsWith("." + format.Extension, StringComparison.Ordinal))
            .Select(entry => parent.Length == 0 ? entry.Name : $"{parent}/{entry.Name}");
    }

    // Appends are not flushed one by one: a power cut may keep a later one and leave zeros where an earlier was. The lines from
    // there on are written again from the ledger.
    private long? FindHole(string path)
    {
        using var file = folder.OpenRead(path);
        byte[] block = new byte[TailBytes];
        long at = 0;
        for (int read; (read = file.Read(block)) > 0; at += read)
        {
            if (Array.IndexOf(block, (byte)0, 0, read) is >= 0 and var zero)
            {
                return at + zero;
            }
        }

        return null;
    }

    // The last whole line within a window that grows until it holds one; what follows it is cut off.
    private (long SizeBytes, long Sequence)? CutTornTail(string path, long sizeBytes)
    {
        for (long window = TailBytes; ; window *= 4)
        {
            long from = Math.Max(0, sizeBytes - window);
            byte[] tail = ReadFrom(path, from);
            for (int end = tail.Length; (end = Array.LastIndexOf(tail, (byte)'\n', end - 1)) >= 0 && end > 0;)
            {
                int begin = Array.LastIndexOf(tail, (byte)'\n', end - 1) + 1;
                if ((begin > 0 || from == 0) && format.SequenceOf(Encoding.UTF8.GetString(tail, begin, end - begin)) is { } sequence)
                {
                    if (from + end + 1 < sizeBytes)
                    {
                        folder.Truncate(path, from + end + 1);
                    }

                    return (from + end + 1, sequence);
                }
            }

            if (from == 0)
            {
                folder.Truncate(path, 0);   // not one whole line: begin it anew
                return null;
            }
        }
    }

    private byte[] ReadFrom(string path, long from)
    {
        using var file = folder.OpenRead(path);
        file.Seek(from, SeekOrigin.Begin);
        using var tail = new MemoryStream();
        file.CopyTo(tail);
        return tail.ToArray();
    }
}
