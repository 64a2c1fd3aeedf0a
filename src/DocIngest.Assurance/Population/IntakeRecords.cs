using System.Text.Json;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Assurance.Population;

/// <summary>What the audit chain says of a record at a moment.</summary>
/// <param name="Version">The highest version that there was.</param>
/// <param name="Inventory">SHA-512 of that version's inventory, in hexadecimal; null where an earlier program wrote the entry.</param>
/// <param name="Since">When the version was made.</param>
public sealed record ExpectedRecord(int Version, string? Inventory, DateTimeOffset Since);

/// <summary>Which records there must be: from the entries of intake, corrections and destructions in the audit chain, never from the catalog or a backup's own lists.</summary>
public sealed class IntakeRecords
{
    private static readonly string[] Making = ["filed", "versioned"];
    private static readonly string[] Destroying = ["destroy", "replay"];

    private readonly Dictionary<RecordId, ExpectedRecord> _filed = [];
    private readonly Dictionary<RecordId, DateTimeOffset> _destroyed = [];
    private readonly HashSet<string> _registers = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _at;

    private IntakeRecords(DateTimeOffset at) => _at = at;

    /// <summary>All records that had been filed at the moment, destroyed ones among them.</summary>
    public IReadOnlyDictionary<RecordId, ExpectedRecord> Filed => _filed;

    /// <summary>When which records were destroyed, up to now.</summary>
    public IReadOnlyDictionary<RecordId, DateTimeOffset> Destroyed => _destroyed;

    /// <summary>How many versions were made after the moment.</summary>
    public long LaterCount { get; private set; }

    /// <summary>When the first of these was made; null where there is none.</summary>
    public DateTimeOffset? FirstLater { get; private set; }

    /// <summary>Reads the whole chain.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="at">The moment.</param>
    /// <param name="cancellation">Heeded between entries.</param>
    public static IntakeRecords Read(IDurableFolder data, DateTimeOffset at, CancellationToken cancellation) => Read(data, new AuditQuery(), at, cancellation);

    /// <summary>Reads a part of the chain.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="query">Which entries.</param>
    /// <param name="at">The moment.</param>
    /// <param name="cancellation">Heeded between entries.</param>
    internal static IntakeRecords Read(IDurableFolder data, AuditQuery query, DateTimeOffset at, CancellationToken cancellation)
    {
        var records = new IntakeRecords(at);
        foreach (var entry in AuditLog.Read(data, query))
        {
            cancellation.ThrowIfCancellationRequested();
            records.Take(entry);
        }

        return records;
    }

    /// <summary>Whether something had been entered at the moment into a register of the archive: of type <see cref="AuditType.Hold"/>, <see cref="AuditType.Person"/> or <see cref="AuditType.Disposition"/>.</summary>
    public bool HasRegister(string type) => _registers.Contains(type);

    private void Take(AuditEntry entry)
    {
        string type = Text(entry.Json, "type") ?? "";
        string subtype = Text(entry.Json, "subtype") ?? "";
        bool isDone = Text(entry.Json, "outcome") == AuditOutcome.Success;
        switch (type)
        {
            case AuditType.Ingest when Making.Contains(subtype):
            case AuditType.Amend:
                Made(entry);
                break;
            case AuditType.Disposition when isDone && Destroying.Contains(subtype):
                foreach (var id in Records(entry).Select(IdOf).OfType<RecordId>())
                {
                    _destroyed[id] = entry.Time;
                }

                break;
            case AuditType.Hold or AuditType.Person when isDone && subtype == "add" && entry.Time <= _at:
            case AuditType.Disposition when isDone && subtype == "propose" && entry.Time <= _at:
                _registers.Add(type);
                break;
            default:
                break;   // makes and destroys no record
        }
    }

    private void Made(AuditEntry entry)
    {
        var since = entry.Json.TryGetProperty("occurred", out var occurred) && occurred.TryGetDateTimeOffset(out var then) ? then : entry.Time;
        foreach (var entity in Records(entry))
        {
            if (IdOf(entity) is not { } id || !entity.TryGetProperty("version", out var version))
            {
                continue;
            }

            if (since > _at)
            {
                LaterCount++;
                FirstLater = FirstLater < since ? FirstLater : since;
            }
            else if (!_filed.TryGetValue(id, out var known) || known.Version < version.GetInt32())
            {
                _filed[id] = new ExpectedRecord(version.GetInt32(), Text(entity, "inventory"), since);
            }
        }
    }

    private static IEnumerable<JsonElement> Records(AuditEntry entry) => entry.Json.TryGetProperty("entities", out var entities)
        ? entities.EnumerateArray().Where(entity => entity.GetProperty("kind").ValueEquals(AuditEntity.Record))
        : [];

    private static RecordId? IdOf(JsonElement entity) => RecordId.TryParse(Text(entity, "id"), out var id) ? id : null;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
