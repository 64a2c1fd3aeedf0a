using DocIngest.Pipeline.Extraction.Images;
using DocIngest.Pipeline.Formats;
using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>The pages of an image file: one for most formats, one a directory or frame for TIFF and GIF.</summary>
internal sealed class ImageFilePages : IPageImages
{
    private const int ReadBudget = 131_072;   // as the reader of headers

    private readonly WorkerRequest _request;
    private readonly List<(int Directory, long Pixels)> _frames = [];   // of TIFF: where each page is

    public ImageFilePages(FileStream file, WorkerRequest request)
    {
        _request = request;
        if (request.Format == FileFormat.Tiff)
        {
            int directory = 0;
            TiffDirectories.Walk(new BudgetedFile(file, ReadBudget), 2 * (request.MaxPages + 1), checkData: false, found =>
            {
                if (!found.IsReduced)
                {
                    _frames.Add((directory, found.Width * found.Height));
                }

                directory++;
            });
        }
    }

    /// <summary>Pages of a TIFF.</summary>
    public int TiffPages => _frames.Count;

    /// <summary>The frame, or directory, of a page.</summary>
    public int FrameOf(int number) => _request.Format == FileFormat.Tiff ? _frames[number - 1].Directory : number - 1;

    /// <summary>The size that <see cref="Load"/> gives the page of an image of which only the header is known.</summary>
    public static (double Width, double Height) PointsOf(MagickImage header)
    {
        bool isTurned = header.Orientation >= Orientation.LeftTop;
        double width = isTurned ? header.Height : header.Width;
        double height = isTurned ? header.Width : header.Height;
        var density = header.Density;
        if (HasOddPixels(density))
        {
            double finer = Math.Max(density.X, density.Y);
            (width, height, density) = (width * finer / density.X, height * finer / density.Y, new Density(finer, density.Units));
        }

        double pointsPerPixel = 72 / PageResolution.Of(Math.Max(width, height), density);
        return (width * pointsPerPixel, height * pointsPerPixel);
    }

    /// <inheritdoc />
    public PageImage Load(int number)
    {
        var (frame, pixels) = _request.Format == FileFormat.Tiff ? _frames[number - 1] : (number - 1, 0);
        if (pixels > _request.MaxPixels)
        {
            throw new TooManyPixelsException();
        }

        var image = ImageDecoder.Decode(_request.Path, _request.Format, frame, _request.MaxPixels, out bool isDamaged);
        try
        {
            SquarePixels(image);
            return PageImage.Of(image, PageResolution.Of(image)) with { IsDamaged = isDamaged };
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        // Nothing is held between pages.
    }

    // Fax machines scan 204 by 98 or 196 dots: shown as they are, letters have half their height.
    private static void SquarePixels(MagickImage image)
    {
        var (across, down) = (image.Density.X, image.Density.Y);
        if (HasOddPixels(image.Density))
        {
            double finer = Math.Max(across, down);
            image.Resize(new MagickGeometry((uint)(image.Width * finer / across), (uint)(image.Height * finer / down)) { IgnoreAspectRatio = true });
            image.Density = new Density(finer, image.Density.Units);
        }
    }

    private static bool HasOddPixels(Density density) => density is { Units: not DensityUnit.Undefined, X: > 0, Y: > 0 }
        && (density.X / density.Y is > 1.1 and < 4 or < 0.9 and > 0.25);
}
