using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;
using ImageMagick;

namespace DocIngest.Pipeline.Tests.Extraction.Ocr;

/// <summary>Workers that read by OCR: with the machine's tesseract, or with a script in its place.</summary>
internal sealed class OcrWorkers : IAsyncDisposable
{
    private const string Shell = "/bin/sh";   // a script needs it, and a worker may start only what it is told of

    private readonly RealWorkers _workers;

    private OcrWorkers(
        Func<string, OcrPrograms> programs, Func<OcrOptions, OcrOptions>? adjust, string? folder, int workers, Func<ExtractionOptions, ExtractionOptions>? adjustAll = null)
    {
        string scratch = Path.Combine(AppContext.BaseDirectory, "scratch", Guid.NewGuid().ToString("N"));
        _workers = new RealWorkers(folder, options => (adjustAll ?? (same => same))(options with
        {
            WorkerCount = workers,
            Ocr = (adjust ?? (same => same))(new OcrOptions { Programs = programs(options.ReadableFolders[0]), ScratchFolder = scratch }),
        }));
        ScratchFolder = scratch;
    }

    public string ScratchFolder { get; }

    public RealWorkers Workers => _workers;

    public string Folder => _workers.Folder;

    /// <summary>The real programs. Skips where they are not installed.</summary>
    public static OcrWorkers Real(
        Func<OcrOptions, OcrOptions>? adjust = null, string? folder = null, int workers = 2, Func<ExtractionOptions, ExtractionOptions>? adjustAll = null)
    {
        Needs.Tool("tesseract");
        Needs.Tool("pdftoppm");
        var found = OcrPrograms.Find(Environment.GetEnvironmentVariable("PATH") ?? "");
        return new OcrWorkers(_ => found!, adjust, folder, workers, adjustAll);   // it was there two lines above
    }

    /// <summary>A script that fails in one way.</summary>
    public static OcrWorkers Faked(string atPage = "", string first = "", Func<OcrOptions, OcrOptions>? adjust = null, int workers = 1)
    {
        Needs.Linux();
        return new OcrWorkers(folder => new OcrPrograms(FakeTesseract.Write(folder, atPage, first), null, null, ZbarImg: Shell), adjust, null, workers);
    }

    /// <summary>The script for tesseract, and another for zbarimg.</summary>
    /// <param name="zbarImg">Shell commands; <c>$file</c> is the image.</param>
    /// <param name="adjust">Limits.</param>
    public static OcrWorkers FakedZbar(string zbarImg, Func<OcrOptions, OcrOptions>? adjust = null)
    {
        Needs.Linux();
        return new OcrWorkers(
            folder => new OcrPrograms(FakeTesseract.Write(folder), PdfToPpm: Shell, null, BarCodes.FakeZbar.Write(folder, zbarImg)), adjust, null, workers: 1);
    }

    /// <summary>The script for tesseract, and another for pdftoppm, which renders what is not one image of few pixels.</summary>
    /// <param name="pdfToPpm">Shell commands.</param>
    /// <param name="maxPixels">Of an image that is not rendered.</param>
    public static OcrWorkers FakedRenderer(string pdfToPpm, long maxPixels)
    {
        Needs.Linux();
        return new OcrWorkers(
            folder => new OcrPrograms(FakeTesseract.Write(folder), PdfToPpm: FakeTesseract.WriteScript(folder, "pdftoppm", pdfToPpm), null, ZbarImg: Shell),
            adjust: null, folder: null, workers: 1, options => options with { MaxPixels = maxPixels });
    }

    /// <summary>Reads a document as a profile does that asks for bar codes.</summary>
    public Task<ExtractionResult> ReadCodesAsync(byte[] content, FileFormat format)
    {
        string path = Path.Combine(Folder, $"{Guid.NewGuid():N}.scan");
        File.WriteAllBytes(path, content);
        return _workers.Pool.ExtractAsync(
            new ExtractionRequest(new RecordIdSource(TimeProvider.System).Draw(), path, format) { ReadsBarCodes = true }, TestContext.Current.CancellationToken);
    }

    public Task<ExtractionResult> ReadAsync(byte[] content, FileFormat format) => _workers.ReadAsync(content, format, TestContext.Current.CancellationToken);

    public Task<ExtractionResult> ReadAsync(string path, FileFormat format) => _workers.ReadAsync(path, format, TestContext.Current.CancellationToken);

    /// <summary>A TIFF of pages that are not blank.</summary>
    public static byte[] Tiff(int pages)
    {
        using var images = new MagickImageCollection();
        for (int page = 0; page < pages; page++)
        {
            images.Add(PrintedPage.Letter(page).Bilevel());
            images[page].Settings.Compression = CompressionMethod.Group4;
        }

        return images.ToByteArray(MagickFormat.Tiff);
    }

    public async ValueTask DisposeAsync()
    {
        await _workers.DisposeAsync();
        if (Directory.Exists(ScratchFolder))   // a pool that was never asked has made none
        {
            Directory.Delete(ScratchFolder, recursive: true);
        }
    }
}
