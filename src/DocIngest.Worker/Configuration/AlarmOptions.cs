using System.ComponentModel.DataAnnotations;
using DocIngest.Worker.Alarms;

namespace DocIngest.Worker.Configuration;

/// <summary>Whom to tell of what is wrong, and from when on something is.</summary>
public sealed class AlarmOptions
{
    /// <summary>Who is told of what. Default: nobody; alarms then stand in <c>status</c> and <c>alarm list</c> only.</summary>
    public IReadOnlyList<AlarmRoute> Routes { get; set; } = [];

    /// <summary>The mail server, for routes that name addresses. Default: none.</summary>
    public AlarmMailOptions? Mail { get; set; }

    /// <summary>Web addresses that take messages as JSON, for routes that name <c>webhook:NAME</c>.</summary>
    public IReadOnlyList<AlarmWebhookOptions> Webhooks { get; set; } = [];

    /// <summary>A service elsewhere that raises an alarm when it hears nothing any more (a dead man's switch). Default: none.</summary>
    public AlarmPingOptions? Ping { get; set; }

    /// <summary>How many messages a recipient gets within an hour; the rest is put together in the next one. Those with a critical alarm are counted apart. Default 6; 1 to 600.</summary>
    [Range(1, 600)]
    public int MaxMessagesAnHour { get; set; } = 6;

    /// <summary>When an alarm that still stands is told again. Default 1 day; 0 (never) to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan RemindAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How many files come into quarantine within 24 hours, and wait there, before it is an alarm. Default 10; 0 (never) to 1000000.</summary>
    [Range(0, 1_000_000)]
    public int QuarantinedADay { get; set; } = 10;

    /// <summary>Free space of the data folder below which it is an alarm, in bytes; 0 for never. Default: three times <c>intake.freeSpaceReserveBytes</c>.</summary>
    [Range(0, long.MaxValue)]
    public long? LowSpaceBytes { get; set; }

    /// <summary>How many days before certificates and signatures of Azure run out it is an alarm. Default 30; 0 (once they have) to 365.</summary>
    [Range(0, 365)]
    public int ExpiryDays { get; set; } = 30;
}

/// <summary>Who is told of which alarms. A recipient of several routes is told of what any of them names, once.</summary>
public sealed class AlarmRoute
{
    /// <summary>Mail addresses, <c>webhook:NAME</c>, and <c>system</c> for the journal (Linux) or the event log (Windows).</summary>
    [MinLength(1)]
    public IReadOnlyList<string> To { get; set; } = [];

    /// <summary>Kinds of alarms, as <c>disk-reserve</c>. Default: all.</summary>
    public IReadOnlyList<string> Kinds { get; set; } = [];

    /// <summary>Severities. Default: all.</summary>
    public IReadOnlyList<AlarmSeverity> Severities { get; set; } = [];
}

/// <summary>A mail server.</summary>
public sealed class AlarmMailOptions
{
    /// <summary>Its name or address.</summary>
    [MinLength(1)]
    public string Host { get; set; } = "";

    /// <summary>Its port. Default 587; 1 to 65535.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>How the connection is encrypted; <c>none</c> only to this machine itself. Default <c>startTls</c>.</summary>
    public MailSecurity Security { get; set; } = MailSecurity.StartTls;

    /// <summary>The account there. Default: none; then no password either.</summary>
    [MinLength(1)]
    public string? User { get; set; }

    /// <summary>Where its password is, never the password itself; the forms of <c>backup.password</c>.</summary>
    public string? Password { get; set; }

    /// <summary>The sender's address.</summary>
    [MinLength(1)]
    public string From { get; set; } = "";

    /// <summary>How long the server may take for one message. Default 30 s; 1 s to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>How a connection to a mail server is encrypted.</summary>
public enum MailSecurity
{
    /// <summary>From the first word on.</summary>
    Tls,

    /// <summary>After a greeting in clear; a server that does not offer it gets nothing.</summary>
    StartTls,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>A web address that takes messages.</summary>
public sealed class AlarmWebhookOptions
{
    /// <summary>What routes call it.</summary>
    [RegularExpression("^[a-z0-9][a-z0-9-]{0,39}$", ErrorMessage = "must be small letters, digits and hyphens")]
    public string Name { get; set; } = "";

    /// <summary>The address, <c>https:</c> (<c>http:</c> only to this machine itself); or where it is (the forms of <c>backup.password</c>), since some addresses are secrets.</summary>
    [MinLength(1)]
    public string Url { get; set; } = "";

    /// <summary>Where the key is with which each message is signed (HMAC-SHA-256 in the header <c>X-DocIngest-Signature</c>). Default: not signed.</summary>
    public string? Hmac { get; set; }

    /// <summary>Where the token is that goes along as <c>Authorization: Bearer</c>. Default: none.</summary>
    public string? Bearer { get; set; }

    /// <summary>How long it may take for one message. Default 30 s; 1 s to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>A dead man's switch: an address elsewhere that is called for as long as the service lives.</summary>
public sealed class AlarmPingOptions
{
    /// <summary>The address that is called while all is well, <c>https:</c> or <c>http:</c>; or where it is (the forms of <c>backup.password</c>).</summary>
    [MinLength(1)]
    public string Url { get; set; } = "";

    /// <summary>The one that is called while a critical alarm stands. Default: the other with <c>/fail</c> at the end of its path, as healthchecks.io has it.</summary>
    [MinLength(1)]
    public string? FailUrl { get; set; }

    /// <summary>How often. Default 5 min; 10 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long it may take. Default 30 s; 1 s to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
