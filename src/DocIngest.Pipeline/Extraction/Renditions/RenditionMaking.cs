using System.Text.Json;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Renditions;

/// <summary>Has searchable renditions made of what OCR has read (docs/adr/0012).</summary>
/// <param name="options">Limits and programs.</param>
/// <param name="make">Has a worker make something, with one retry.</param>
internal sealed class RenditionMaking(ExtractionOptions options, Func<RecordId, ScratchWork, CancellationToken, Task<ScratchResult>> make)
{
    /// <summary>Makes the rendition of a document that OCR has read. Where none can be made, the record goes without.</summary>
    /// <exception cref="OperationCanceledException">Ended from outside.</exception>
    public async Task<RenditionOutcome> MakeAsync(ExtractionRequest request, ExtractionResult read, CancellationToken stopping)
    {
        List<PageText> pages = [.. read.Text.Pages.Where(page => page.Layout is { Words.Count: > 0 })];
        if (request.Rendition is not { } place || pages.Count == 0 || options.Ocr is not { } ocr)
        {
            return new RenditionOutcome.NotNeeded();
        }

        if (request.Format == FileFormat.Pdf && ocr.Programs.Qpdf is null)
        {
            return new RenditionOutcome.NotMade("qpdf is not installed");
        }

        var shown = request.DropsBlankPages ? WithoutBlanks(read) : null;
        string name = $"{Guid.NewGuid():N}.pdf";
        long maxBytes = RenditionSize.Most(new FileInfo(request.FilePath).Length);
        var work = new ScratchWork(
            name,
            maxBytes,
            file => JsonSerializer.SerializeAsync(file, new DocumentText(pages), RecordJson.Instance.DocumentText, stopping),
            given => WorkerRequest.Of(options, request.FilePath, request.Format) with
            {
                Rendition = new RenditionTask(given, ocr.Programs.Qpdf, name, maxBytes) { Shown = shown },
            },
            () =>
            {
                place.Folder.Delete(place.Path);   // of an earlier try
                return place.Folder.Create(place.Path);
            });
        try
        {
            var (file, end, tools) = await make(request.Id, work, stopping);
            if (file is { } made)
            {
                return new RenditionOutcome.Made(new RenditionFile(place.Path, made.Digest, made.SizeBytes), tools, shown);
            }

            place.Folder.Delete(place.Path);   // a part of it, maybe
            return new RenditionOutcome.NotMade(WhyNot(end));
        }
        catch (ExtractionUnavailableException)
        {
            return new RenditionOutcome.NotMade("no worker could be started for it");   // the text is there: that must not wait
        }
    }

    // Only where every page is known: else some that nobody looked at would be left out as well.
    private static List<int>? WithoutBlanks(ExtractionResult read)
    {
        List<int> shown = [.. read.PageFacts.Where(page => page.Content != PageContent.Blank).Select(page => page.Number)];
        return read.PageFacts.Count == read.Pages.Total && shown.Count < read.Pages.Total ? shown : null;
    }

    private static string WhyNot(ReadingEnd end) => end switch
    {
        ReadingEnd.TimedOut => "making it took too long",
        ReadingEnd.Answered { Result.Fate: ReadingFate.TooManyBytes } => "it would be more than 15 % larger than the original",
        _ => "it could not be made",
    };
}
