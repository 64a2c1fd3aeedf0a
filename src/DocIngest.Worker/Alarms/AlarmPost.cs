using System.Collections.Concurrent;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Worker.Alarms.Ways;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Alarms;

/// <summary>
/// Brings alarms to their recipients, whoever raised them: the service, or a command that ran without one. What is to be told waits in the database until the other side
/// has it (<see cref="AlarmOutbox"/>): nothing is lost, and after a crash a message may come twice, with the same id.
/// </summary>
internal sealed class AlarmPost
{
    // A way has its own limit, of ten minutes at most; what it must ask for a secret first may hang.
    private static readonly TimeSpan SendsWithin = TimeSpan.FromMinutes(12);

    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(15);   // a server that comes back after a day has it soon
    private static readonly TimeSpan UndeliveredAfter = TimeSpan.FromMinutes(15);   // a server that starts anew is back by then

    private readonly SqliteDatabase _database;
    private readonly AlarmBook _book;
    private readonly Func<string, string, bool> _wants;
    private readonly IReadOnlyDictionary<string, IAlarmWay> _ways;
    private readonly AlarmPace _pace;
    private readonly string _installation;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, bool> _unmarked = new();   // messages that were accepted, until that is written

    /// <param name="database">Has alarms and outbox.</param>
    /// <param name="ways">The way to each recipient.</param>
    /// <param name="wants">Whether a recipient is told of a kind.</param>
    /// <param name="pace">How many messages, and when again.</param>
    /// <param name="installation">This machine, as messages name it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Events 5100 to 5104.</param>
    public AlarmPost(
        SqliteDatabase database, IReadOnlyDictionary<string, IAlarmWay> ways, Func<string, string, bool> wants, AlarmPace pace, string installation, TimeProvider time, ILogger logger)
    {
        _database = database;
        _book = new AlarmBook(database, time, logger);
        _ways = ways;
        _wants = wants;
        _pace = pace;
        _installation = installation;
        _time = time;
        _logger = logger;
    }

    /// <summary>One round: notes what is new, puts it together, and sends what is due. A way that does not work holds up no other.</summary>
    /// <param name="stopping">Ends it; what was not sent waits.</param>
    public async Task RunOnceAsync(CancellationToken stopping)
    {
        foreach (string recipient in _ways.Keys)
        {
            await PrepareAsync(recipient, stopping);
        }

        IReadOnlyList<AlarmMessage> due;
        using (var connection = _database.OpenReader())
        {
            due = AlarmOutbox.Due(connection, _time.GetUtcNow());
        }

        await Task.WhenAll(due.Where(message => _ways.ContainsKey(message.Recipient)).Select(message => SendAsync(message, stopping)));
        await TellOfUndeliveredAsync(stopping);
    }

    /// <summary>Forgets recipients that no route names any more; once at the start.</summary>
    public async Task ForgetOthersAsync(CancellationToken stopping)
    {
        int given = await _database.WriteAsync((_, transaction) => AlarmOutbox.Forget(transaction, [.. _ways.Keys], _time.GetUtcNow()), stopping);
        if (given > 0)
        {
            _logger.AlarmMessagesGivenUp(given);
        }
    }

    private async Task PrepareAsync(string recipient, CancellationToken stopping)
    {
        var now = _time.GetUtcNow();
        IReadOnlyList<AlarmNotice> untold;
        bool mayGather;
        using (var connection = _database.OpenReader())
        {
            untold = AlarmOutbox.Untold(connection, recipient, kind => _wants(recipient, kind), _pace, now);
            mayGather = AlarmOutbox.MayGather(connection, recipient);
        }

        if (untold.Count == 0 && !mayGather)
        {
            return;   // nearly always: nothing is written
        }

        string id = Guid.NewGuid().ToString("D");
        await _database.WriteAsync(
            (_, transaction) =>
            {
                AlarmOutbox.Note(transaction, recipient, untold, now);   // 1
                AlarmOutbox.Gather(transaction, recipient, id, IsCritical, _pace, now);   // 2
                return true;
            },
            stopping);
    }

    private async Task SendAsync(AlarmMessage message, CancellationToken stopping)
    {
        string way = AlarmAddressBook.WayOf(message.Recipient);
        try
        {
            if (!_unmarked.ContainsKey(message.Id))   // else it was accepted, and the catalog could not be written
            {
                using var limit = new CancellationTokenSource(SendsWithin, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, limit.Token);
                await _ways[message.Recipient].SendAsync(new AlarmLetter(message.Id, message.Made, _installation, message.Notices), either.Token);   // 3
                _unmarked[message.Id] = true;
            }
        }
#pragma warning disable CA1031 // The edge of one message (STYLE 5): whatever is wrong with its way, it is kept, and the others go out.
        catch (Exception error) when (!(error is OperationCanceledException && stopping.IsCancellationRequested))
#pragma warning restore CA1031
        {
            var (reason, problem) = error is AlarmNotAcceptedException refused ? (refused.Reason, refused.Message) : ($"{error.GetType().Name}.", error.GetType().Name);
            if (message.Attempts == 0)
            {
                _logger.AlarmNotAccepted(message.Id, way, reason);   // then the alarm stands, and 'alarm list' has the rest
            }

            await MarkAsync(transaction => AlarmOutbox.MarkFailed(transaction, message.Id, problem, _time.GetUtcNow() + RestAfter(message.Attempts)));
            return;
        }

        await MarkAsync(transaction => AlarmOutbox.MarkSent(transaction, message.Id, _time.GetUtcNow()));   // 4
        _unmarked.TryRemove(message.Id, out _);
        _logger.AlarmSent(message.Id, way, message.Notices.Count, message.Attempts + 1);
    }

    // It is sent: not to be cut off between that and its mark.
    private Task MarkAsync(Action<Microsoft.Data.Sqlite.SqliteTransaction> mark) => _database.WriteAsync(
        (_, transaction) =>
        {
            mark(transaction);
            return true;
        },
        CancellationToken.None);

    private static TimeSpan RestAfter(int attempts)
    {
        double seconds = FirstRest.TotalSeconds * Math.Pow(2, Math.Min(attempts, 10));
        return seconds < LongestRest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestRest;
    }

    private async Task TellOfUndeliveredAsync(CancellationToken stopping)
    {
        IReadOnlyList<AlarmMessage> open;
        using (var connection = _database.OpenReader())
        {
            open = AlarmOutbox.Undelivered(connection);
        }

        var late = open.Where(message => message.Attempts > 0 && (_time.GetUtcNow() - message.Made).Duration() >= UndeliveredAfter)   // also of a clock that was ahead
            .Select(message => AlarmAddressBook.WayOf(message.Recipient)).ToHashSet(StringComparer.Ordinal);
        foreach (string way in _ways.Keys.Select(AlarmAddressBook.WayOf).Distinct())
        {
            await _book.SetAsync(
                AlarmKind.AlarmUndelivered, way, late.Contains(way), "Messages about alarms are not accepted by this way; 'docingest alarm list' says why. They are tried again until they are.", stopping);
        }

        await _book.EndOthersAsync(AlarmKind.AlarmUndelivered, [.. _ways.Keys.Select(AlarmAddressBook.WayOf)], stopping);
    }

    private static bool IsCritical(string kind) => AlarmAdvice.Of(kind).Severity == AlarmSeverity.Critical;
}
