using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Tests.Extraction.Ocr;
using DocIngest.TestKit;
using ImageMagick;

namespace DocIngest.Pipeline.Tests.Extraction.BarCodes;

/// <summary>With the real zbarimg, confined as in production.</summary>
public sealed class When_bar_codes_are_read
{
    [Fact]
    public async Task Each_page_has_its_own()
    {
        await using var workers = OcrWorkers.Real();
        using var pages = new MagickImageCollection
        {
            PrintedPage.Letter(1).WithCode128("Enc-4711", left: 300, top: 2400).WithCode39("ABC 12", left: 300, top: 2900),
            PrintedPage.Letter(2),
            PrintedPage.Of().WithCode39("PATCHT"),
            PrintedPage.Of(),
        };
        var result = await workers.ReadCodesAsync(pages.ToByteArray(MagickFormat.Tiff), FileFormat.Tiff);
        Assert.Equal(
            [(1, "CODE-128", "Enc-4711"), (1, "CODE-39", "ABC 12"), (3, "CODE-39", "PATCHT")],
            result.BarCodes!.Codes.Select(code => (code.Page, code.Symbology, code.Value)));
        Assert.True(result.BarCodes.IsComplete);
        Assert.Null(result.Note);
        Assert.Equal([PageContent.Text, PageContent.Text, PageContent.Blank], result.PageFacts.Where(page => page.Number != 3).Select(page => page.Content));
        Assert.All(result.PageFacts, page => Assert.NotNull(page.BarCodes));
        Assert.Contains(result.Tools, tool => tool is { Name: "zbarimg", Version: not "unknown" });
    }

    [Fact]
    public async Task They_are_read_only_where_the_profile_asks()
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Letter(1).WithCode39("PATCHT", top: 2600);
        var result = await workers.ReadAsync(page.As(MagickFormat.Png), FileFormat.Png);
        Assert.Null(result.BarCodes);
        Assert.Null(result.PageFacts.Single().BarCodes);
    }

    [Fact]
    public async Task A_PDF_page_with_text_of_its_own_is_looked_at_too()
    {
        await using var workers = OcrWorkers.Real();
        byte[] pdf = A.Pdf().Page($"BT /F1 12 Tf 50 700 Td (A letter with a layer of text) Tj ET\n{PrintedCode.PaintedCode128("Enc-4711")}").ToBytes();
        var result = await workers.ReadCodesAsync(pdf, FileFormat.Pdf);
        Assert.Equal(TextSource.Layer, result.Text.Pages.Single().Source);
        Assert.Equal("Enc-4711", result.BarCodes!.Codes.Single().Value);
        Assert.True(result.BarCodes.IsComplete);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(90)]
    [InlineData(180)]
    [InlineData(270)]
    public async Task On_a_turned_page(double degrees)
    {
        using var page = PrintedPage.Letter(1).WithCode39("PATCHT", top: 2200).WithCode128("Enc-4711/x", top: 2700).Turned(degrees);
        await AssertBoth(page);
    }

    [Theory]
    [InlineData(33)]   // 100
    [InlineData(50)]   // 150
    [InlineData(67)]   // 200
    [InlineData(133)]  // 400
    [InlineData(200)]  // 600
    public async Task At_many_resolutions(double percent)
    {
        using var page = PrintedPage.Letter(1).WithCode39("PATCHT", top: 2200).WithCode128("Enc-4711/x", top: 2700);
        page.Resize(new Percentage(percent));
        page.Density = new Density(3 * percent, DensityUnit.PixelsPerInch);
        await AssertBoth(page);
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.12)]
    [InlineData(0.07)]
    public async Task Hardly_darker_than_its_paper(double strength)
    {
        using var page = PrintedPage.Letter(1).WithCode39("PATCHT", top: 2200).WithCode128("Enc-4711/x", top: 2700);
        page.Evaluate(Channels.All, EvaluateOperator.Multiply, strength);
        page.Evaluate(Channels.All, EvaluateOperator.Add, 255 * 0.8);
        page.AddNoise(NoiseType.Gaussian, 0.02);
        await AssertBoth(page);
    }

    [Fact]
    public async Task White_on_black()
    {
        using var page = PrintedPage.Letter(1).WithCode39("PATCHT", top: 2200).WithCode128("Enc-4711/x", top: 2700);
        page.Negate();
        await AssertBoth(page);
    }

    [Fact]
    public async Task As_a_fax_and_as_a_poor_JPEG()
    {
        using var page = PrintedPage.Letter(1).WithCode39("PATCHT", top: 2200).WithCode128("Enc-4711/x", top: 2700);
        page.AddNoise(NoiseType.Gaussian, 0.3);
        page.Quality = 20;
        using var poor = new MagickImage(page.As(MagickFormat.Jpeg));
        await AssertBoth(poor);
        await AssertBoth(poor.Bilevel());
    }

    [Theory]
    [InlineData("code39-1/1.png", "TEST-SHEET")]
    [InlineData("code128-1/1.png", "168901")]
    [InlineData("multi-1/multi-qr.png", "")]
    public async Task Photographs_of_others(string file, string value)
    {
        await using var workers = OcrWorkers.Real();
        string path = Path.Combine(Corpora.Folder("zxing-cpp"), "test", "samples", file);
        var result = await workers.ReadCodesAsync(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken), FileFormat.Png);
        TestContext.Current.TestOutputHelper!.WriteLine(PrintedCode.Show(result.BarCodes!.Codes));
        Assert.Contains(result.BarCodes.Codes, code => code.Value.Contains(value, StringComparison.Ordinal));
    }

    private static async Task AssertBoth(MagickImage page)
    {
        await using var workers = OcrWorkers.Real();
        var result = await workers.ReadCodesAsync(page.As(MagickFormat.Png), FileFormat.Png);
        Assert.True(result.BarCodes!.IsComplete, result.Note);
        Assert.Equal(["CODE-128 Enc-4711/x", "CODE-39 PATCHT"], result.BarCodes.Codes.Select(code => $"{code.Symbology} {code.Value}").Order());
    }
}
