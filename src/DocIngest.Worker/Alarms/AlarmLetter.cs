using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DocIngest.Pipeline.Ledger;

namespace DocIngest.Worker.Alarms;

/// <summary>What a recipient reads: the same words each time that a message is sent, since nothing in it depends on when.</summary>
/// <param name="id">Of the message.</param>
/// <param name="made">When it was put together.</param>
/// <param name="installation">The machine that it comes from.</param>
/// <param name="notices">What it tells; empty for a test.</param>
internal sealed class AlarmLetter(string id, DateTimeOffset made, string installation, IReadOnlyList<AlarmNotice> notices)
{
    /// <summary>The format of the JSON document (docs/operations/alarms.md).</summary>
    public const string Format = "docingest-alarm/1";

    // More than a person reads, and less than a mail server refuses.
    private const int MostInWords = 100;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Id => id;

    public DateTimeOffset Made => made;

    public string Installation => installation;

    /// <summary>The worst first; of those alike, the oldest.</summary>
    public IReadOnlyList<AlarmNotice> Notices { get; } =
        [.. notices.OrderBy(notice => notice.Event == AlarmOutbox.Resolved).ThenByDescending(notice => AlarmAdvice.Of(notice.Kind).Severity).ThenBy(notice => notice.Since)];

    private bool IsTest => notices.Count == 0;

    private IEnumerable<AlarmNotice> Standing => Notices.Where(notice => notice.Event != AlarmOutbox.Resolved);

    /// <summary>One line for a list of mails.</summary>
    public string Subject
    {
        get
        {
            if (IsTest)
            {
                return $"[test] DocIngest on {installation}: a test of the alarms";
            }

            var first = Notices[0];
            string more = Notices.Count > 1 ? $" and {Notices.Count - 1} more" : "";
            return $"[{Heading(first)}] DocIngest on {installation}: {first.Kind} ({first.Subject}){more}";
        }
    }

    /// <summary>The text of a mail.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            if (IsTest)
            {
                text.Append(CultureInfo.InvariantCulture, $"Somebody ran 'docingest alarm test' on {installation}. Nothing is wrong. Alarms would reach you by this way.\n\n");
            }

            foreach (var notice in Notices.Take(MostInWords))
            {
                Tell(text, notice);
            }

            if (Notices.Count > MostInWords)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Notices.Count - MostInWords} more are not shown here.\n\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"'docingest alarm list' on {installation} shows what stands now.\nMessage {id} of {InWords(made)}: one with an id that you have had is a repetition.\n");
            return text.ToString();
        }
    }

    /// <summary>The JSON document of a webhook.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            Format,
            Id = id,
            Made = made.UtcDateTime,
            Installation = installation,
            Test = IsTest,
            Severity = Word(Standing.Select(notice => AlarmAdvice.Of(notice.Kind).Severity).DefaultIfEmpty(AlarmSeverity.Info).Max()),
            Text = Subject,   // what chat programs show
            Alarms = Notices.Select(InJson),
        },
        Json);

    /// <summary>One line about one alarm, for the system's log.</summary>
    public string LineOf(AlarmNotice notice)
    {
        var advice = AlarmAdvice.Of(notice.Kind);
        return notice.Event == AlarmOutbox.Resolved
            ? $"{Heading(notice)}: {notice.Kind} ({notice.Subject}), which stood since {InWords(notice.Since)}. Message {id}"
            : $"{Heading(notice)}: {notice.Kind} ({notice.Subject}) since {InWords(notice.Since)}: {notice.Text} At risk: {advice.AtRisk} Scanning: {advice.ScanningInWords} To do: {advice.WhatToDo} Message {id}";
    }

    /// <summary>The line of a test, for the system's log.</summary>
    public string TestLine => $"{Subject}. Message {id}";

    private static object InJson(AlarmNotice notice)
    {
        var advice = AlarmAdvice.Of(notice.Kind);
        return new
        {
            notice.Event,
            notice.Kind,
            notice.Subject,
            Severity = Word(advice.Severity),
            Since = notice.Since.UtcDateTime,
            Resolved = notice.ResolvedAt?.UtcDateTime,
            notice.Count,
            Message = notice.Text,
            advice.AtRisk,
            Scanning = JsonNamingPolicy.CamelCase.ConvertName(advice.Scanning.ToString()),
            advice.WhatToDo,
        };
    }

    private static void Tell(StringBuilder text, AlarmNotice notice)
    {
        var advice = AlarmAdvice.Of(notice.Kind);
        text.Append(CultureInfo.InvariantCulture, $"{Heading(notice)}: {notice.Kind} ({notice.Subject})\n");
        if (notice.ResolvedAt is { } resolved)
        {
            text.Append(CultureInfo.InvariantCulture, $"  Over. It stood from {InWords(notice.Since)} to {InWords(resolved)}.\n\n");
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"  {notice.Text}\n");
        text.Append(CultureInfo.InvariantCulture, $"  Since:    {InWords(notice.Since)}\n");
        text.Append(CultureInfo.InvariantCulture, $"  At risk:  {advice.AtRisk}\n");
        text.Append(CultureInfo.InvariantCulture, $"  Scanning: {advice.ScanningInWords}\n");
        text.Append(CultureInfo.InvariantCulture, $"  To do:    {advice.WhatToDo}\n\n");
    }

    private static string Heading(AlarmNotice notice) => notice.Event switch
    {
        AlarmOutbox.Resolved => "RESOLVED",
        AlarmOutbox.Reminder => $"STILL {AlarmAdvice.Of(notice.Kind).Severity.ToString().ToUpperInvariant()}",
        _ => AlarmAdvice.Of(notice.Kind).Severity.ToString().ToUpperInvariant(),
    };

    private static string Word(AlarmSeverity severity) => JsonNamingPolicy.CamelCase.ConvertName(severity.ToString());

    private static string InWords(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";
}
