using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Records;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Extraction.BarCodes;

/// <summary>What came of looking for bar codes.</summary>
/// <param name="Codes">By page, of those that were looked at; a page without any has an empty list.</param>
/// <param name="Tools">Programs that took part.</param>
/// <param name="Wait">Why pages were not looked at.</param>
internal sealed record BarCodeOutcome(IReadOnlyDictionary<int, IReadOnlyList<BarCode>> Codes, IReadOnlyList<ToolVersion> Tools, BarCodeWait Wait);

/// <summary>Why pages were not looked at for bar codes.</summary>
internal enum BarCodeWait
{
    /// <summary>All were, or failed.</summary>
    None,

    /// <summary>The configuration says so: zbarimg is one of OCR's programs.</summary>
    Off,

    /// <summary>No zbarimg, or one that does not start; or nothing that shows the pages to it.</summary>
    NoProgram,

    /// <summary>It would have taken too long.</summary>
    LongDocument,
}

/// <summary>
/// Has the bar codes of a document read where its profile asks for it: on every page, whether it has text of its own or not. A page that
/// cannot be looked at is nowhere taken for one without bar codes.
/// </summary>
/// <param name="options">Limits and programs.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Warnings of this folder.</param>
/// <param name="ask">One try at a request for a document by a worker; true: by a fresh one.</param>
internal sealed class PageBarCodes(ExtractionOptions options, TimeProvider time, ILogger logger, Func<ExtractionRequest, WorkerRequest, bool, CancellationToken, Task<ReadingTry>> ask)
{
    /// <summary>Reads the bar codes of a document.</summary>
    /// <returns>Null where nobody asked for them.</returns>
    /// <exception cref="ExtractionUnavailableException">No worker can be started.</exception>
    public async Task<BarCodeOutcome?> ReadAsync(ExtractionRequest request, ReadingTry kept, CancellationToken stopping)
    {
        if (!request.ReadsBarCodes)
        {
            return null;
        }

        var codes = kept.Pages.Where(page => page.Fate == PageFate.Blank).ToDictionary(page => page.Number, static _ => (IReadOnlyList<BarCode>)[]);
        List<int> pages = kept.End is ReadingEnd.Answered { DeservesRetry: false }
            ? [.. kept.Pages.Where(page => page.Fate is not (PageFate.Blank or PageFate.Failed)).Select(page => page.Number)]
            : [];
        if (pages.Count == 0)
        {
            return new BarCodeOutcome(codes, [], BarCodeWait.None);
        }

        if (options.Ocr is not { Programs.ZbarImg: { } zbarImg } ocr)
        {
            return new BarCodeOutcome(codes, [], options.IsOcrOff ? BarCodeWait.Off : BarCodeWait.NoProgram);
        }

        long started = time.GetTimestamp();
        var run = new OcrRun((group, token) => AskAsync(request, group, zbarImg, ocr, token), options.WorkerCount, options.MaxTextChars, IsLate) { MostTimedOut = request.MayTakeLong ? int.MaxValue : OcrRun.UsualMostTimedOut };
        var read = await run.ReadAsync(pages, stopping);
        foreach (var page in read.Values.Where(page => page.BarCodes is not null).OrderBy(page => page.Number))
        {
            Take(codes, page.Number, page.BarCodes ?? []);
        }

        var wait = read.Values.Any(page => page.Fate == PageFate.PendingOcr) ? BarCodeWait.NoProgram
            : read.Count + run.Failures.Count < pages.Count ? BarCodeWait.LongDocument
            : BarCodeWait.None;
        return new BarCodeOutcome(codes, run.Tools, wait);

        bool IsLate() => !request.MayTakeLong && time.GetElapsedTime(started) > ocr.LongDocument;
    }

    private static void Take(Dictionary<int, IReadOnlyList<BarCode>> codes, int number, IReadOnlyList<WorkerBarCode> found)
    {
        if (codes.Values.Sum(page => (long)page.Count) + found.Count <= BarCodeBounds.MaxDocumentCodes)
        {
            codes[number] = [.. found.Select(code => new BarCode(number, code.Symbology, code.Value, code.Quality, code.Box))];
        }
    }

    private async Task<OcrTry> AskAsync(ExtractionRequest request, OcrGroup group, string zbarImg, OcrOptions ocr, CancellationToken stopping)
    {
        var line = WorkerRequest.Of(options, request.FilePath, request.Format) with
        {
            BarCodes = new BarCodeTask(group.Pages, zbarImg, ocr.Programs.PdfToPpm),
        };
        var tried = await ask(request, line, group.IsFresh, stopping);
        if (tried.End is ReadingEnd.Answered { DeservesRetry: false } answered)
        {
            return new OcrTry(tried.End, tried.Pages, tried.LastTurn, answered.Result.Tools);
        }

        logger.DocumentRetried(request.Id, tried.End.ToWords());
        return new OcrTry(tried.End, tried.Pages, tried.LastTurn, []);
    }
}
