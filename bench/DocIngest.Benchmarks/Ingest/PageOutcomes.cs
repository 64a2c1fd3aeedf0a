using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>Where the pages of one record went, by its <c>record.json</c> and its <c>text.json</c>.</summary>
internal sealed record PageOutcomes(int Total, int WithText, int Pending, int Blank, int Wordless, int Failed, int Written, int OfOcr, bool IsComplete)
{
    private static readonly string[] Reasons = ["no-text", "little-text", "unmapped-text", "junk-text"];

    private Dictionary<string, int> ByReason { get; init; } = [];

    private int Kept { get; init; }

    private bool IsListedAsWordless { get; init; }

    public static PageOutcomes Of(ArchivedFiles archived, string id, string version)
    {
        using var record = JsonDocument.Parse(Read(archived, id, version, "record.json"));
        using var text = JsonDocument.Parse(Read(archived, id, version, "text.json"));
        var account = record.RootElement.GetProperty("pages");
        var pages = text.RootElement.GetProperty("pages").EnumerateArray().ToList();
        return new PageOutcomes(
            Number("total"), Number("withText"), Number("pendingOcr"), Number("blank"), Number("wordless"), Number("failed"),
            pages.Count(page => !string.IsNullOrWhiteSpace(page.GetProperty("text").GetString())),
            pages.Count(page => page.GetProperty("source").GetString() == "ocr"),
            record.RootElement.GetProperty("textStatus").GetString() == "complete")
        {
            ByReason = pages.Select(page => page.TryGetProperty("ocrReason", out var reason) ? reason.GetString() ?? "" : "").CountBy(reason => reason).ToDictionary(pair => pair.Key, pair => pair.Value),
            IsListedAsWordless = record.RootElement.GetProperty("flags").EnumerateArray().Any(flag => flag.GetString() == "wordless-pages"),
            Kept = pages.Count(page => page.TryGetProperty("layer", out var layer) && layer.GetString() == "kept"),
        };

        int Number(string name) => account.TryGetProperty(name, out var value) ? value.GetInt32() : 0;
    }

    /// <summary>Compares what is counted with what is written.</summary>
    public static string Compare(IEnumerable<PageOutcomes> records, out bool agree)
    {
        var all = records.ToList();
        int odd = all.Count(record => !record.Agrees);
        agree = odd == 0 && all.Count > 0;
        return string.Create(CultureInfo.InvariantCulture, $"{all.Sum(record => record.Total)} pages, {odd} records that do not agree");
    }

    /// <summary>A row a corpus.</summary>
    public static void Describe(StringBuilder text, IReadOnlyList<(string Name, List<PageOutcomes> Records)> corpora)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"| corpus | pages | with text | of these OCR | blank | wordless | records in qc for these | failed | waiting | {string.Join(" | ", Reasons)} | layer kept |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| --- |{string.Concat(Enumerable.Repeat(" ---: |", 9 + Reasons.Length))}");
        foreach (var (name, records) in corpora)
        {
            int[] figures =
            [
                records.Sum(record => record.Total), records.Sum(record => record.WithText), records.Sum(record => record.OfOcr), records.Sum(record => record.Blank),
                records.Sum(record => record.Wordless), records.Count(record => record.IsListedAsWordless), records.Sum(record => record.Failed), records.Sum(record => record.Pending),
                .. Reasons.Select(reason => records.Sum(record => record.ByReason.GetValueOrDefault(reason))), records.Sum(record => record.Kept),
            ];
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", figures)} |");
        }

        text.AppendLine();
    }

    // A page that waits may have a few characters of its own already.
    private bool Agrees => IsListedAsWordless == Wordless > 0 && Total == WithText + Pending + Blank + Wordless + Failed && Written >= WithText && Written <= WithText + Pending
        && (!IsComplete || (Pending == 0 && Failed == 0 && WithText > 0));

    private static byte[] Read(ArchivedFiles archived, string id, string version, string name) =>
        File.ReadAllBytes(archived.File(id, version, name) ?? throw new InvalidDataException($"A record without {name}."));
}
