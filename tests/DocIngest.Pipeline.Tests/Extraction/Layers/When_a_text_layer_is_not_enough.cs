using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Tests.Extraction.Ocr;
using DocIngest.TestKit;
using ImageMagick;

namespace DocIngest.Pipeline.Tests.Extraction.Layers;

/// <summary>Pages with text of their own that does not speak for them; with the real programs.</summary>
public sealed class When_a_text_layer_is_not_enough
{
    private const string Line = "the patient was seen in line";
    private const string Header = "From: General Hospital, Fax 555 0100, Page 3 of 7";
    private static readonly string Junk = string.Join('\n', Enumerable.Repeat("Wkh sdwlhqw zdv vhhq lq olqh qxpehu ri wklv ohwwhu", 20));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_scan_under_a_fax_header_is_read_and_the_header_stays(bool isVisible)
    {
        var page = await ReadPageAsync(Header, isVisible);
        Assert.Equal((TextSource.Ocr, OcrReason.LittleText), (page.Source, page.OcrReason));
        Assert.Contains(Line, page.Text, StringComparison.Ordinal);
        Assert.Contains("General Hospital", page.Text, StringComparison.Ordinal);
        if (!isVisible)
        {
            Assert.Equal(LayerUse.Added, page.Layer);   // OCR cannot have seen it
            Assert.EndsWith(Header, page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_junk_layer_gives_way_to_OCR()
    {
        var page = await ReadPageAsync(Junk);
        Assert.Equal((TextSource.Ocr, OcrReason.JunkText, LayerUse.Replaced), (page.Source, page.OcrReason, page.Layer));
        Assert.Contains(Line, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("sdwlhqw", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_good_layer_of_a_scan_stays_and_costs_no_OCR()
    {
        var page = await ReadPageAsync(string.Join('\n', Enumerable.Repeat("A layer that somebody has read and mended by hand, line by line", 8)));
        Assert.Equal((TextSource.Layer, null, null), (page.Source, page.OcrReason, page.Layer));
    }

    [Fact]
    public async Task A_junk_layer_stays_where_OCR_finds_nothing_better_and_the_note_says_so()
    {
        await using var workers = OcrWorkers.Real();
        using var picture = new MagickImage("gradient:grey40-grey90", 1200, 1600);
        var result = await workers.ReadAsync(Scan(picture, Junk), FileFormat.Pdf);
        var page = result.Text.Pages.Single();
        Assert.Equal((TextSource.Layer, OcrReason.JunkText, LayerUse.Kept), (page.Source, page.OcrReason, page.Layer));
        Assert.Equal((TextStatus.Complete, "The own text of 1 pages seems unreadable, and OCR read nothing better."), (result.TextStatus, result.Note));
    }

    [Fact]
    public async Task One_page_does_not_decide_for_another()
    {
        await using var workers = OcrWorkers.Real();
        using var letter = PrintedPage.Letter(1);
        byte[] jpeg = letter.As(MagickFormat.Jpeg);
        byte[] pdf = A.Pdf().WithTextLayer("A page that is born digital, with a text that is good")
            .WithScan(jpeg, 2480, 3508, Junk).WithScan(jpeg, 2480, 3508, Header).WithTextLayer("And another of the same kind at the end").ToBytes();
        var result = await workers.ReadAsync(pdf, FileFormat.Pdf);
        Assert.Equal([TextSource.Layer, TextSource.Ocr, TextSource.Ocr, TextSource.Layer], result.Text.Pages.Select(page => page.Source));
        Assert.Equal([null, OcrReason.JunkText, OcrReason.LittleText, null], result.Text.Pages.Select(page => page.OcrReason));
    }

    [Fact]
    public async Task Without_tesseract_such_pages_wait_with_the_text_they_have()
    {
        await using var workers = new RealWorkers();
        using var letter = PrintedPage.Letter(1);
        var result = await workers.ReadAsync(Scan(letter, Header), FileFormat.Pdf, TestContext.Current.CancellationToken);
        var page = result.Text.Pages.Single();
        Assert.Equal((TextStatus.PendingOcr, TextSource.Layer, OcrReason.LittleText, null), (result.TextStatus, page.Source, page.OcrReason, page.Layer));
        Assert.Equal(Header, page.Text);
    }

    [Theory]
    [InlineData("pdfpig/src/UglyToad.PdfPig.Tests/Integration/Documents/GHOSTSCRIPT-697234-0.pdf", OcrReason.JunkText)]   // numbers of glyphs
    [InlineData("ocrmypdf/tests/resources/cmyk.pdf", OcrReason.LittleText)]
    [InlineData("ocrmypdf/tests/resources/toc.pdf", null)]
    public async Task Real_layers(string file, OcrReason? expected)
    {
        string path = Path.Combine(Corpora.Folder(Path.GetDirectoryName(file)!), Path.GetFileName(file));   // never a root
        await using var workers = new RealWorkers(Path.GetDirectoryName(path));
        var result = await workers.ReadAsync(path, FileFormat.Pdf, TestContext.Current.CancellationToken);
        Assert.Equal(expected, result.Text.Pages[0].OcrReason);
    }

    private static async Task<PageText> ReadPageAsync(string text, bool isVisible = false)
    {
        await using var workers = OcrWorkers.Real();
        using var letter = PrintedPage.Letter(1);
        var result = await workers.ReadAsync(Scan(letter, text, isVisible), FileFormat.Pdf);
        Assert.Equal(TextStatus.Complete, result.TextStatus);
        return result.Text.Pages.Single();
    }

    private static byte[] Scan(MagickImage image, string text, bool isVisible = false)
    {
        image.ColorSpace = ColorSpace.Gray;
        return A.Pdf().WithScan(image.As(MagickFormat.Jpeg), (int)image.Width, (int)image.Height, text, isVisible).ToBytes();
    }
}
