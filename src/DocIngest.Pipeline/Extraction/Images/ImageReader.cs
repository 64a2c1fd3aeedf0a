using System.Globalization;
using DocIngest.Pipeline.Extraction.Child;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Images;

/// <summary>Reads the headers of an image: size, pages, metadata. Its pages wait for OCR. Pixels are not decoded here.</summary>
internal sealed class ImageReader : IDocumentReader
{
    // At most 512 MiB of reading: a TIFF of 20,000 scattered directories needs about a third of it.
    private const int ReadBudget = 131_072;

    /// <inheritdoc />
    public ReadingFate Read(WorkerRequest request, IPageSink pages)
    {
        using var stream = new FileStream(request.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var file = new BudgetedFile(stream, ReadBudget);
        var images = ImageMetadata.Read(stream, request.Format, pages.Metadata);
        return request.Format switch
        {
            FileFormat.Tiff => ReadTiff(file, request, pages),
            FileFormat.Gif => ReadGif(file, images, request, pages),
            FileFormat.Jpeg2000 => Jpeg2000Header.TryRead(file, out long width, out long height)
                ? AddAll([(width, height)], request, pages)
                : ReadingFate.Damaged,
            FileFormat.Jpeg when images is null => JpegHeader.TryRead(file, out long columns, out long rows)
                ? AddAll([(columns, rows)], request, pages)
                : ReadingFate.Damaged,
            _ => images is { } size ? AddAll([size], request, pages) : ReadingFate.Damaged,
        };
    }

    private static ReadingFate ReadTiff(BudgetedFile file, WorkerRequest request, IPageSink pages)
    {
        // One more than allowed, so that too many is known from just enough; thumbnails do not count as pages.
        var sizes = new List<(long, long)>();
        var end = TiffDirectories.Walk(file, maxDirectories: 2 * (request.MaxPages + 1), checkData: false, directory =>
        {
            if (!directory.IsReduced && sizes.Count <= request.MaxPages)
            {
                sizes.Add((directory.Width, directory.Height));
            }
        });
        if (sizes.Count == 0)
        {
            return ReadingFate.Damaged;
        }

        bool cut = end is TiffChainEnd.Torn or TiffChainEnd.Malformed;
        return AddAll(sizes, request, pages, lost: cut ? 1 : 0);
    }

    private static ReadingFate ReadGif(BudgetedFile file, (long, long)? screen, WorkerRequest request, IPageSink pages)
    {
        if (screen is not { } size)
        {
            return ReadingFate.Damaged;
        }

        GifBlocks.TryCountFrames(file, request.MaxPages, out int frames);
        return frames == 0 ? ReadingFate.Damaged : AddAll([.. Enumerable.Repeat(size, frames)], request, pages);
    }

    /// <param name="sizes">Of each page.</param>
    /// <param name="request">For its limits.</param>
    /// <param name="pages">Told of each.</param>
    /// <param name="lost">Pages behind these that are known to exist, and cannot be reached.</param>
    private static ReadingFate AddAll(List<(long Width, long Height)> sizes, WorkerRequest request, IPageSink pages, int lost = 0)
    {
        pages.Metadata.Add("image:width", sizes[0].Width.ToString(CultureInfo.InvariantCulture));
        pages.Metadata.Add("image:height", sizes[0].Height.ToString(CultureInfo.InvariantCulture));
        pages.Open(sizes.Count + lost);
        var fate = ReadingFate.Read;
        foreach (var (width, height) in sizes.Take(request.MaxPages))
        {
            bool sensible = width > 0 && height > 0;
            bool tooMany = sensible && (UInt128)width * (UInt128)height > (UInt128)request.MaxPixels;
            fate = tooMany ? ReadingFate.TooManyPixels : fate;
            pages.Add(sensible && !tooMany ? PageFate.PendingOcr : PageFate.Failed, "", TextSource.None);
        }

        if (sizes.Count > request.MaxPages)
        {
            return ReadingFate.TooManyPages;
        }

        if (lost > 0 && sizes.Count < request.MaxPages)
        {
            pages.Add(PageFate.Failed, "", TextSource.None);
        }

        return fate;
    }
}
