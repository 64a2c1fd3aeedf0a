using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;
using DocIngest.TestKit.Documents;

namespace DocIngest.Pipeline.Tests.Extraction.Renditions;

public sealed class When_a_PDF_gets_its_words : IDisposable
{
    // qpdf makes the page a form, which poppler cuts at its box: pixels along that, and along those of an enlarged image, may differ.
    private const double AtTheEdges = 0.02;

    private readonly RenditionWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("/MediaBox [0 0 400 600]", 400, 600)]
    [InlineData("/MediaBox [0 0 400 600] /Rotate 90", 600, 400)]
    [InlineData("/MediaBox [0 0 400 600] /Rotate 180", 400, 600)]
    [InlineData("/MediaBox [0 0 400 600] /Rotate -90", 600, 400)]
    [InlineData("/MediaBox [0 0 400 600] /CropBox [30 40 390 560]", 360, 520)]
    [InlineData("/MediaBox [0 0 400 600] /CropBox [30 40 390 560] /Rotate 90", 520, 360)]
    [InlineData("/MediaBox [0 0 400 600] /CropBox [30 40 390 560] /Rotate 180", 360, 520)]
    [InlineData("/MediaBox [0 0 400 600] /CropBox [30 40 390 560] /Rotate 270", 520, 360)]
    [InlineData("/MediaBox [-100 -200 300 400]", 400, 600)]
    [InlineData("/MediaBox [400 600 0 0]", 400, 600)]
    [InlineData("/MediaBox [0 0 400 600] /UserUnit 2", 400, 600)]
    [InlineData("/MediaBox [0 0 400 600] /TrimBox [-20 -10 430 640]", 400, 600)]
    [InlineData("/MediaBox [0 0 400 600] /TrimBox [-20 -10 430 640] /Rotate 90", 600, 400)]
    [InlineData("/MediaBox [0 0 400 600] /TrimBox [-20 -10 430 640] /Rotate 180", 400, 600)]
    [InlineData("/MediaBox [0 0 400 600] /TrimBox [-20 -10 430 640] /Rotate 270", 600, 400)]
    [InlineData("/MediaBox [0 0 400 600] /CropBox [30 40 390 560] /TrimBox [10 0 400 590] /Rotate 270 /UserUnit 1.5", 520, 360)]
    [InlineData("/MediaBox [0 0 400 600] /CropBox [-50 -50 450 650]", 400, 600)]
    public void They_lie_where_they_were_read_and_the_page_stays_as_it_was(string boxes, double width, double height)
    {
        byte[] pdf = A.Pdf().WithPageEntries(boxes).WithImage().Page("2 w 40 50 m 300 500 l S\n").ToBytes();
        var page = RenditionWorld.Page(
            2, width, height, "Jane Roe\nborn 1961",
            RenditionWorld.Word("Jane", 50, 40, 40, 10), RenditionWorld.Word("Roe", 96, 40, 30, 10),
            RenditionWorld.Word("born", 50, 60, 40, 10), RenditionWorld.Word("1961", 96, 60, 38, 10));
        Assert.Equal(ReadingFate.Read, _world.Make(pdf, FileFormat.Pdf, page));
        _world.DemandClean();
        Assert.Empty(_world.Boxes(1));
        var found = _world.Boxes(2);
        Assert.Equal(["Jane", "Roe", "born", "1961"], found.Select(word => word.Text));
        foreach (var (word, box) in page.Layout!.Words.Zip(found))
        {
            Assert.Equal(word.Box[0], box.Left, 1.5);
            Assert.Equal(word.Box[0] + word.Box[2], box.Right, 1.5);
            Assert.Equal(word.Box[1], box.Top, 4.0);
            Assert.Equal(word.Box[1] + word.Box[3], box.Bottom, 4.0);
        }

        foreach (var (before, after) in _world.Render(_world.Original).Zip(_world.Render(_world.Output)))
        {
            Assert.Equal(before.Length, after.Length);
            int differ = before.Zip(after).Count(pair => pair.First != pair.Second);
            Assert.True(differ <= before.Length * AtTheEdges, $"{differ} of {before.Length} values differ");
        }
    }

    [Fact]
    public void A_page_of_which_qpdf_would_cut_off_a_part_is_left_alone() => Assert.Equal(
        ReadingFate.Damaged,
        _world.Make(A.Pdf().WithPageEntries("/MediaBox [0 0 400 600] /TrimBox [50 50 350 550]").WithImage().ToBytes(), FileFormat.Pdf, OnePage()));

    [Fact]
    public void Pages_without_OCR_keep_their_own_text()
    {
        byte[] pdf = A.Pdf().WithTextLayer("The layer of the first page").WithImage().ToBytes();
        Assert.Equal(ReadingFate.Read, _world.Make(pdf, FileFormat.Pdf, RenditionWorld.Page(2, 595, 842, "scanned", RenditionWorld.Word("scanned", 50, 50, 60, 10))));
        Assert.Equal("The layer of the first page\fscanned\f", _world.Text("-raw").Replace("\n", "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_document_that_opens_with_an_empty_password_stays_as_protected_as_it_was()
    {
        byte[] pdf = A.Pdf().EncryptedWith("").WithImage().ToBytes();
        Assert.Equal(ReadingFate.Read, _world.Make(pdf, FileFormat.Pdf, OnePage()));
        _world.DemandClean();
        Assert.Contains("R = 2", RenditionWorld.Run("qpdf", "--show-encryption", _world.Output).Output, StringComparison.Ordinal);
        Assert.Equal("word", _world.Text("-raw").Trim());
    }

    [Fact]
    public void A_password_means_no_rendition() =>
        Assert.ThrowsAny<Exception>(() => _world.Make(A.Pdf().EncryptedWith("secret").WithImage().ToBytes(), FileFormat.Pdf, OnePage()));

    [Fact]
    public void A_linearized_document_gets_its_words()
    {
        string plain = _world.Write("plain.pdf", A.Pdf().WithImage().ToBytes());
        string linear = Path.ChangeExtension(plain, "linear");
        Assert.Equal(0, RenditionWorld.Run("qpdf", "--linearize", plain, linear).Code);
        Assert.Equal(ReadingFate.Read, _world.Make(File.ReadAllBytes(linear), FileFormat.Pdf, OnePage()));
        _world.DemandClean();
        Assert.Equal("word", _world.Text("-raw").Trim());
    }

    [Fact]
    public void A_document_whose_table_is_damaged_comes_out_mended()
    {
        byte[] pdf = A.Pdf().WithImage().ToBytes();
        byte[] torn = [.. pdf.AsSpan(0, pdf.AsSpan().LastIndexOf("startxref"u8)), .. "startxref\n7\n%%EOF\n"u8];
        Assert.Equal(ReadingFate.Read, _world.Make(torn, FileFormat.Pdf, OnePage()));
        _world.DemandClean();
        Assert.Equal("word", _world.Text("-raw").Trim());
    }

    [Theory]
    [InlineData(LayerUse.Added, 1)]
    [InlineData(null, 2)]
    public void Words_that_the_page_has_itself_are_not_laid_over_it_again(LayerUse? layer, int times)
    {
        var page = RenditionWorld.Page(1, 595, 842, "Received\nmisread", RenditionWorld.Word("Received", 50, 52, 52, 10), RenditionWorld.Word("misread", 50, 66, 45, 10)) with { Layer = layer };
        Assert.Equal(ReadingFate.Read, _world.Make(A.Pdf().WithTextLayer("Received\nMisr3ad").ToBytes(), FileFormat.Pdf, page));
        _world.DemandClean();
        string[] words = _world.Text("-raw").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(times, words.Count(word => word == "Received"));
        Assert.Contains("misread", words);
    }

    [Fact]
    public void A_rendition_larger_than_allowed_is_not_kept()
    {
        byte[] pdf = A.Pdf().WithImage().ToBytes();
        Assert.Equal(ReadingFate.TooManyBytes, _world.Make(pdf, FileFormat.Pdf, maxBytes: 100, OnePage()));
        Assert.False(File.Exists(_world.Output));
    }

    private static PageText OnePage() => RenditionWorld.Page(1, 595, 842, "word", RenditionWorld.Word("word", 50, 50, 40, 10));
}
