using DocIngest.Worker.Alarms.Ways;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Alarms;

/// <summary>Whom the routes name, what each of them is told, and by which way.</summary>
/// <param name="options">Without faults.</param>
/// <param name="dataFolder">Absolute; references to secrets are relative to it.</param>
/// <param name="time">The clock of time limits.</param>
internal sealed class AlarmAddressBook(AlarmOptions options, string dataFolder, TimeProvider time)
{
    /// <summary>Every recipient once, as the routes write them.</summary>
    public IReadOnlyList<string> Recipients { get; } = [.. options.Routes.SelectMany(route => route.To).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether any route brings a kind of alarm, in its written form, to a recipient.</summary>
    public bool Wants(string recipient, string kind) => options.Routes.Any(route =>
        route.To.Contains(recipient, StringComparer.Ordinal)
        && (route.Kinds.Count == 0 || route.Kinds.Contains(kind, StringComparer.Ordinal))
        && (route.Severities.Count == 0 || route.Severities.Contains(AlarmAdvice.Of(kind).Severity)));

    /// <summary>The way to a recipient.</summary>
    public IAlarmWay WayTo(string recipient) => AlarmRecipient.Parse(recipient) switch
    {
        AlarmRecipient.Mail mail when options.Mail is { } server => new MailWay(server, mail.Address, dataFolder, time),
        AlarmRecipient.Webhook hook => new WebhookWay(options.Webhooks.First(webhook => webhook.Name == hook.Name), dataFolder, time),
        AlarmRecipient.SystemLog => SystemLogWay.OfThisSystem(),
        _ => throw new InvalidOperationException("The configuration was checked: it has a way to each recipient."),
    };

    /// <summary>The way, without an address.</summary>
    public static string WayOf(string recipient) => AlarmRecipient.Parse(recipient)?.Way ?? "";
}
