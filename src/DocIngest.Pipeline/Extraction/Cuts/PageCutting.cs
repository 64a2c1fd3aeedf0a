using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Cuts;

/// <summary>Has pages of scans cut out by workers.</summary>
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
    public async Task<CutOutcome> CutAsync(CutRequest request, CancellationToken stopping)
    {
        if (request.Pages.Count == 0 || request.Pages[0] < 1 || request.Pages.Zip(request.Pages.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            throw new ArgumentException("Pages to be cut are numbered from 1, and ascend.", nameof(request));
        }

        if (options.Ocr is not { Programs.Qpdf: { } qpdf } ocr)
        {
            throw new ExtractionUnavailableException("Pages are cut by qpdf, which is not installed.");
        }

        var (place, name) = (request.Place, $"{Guid.NewGuid():N}.pdf");
        long share = request.Format == FileFormat.Pdf ? PdfShare : ImageShare;
        long maxBytes = Math.Min(MostBytes, (share * new FileInfo(request.FilePath).Length) + AllowanceBytes);
        var work = new ScratchWork(
            name,
            maxBytes,
            static _ => Task.CompletedTask,
            _ => WorkerRequest.Of(options, request.FilePath, request.Format) with
            {
                MaxPixels = ocr.MaxPixels,
                Cut = new CutTask(request.Pages, qpdf, name, maxBytes),
            },
            () =>
            {
                place.Folder.Delete(place.Path);   // of an earlier try
                return place.Folder.Create(place.Path);
            });
        var (file, end, tools) = await make(request.Id, work, stopping);
        if (file is { } made && end is ReadingEnd.Answered { Result.CutPages: { } pages } && pages == request.Pages.Count)
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
