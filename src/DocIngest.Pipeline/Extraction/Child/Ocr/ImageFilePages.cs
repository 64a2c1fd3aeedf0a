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

    /// <inheritdoc />
    public PageImage Load(int number)
    {
        var (frame, pixels) = _request.Format == FileFormat.Tiff ? _frames[number - 1] : (number - 1, 0);
        if (pixels > _request.MaxPixels)
        {
            throw new TooManyPixelsException();
        }

        var image = ImageDecoder.Decode(_request.Path, _request.Format, frame, _request.MaxPixels);
        try
        {
            SquarePixels(image);
            return PageImage.Of(image, PageResolution.Of(image));
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
        if (image.Density.Units != DensityUnit.Undefined && across > 0 && down > 0 && (across / down is > 1.1 and < 4 or < 0.9 and > 0.25))
        {
            double finer = Math.Max(across, down);
            image.Resize(new MagickGeometry((uint)(image.Width * finer / across), (uint)(image.Height * finer / down)) { IgnoreAspectRatio = true });
            image.Density = new Density(finer, image.Density.Units);
        }
    }
}
