using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Retention;

/// <summary>
/// Events of patients and cases: one object of the archive for each, whose dates the catalog repeats for plans. Several processes may use it at once; one
/// of them writes.
/// </summary>
/// <remarks>
/// Crash points of a write: 1 the objects are marked in the catalog; 2 each is committed as a version of its own (<see cref="SystemObjectStore"/>); 3 their
/// dates are put and the marks end in one transaction. A writer that dies between 1 and 3 leaves marks: plans then read the objects themselves, and the
/// next writer puts their dates.
/// </remarks>
/// <param name="objects">The archive's system objects.</param>
/// <param name="database">The catalog.</param>
/// <param name="locks">Of the data folder.</param>
/// <param name="naming">Names objects that are new.</param>
/// <param name="actor">Who records (I9).</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Events 1020 to 1029.</param>
public sealed class EventStore(
    SystemObjectStore objects, SqliteDatabase database, INamedLocks locks, EventNaming naming, Actor actor, TimeProvider time, ILogger logger)
{
    /// <summary>The lock that whoever writes events holds.</summary>
    public const string LockName = "events";

    // Whoever waits for the other lock holds this one, so that a long destruction sees it and lets them in.
    private const string WantedLockName = "events-wanted";

    private const string Message = "events recorded";
    private const int AtOnce = 32;   // their flushes go to the disk together

    /// <summary>Longer than a whole chunk of an import takes on a slow disk.</summary>
    public static readonly TimeSpan PatienceOfPeople = TimeSpan.FromMinutes(10);

    /// <summary>Other scans wait behind one that brings events; it is tried again.</summary>
    public static readonly TimeSpan PatienceOfFiling = TimeSpan.FromMinutes(1);

    /// <summary>How long to wait for another writer. Default <see cref="PatienceOfPeople"/>.</summary>
    public TimeSpan Patience { get; init; } = PatienceOfPeople;

    /// <summary>Lets those in who wait to record events. For whoever keeps them out for long, without the lock, between some of the work and the next.</summary>
    internal static async Task LetOthersInAsync(INamedLocks locks, CancellationToken cancellation)
    {
        using var wanted = locks.TryAcquire(WantedLockName);
        if (wanted is null)
        {
            using var whenTheyAreIn = await locks.AcquireAsync(WantedLockName, PatienceOfPeople, cancellation);
        }
    }

    /// <summary>Records events; of each patient and case, all in one version.</summary>
    /// <param name="lines">What; the kinds fit their subjects.</param>
    /// <param name="source">How they came.</param>
    /// <param name="cancellation">Heeded between objects; what is recorded then stays, and the same call again does the rest.</param>
    /// <returns>What became of each, in their order.</returns>
    /// <exception cref="LockHeldException">Another process writes events for very long. Nothing changed; retry later.</exception>
    /// <exception cref="StorageException">The surroundings fail. Some are recorded; the same call again does the rest.</exception>
    public async Task<IReadOnlyList<EventOutcome>> RecordAsync(IReadOnlyList<EventLine> lines, EventSource source, CancellationToken cancellation)
    {
        using var held = await EnterAsync(cancellation);
        await TakeUpAsync(cancellation);
        var bySubject = BySubject(lines);
        await MarkAsync(bySubject, cancellation);   // 1
        var stamp = new EventEntry(0, "", null, time.GetUtcNow(), actor.Name, actor.Address, source);
        var outcomes = new ConcurrentBag<(int Line, EventOutcome Outcome)>();
        await Parallel.ForEachAsync(
            bySubject,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (writing, token) => await WriteAsync(writing, lines, stamp, (line, outcome) => outcomes.Add((line, outcome)), token));   // 2
        await PutAsync(bySubject, CancellationToken.None);   // 3, past the point of no return
        return Gather(lines.Count, outcomes);
    }

    private async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        using var wanted = await locks.AcquireAsync(WantedLockName, Patience, cancellation);
        return await locks.AcquireAsync(LockName, Patience, cancellation);
    }

    private List<Writing> BySubject(IReadOnlyList<EventLine> lines)
    {
        using var connection = database.OpenReader();
        return
        [
            .. lines.SelectMany((line, at) => line.Subjects.Select(subject => (subject, at)))
                .GroupBy(pair => pair.subject, pair => pair.at)
                .Select(group => new Writing(NameOf(connection, group.Key), group.Key, [.. group])),
        ];
    }

    private async Task WriteAsync(
        Writing writing, IReadOnlyList<EventLine> lines, EventEntry stamp, Action<int, EventOutcome> report, CancellationToken cancellation)
    {
        var reader = new EventObjects(objects);
        List<(int Line, EventOutcome Outcome)> outcomes = [];
        try
        {
            var written = await objects.ChangeAsync(
                writing.Name,
                found =>
                {
                    var book = new EventBook(writing.Subject, found is null ? null : reader.Read(found));
                    outcomes = [.. writing.Lines.Select(line => (line, book.Add(lines[line], stamp)))];
                    writing.Events = book.Document;
                    return book.IsChanged
                        ? new SystemObjectChange(Message, new Dictionary<string, ReadOnlyMemory<byte>> { [EventsDocument.FileName] = book.Document.ToBytes() })
                        : null;
                },
                cancellation);
            writing.Version = written?.Head.Value;
        }
        catch (Exception error) when (error is DamagedObjectException or FixityException or JsonException)
        {
            logger.EventsUnreadable(writing.Name.Text);
            writing.IsDamaged = true;
            outcomes = [.. writing.Lines.Select(line => (line, (EventOutcome)new EventOutcome.Refused("its events so far are damaged: see 'archive validate'")))];
        }

        outcomes.ForEach(outcome => report(outcome.Line, outcome.Outcome));
    }

    // Whoever holds the lock and finds a mark finds one of a writer that died.
    private async Task TakeUpAsync(CancellationToken cancellation)
    {
        IReadOnlyList<string> marked;
        using (var connection = database.OpenReader())
        {
            marked = EventTable.Marked(connection);
        }

        var reader = new EventObjects(objects);
        var left = new ConcurrentBag<(string Name, ReadEvents? Events)>();
        await Parallel.ForEachAsync(
            marked,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (name, token) =>
            {
                try
                {
                    var found = await objects.ChangeAsync(new SystemObjectName(name), _ => null, token);   // ends what the dead writer began
                    left.Add((name, found is null ? null : new ReadEvents(found.Head.Value, reader.Read(found))));
                }
                catch (Exception error) when (error is DamagedObjectException or FixityException or JsonException)
                {
                    logger.EventsUnreadable(name);   // keeps its mark: plans keep what depends on it
                }
            });
        if (!left.IsEmpty)
        {
            await database.WriteAsync(
                (_, transaction) =>
                {
                    foreach (var (name, events) in left)
                    {
                        Put(transaction, name, events);
                    }

                    return true;
                },
                cancellation);
            logger.EventsTakenUp(left.Count);
        }
    }

    private Task MarkAsync(List<Writing> all, CancellationToken cancellation) => database.WriteAsync(
        (_, transaction) =>
        {
            foreach (var writing in all)
            {
                EventTable.Mark(transaction, writing.Name.Text, writing.Subject.Word, writing.Subject.Number);
            }

            return true;
        },
        cancellation);

    private Task PutAsync(List<Writing> all, CancellationToken cancellation) => database.WriteAsync(
        (_, transaction) =>
        {
            foreach (var writing in all.Where(one => !one.IsDamaged))
            {
                Put(transaction, writing.Name.Text, writing is { Version: { } version, Events: { } events } ? new ReadEvents(version, events) : null);
            }

            return true;
        },
        cancellation);

    private static void Put(DbTransaction transaction, string name, ReadEvents? read)
    {
        if (read is null)
        {
            EventTable.Forget(transaction, name);   // every line was refused, and there were no events before
            return;
        }

        EventTable.Put(transaction, name, read.Events.Subject, read.Events.Number, read.Version, read.Events.Dates(), read.Events.Days(), isWriter: true);
    }

    // The catalog's name goes first: where the key of names was lost, events go on in the object they are in.
    private SystemObjectName NameOf(DbConnection connection, EventSubject subject) =>
        EventTable.ObjectsOf(connection, subject.Word, subject.Number) is [var known, ..] ? new SystemObjectName(known) : naming.NameOf(subject);

    // A line of a patient and a case is added where either of them did not know it, and refused where either refused it.
    private static EventOutcome[] Gather(int count, IEnumerable<(int Line, EventOutcome Outcome)> outcomes)
    {
        var gathered = new EventOutcome[count];
        Array.Fill(gathered, new EventOutcome.Known());
        foreach (var (line, outcome) in outcomes)
        {
            gathered[line] = (gathered[line], outcome) switch
            {
                (EventOutcome.Refused refused, _) => refused,
                (_, EventOutcome.Known) => gathered[line],
                _ => outcome,
            };
        }

        return gathered;
    }

    private sealed class Writing(SystemObjectName name, EventSubject subject, IReadOnlyList<int> lines)
    {
        public SystemObjectName Name => name;

        public EventSubject Subject => subject;

        public IReadOnlyList<int> Lines => lines;

        public int? Version { get; set; }

        public EventsDocument? Events { get; set; }

        public bool IsDamaged { get; set; }
    }
}
