namespace DocIngest.Worker.Alarms.Ways;

/// <summary>Who is told, as a route names them. Closed: only the cases below exist.</summary>
internal abstract record AlarmRecipient
{
    private const string WebhookPrefix = "webhook:";
    private const string SystemWord = "system";

    private AlarmRecipient() { }

    /// <summary>The way by which they are told, for logs and alarms: never an address, which is a person's.</summary>
    public abstract string Way { get; }

    /// <summary>Reads one; null for what is none.</summary>
    public static AlarmRecipient? Parse(string text) =>
        text == SystemWord ? new SystemLog()
        : text.StartsWith(WebhookPrefix, StringComparison.Ordinal) ? new Webhook(text[WebhookPrefix.Length..])
        : MailWay.IsAddress(text) ? new Mail(text)
        : null;

    /// <summary>A mail address.</summary>
    internal sealed record Mail(string Address) : AlarmRecipient
    {
        public override string Way => "mail";
    }

    /// <summary>A webhook of the configuration.</summary>
    internal sealed record Webhook(string Name) : AlarmRecipient
    {
        public override string Way => WebhookPrefix + Name;
    }

    /// <summary>The system's own log.</summary>
    internal sealed record SystemLog : AlarmRecipient
    {
        public override string Way => SystemWord;
    }
}
