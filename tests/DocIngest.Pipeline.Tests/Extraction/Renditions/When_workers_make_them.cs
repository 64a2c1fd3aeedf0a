using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;
using DocIngest.TestKit;
using ImageMagick;
using ImageMagick.Drawing;

namespace DocIngest.Pipeline.Tests.Extraction.Renditions;

/// <summary>OCR, rendition and picture by real workers in their cell.</summary>
public sealed class When_workers_make_them
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scan_gets_its_text_and_its_rendition()
    {
        await using var workers = Workers(out string scratch);
        var volume = new MemoryVolume();
        var folder = volume.FolderAt("");
        folder.CreateFolder("staging");
        byte[] scan = Scan();
        string path = Path.Combine(workers.Folder, "scan");
        await File.WriteAllBytesAsync(path, scan, Test);
        var result = await workers.Pool.ExtractAsync(
            new ExtractionRequest(new RecordIdSource(TimeProvider.System).Draw(), path, FileFormat.Tiff) { Rendition = new RenditionPlace(folder, "staging/rendition") }, Test);
        Assert.Equal((TextStatus.Complete, null), (result.TextStatus, result.Note));
        Assert.Contains("Discharge summary", result.Text.ToPlainText(), StringComparison.Ordinal);
        var made = Assert.IsType<RenditionFile>(result.Rendition);
        using var content = new MemoryStream();
        await using (var file = folder.OpenRead(made.Path))
        {
            await file.CopyToAsync(content, Test);
        }

        Assert.Equal((made.SizeBytes, made.Digest.Hex), (content.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData(content.ToArray()))));
        Assert.True(made.SizeBytes <= (scan.Length * 1.15) + 50_000);
        string copy = Path.Combine(workers.Folder, "rendition.pdf");
        await File.WriteAllBytesAsync(copy, content.ToArray(), Test);
        Assert.Equal(0, RenditionWorld.Run("qpdf", "--check", copy).Code);
        Assert.Equal(result.Text.ToPlainText().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), RenditionWorld.Run("pdftotext", "-raw", copy, "-").Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(result.Tools, tool => tool.Name == "qpdf");
        Assert.DoesNotContain(Directory.EnumerateFiles(scratch, "*", SearchOption.AllDirectories), file => file.EndsWith(".pdf", StringComparison.Ordinal) || file.Contains("given", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(FileFormat.Tiff)]
    [InlineData(FileFormat.Pdf)]
    public async Task Blank_pages_are_left_out_where_the_profile_drops_them(FileFormat format)
    {
        await using var workers = Workers(out _);
        var volume = new MemoryVolume();
        var folder = volume.FolderAt("");
        folder.CreateFolder("staging");
        using var frames = new MagickImageCollection { Ocr.PrintedPage.Of(), Ocr.PrintedPage.Letter(1), Ocr.PrintedPage.Of(), Ocr.PrintedPage.Letter(2), Ocr.PrintedPage.Letter(3) };
        string path = Path.Combine(workers.Folder, "scan");
        await File.WriteAllBytesAsync(path, frames.ToByteArray(MagickFormat.Tiff), Test);
        if (format == FileFormat.Pdf)
        {
            string pdf = Path.Combine(workers.Folder, "scan.pdf");
            await using (var file = File.OpenRead(path))
            {
                using var pages = new DocIngest.Pipeline.Extraction.Child.Renditions.ImageRendition(
                    file, new WorkerRequest(path, FileFormat.Tiff, 100, 100_000_000, 1_000_000, 1_000_000), DocumentText.Empty);
                pages.Write(pdf, DocIngest.Pipeline.Extraction.Child.Renditions.ImageCoding.Untouched, 90, long.MaxValue);
            }

            path = pdf;
        }

        var result = await workers.Pool.ExtractAsync(
            new ExtractionRequest(new RecordIdSource(TimeProvider.System).Draw(), path, format) { DropsBlankPages = true, Rendition = new RenditionPlace(folder, "staging/rendition") }, Test);
        Assert.Equal([1, 3], result.PageFacts.Where(page => page.Content == PageContent.Blank).Select(page => page.Number));
        Assert.Equal([1, 2, 3, 4, 5], result.Text.Pages.Select(page => page.Number));   // those of the original
        Assert.Equal([2, 4, 5], result.RenditionPages);
        string copy = Path.Combine(workers.Folder, "rendition.pdf");
        await using (var content = folder.OpenRead(Assert.IsType<RenditionFile>(result.Rendition).Path))
        {
            await using var file = File.Create(copy);
            await content.CopyToAsync(file, Test);
        }

        string[] shown = RenditionWorld.Run("pdftotext", copy, "-").Output.Split('\f');
        Assert.Equal(3, shown.Length - 1);
        Assert.All(shown.Take(3).Zip([1, 2, 3]), page => Assert.Contains(Ocr.PrintedPage.Words[page.Second], page.First, StringComparison.Ordinal));
        if (format == FileFormat.Tiff)
        {
            Assert.Equal("2 4 5", Cuts.CutWorld.LabelsOf(copy));
        }
    }

    [Fact]
    public async Task All_pages_of_a_TIFF_are_read()
    {
        await using var workers = Workers(out _);
        using var frames = new MagickImageCollection { new MagickImage(Scan()), new MagickImage(Scan()), new MagickImage(Scan()) };
        var result = await workers.ReadAsync(frames.ToByteArray(MagickFormat.Tiff), FileFormat.Tiff, Test);
        Assert.Equal(new PageAccount(3, 3, 0, 0, 0), result.Pages);
    }

    [Fact]
    public async Task A_born_digital_document_gets_none()
    {
        await using var workers = Workers(out _);
        string path = Path.Combine(workers.Folder, "born.pdf");
        await File.WriteAllBytesAsync(path, A.Pdf().WithTextLayer("A text layer of its own").ToBytes(), Test);
        var result = await workers.Pool.ExtractAsync(
            new ExtractionRequest(new RecordIdSource(TimeProvider.System).Draw(), path, FileFormat.Pdf) { Rendition = new RenditionPlace(new MemoryVolume().FolderAt(""), "rendition") }, Test);
        Assert.Equal((TextStatus.Complete, null, null), (result.TextStatus, result.Note, result.Rendition));
    }

    [Fact]
    public async Task Without_time_the_scan_is_read_all_the_same_and_says_why_it_has_none()
    {
        await using var workers = Workers(out _, ocr => ocr with { RenditionLimit = TimeSpan.FromTicks(1) });
        string path = Path.Combine(workers.Folder, "scan");
        await File.WriteAllBytesAsync(path, Scan(), Test);
        var result = await workers.Pool.ExtractAsync(
            new ExtractionRequest(new RecordIdSource(TimeProvider.System).Draw(), path, FileFormat.Tiff) { Rendition = new RenditionPlace(new MemoryVolume().FolderAt(""), "rendition") }, Test);
        Assert.Equal((TextStatus.Complete, "There is no searchable rendition: making it took too long.", null), (result.TextStatus, result.Note, result.Rendition));
    }

    [Theory]
    [InlineData(FileFormat.Tiff)]
    [InlineData(FileFormat.Pdf)]
    public async Task A_first_page_is_shown_small(FileFormat format)
    {
        await using var workers = Workers(out _);
        byte[] original = format == FileFormat.Pdf ? A.Pdf().WithTextLayer("Page").Pages(2).ToBytes() : Scan();
        var picture = new MemoryStream();
        Assert.True(await workers.Pool.MakeThumbnailAsync(ThumbnailOf(original, format), () => picture, Test));
        using var image = new MagickImage(picture.ToArray());
        Assert.Equal((MagickFormat.WebP, 320u), (image.Format, Math.Max(image.Width, image.Height)));
    }

    [Fact]
    public async Task A_page_that_cannot_be_shown_has_no_picture()
    {
        await using var workers = Workers(out _);
        Assert.False(await workers.Pool.MakeThumbnailAsync(ThumbnailOf(A.Pdf().EncryptedWith("secret").WithImage().ToBytes(), FileFormat.Pdf), () => new MemoryStream(), Test));
        Assert.False(await workers.Pool.MakeThumbnailAsync(ThumbnailOf("no image"u8.ToArray(), FileFormat.Jpeg), () => new MemoryStream(), Test));
    }

    private static ThumbnailRequest ThumbnailOf(byte[] original, FileFormat format) => new(
        new RecordIdSource(TimeProvider.System).Draw(), format, target => target.WriteAsync(original, Test).AsTask(), 320);

    private static RealWorkers Workers(out string scratch, Func<OcrOptions, OcrOptions>? adjust = null)
    {
        Needs.Tool("tesseract");
        Needs.Tool("qpdf");
        Needs.Tool("pdftoppm");
        string folder = Path.Combine(AppContext.BaseDirectory, "scratch", $"cells-{Guid.NewGuid():N}");
        scratch = folder;
        var ocr = new OcrOptions { Programs = OcrPrograms.Find(Environment.GetEnvironmentVariable("PATH") ?? "")!, ScratchFolder = folder };   // tesseract is there
        return new RealWorkers(adjust: options => options with { Ocr = adjust?.Invoke(ocr) ?? ocr });
    }

    private static byte[] Scan()
    {
        const string Font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
        if (!File.Exists(Font))
        {
            Needs.Lacks("fonts", "fonts-dejavu-core is not installed.");
        }

        using var image = new MagickImage(MagickColors.White, 1240, 800) { Density = new Density(150, DensityUnit.PixelsPerInch) };
        new Drawables().Font(Font).FontPointSize(36).FillColor(MagickColors.Black).Text(100, 150, "Discharge summary").Text(100, 220, "Jane Roe was seen today").Draw(image);
        image.Settings.Compression = CompressionMethod.LZW;
        return image.ToByteArray(MagickFormat.Tiff);
    }
}
