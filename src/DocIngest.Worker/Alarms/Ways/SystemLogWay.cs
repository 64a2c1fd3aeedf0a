using DocIngest.Pipeline.Ledger;

namespace DocIngest.Worker.Alarms.Ways;

/// <summary>The system's own log: the journal, or the event log of Windows. An entry for each alarm.</summary>
/// <param name="write">Writes an entry: how severe it is, the line, and its kind, if any.</param>
internal sealed class SystemLogWay(Action<AlarmSeverity, string, string> write) : IAlarmWay
{
    /// <summary>The log of this system.</summary>
    public static SystemLogWay OfThisSystem() => new(OperatingSystem.IsWindows() ? Windows.EventLog.Write : Linux.Journal.Write);

    public Task SendAsync(AlarmLetter letter, CancellationToken cancellation)
    {
        if (letter.Notices.Count == 0)
        {
            write(AlarmSeverity.Info, letter.TestLine, "test");
        }

        foreach (var notice in letter.Notices)
        {
            var severity = notice.Event == AlarmOutbox.Resolved ? AlarmSeverity.Info : AlarmAdvice.Of(notice.Kind).Severity;
            write(severity, letter.LineOf(notice), notice.Kind);
        }

        return Task.CompletedTask;
    }
}
