using System.Globalization;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Recognition;
using DocIngest.Pipeline.Records;

namespace DocIngest.Assurance.Drills;

/// <summary>Whether restored documents can be opened: each is recognised and read page by page, in the same confined workers as at intake.</summary>
/// <param name="restored">The restored archive.</param>
/// <param name="extractor">Reads; it may reach the restored files.</param>
/// <param name="pathOf">The absolute path of a file of the restored archive.</param>
/// <param name="record">Takes the results.</param>
internal sealed class OpenedDocuments(IArchive restored, IExtractor extractor, Func<RestoredOriginal, string> pathOf, DrillRecord record)
{
    private const int LargestRecordBytes = 64 << 20;

    private static readonly DrillCheck Check = new(
        "opened", "Restored documents are opened, and have as many pages as when they were filed", CheckKind.Open, "the page accounts in the records");

    private readonly List<string> _failed = [];

    /// <summary>Opens them.</summary>
    /// <exception cref="ExtractionUnavailableException">No worker can be started.</exception>
    public async Task RunAsync(IReadOnlyList<RestoredOriginal> originals, CancellationToken cancellation)
    {
        foreach (var original in originals)
        {
            await OpenAsync(original, cancellation);
        }

        record.CloseListed(
            Check, originals.Count, "These could not be read when they were filed either (encrypted, damaged, or of no known kind), or hold only one side of their sheets.",
            "Documents that could be read when they were filed cannot be opened as they were restored. Fetch them with 'docingest get' from the archive, and look at both.", _failed);
    }

    private async Task OpenAsync(RestoredOriginal original, CancellationToken cancellation)
    {
        string name = original.Id.ToString();
        int pages = PagesWhenFiled(original);
        using var content = restored.OpenContent(original.Object, original.Version, original.File.LogicalPath);
        if (pages == 0 || Recognizer.Recognize(content) is not { } format)
        {
            record.Add(Check.Id, name, pages == 0 ? ItemResult.Skipped : Failed(name), original.Version.Name, original.File.ContentPath, note: pages == 0 ? "no-pages-known" : "not-recognised");
            return;
        }

        var read = await extractor.ExtractAsync(new ExtractionRequest(original.Id, pathOf(original), format), cancellation);
        bool isWhole = read.Pages.Total == pages;
        record.Add(
            Check.Id, name, isWhole ? ItemResult.Passed : Failed(name), original.Version.Name, original.File.ContentPath, original.Bytes, Number(pages), Number(read.Pages.Total),
            isWhole ? null : read.TextStatus.ToWord());
    }

    // 0 where it was not known, or where the account is of two originals.
    private int PagesWhenFiled(RestoredOriginal original)
    {
        using var file = restored.OpenContent(original.Object, original.Version, "record.json");
        if (file.Length > LargestRecordBytes)
        {
            return 0;
        }

        using var json = JsonDocument.Parse(file);
        return json.RootElement.TryGetProperty("duplex", out var duplex) && duplex.ValueKind == JsonValueKind.Object ? 0
            : json.RootElement.GetProperty("pages").GetProperty("total").GetInt32();
    }

    private ItemResult Failed(string name)
    {
        _failed.Add(name);
        return ItemResult.Failed;
    }

    private static string Number(int pages) => string.Create(CultureInfo.InvariantCulture, $"{pages} pages");
}
