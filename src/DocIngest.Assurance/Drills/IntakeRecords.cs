using System.Text.Json;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Assurance.Drills;

/// <summary>What the audit chain says of a record at a moment.</summary>
/// <param name="Version">The highest version that there was.</param>
/// <param name="Sha512">Digest of that version's original, in hexadecimal; null where an earlier program wrote the entry.</param>
/// <param name="Since">When the version was made.</param>
public sealed record ExpectedRecord(int Version, string? Sha512, DateTimeOffset Since);

/// <summary>Which records there must be: from the entries of intake and of corrections in the audit chain, never from the catalog or a backup's own lists.</summary>
public static class IntakeRecords
{
    private static readonly string[] Making = ["filed", "versioned"];

    /// <summary>All records that had been filed at a moment, destroyed ones among them.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="at">The moment. What was made later is not asked for.</param>
    /// <param name="cancellation">Heeded between entries.</param>
    public static Dictionary<RecordId, ExpectedRecord> Read(IDurableFolder data, DateTimeOffset at, CancellationToken cancellation)
    {
        var records = new Dictionary<RecordId, ExpectedRecord>();
        foreach (var entry in AuditLog.Read(data, new AuditQuery()).Where(MakesVersions))
        {
            cancellation.ThrowIfCancellationRequested();
            var since = When(entry);
            foreach (var entity in since <= at ? Records(entry) : [])
            {
                if (RecordId.TryParse(Text(entity, "id"), out var id) && entity.TryGetProperty("version", out var version)
                    && (!records.TryGetValue(id, out var known) || known.Version < version.GetInt32()))
                {
                    records[id] = new ExpectedRecord(version.GetInt32(), Text(entity, "sha512"), since);
                }
            }
        }

        return records;
    }

    // A duplicate names the record that was there before.
    private static bool MakesVersions(AuditEntry entry) => entry.Json.GetProperty("type") switch
    {
        var type when type.ValueEquals(AuditType.Ingest) => Making.Contains(Text(entry.Json, "subtype")),
        var type => type.ValueEquals(AuditType.Amend),
    };

    private static IEnumerable<JsonElement> Records(AuditEntry entry) => entry.Json.TryGetProperty("entities", out var entities)
        ? entities.EnumerateArray().Where(entity => entity.GetProperty("kind").ValueEquals(AuditEntity.Record))
        : [];

    private static DateTimeOffset When(AuditEntry entry) =>
        entry.Json.TryGetProperty("occurred", out var occurred) && occurred.TryGetDateTimeOffset(out var then) ? then : entry.Time;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
