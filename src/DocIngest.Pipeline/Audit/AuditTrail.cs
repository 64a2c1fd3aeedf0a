using System.Buffers;
using System.Data.Common;
using DocIngest.Archive;
using DocIngest.Pipeline.Database;
using DocIngest.Storage;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Audit;

/// <summary>The audit chain: every act is a line, durable before its result is handed out. Several threads and processes may append at once.</summary>
/// <remarks>
/// Appending, under the lock <c>audit</c>, and what a crash after each step leaves (docs/adr/0021-audit-chain.md):
/// 1 the lines stand behind the last one (they may be torn: <see cref="TailFinder"/>);
/// 2 flushed: they are confirmed;
/// 3 the head is noted (one that lags makes the next append read further).
/// </remarks>
public sealed class AuditTrail : IDisposable
{
    /// <summary>The lock of the chain.</summary>
    internal const string LockName = "audit";

    private const int OutboxRowsAtOnce = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);   // appends take a flush each

    private readonly IDurableFolder _data;
    private readonly INamedLocks _locks;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TailFinder _finder;
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);   // those of this process queue up here, not at the lock
    private AuditHead? _last;                                 // under the lock: how this object left the chain
    private DateTimeOffset _lastTime;                         // with _last

    /// <summary>Opens the chain of a data folder; touches nothing yet.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="locks">Its locks.</param>
    /// <param name="origin">Who records.</param>
    /// <param name="archived">The newest checkpoint that the archive has; asked only where the folder has no segment.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Events 1030 to 1039.</param>
    internal AuditTrail(IDurableFolder data, INamedLocks locks, AuditOrigin origin, Func<AuditCheckpoint?> archived, TimeProvider time, ILogger logger)
    {
        _data = data;
        _locks = locks;
        _time = time;
        _logger = logger;
        _finder = new TailFinder(data, archived);
        Origin = origin;
    }

    /// <summary>Opens the chain of a data folder; touches nothing yet.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="locks">Its locks.</param>
    /// <param name="origin">Who records.</param>
    /// <param name="archive">Opens its archive; null where there is none. Asked only where the folder has no segment of the chain.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Events 1030 to 1039.</param>
    public static AuditTrail Open(
        IDurableFolder data, INamedLocks locks, AuditOrigin origin, Func<IArchive?> archive, TimeProvider time, ILogger logger) =>
        new(data, locks, origin, () => archive() is { } root ? AuditArchive.In(root).Last(time.GetUtcNow().Year) : null, time, logger);

    /// <summary>Who records with this object.</summary>
    public AuditOrigin Origin { get; }

    /// <summary>Records events. They are durable when this returns; only then may what they speak of be handed out or destroyed.</summary>
    /// <exception cref="StorageException">The chain cannot be written. None of the events is confirmed; a retry records them all.</exception>
    /// <exception cref="LockHeldException">Another process holds the chain for very long. Nothing changed.</exception>
    public Task AppendAsync(IReadOnlyList<AuditEvent> events, CancellationToken cancellation) =>
        UnderLockAsync(
            async () =>
            {
                var found = FindTail();
                await AppendAsync(found, [.. events.Select(happened => new OutboxRow(null, happened))]);
            },
            cancellation);

    /// <summary>Records what stands in the ledger's outbox and not yet in the chain, each once, whichever process it is of.</summary>
    /// <inheritdoc cref="AppendAsync(IReadOnlyList{AuditEvent}, CancellationToken)" path="/exception" />
    public Task DrainAsync(SqliteDatabase database, CancellationToken cancellation) =>
        UnderLockAsync(
            async () =>
            {
                for (bool more = true; more;)
                {
                    var found = FindTail();
                    var rows = AuditOutbox.After(database, found.Tail.Outbox, OutboxRowsAtOnce);
                    if (rows.Count > 0)
                    {
                        await AppendAsync(found, rows);
                        await AuditOutbox.ForgetManyAsync(database, upTo: rows[^1].Number ?? 0);
                    }

                    more = rows.Count == OutboxRowsAtOnce;
                }
            },
            cancellation);

    /// <summary>The last line; null where there is none, or where the next append records a break first.</summary>
    /// <inheritdoc cref="AppendAsync(IReadOnlyList{AuditEvent}, CancellationToken)" path="/exception" />
    internal async Task<(long Seq, AuditHash Hash)?> LastAsync(CancellationToken cancellation)
    {
        (long, AuditHash)? last = null;
        await UnderLockAsync(
            () =>
            {
                last = FindTail() is { Breaks: [], Tail: { Seq: > 0 } tail } ? (tail.Seq, tail.Hash) : null;
                return Task.CompletedTask;
            },
            cancellation);
        return last;
    }

    /// <summary>Notes an act in the ledger, in the act's own transaction; <see cref="DrainAsync"/> records it.</summary>
    public void Note(DbTransaction transaction, AuditEvent happened) => AuditOutbox.Add(transaction, happened, _time.GetUtcNow());

    /// <summary>Does something while nobody appends.</summary>
    internal async Task UnderLockAsync(Func<Task> work, CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            using var held = await _locks.AcquireAsync(LockName, Patience, cancellation);
            await work();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _oneAtATime.Dispose();

    private FoundTail FindTail()
    {
        // Whoever appends notes a head: while the newest is ours, nobody else has.
        if (_last is { } last && AuditHead.ReadAll(_data) is [var newest, ..] && newest == last && AuditFiles.Day(last.Segment) is { } day
            && _data.Find(AuditFiles.SegmentPath(day))?.Stamp.SizeBytes == last.End && AuditHash.TryParse(last.Hash, out var hash))
        {
            return new FoundTail(new AuditTail(day, last.End, last.Seq, hash, _lastTime, last.Outbox), day, []);
        }

        return _finder.Find();
    }

    private async Task AppendAsync(FoundTail found, IReadOnlyList<OutboxRow> rows)
    {
        _last = null;   // until all is written
        var now = _time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var day = found.Newest is { } newest && newest > today ? newest : today;   // a line never goes to an earlier file than its predecessor's
        string path = AuditFiles.SegmentPath(day);
        var lines = new ArrayBufferWriter<byte>();
        long before = Prepare(path);
        if (found.Breaks.Count > 0 && before > 0 && !EndsInLineFeed(path, before))
        {
            lines.Write("\n"u8);   // behind torn bytes, which the break counts with it
        }

        var tail = found.Tail;
        long start = 0;
        foreach (var row in found.Breaks.Select(one => new OutboxRow(null, BreakEvent(one))).Concat(rows))
        {
            start = before + lines.WrittenCount;
            var hash = AuditLine.Write(lines, row.Event, tail.Hash, tail.Seq + 1, now, isClockBehind: day > today || now < tail.Time, row.Number);
            tail = new AuditTail(day, before + lines.WrittenCount, tail.Seq + 1, hash, now, row.Number ?? tail.Outbox);
        }

        await WriteAsync(path, before, lines.WrittenMemory);
        foreach (var one in found.Breaks)
        {
            _logger.AuditChainBroken(one.Kind, one.Seq ?? tail.Seq);
        }

        NoteHead(new AuditHead(AuditFiles.Word(day), start, tail.End, tail.Seq, tail.Hash.Hex, tail.Outbox), now);
    }

    private long Prepare(string path)
    {
        _data.CreateFolder(DataFolder.Audit);
        return _data.Find(path)?.Stamp.SizeBytes ?? 0;
    }

    private bool EndsInLineFeed(string path, long size)
    {
        using var file = _data.OpenRead(path);
        file.Seek(size - 1, SeekOrigin.Begin);
        return file.ReadByte() == '\n';
    }

    // 1 and 2
    private async Task WriteAsync(string path, long before, ReadOnlyMemory<byte> lines)
    {
        var since = _data.Mark();
        try
        {
            using (var file = _data.OpenAppend(path))
            {
                file.Write(lines.Span);
            }

            await _data.FlushAsync(since, CancellationToken.None);   // short, and others wait for the lock
        }
        catch (StorageException)
        {
            TakeBack(path, before);
            throw;
        }
    }

    // Never confirmed to anybody, and after a failed flush not to be believed: written again from its source, if at all.
    private void TakeBack(string path, long before)
    {
        try
        {
            if (_data.Find(path) is { } there && there.Stamp.SizeBytes > before)
            {
                _data.Truncate(path, before);
            }
        }
        catch (StorageException)
        {
            // What is left is no worse than after a crash: the next append finds it and says so.
        }
    }

    // 3
    private void NoteHead(AuditHead head, DateTimeOffset time)
    {
        try
        {
            head.Write(_data);
            (_last, _lastTime) = (head, time);
        }
        catch (StorageException)
        {
            // The lines are durable all the same. The next append reads on from the head before this one.
        }
    }

    private AuditEvent BreakEvent(AuditBreak found) => Origin.Event(AuditType.Break, found.Kind, AuditAction.Execute) with
    {
        Outcome = AuditOutcome.Failure, Break = found,
    };
}
