using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;
using ImageMagick;

namespace DocIngest.Pipeline.Tests.Extraction.Ocr;

/// <summary>With the real programs, confined as in production.</summary>
public sealed class When_pages_are_read_by_OCR
{
    private const string Line = "the patient was seen in line";

    [Theory]
    [InlineData(MagickFormat.Tiff, FileFormat.Tiff)]
    [InlineData(MagickFormat.Jpeg, FileFormat.Jpeg)]
    [InlineData(MagickFormat.Png, FileFormat.Png)]
    [InlineData(MagickFormat.Bmp, FileFormat.Bmp)]
    [InlineData(MagickFormat.Gif, FileFormat.Gif)]
    [InlineData(MagickFormat.WebP, FileFormat.WebP)]
    [InlineData(MagickFormat.Jp2, FileFormat.Jpeg2000)]
    public async Task Each_kind_of_image_is_read(MagickFormat coder, FileFormat format)
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Letter(1);
        var result = await workers.ReadAsync(page.As(coder), format);
        AssertLetter(result.Text.Pages.Single());
        Assert.Equal(TextStatus.Complete, result.TextStatus);
        Assert.Equal(new PageAccount(1, WithText: 1, PendingOcr: 0, Blank: 0, Failed: 0), result.Pages);
        Assert.Contains(result.Tools, tool => tool.Name == "tesseract" && tool.Version.StartsWith('5'));
        Assert.Contains(result.Tools, tool => tool.Name == "tesseract model eng" && tool.Version.StartsWith("sha256:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Words_stand_where_they_are_printed()
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Of("Alpha bravo charlie delta echo foxtrot golf hotel", "India juliet kilo lima mike november oscar papa");
        var layout = (await workers.ReadAsync(page.As(MagickFormat.Png), FileFormat.Png)).Text.Pages.Single().Layout;
        Assert.NotNull(layout);
        Assert.Equal((595.2, 841.9, 0), (layout.Width, layout.Height, layout.AngleDegrees));
        var first = layout.Words.Single(word => word.Text == "Alpha");
        Assert.InRange(first.Box[0], 70, 75);      // drawn at 300 pixels, 72 points
        Assert.InRange(first.Box[1] + first.Box[3], 94, 99);   // its base line at 400 pixels, 96 points; the p hangs below
        Assert.InRange(first.ConfidencePercent, 80, 100);
    }

    [Fact]
    public async Task A_TIFF_of_mixed_pages_is_read_page_by_page()
    {
        await using var workers = OcrWorkers.Real();
        using var images = new MagickImageCollection();
        CompressionMethod[] kinds = [CompressionMethod.Fax, CompressionMethod.Group4, CompressionMethod.LZW, CompressionMethod.JPEG, CompressionMethod.Zip, CompressionMethod.NoCompression];
        foreach (var (kind, at) in kinds.Select((kind, at) => (kind, at)))
        {
            var page = PrintedPage.Letter(at + 1);
            images.Add(kind is CompressionMethod.Fax or CompressionMethod.Group4 ? page.Bilevel() : page);
            images[at].Settings.Compression = kind;
        }

        var result = await workers.ReadAsync(images.ToByteArray(MagickFormat.Tiff), FileFormat.Tiff);
        Assert.Equal(kinds.Length, result.Pages.WithText);
        foreach (var page in result.Text.Pages)
        {
            Assert.Contains($"Page {PrintedPage.Words[page.Number]}:", page.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(90)]
    [InlineData(180)]
    [InlineData(270)]
    [InlineData(5)]
    [InlineData(-7)]
    public async Task A_turned_page_is_read_and_its_words_stand_where_they_are(int degrees)
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Letter(1);
        using var mark = PrintedPage.Letter(1);
        page.BackgroundColor = MagickColors.White;
        page.Rotate(degrees);
        page.ResetPage();
        var read = (await workers.ReadAsync(page.As(MagickFormat.Png), FileFormat.Png)).Text.Pages.Single();
        AssertLetter(read);
        Assert.NotNull(read.Layout);
        double expected = degrees > 180 ? degrees - 360 : degrees;
        Assert.True(Math.Abs(Turn(read.Layout.AngleDegrees - expected)) < 0.4, $"{read.Layout.AngleDegrees}");

        // Where the first word's corner went when the page was turned about its middle.
        var word = read.Layout.Words.First(word => word.Text == "Page");
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        const double Across = (300 - 1240) * 72 / 300.0;
        const double Down = (364 - 1754) * 72 / 300.0;
        Assert.InRange(word.Box[0], (read.Layout.Width / 2) + (Across * cos) - (Down * sin) - 4, (read.Layout.Width / 2) + (Across * cos) - (Down * sin) + 4);
        Assert.InRange(word.Box[1], (read.Layout.Height / 2) + (Across * sin) + (Down * cos) - 4, (read.Layout.Height / 2) + (Across * sin) + (Down * cos) + 4);
    }

    [Fact]
    public async Task A_photograph_turned_by_its_EXIF_data_is_read_upright()
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Letter(1);
        page.Rotate(-90);
        page.ResetPage();
        var profile = new ExifProfile();
        profile.SetValue(ExifTag.Orientation, (ushort)6);
        page.SetProfile(profile);
        page.Orientation = Orientation.RightTop;   // else the library writes what it has instead
        var read = (await workers.ReadAsync(page.As(MagickFormat.Jpeg), FileFormat.Jpeg)).Text.Pages.Single();
        AssertLetter(read);
        Assert.Equal(0, read.Layout?.AngleDegrees);
        Assert.True(read.Layout?.Height > read.Layout?.Width);
    }

    [Theory]
    [InlineData(0.12)]
    [InlineData(0.07)]
    public async Task Print_hardly_darker_than_its_paper_is_read(double strength)
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Letter(1);
        page.Evaluate(Channels.All, EvaluateOperator.Multiply, strength);
        page.Evaluate(Channels.All, EvaluateOperator.Add, 255 * 0.8);
        AssertLetter((await workers.ReadAsync(page.As(MagickFormat.Png), FileFormat.Png)).Text.Pages.Single());
    }

    [Theory]
    [InlineData(0.05, 25)]
    [InlineData(0.1, 15)]
    [InlineData(0.6, 40)]
    public async Task A_few_faint_words_on_paper_with_a_grain_are_read(double grain, int darker)
    {
        // What makes print of so little darker makes letters of the grain, on which tesseract would be for a minute, and the words were lost with the page.
        const int Paper = 235;
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Of("Patient declined", "no allergies known");
        page.Evaluate(Channels.All, EvaluateOperator.Multiply, darker / 255.0);
        page.Evaluate(Channels.All, EvaluateOperator.Add, Paper - darker);
        page.AddNoise(NoiseType.Gaussian, grain);
        var read = (await workers.ReadAsync(page.As(MagickFormat.Png), FileFormat.Png)).Text.Pages.Single();
        Assert.Equal("Patient declined no allergies known", read.Text.ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task White_print_on_black_is_read()
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Letter(1);
        page.Negate();
        AssertLetter((await workers.ReadAsync(page.As(MagickFormat.Png), FileFormat.Png)).Text.Pages.Single());
    }

    [Fact]
    public async Task A_page_of_72_DPI_is_read()
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Letter(1);
        page.Resize(new Percentage(24));
        page.Density = new Density(72, DensityUnit.PixelsPerInch);
        AssertLetter((await workers.ReadAsync(page.As(MagickFormat.Png), FileFormat.Png)).Text.Pages.Single());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.02)]
    [InlineData(0.08)]
    public async Task A_page_without_anything_on_it_is_blank(double? noise)
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Of();
        page.Evaluate(Channels.All, EvaluateOperator.Multiply, 0.93);
        if (noise is { } attenuate)
        {
            page.AddNoise(NoiseType.Gaussian, attenuate);
        }

        var result = await workers.ReadAsync(page.As(MagickFormat.Png), FileFormat.Png);
        Assert.Equal(new PageAccount(1, WithText: 0, PendingOcr: 0, Blank: 1, Failed: 0), result.Pages);
        Assert.Equal((TextStatus.None, "Every page is blank."), (result.TextStatus, result.Note));
    }

    [Theory]
    [InlineData("No.")]
    [InlineData("7")]
    public async Task A_page_with_one_word_is_not_blank(string word)
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Of(word);
        page.AddNoise(NoiseType.Gaussian, 0.05);
        var result = await workers.ReadAsync(page.As(MagickFormat.Png), FileFormat.Png);
        Assert.Equal(0, result.Pages.Blank);
    }

    [Fact]
    public async Task A_picture_without_words_says_so()
    {
        await using var workers = OcrWorkers.Real();
        using var page = new MagickImage("gradient:grey40-grey90", 1200, 1600);
        var result = await workers.ReadAsync(page.As(MagickFormat.Png), FileFormat.Png);
        Assert.Equal(new PageAccount(1, WithText: 0, PendingOcr: 0, Blank: 0, Failed: 0, Wordless: 1), result.Pages);
        Assert.Equal((TextStatus.None, "OCR found no words."), (result.TextStatus, result.Note));
    }

    [Theory]
    [InlineData(CompressionMethod.JPEG)]
    [InlineData(CompressionMethod.Group4)]
    [InlineData(CompressionMethod.Zip)]
    public async Task A_scanned_page_of_a_PDF_is_read(CompressionMethod compression)
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Letter(1);
        byte[] pdf = (compression == CompressionMethod.Group4 ? page.Bilevel() : page).As(MagickFormat.Pdf, compression);
        var result = await workers.ReadAsync(pdf, FileFormat.Pdf);
        AssertLetter(result.Text.Pages.Single());
    }

    [Fact]
    public async Task Pages_of_a_PDF_that_have_their_own_text_keep_it()
    {
        await using var workers = OcrWorkers.Real();
        byte[] pdf = A.Pdf().WithTextLayer("A page of text that is long enough").WithBlankPage().WithDrawing().ToBytes();
        var result = await workers.ReadAsync(pdf, FileFormat.Pdf);
        Assert.Equal(new PageAccount(3, WithText: 1, PendingOcr: 0, Blank: 1, Failed: 0, Wordless: 1), result.Pages);
        Assert.Equal(TextSource.Layer, result.Text.Pages[0].Source);
        Assert.Equal(TextStatus.Complete, result.TextStatus);
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.05)]
    public async Task A_picture_that_breaks_off_before_its_print_has_failed_and_is_not_blank(double kept)
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Of([.. Enumerable.Repeat("", 25), "The only line of this page stands in its middle"]);
        byte[] jpeg = page.As(MagickFormat.Jpeg);
        var result = await workers.ReadAsync(jpeg[..Math.Max((int)(jpeg.Length * kept), ScanStart(jpeg) + 40)], FileFormat.Jpeg);
        Assert.Equal(new PageAccount(1, WithText: 0, PendingOcr: 0, Blank: 0, Failed: 1), result.Pages);
        Assert.Equal(TextStatus.Damaged, result.TextStatus);
    }

    [Fact]
    public async Task A_picture_that_breaks_off_within_its_print_is_read_in_part()
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Letter(1);
        byte[] jpeg = page.As(MagickFormat.Jpeg);
        var result = await workers.ReadAsync(jpeg[..(jpeg.Length / 2)], FileFormat.Jpeg);
        Assert.Equal(1, result.Pages.WithText);
        Assert.Equal(TextStatus.Partial, result.TextStatus);
        Assert.Equal("Not all of it could be seen. The images of 1 pages are damaged: words may be missing.", result.Note);
    }

    [Theory]
    [InlineData(CompressionMethod.JPEG)]
    [InlineData(CompressionMethod.Group4)]
    [InlineData(CompressionMethod.Zip)]
    public async Task A_page_of_a_PDF_whose_image_cannot_be_decoded_has_failed_and_is_not_blank(CompressionMethod compression)
    {
        await using var workers = OcrWorkers.Real();
        using var page = PrintedPage.Letter(1);
        byte[] pdf = (compression == CompressionMethod.Group4 ? page.Bilevel() : page).As(MagickFormat.Pdf, compression);
        Spoil(pdf);
        var result = await workers.ReadAsync(pdf, FileFormat.Pdf);
        Assert.Equal((1, 0, 0), (result.Pages.Failed, result.Pages.Blank, result.Pages.Wordless));
        Assert.Equal(TextStatus.Damaged, result.TextStatus);
    }

    // The largest stream is the image's: its head stays, as a bad sector leaves it.
    private static void Spoil(byte[] pdf)
    {
        var (start, length) = (0, 0);
        for (int at = pdf.AsSpan().IndexOf("stream\n"u8); at >= 0;)
        {
            int end = at + pdf.AsSpan(at).IndexOf("endstream"u8);
            (start, length) = end - at > length ? (at, end - at) : (start, length);
            int next = pdf.AsSpan(end + 9).IndexOf("stream\n"u8);
            at = next < 0 ? -1 : end + 9 + next;
        }

        pdf.AsSpan(start + 20, length - 40).Clear();
    }

    private static int ScanStart(byte[] jpeg) => jpeg.AsSpan().IndexOf(new byte[] { 0xFF, 0xDA });

    [Fact]
    public async Task Nothing_stays_in_the_scratch_folder()
    {
        await using var workers = OcrWorkers.Real();
        await workers.ReadAsync(OcrWorkers.Tiff(3), FileFormat.Tiff);
        Assert.Empty(Directory.GetFiles(workers.ScratchFolder, "*.tif", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("20K-gray.png", FileFormat.Png)]
    [InlineData("20K-rgb.jpeg", FileFormat.Jpeg)]
    public async Task A_bomb_of_pixels_is_too_large(string name, FileFormat format)
    {
        string folder = Corpora.Folder("docspell/modules/files/src/test/resources/bombs");
        await using var workers = OcrWorkers.Real(folder: folder);
        var result = await workers.ReadAsync(Path.Combine(folder, name), format);
        Assert.Equal(TextStatus.TooLarge, result.TextStatus);
    }

    [Fact]
    public async Task A_page_of_more_pixels_than_are_decoded_is_too_large_by_its_header()
    {
        byte[] png = A.Png().Size(8, 8).ToBytes();
        byte[] side = [0, 0, 0x42, 0x68];   // 17,000
        side.CopyTo(png, 16);
        side.CopyTo(png, 20);
        await using var workers = OcrWorkers.Real();
        var result = await workers.ReadAsync(png, FileFormat.Png);
        Assert.Equal((TextStatus.TooLarge, "A page has more pixels than the limit allows. 0 of 1 pages were read before."), (result.TextStatus, result.Note));
    }

    [Fact]
    public async Task A_page_of_a_PDF_that_is_one_large_image_is_read_at_a_lower_resolution()
    {
        using var page = PrintedPage.Letter(1);
        page.Settings.Compression = CompressionMethod.JPEG;
        byte[] pdf = page.ToByteArray(MagickFormat.Pdf);
        await using var workers = OcrWorkers.Real(adjustAll: options => options with { MaxPixels = 6_000_000 });   // the image has 8.7
        AssertLetter((await workers.ReadAsync(pdf, FileFormat.Pdf)).Text.Pages.Single());
    }

    [Theory]
    [InlineData("echo 'Out of memory' >&2")]   // poppler goes on, and ends well
    [InlineData("echo 'terminate called after throwing an instance of std::bad_alloc' >&2; exit 134")]
    public async Task A_page_of_a_PDF_for_which_there_is_not_enough_memory_is_too_large_and_not_damaged(string renders)
    {
        using var page = PrintedPage.Letter(1);
        page.Settings.Compression = CompressionMethod.JPEG;
        await using var workers = OcrWorkers.FakedRenderer(renders, maxPixels: 6_000_000);
        var result = await workers.ReadAsync(page.ToByteArray(MagickFormat.Pdf), FileFormat.Pdf);
        Assert.Equal((TextStatus.TooLarge, "No page could be read. To show 1 of them takes more memory than reading may."), (result.TextStatus, result.Note));
        Assert.Equal(new PageAccount(1, WithText: 0, PendingOcr: 0, Blank: 0, Failed: 1), result.Pages);
    }

    private static void AssertLetter(PageText page)
    {
        Assert.Equal(TextSource.Ocr, page.Source);
        int lines = page.Text.Split('\n').Count(line => line.Contains(Line, StringComparison.Ordinal));
        Assert.True(lines >= 18, $"{lines} of 20 lines were read: {page.Text}");
        Assert.InRange(page.ConfidencePercent ?? 0, 75, 100);
    }

    private static double Turn(double degrees) => degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees;
}
