using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Cuts;

/// <summary>Has pages of scans cut out, and put together, by workers.</summary>
/// <param name="options">Limits and programs.</param>
/// <param name="make">Has a worker make something, with one retry.</param>
internal sealed class PageCutting(ExtractionOptions options, Func<RecordId, ScratchWork, CancellationToken, Task<ScratchResult>> make)
{
    // A worker's files have 2 GiB at most.
    private const long MostBytes = 2L << 30;
    private const long AllowanceBytes = 1L << 20;

    // A part of a PDF is smaller than the whole; repaired, it may be a little larger. Images that PDF does not take as they are, are written anew without loss:
    // a page of JPEG's size as PNG lines may have ten times the bytes.
    private const int PdfShare = 2;
    private const int ImageShare = 12;

    /// <summary>See <see cref="IPageCutter.CutAsync"/>.</summary>
    public Task<CutOutcome> CutAsync(CutRequest request, CancellationToken stopping)
    {
        if (request.Pages.Count == 0 || request.Pages[0] < 1 || request.Pages.Zip(request.Pages.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            throw new ArgumentException("Pages to be cut are numbered from 1, and ascend.", nameof(request));
        }

        string qpdf = Qpdf();
        long maxBytes = Most(request.FilePath, request.Format);
        return MakeAsync(
            request.Id, request.Place, maxBytes, request.Pages.Count,
            name => WorkerRequest.Of(options, request.FilePath, request.Format) with
            {
                Cut = new CutTask(request.Pages, qpdf, name, maxBytes),
            },
            stopping);
    }

    /// <summary>See <see cref="IPageCutter.CollateAsync"/>.</summary>
    public Task<CutOutcome> CollateAsync(CollationRequest request, CancellationToken stopping)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Sheets, 1, nameof(request));
        string qpdf = Qpdf();
        long maxBytes = Math.Min(MostBytes, Most(request.FrontsPath, request.FrontsFormat) + Most(request.BacksPath, request.BacksFormat));
        return MakeAsync(
            request.Id, request.Place, maxBytes, 2 * request.Sheets,
            name => WorkerRequest.Of(options, request.FrontsPath, request.FrontsFormat) with
            {
                Collation = new CollationTask(request.BacksPath, request.BacksFormat, request.Sheets, request.BackOrder, qpdf, name, maxBytes),
            },
            stopping);
    }

    private string Qpdf() => options.Ocr is { Programs.Qpdf: { } qpdf }
        ? qpdf
        : throw new ExtractionUnavailableException("Pages are cut by qpdf, which is not installed.");

    private static long Most(string path, FileFormat format) =>
        Math.Min(MostBytes, ((format == FileFormat.Pdf ? PdfShare : ImageShare) * new FileInfo(path).Length) + AllowanceBytes);

    private async Task<CutOutcome> MakeAsync(
        RecordId id, RenditionPlace place, long maxBytes, int pageCount, Func<string, WorkerRequest> ask, CancellationToken stopping)
    {
        string name = $"{Guid.NewGuid():N}.pdf";
        var work = new ScratchWork(
            name,
            maxBytes,
            static _ => Task.CompletedTask,
            _ => ask(name),
            () =>
            {
                place.Folder.Delete(place.Path);   // of an earlier try
                return place.Folder.Create(place.Path);
            });
        var (file, end, tools) = await make(id, work, stopping);
        if (file is { } made && end is ReadingEnd.Answered { Result.CutPages: { } pages } && pages == pageCount)
        {
            return new CutOutcome.Made(new RenditionFile(place.Path, made.Digest, made.SizeBytes), pages, tools);
        }

        place.Folder.Delete(place.Path);   // a part of it, maybe
        return new CutOutcome.Refused(Judge(end));
    }

    private static CutRefusal Judge(ReadingEnd end) => end switch
    {
        ReadingEnd.TimedOut => CutRefusal.TookTooLong,
        ReadingEnd.Answered { Result.Fate: ReadingFate.Unopened } => throw new ExtractionUnavailableException("An extraction worker could not open the scan that is to be cut."),
        ReadingEnd.Answered { Result.Fate: ReadingFate.Unwritten } => throw new ExtractionUnavailableException("An extraction worker could not write what it cut, or start qpdf."),
        ReadingEnd.Answered { Result.Fate: ReadingFate.Encrypted } => CutRefusal.Encrypted,
        ReadingEnd.Answered { Result.Fate: ReadingFate.Signed } => CutRefusal.Signed,
        ReadingEnd.Answered { Result.Fate: ReadingFate.TooManyBytes or ReadingFate.Read } => CutRefusal.TooLarge,   // read: it was more than was taken
        ReadingEnd.Answered { Result.Fate: not ReadingFate.OutOfMemory } => CutRefusal.Damaged,
        _ => CutRefusal.Crashed,
    };
}
