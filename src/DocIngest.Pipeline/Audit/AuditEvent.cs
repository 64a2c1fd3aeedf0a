using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.Audit;

/// <summary>Something that was done, or asked for, with records (docs/formats/audit.md). Holds ids and words of fixed lists only, no personal data but the account (I6, I9).</summary>
public sealed record AuditEvent
{
    /// <summary>A word of <see cref="AuditType"/>.</summary>
    public required string Type { get; init; }

    /// <summary>What exactly: a word that the type has.</summary>
    public required string Subtype { get; init; }

    /// <summary>A letter of <see cref="AuditAction"/>.</summary>
    public required string Action { get; init; }

    /// <summary>Whether it was done: a word of <see cref="AuditOutcome"/>. Default: success.</summary>
    public string Outcome { get; init; } = AuditOutcome.Success;

    /// <summary>What for: a word of <see cref="AuditPurpose"/>, where one was given.</summary>
    public string? Purpose { get; init; }

    /// <summary>Why, where a person decided it: a word of a fixed list.</summary>
    public string? Reason { get; init; }

    /// <summary>Who.</summary>
    public required AuditAgent Agent { get; init; }

    /// <summary>Where.</summary>
    public required AuditSource Source { get; init; }

    /// <summary>With what.</summary>
    public IReadOnlyList<AuditEntity> Entities { get; init; } = [];

    /// <summary>How many, where not each one is named.</summary>
    public long? Count { get; init; }

    /// <summary>SHA-256 of what was used, in hexadecimal, for example of the configuration.</summary>
    public string? Digest { get; init; }

    /// <summary>Only of type <see cref="AuditType.Break"/>.</summary>
    public AuditBreak? Break { get; init; }

    /// <summary>When it happened, where that was before it was recorded: acts that stand in the ledger first. UTC.</summary>
    public DateTimeOffset? Occurred { get; init; }

    /// <summary>Ties what one run of a program did together.</summary>
    public required string Correlation { get; init; }
}

/// <summary>Who did it: the account a process ran under.</summary>
/// <param name="Account">Its name.</param>
/// <param name="Address">The same as a URI.</param>
/// <param name="Kind"><c>service</c> for what the service does of its own accord, else <c>person</c>.</param>
public sealed record AuditAgent(string Account, string Address, string Kind)
{
    internal const string Person = "person";
    internal const string Service = "service";
}

/// <summary>Where it was done.</summary>
/// <param name="Host">The machine.</param>
/// <param name="Service">The program.</param>
/// <param name="Version">Its version.</param>
public sealed record AuditSource(string Host, string Service, string Version);

/// <summary>Something that took part.</summary>
/// <param name="Kind"><c>record</c>, <c>scan</c> or <c>snapshot</c>.</param>
/// <param name="Id">Its id.</param>
/// <param name="Version">Which version of a record; null where it has none.</param>
/// <param name="Inventory">SHA-512 of that version's OCFL inventory, in hexadecimal, which names every file of it: what a restore is compared with. Null where the entry is not of making it. Not the
/// digest of the document: that would tell, after it is destroyed, whoever has a copy that it was here.</param>
public sealed record AuditEntity(string Kind, string Id, int? Version = null, string? Inventory = null)
{
    /// <summary>A record of the archive.</summary>
    public const string Record = "record";

    /// <summary>A scan that was claimed.</summary>
    public const string Scan = "scan";

    /// <summary>A snapshot of a backup repository.</summary>
    public const string Snapshot = "snapshot";

    /// <summary>A proposal to destroy records.</summary>
    public const string Disposition = "disposition";

    /// <summary>Records that were handed out together.</summary>
    public const string Disclosure = "disclosure";

    /// <summary>A password of a backup repository, by the id of its key file.</summary>
    public const string Key = "key";

    /// <summary>The rules, by the SHA-256 of their file.</summary>
    public const string Rules = "rules";

    /// <summary>The retention schedule, by the SHA-256 of its file.</summary>
    public const string Retention = "retention";

    /// <summary>A job of the configuration, by its name.</summary>
    public const string Schedule = "schedule";

    /// <summary>A legal hold.</summary>
    public const string Hold = "hold";

    /// <summary>An entry of the register of people.</summary>
    public const string Person = "person";

    /// <summary>The object with the events of a patient or case, by its name, which says nothing of whose it is.</summary>
    public const string Events = "events";

    /// <summary>A repository of backups, by its own id.</summary>
    public const string Repository = "repository";

    /// <summary>A command that was refused.</summary>
    public const string Command = "command";

    /// <summary>A run of a job, by its number.</summary>
    public const string Run = "run";

    /// <summary>What ran.</summary>
    public const string Job = "job";

    /// <summary>A recovery of the data folder, by the id that it has in <c>recovery/state.json</c>.</summary>
    public const string Recovery = "recovery";

    /// <summary>A report of the assurance.</summary>
    public const string Report = "report";
}

/// <summary>Where the chain does not simply go on, and why. It goes on after the last whole line that was found.</summary>
/// <param name="Kind"><see cref="Torn"/>, <see cref="Lost"/>, <see cref="RolledBack"/> or <see cref="Accepted"/>.</param>
public sealed record AuditBreak(string Kind)
{
    /// <summary>An append that was never confirmed left bytes that are no line of the chain: a crash or power cut. They stay where they are.</summary>
    public const string Torn = "torn";

    /// <summary>Lines that had been confirmed are gone.</summary>
    public const string Lost = "lost";

    /// <summary>A line that is kept elsewhere is no line of the chain: the machine was rolled back, or the chain cut off or replaced.</summary>
    public const string RolledBack = "rolled-back";

    /// <summary>A person has accepted that.</summary>
    public const string Accepted = "accepted";

    /// <summary>The day of the segment that holds the torn bytes.</summary>
    public string? Segment { get; init; }

    /// <summary>Where in it they begin.</summary>
    public long? Offset { get; init; }

    /// <summary>How many they are, with the line feed that was put behind them.</summary>
    public long? Bytes { get; init; }

    /// <summary>Their SHA-256.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Number of the last line that is known to have been confirmed, or of the one that is kept elsewhere.</summary>
    public long? Seq { get; init; }

    /// <summary>Its hash.</summary>
    public string? Hash { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditEvent))]
[JsonSerializable(typeof(AuditHead))]
[JsonSerializable(typeof(AuditCheckpoint))]
[JsonSerializable(typeof(Rollback.HeadDocument))]
[JsonSerializable(typeof(Signing.SignerStatement))]
internal sealed partial class AuditJson : JsonSerializerContext;
