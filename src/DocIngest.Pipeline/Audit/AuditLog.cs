using System.Text.Json;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit;

/// <summary>Which entries are wanted; what is null does not narrow.</summary>
public sealed record AuditQuery
{
    /// <summary>Only with this record, by its <c>urn:uuid:</c>.</summary>
    public string? Record { get; init; }

    /// <summary>Only by this account.</summary>
    public string? Account { get; init; }

    /// <summary>Recorded at or after this.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Recorded before this.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only what showed records to somebody or handed them out.</summary>
    public bool IsDisclosures { get; init; }

    /// <summary>With <see cref="Record"/>: also copies of the whole archive, which name no record.</summary>
    public bool WithArchiveCopies { get; init; }
}

/// <summary>An entry of the chain, to be looked at.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Time">When it was recorded, UTC.</param>
/// <param name="Json">All of it, as it is stored.</param>
public sealed record AuditEntry(long Seq, DateTimeOffset Time, JsonElement Json);

/// <summary>Reads the chain for people, oldest first, as the caller goes on. Whether it is sound says <see cref="AuditVerifier"/>.</summary>
public static class AuditLog
{
    private static readonly string[] Disclosing = [AuditType.Read, AuditType.Search, AuditType.Export];

    /// <summary>Entries that are wanted. What is no line of the chain is left out.</summary>
    public static IEnumerable<AuditEntry> Read(IDurableFolder data, AuditQuery query)
    {
        foreach (var entry in AuditFiles.Segments(data).Where(day => MayHold(day, query)).SelectMany(day => ReadDay(data, day, query)))
        {
            yield return entry;
        }
    }

    private static IEnumerable<AuditEntry> ReadDay(IDurableFolder data, DateOnly day, AuditQuery query)
    {
        string path = AuditFiles.SegmentPath(day);
        if (data.Find(path) is not { } found)
        {
            yield break;
        }

        foreach (var stretch in SegmentReader.Read(data, path, 0, found.Stamp.SizeBytes))
        {
            if (AuditLine.TryRead(stretch.Content) is { } line && (query.From is null || line.Time >= query.From) && (query.To is null || line.Time < query.To))
            {
                using var json = JsonDocument.Parse(stretch.Content);
                if (IsWanted(json.RootElement, query))
                {
                    yield return new AuditEntry(line.Seq, line.Time, json.RootElement.Clone());
                }
            }
        }
    }

    /// <summary>The last entry that meets a condition; null where there is none. Reads the newest files first, and no more of them than it takes.</summary>
    public static AuditEntry? Last(IDurableFolder data, Func<AuditEntry, bool> meets)
    {
        foreach (var day in AuditFiles.Segments(data).Reverse())
        {
            AuditEntry? last = null;
            foreach (var entry in ReadDay(data, day, new AuditQuery()))
            {
                last = meets(entry) ? entry : last;
            }

            if (last is not null)
            {
                return last;
            }
        }

        return null;
    }

    // A file may hold lines of earlier days, where the clock was set back, and none of later ones.
    private static bool MayHold(DateOnly day, AuditQuery query) => query.From is null || day >= DateOnly.FromDateTime(query.From.Value.UtcDateTime);

    private static bool IsWanted(JsonElement entry, AuditQuery query) =>
        (query.Account is null || Text(entry.GetProperty("agent"), "account") == query.Account)
        && (!query.IsDisclosures || Disclosing.Contains(Text(entry, "type")))
        && (query.Record is null || (query.WithArchiveCopies && Text(entry, "type") == AuditType.Export)
            || Entities(entry).Any(entity => Text(entity, "kind") == AuditEntity.Record && Text(entity, "id") == query.Record));

    private static IEnumerable<JsonElement> Entities(JsonElement entry) =>
        entry.TryGetProperty("entities", out var entities) ? entities.EnumerateArray() : [];

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
