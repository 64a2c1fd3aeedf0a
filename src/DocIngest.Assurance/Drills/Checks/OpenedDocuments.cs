using System.Globalization;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Recognition;

namespace DocIngest.Assurance.Drills;

/// <summary>Whether restored documents can be opened: each is recognised and read page by page, in the same confined workers as at intake.</summary>
/// <param name="restored">The restored archive.</param>
/// <param name="extractor">Reads; it may reach the restored files.</param>
/// <param name="pathOf">The absolute path of a file of the restored archive.</param>
/// <param name="record">Takes the results.</param>
internal sealed class OpenedDocuments(IArchive restored, IExtractor extractor, Func<ArchivedFile, string> pathOf, RunRecord record)
{
    private static readonly RunCheck Check = new(
        "opened", "Restored documents are opened, and have as many pages as when they were filed", CheckKind.Open, "the page accounts in the records");

    private readonly List<string> _failed = [];

    /// <summary>Opens them.</summary>
    /// <returns>How many were left out, since they could not be read when they were filed either: nothing is known to compare with.</returns>
    /// <exception cref="ExtractionUnavailableException">No worker can be started.</exception>
    public async Task<int> RunAsync(IReadOnlyList<RestoredOriginal> originals, CancellationToken cancellation)
    {
        int leftOut = 0;
        foreach (var original in originals)
        {
            cancellation.ThrowIfCancellationRequested();
            leftOut += await TryAsync(original, cancellation) ? 0 : 1;
        }

        if (leftOut < originals.Count || originals.Count == 0)
        {
            record.CloseListed(
                Check, originals.Count - leftOut, "",
                "Documents that could be read when they were filed cannot be opened as they were restored. Fetch them with 'docingest get' from the archive, and look at both.", _failed);
        }

        return leftOut;
    }

    private async Task<bool> TryAsync(RestoredOriginal original, CancellationToken cancellation)
    {
        string name = original.Id.ToString();
        try
        {
            if (PagesWhenFiled(original) is not (> 0 and var pages))
            {
                return false;
            }

            int read = await ReadAsync(original, cancellation);
            record.Add(
                Check.Id, name, read == pages ? ItemResult.Passed : Failed(name), original.Version.Name, original.File.ContentPath, original.Bytes, Number(pages), Number(read), isDrawable: false);
        }
        catch (Exception error) when (error is DamagedObjectException or FixityException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            record.Add(Check.Id, name, Failed(name), original.Version.Name, note: "record-unreadable", isDrawable: false);
        }

        return true;
    }

    // Fronts and backs have one account.
    private async Task<int> ReadAsync(RestoredOriginal original, CancellationToken cancellation)
    {
        int pages = 0;
        foreach (var file in ArchivedOriginal.All(original.Object, original.Version).ToList())
        {
            FileFormat? format;
            using (var content = restored.OpenContent(original.Object, original.Version, file.LogicalPath))
            {
                format = Recognizer.Recognize(content);
            }

            if (format is { } known)
            {
                pages += (await extractor.ExtractAsync(new ExtractionRequest(original.Id, pathOf(file), known), cancellation)).Pages.Total;
            }
        }

        return pages;
    }

    private int PagesWhenFiled(RestoredOriginal original)
    {
        using var file = restored.OpenContent(original.Object, original.Version, "record.json");
        using var json = JsonDocument.Parse(file);
        return json.RootElement.GetProperty("pages").GetProperty("total").GetInt32();
    }

    private ItemResult Failed(string name)
    {
        _failed.Add(name);
        return ItemResult.Failed;
    }

    private static string Number(int pages) => string.Create(CultureInfo.InvariantCulture, $"{pages} pages");
}
