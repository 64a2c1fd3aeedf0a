using System.Globalization;
using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Extraction.Images;
using DocIngest.Pipeline.Formats;
using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>Makes a small picture of a document's first page.</summary>
internal sealed class ThumbnailMaker(ScratchFolder scratch)
{
    private const int Quality = 75;

    /// <summary>Makes it.</summary>
    /// <returns>Read: it is there. Damaged: the page cannot be shown.</returns>
    public ReadingFate Make(FileStream file, WorkerRequest request, ThumbnailTask task)
    {
        using var image = request.Format == FileFormat.Pdf ? Render(request, task) : Decode(file, request);
        uint side = (uint)task.LongerSide;
        if (Math.Max(image.Width, image.Height) > side)
        {
            image.Thumbnail(new MagickGeometry(side, side));   // keeps the shape
        }

        image.Quality = Quality;
        image.Write(Path.Combine(scratch.FullPath, task.OutputName), MagickFormat.WebP);
        return ReadingFate.Read;
    }

    private static MagickImage Decode(FileStream file, WorkerRequest request)
    {
        using var pages = new ImageFilePages(file, request);
        return pages.Load(1).Image;
    }

    private MagickImage Render(WorkerRequest request, ThumbnailTask task)
    {
        string name = scratch.NewName("page");
        string file = $"{name}.ppm";
        try
        {
            string side = task.LongerSide.ToString(CultureInfo.InvariantCulture);
            string program = task.PdfToPpm ?? throw new InvalidOperationException("There is no program to render the page with.");
            int code = ProgramCall.Run(program, ["-cropbox", "-singlefile", "-scale-to", side, "-f", "1", "-l", "1", request.Path, name], static _ => { });
            return code == 0
                ? ImageDecoder.Decode(File.ReadAllBytes(file), MagickFormat.Ppm, request.MaxPixels, out _)
                : throw new InvalidOperationException("The page could not be rendered.");
        }
        finally
        {
            ScratchFolder.Remove(file);
        }
    }
}
