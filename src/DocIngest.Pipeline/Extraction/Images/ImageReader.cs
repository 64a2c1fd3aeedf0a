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
    public ReadingFate Read(FileStream file, WorkerRequest request, IPageSink pages)
    {
        var bytes = new BudgetedFile(file, ReadBudget);
        var images = ImageMetadata.Read(file, request.Format, pages.Metadata);
        return request.Format switch
        {
            FileFormat.Tiff => ReadTiff(bytes, request, pages),
            FileFormat.Gif => ReadGif(bytes, images, request, pages),
            FileFormat.Jpeg2000 => Jpeg2000Header.TryRead(bytes, out long width, out long height)
                ? AddAll([(width, height)], request, pages)
                : ReadingFate.Damaged,
            FileFormat.Jpeg when images is null => JpegHeader.TryRead(bytes, out long columns, out long rows)
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
            return end == TiffChainEnd.LimitReached ? ReadingFate.TooManyPages : ReadingFate.Damaged;
        }

        return AddAll(sizes, request, pages, end switch
        {
            TiffChainEnd.Closed => Rest.None,
            TiffChainEnd.LimitReached => Rest.NotLookedAt,
            _ => Rest.Lost,
        });
    }

    private static ReadingFate ReadGif(BudgetedFile file, (long, long)? screen, WorkerRequest request, IPageSink pages)
    {
        if (screen is not { } size)
        {
            return ReadingFate.Damaged;
        }

        GifBlocks.TryCountFrames(file, request.MaxPages, out int frames);
        return frames == 0 ? ReadingFate.Damaged
            : AddAll([.. Enumerable.Repeat(size, frames)], request, pages, file.Spent ? Rest.NotLookedAt : Rest.None);
    }

    /// <param name="sizes">Of each page.</param>
    /// <param name="request">For its limits.</param>
    /// <param name="pages">Told of each.</param>
    /// <param name="rest">What is behind these.</param>
    private static ReadingFate AddAll(
        List<(long Width, long Height)> sizes, WorkerRequest request, IPageSink pages, Rest rest = Rest.None)
    {
        int total = sizes.Count + (rest == Rest.None ? 0 : 1);
        pages.Metadata.Add("image:width", sizes[0].Width.ToString(CultureInfo.InvariantCulture));
        pages.Metadata.Add("image:height", sizes[0].Height.ToString(CultureInfo.InvariantCulture));
        pages.Open(total);
        var fate = ReadingFate.Read;
        foreach (var (width, height) in sizes.Take(request.MaxPages))
        {
            bool sensible = width > 0 && height > 0;
            bool tooMany = sensible && (UInt128)width * (UInt128)height > (UInt128)request.MaxPixels;
            fate = tooMany ? ReadingFate.TooManyPixels : fate;
            pages.Add(sensible && !tooMany ? PageFate.PendingOcr : PageFate.Failed, "", TextSource.None);
        }

        if (total > request.MaxPages || rest == Rest.NotLookedAt)
        {
            return ReadingFate.TooManyPages;
        }

        if (rest == Rest.Lost)
        {
            pages.Add(PageFate.Failed, "", TextSource.None);
        }

        return fate;
    }

    /// <summary>What is behind the pages that were found; each stands for one page, since nobody knows how many.</summary>
    private enum Rest
    {
        None,

        /// <summary>Known to exist, and cannot be reached.</summary>
        Lost,

        /// <summary>A limit was reached before the end of the file.</summary>
        NotLookedAt,
    }
}
