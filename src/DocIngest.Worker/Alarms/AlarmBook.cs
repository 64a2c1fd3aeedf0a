using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Alarms;

/// <summary>Raises and ends alarms of the service's own checks, writing only where something changes.</summary>
/// <param name="database">Has the alarms.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Events 5100 and 5101.</param>
internal sealed class AlarmBook(SqliteDatabase database, TimeProvider time, ILogger logger)
{
    /// <summary>Raises or ends an alarm as <paramref name="stands"/> says; one that stands gets the new words, where they are others.</summary>
    public async Task SetAsync(AlarmKind kind, string subject, bool stands, string message, CancellationToken cancellation)
    {
        string word = kind.ToWord();
        Alarm? standing;
        using (var connection = database.OpenReader())
        {
            standing = AlarmTable.Standing(connection).FirstOrDefault(alarm => alarm.Kind == word && alarm.Subject == subject);
        }

        if (standing is null ? !stands : stands && standing.Message == message)
        {
            return;
        }

        await database.WriteAsync(
            (_, transaction) =>
            {
                if (stands)
                {
                    AlarmTable.Raise(transaction, kind, subject, message, time.GetUtcNow());
                }
                else
                {
                    AlarmTable.Resolve(transaction, kind, subject, time.GetUtcNow());
                }

                return true;
            },
            cancellation);
        if (stands && standing is null)
        {
            logger.CheckRaisedAlarm(word, subject, message);
        }
        else if (!stands)
        {
            logger.CheckEndedAlarm(word, subject);
        }
    }

    /// <summary>Ends those of a kind whose subjects are looked at no more.</summary>
    public async Task EndOthersAsync(AlarmKind kind, IReadOnlyCollection<string> subjects, CancellationToken cancellation)
    {
        string word = kind.ToWord();
        List<string> gone;
        using (var connection = database.OpenReader())
        {
            gone = [.. AlarmTable.Standing(connection).Where(alarm => alarm.Kind == word && !subjects.Contains(alarm.Subject)).Select(alarm => alarm.Subject)];
        }

        foreach (string subject in gone)
        {
            await SetAsync(kind, subject, stands: false, "", cancellation);
        }
    }
}
