using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>One pool of real workers for all documents of these tests.</summary>
public sealed class SharedWorkers : IAsyncLifetime
{
    private RealWorkers? _workers;

    internal RealWorkers Workers => _workers ??= new RealWorkers();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _workers?.DisposeAsync() ?? ValueTask.CompletedTask;
}

public sealed class When_documents_are_read(SharedWorkers shared) : IClassFixture<SharedWorkers>
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_text_layer_is_read_page_by_page()
    {
        var result = await Pdf(A.Pdf().WithTextLayer("Discharge summary\nJane Roe, born 1961").Pages(3).ToBytes());
        Assert.Equal((TextStatus.Complete, null), (result.TextStatus, result.Note));
        Assert.Equal(new PageAccount(3, 3, 0, 0, 0), result.Pages);
        Assert.All(result.Text.Pages, page => Assert.Equal(("Discharge summary\nJane Roe, born 1961", TextSource.Layer), (page.Text, page.Source)));
        Assert.Contains(result.Tools, tool => tool is { Name: "PdfPig", Version: "0.1.16" });
    }

    [Fact]
    public async Task Every_page_is_accounted_for()
    {
        var result = await Pdf(A.Pdf().WithTextLayer("A page of text that is long enough").WithBlankPage().WithImage().WithDrawing().WithForm().ToBytes());
        Assert.Equal(TextStatus.PendingOcr, result.TextStatus);
        Assert.Equal(new PageAccount(5, WithText: 1, PendingOcr: 3, Blank: 1, Failed: 0), result.Pages);
        Assert.Equal("3 of 5 pages wait for OCR. Tesseract is not installed, or does not work.", result.Note);
    }

    [Fact]
    public async Task Hardly_any_text_on_an_image_waits_for_OCR_and_is_kept()
    {
        var result = await Pdf(A.Pdf().WithImageAndText("p. 7").ToBytes());
        Assert.Equal((TextStatus.PendingOcr, "p. 7"), (result.TextStatus, result.Text.ToPlainText()));
        Assert.Equal(TextSource.Layer, result.Text.Pages[0].Source);
    }

    [Fact]
    public async Task Enough_text_on_an_image_is_a_text_layer() => Assert.Equal(
        TextStatus.Complete,
        (await Pdf(A.Pdf().WithImageAndText(string.Join(' ', Enumerable.Repeat("A scan with its text layer, as long as those of a page are", 5))).ToBytes())).TextStatus);

    [Fact]
    public async Task Blank_pages_only_are_none()
    {
        var result = await Pdf(A.Pdf().WithBlankPage().Pages(2).ToBytes());
        Assert.Equal((TextStatus.None, new PageAccount(2, 0, 0, 2, 0)), (result.TextStatus, result.Pages));
    }

    [Theory]
    [InlineData("BT /F9 12 Tf 50 700 Td (a font that is not there) Tj ET")]
    [InlineData("/Im9 Do")]
    [InlineData("<< no instruction in here <")]
    public async Task What_could_not_be_shown_is_not_called_blank(string content) =>
        Assert.Equal(TextStatus.PendingOcr, (await Pdf(A.Pdf().Page(content).ToBytes())).TextStatus);

    [Theory]
    [InlineData("q Q")]
    [InlineData("1 0 0 RG 2 w")]
    [InlineData("BT /F1 12 Tf 50 700 Td (   ) Tj ET")]
    public async Task Instructions_that_show_nothing_leave_a_page_blank(string content) =>
        Assert.Equal(TextStatus.None, (await Pdf(A.Pdf().Page(content).ToBytes())).TextStatus);

    [Fact]
    public async Task What_was_typed_into_a_form_is_text()
    {
        string file = Corpora.Files("pdfpig", "AcroFormsBasicFields.pdf")[0];
        await using var workers = new RealWorkers(Path.GetDirectoryName(file));
        Assert.Contains("\nOpt01\nDefaultValue\n", (await workers.ReadAsync(file, FileFormat.Pdf, Test)).Text.ToPlainText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_JPEG_with_damaged_metadata_still_has_its_size()
    {
        byte[] image = A.Jpeg().Size(320, 240).WithComment("comment").ToBytes();
        byte[] stray = [.. image[..20], 0, 1, 2, 3, .. image[20..]];
        var result = await Read(stray, FileFormat.Jpeg);
        Assert.Equal((TextStatus.PendingOcr, "320"), (result.TextStatus, result.Metadata["image:width"]));
    }

    [Fact]
    public async Task A_page_that_cannot_be_read_costs_only_itself()
    {
        var result = await Pdf(Broken(A.Pdf().WithTextLayer("The first page").WithTextLayer("The second page").WithTextLayer("The third page").ToBytes(), page: 2));
        Assert.Equal(TextStatus.Partial, result.TextStatus);
        Assert.Equal(new PageAccount(3, 2, 0, 0, 1), result.Pages);
        Assert.Equal([1, 3], result.Text.Pages.Select(page => page.Number));
        Assert.Equal("1 of 3 pages could not be read.", result.Note);
    }

    [Fact]
    public async Task A_password_is_asked_for()
    {
        var result = await Pdf(A.Pdf().WithTextLayer("secret").EncryptedWith("geheim").ToBytes());
        Assert.Equal((TextStatus.Encrypted, PageAccount.Unknown), (result.TextStatus, result.Pages));
    }

    [Fact]
    public async Task An_empty_password_is_none()
    {
        var result = await Pdf(A.Pdf().WithTextLayer("not secret at all").EncryptedWith("").ToBytes());
        Assert.Equal((TextStatus.Complete, "not secret at all"), (result.TextStatus, result.Text.ToPlainText()));
        Assert.Equal("true", result.Metadata["pdf:encrypted"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(200)]
    public async Task A_PDF_that_breaks_off_is_damaged(int length) =>
        Assert.Equal(TextStatus.Damaged, (await Pdf(A.Pdf().WithTextLayer("x").ToBytes()[..length])).TextStatus);

    [Fact]
    public async Task Metadata_comes_along()
    {
        const string Xmp = """
            <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
            <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Scanner 9"/></rdf:RDF></x:xmpmeta>
            """;
        var result = await Pdf(A.Pdf().WithTextLayer("some text here").WithInformation("Title", "Discharge").WithInformation("Ward", "7b")
            .WithInformation("Producer", new string('p', 5_000)).WithXmp(Xmp).ToBytes());
        Assert.Equal("Discharge", result.Metadata["pdf:title"]);
        Assert.Equal("7b", result.Metadata["pdf:ward"]);
        Assert.Equal(4096, result.Metadata["pdf:producer"].Length);
        Assert.Equal("Scanner 9", result.Metadata["xmp:xmp:CreatorTool"]);
        Assert.Contains(result.Tools, tool => tool.Name == "MetadataExtractor");
    }

    [Fact]
    public async Task XMP_that_is_no_XML_or_a_bomb_costs_nothing()
    {
        const string Bomb = """<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><x:xmpmeta xmlns:x="adobe:ns:meta/">&b;</x:xmpmeta>""";
        Assert.Equal(TextStatus.Complete, (await Pdf(A.Pdf().WithTextLayer("some text here").WithXmp(Bomb).ToBytes())).TextStatus);
        Assert.Equal(TextStatus.Complete, (await Pdf(A.Pdf().WithTextLayer("some text here").WithXmp("<<<").ToBytes())).TextStatus);
    }

    [Theory]
    [InlineData(nameof(A.Png), FileFormat.Png)]
    [InlineData(nameof(A.Jpeg), FileFormat.Jpeg)]
    [InlineData(nameof(A.Gif), FileFormat.Gif)]
    [InlineData(nameof(A.Bmp), FileFormat.Bmp)]
    [InlineData(nameof(A.WebP), FileFormat.WebP)]
    [InlineData(nameof(A.Heic), FileFormat.Heic)]
    [InlineData(nameof(A.Jpeg2000), FileFormat.Jpeg2000)]
    public async Task An_image_is_one_page_that_waits_for_OCR(string builder, FileFormat format)
    {
        var result = await Read(Sized(builder, 320, 240), format);
        Assert.Equal((TextStatus.PendingOcr, new PageAccount(1, 0, 1, 0, 0)), (result.TextStatus, result.Pages));
        Assert.Equal(("320", "240"), (result.Metadata["image:width"], result.Metadata["image:height"]));
        Assert.Contains(result.Tools, tool => tool is { Name: "MetadataExtractor", Version: "2.4.3" });
    }

    [Theory]
    [InlineData(nameof(A.Png), FileFormat.Png)]
    [InlineData(nameof(A.Jpeg), FileFormat.Jpeg)]
    [InlineData(nameof(A.Tiff), FileFormat.Tiff)]
    [InlineData(nameof(A.Heic), FileFormat.Heic)]
    [InlineData(nameof(A.Jpeg2000), FileFormat.Jpeg2000)]
    [InlineData(nameof(A.WebP), FileFormat.WebP)]
    public async Task An_image_whose_header_cannot_be_read_is_damaged(string builder, FileFormat format) =>
        Assert.Equal(TextStatus.Damaged, (await Read(Sized(builder, 32, 32)[..14], format)).TextStatus);

    [Fact]
    public async Task Pages_of_a_TIFF_are_counted_without_its_thumbnails()
    {
        var result = await Read(A.Tiff().Pages(5).Thumbnails(2).ToBytes(), FileFormat.Tiff);
        Assert.Equal((TextStatus.PendingOcr, new PageAccount(5, 0, 5, 0, 0)), (result.TextStatus, result.Pages));
    }

    [Fact]
    public async Task A_TIFF_that_breaks_off_says_so()
    {
        byte[] whole = A.Tiff().Pages(5).ToBytes();
        var result = await Read(whole[..^20], FileFormat.Tiff);
        Assert.Equal(new PageAccount(5, 0, 4, 0, 1), result.Pages);
        Assert.Equal("4 of 5 pages wait for OCR. 1 could not be read. Tesseract is not installed, or does not work.", result.Note);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_TIFF_that_breaks_off_at_the_limit_of_pages_has_too_many(int maxPages)
    {
        await using var workers = new RealWorkers(adjust: o => o with { MaxPages = maxPages });
        var result = await workers.ReadAsync(A.Tiff().Pages(maxPages + 1).ToBytes()[..^20], FileFormat.Tiff, Test);
        Assert.Equal((TextStatus.TooLarge, new PageAccount(maxPages + 1, 0, maxPages, 0, 1)), (result.TextStatus, result.Pages));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_TIFF_of_which_not_all_was_looked_at_is_not_called_whole(int pages)
    {
        // More directories than are walked for the sake of two pages.
        await using var workers = new RealWorkers(adjust: o => o with { MaxPages = 2 });
        var result = await workers.ReadAsync(A.Tiff().Pages(pages).Thumbnails(9).ToBytes(), FileFormat.Tiff, Test);
        Assert.Equal((TextStatus.TooLarge, 1), (result.TextStatus, result.Pages.Failed));
        Assert.Equal(pages, result.Pages.PendingOcr);
    }

    [Fact]
    public async Task A_TIFF_of_very_many_pages_is_too_large()
    {
        byte[] tiff = A.Tiff().Pages(60_000).ToBytes();   // where a reader of metadata calls itself for each, its stack has ended
        var result = await Read(tiff, FileFormat.Tiff);
        Assert.Equal((TextStatus.TooLarge, 20_000), (result.TextStatus, result.Pages.PendingOcr));
    }

    [Fact]
    public async Task An_animated_GIF_has_a_page_a_frame() =>
        Assert.Equal(4, (await Read(A.Gif().Frames(4).ToBytes(), FileFormat.Gif)).Pages.PendingOcr);

    [Fact]
    public async Task A_pixel_bomb_is_too_large()
    {
        byte[] bomb = A.Png().Size(8, 8).ToBytes();
        bomb[18] = 0xFF;   // the width's third byte
        bomb[22] = 0xFF;   // the height's
        var result = await Read(bomb, FileFormat.Png);
        Assert.Equal((TextStatus.TooLarge, 1), (result.TextStatus, result.Pages.Failed));
    }

    [Fact]
    public async Task Too_many_pages_are_read_up_to_the_limit()
    {
        await using var workers = new RealWorkers(adjust: o => o with { MaxPages = 3 });
        var pdf = await workers.ReadAsync(A.Pdf().WithTextLayer("A page of text").Pages(5).ToBytes(), FileFormat.Pdf, Test);
        Assert.Equal((TextStatus.TooLarge, new PageAccount(5, 3, 0, 0, 2)), (pdf.TextStatus, pdf.Pages));
        var tiff = await workers.ReadAsync(A.Tiff().Pages(5).ToBytes(), FileFormat.Tiff, Test);
        Assert.Equal((TextStatus.TooLarge, 3), (tiff.TextStatus, tiff.Pages.PendingOcr));
    }

    [Fact]
    public async Task Too_much_text_is_read_up_to_the_limit()
    {
        await using var workers = new RealWorkers(adjust: o => o with { MaxTextChars = 50 });
        var result = await workers.ReadAsync(A.Pdf().WithTextLayer("Twenty characters...").Pages(5).ToBytes(), FileFormat.Pdf, Test);
        Assert.Equal((TextStatus.TooLarge, new PageAccount(5, 2, 0, 0, 3)), (result.TextStatus, result.Pages));
    }

    [Theory]
    [InlineData(FileFormat.Pdf)]
    [InlineData(FileFormat.Png)]
    public async Task Of_a_file_that_cannot_be_opened_nothing_is_said(FileFormat format) =>
        await Assert.ThrowsAsync<ExtractionUnavailableException>(
            () => shared.Workers.ReadAsync(Path.Combine(shared.Workers.Folder, "gone"), format, Test));

    [Fact]
    public async Task Photographs_tell_of_their_camera()
    {
        string file = Corpora.Files("exif-samples", "Canon_40D.jpg")[0];
        await using var workers = new RealWorkers(Path.GetDirectoryName(file));
        var result = await workers.ReadAsync(file, FileFormat.Jpeg, Test);
        Assert.Equal(("Canon", "Canon EOS 40D"), (result.Metadata["exif:make"], result.Metadata["exif:model"]));
        Assert.DoesNotContain(result.Metadata.Keys, key => key.Contains("makernote", StringComparison.OrdinalIgnoreCase));
    }

    private Task<ExtractionResult> Pdf(byte[] content) => Read(content, FileFormat.Pdf);

    private Task<ExtractionResult> Read(byte[] content, FileFormat format) => shared.Workers.ReadAsync(content, format, Test);

    private static byte[] Sized(string builder, int width, int height) => builder switch
    {
        nameof(A.Png) => A.Png().Size(width, height).ToBytes(),
        nameof(A.Jpeg) => A.Jpeg().Size(width, height).ToBytes(),
        nameof(A.Gif) => A.Gif().Size(width, height).ToBytes(),
        nameof(A.Bmp) => A.Bmp().Size(width, height).ToBytes(),
        nameof(A.WebP) => A.WebP().Size(width, height).ToBytes(),
        nameof(A.Heic) => A.Heic().Size(width, height).ToBytes(),
        nameof(A.Jpeg2000) => A.Jpeg2000().Size(width, height).ToBytes(),
        nameof(A.Tiff) => A.Tiff().Size(width, height).ToBytes(),
        _ => throw new ArgumentOutOfRangeException(nameof(builder)),
    };

    /// <summary>Makes a page's media box something no reader can make sense of, without moving a byte.</summary>
    private static byte[] Broken(byte[] pdf, int page)
    {
        int at = 0;
        for (int count = 0; count < page; count++)
        {
            at += pdf.AsSpan(at).IndexOf("/MediaBox [0 0 595 842]"u8) + 1;
        }

        "/MediaBox [0 0 (x) (y)]"u8.CopyTo(pdf.AsSpan(at - 1));
        return pdf;
    }
}
