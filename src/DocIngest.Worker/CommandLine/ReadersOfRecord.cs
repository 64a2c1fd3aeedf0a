using System.Text.Json;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary>Somebody to whom a record was shown or handed out.</summary>
/// <param name="Time">When, UTC.</param>
/// <param name="Account">Who.</param>
/// <param name="Act">What: <c>read show</c>, <c>search find</c> and others of the audit.</param>
/// <param name="Purpose">What for, where it was said.</param>
/// <param name="Seq">Number of the entry.</param>
internal sealed record RecordReader(DateTimeOffset Time, string Account, string Act, string? Purpose, long Seq);

/// <summary>Who has read a record that stood under a wrong patient: they may have acted upon it, and some of them must be told.</summary>
internal static class ReadersOfRecord
{
    /// <summary>Everybody since it was filed, oldest first.</summary>
    /// <returns>Null where the audit cannot be read.</returns>
    public static IReadOnlyList<RecordReader>? Find(Workspace workspace, RecordId record)
    {
        var query = new AuditQuery
        {
            Record = record.ToString(), IsDisclosures = true, WithArchiveCopies = true, From = workspace.Catalog.History(record) is [var first, ..] ? first.Created : null,
        };
        try
        {
            return [.. AuditLog.Read(workspace.Data, query).Select(Of)];
        }
        catch (StorageException)
        {
            return null;   // what was decided is done; who reads the audit may be another
        }
    }

    /// <summary>Prints them.</summary>
    public static void Tell(TextWriter words, RecordId record, IReadOnlyList<RecordReader>? readers)
    {
        if (readers is null)
        {
            words.WriteLine($"Who read it this account cannot tell: see 'audit show --record {record} --disclosures'.");
            return;
        }

        words.WriteLine(readers.Count == 0 ? "Nobody has read it since it was filed." : "Read since it was filed:");
        foreach (var reader in readers)
        {
            string purpose = reader.Purpose is null ? "" : $" for {reader.Purpose}";
            words.WriteLine($"  {reader.Time:yyyy-MM-dd HH:mm:ss}Z  {TerminalText.OneLine(reader.Account)}  {TerminalText.OneLine(reader.Act)}{purpose}");
        }
    }

    private static RecordReader Of(AuditEntry entry) => new(
        entry.Time,
        entry.Json.TryGetProperty("agent", out var agent) ? Text(agent, "account") ?? "" : "",
        $"{Text(entry.Json, "type")} {Text(entry.Json, "subtype")}",
        Text(entry.Json, "purpose"),
        entry.Seq);

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
