using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Tests.Extraction.Ocr;

namespace DocIngest.Pipeline.Tests.Extraction.BarCodes;

public sealed class When_zbarimg_fails
{
    private const string Unread = "Bar codes of 1 of 1 pages were not read";
    private const string Nothing = "echo \"<barcodes xmlns='http://zbar.sourceforge.net/2008/barcode'></barcodes>\"; exit 4";

    private static readonly Func<OcrOptions, OcrOptions> Short = options => options with { PageLimit = TimeSpan.FromSeconds(3) };

    [Fact]
    public async Task One_that_finds_nothing_is_believed()
    {
        var result = await ReadAsync(Nothing);
        Assert.True(result.BarCodes!.IsComplete);
        Assert.Empty(result.BarCodes.Codes);
        Assert.Null(result.Note);
    }

    [Theory]
    [InlineData("exit 1", ".")]
    [InlineData("kill -11 $$", ".")]
    [InlineData("echo garbage", ".")]
    [InlineData("echo '<html/>'", ".")]
    [InlineData("echo '<barcodes><symbol type=\"CODE-39\"><data>PATCHT</data></symbol>'", ".")]   // it broke off
    [InlineData("echo '<!DOCTYPE a [<!ENTITY b \"c\">]><barcodes>&b;</barcodes>'", ".")]
    [InlineData("echo '<barcodes/>'", ".")]   // it says that it has found some
    [InlineData("printf '<barcodes>'; i=0; while [ $i -lt 300000 ]; do echo '<a/>'; i=$((i + 1)); done; echo '</barcodes>'; exit 4", ".")]
    [InlineData("echo '<barcodes>'; i=0; while [ $i -lt 300 ]; do echo '<symbol type=\"QR-Code\"><data>a</data></symbol>'; i=$((i + 1)); done; echo '</barcodes>'", ".")]
    [InlineData("s=a; while [ ${#s} -lt 2000000 ]; do s=$s$s; done; echo \"<barcodes>$s</barcodes>\"; exit 4", ".")]
    public async Task Codes_that_were_not_read_are_not_taken_for_none(string script, string end)
    {
        var result = await ReadAsync(script);
        Assert.Equal(TextStatus.Complete, result.TextStatus);   // the text is not its affair
        Assert.False(result.BarCodes!.IsComplete);
        Assert.Equal(Unread + end, result.Note);
        Assert.Null(result.PageFacts.Single().BarCodes);
    }

    [Fact]
    public async Task A_page_it_hangs_on_costs_its_time_limit_and_the_others_are_looked_at()
    {
        // Before come images for tesseract, and lists of them.
        await using var workers = OcrWorkers.FakedZbar($"case $file in *9.pgm) while :; do :; done ;; esac; {Nothing}", Short);
        var result = await workers.ReadCodesAsync(OcrWorkers.Tiff(4), FileFormat.Tiff);
        Assert.Equal("Bar codes of 1 of 4 pages were not read.", result.Note);
        Assert.Equal([2], result.PageFacts.Where(page => page.BarCodes is null).Select(page => page.Number));
        Assert.Equal(TextStatus.Complete, result.TextStatus);
    }

    [Fact]
    public async Task One_that_kills_its_worker_costs_the_codes_alone()
    {
        await using var workers = OcrWorkers.FakedZbar("kill -9 0");
        var result = await workers.ReadCodesAsync(OcrWorkers.Tiff(1), FileFormat.Tiff);
        Assert.Equal((TextStatus.Complete, $"{Unread}."), (result.TextStatus, result.Note));
    }

    [Fact]
    public async Task None_at_all_is_said()
    {
        await using var workers = OcrWorkers.Faked(adjust: options => options with { Programs = options.Programs with { PdfToPpm = options.Programs.ZbarImg, ZbarImg = null } });
        var without = await workers.ReadCodesAsync(OcrWorkers.Tiff(1), FileFormat.Tiff);
        Assert.Equal($"{Unread}: zbarimg is not installed, or does not work.", without.Note);
        Assert.False(without.BarCodes!.IsComplete);
        Assert.Contains(without.PageFacts, page => page is { Content: PageContent.Text, BarCodes: null });
    }

    [Fact]
    public async Task A_document_that_cannot_be_opened_has_unread_codes()
    {
        await using var workers = OcrWorkers.FakedZbar(Nothing);
        var result = await workers.ReadCodesAsync("%PDF-1.4 no more"u8.ToArray(), FileFormat.Pdf);
        Assert.Equal(TextStatus.Damaged, result.TextStatus);
        Assert.False(result.BarCodes!.IsComplete);
    }

    [Fact]
    public async Task What_a_code_says_is_cleaned()
    {
        // NUL, a form feed, bytes that are no UTF-8, and half a tag.
        var result = await ReadAsync(
            "printf \"<barcodes><symbol type='QR-Code' quality='1'><polygon points='+250,+300 +500,+300 +500,+600'/><data format='base64' length='8'><![CDATA[QQBCDP8=]]></data></symbol>\"; "
            + "printf \"<symbol type='CODE-39' quality='x'><data><![CDATA[a\\377</b>]]></data></symbol></barcodes>\"");
        Assert.Equal(["a\uFFFD</b>", "A B \u00FF"], result.BarCodes!.Codes.Select(code => code.Value).Order(StringComparer.Ordinal).Reverse());
        Assert.Equal([60, 72, 60, 72], result.BarCodes.Codes.Single(code => code.Symbology == "QR-Code").Box!);
    }

    private static async Task<DocIngest.Pipeline.Extraction.ExtractionResult> ReadAsync(string script)
    {
        await using var workers = OcrWorkers.FakedZbar(script);
        return await workers.ReadCodesAsync(OcrWorkers.Tiff(1), FileFormat.Tiff);
    }
}
