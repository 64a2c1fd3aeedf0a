using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Tests.Extraction.Ocr;
using DocIngest.Pipeline.Tests.Extraction.Renditions;
using DocIngest.TestKit;
using ImageMagick;

namespace DocIngest.Pipeline.Tests.Extraction.Cuts;

/// <summary>With the real qpdf, confined as in production.</summary>
public sealed class When_stacks_are_collated
{
    [Theory]
    [InlineData(BackOrder.Reversed, new[] { "6", "4", "2" })]
    [InlineData(BackOrder.Same, new[] { "2", "4", "6" })]
    public async Task Each_front_is_followed_by_its_back(BackOrder order, string[] backs)
    {
        await using var world = new CutWorld();
        var made = Assert.IsType<CutOutcome.Made>(await world.CollateAsync(Pages("1", "3", "5"), FileFormat.Pdf, Pages(backs), FileFormat.Pdf, 3, order));
        Assert.Equal(6, made.PageCount);
        Assert.Equal(["1", "2", "3", "4", "5", "6"], world.PageTexts());
        Assert.Equal(0, RenditionWorld.Run("qpdf", "--check", world.Output).Code);
    }

    [Fact]
    public async Task Images_go_with_documents_and_keep_every_pixel()
    {
        await using var world = new CutWorld();
        byte[] tiff = OcrWorkers.Tiff(2);
        var made = Assert.IsType<CutOutcome.Made>(await world.CollateAsync(tiff, FileFormat.Tiff, Pages("back of 2", "back of 1"), FileFormat.Pdf, 2, BackOrder.Reversed));
        Assert.Equal(4, made.PageCount);
        Assert.Equal(["", "back of 1", "", "back of 2"], world.PageTexts());
        using var frames = new MagickImageCollection(tiff);
        foreach (var (image, frame) in world.Images().Zip(frames))
        {
            using (image)
            {
                Assert.Equal(0, image.Compare(frame, ErrorMetric.Absolute));
            }
        }
    }

    [Fact]
    public async Task Fields_of_both_that_have_one_name_are_kept()
    {
        await using var world = new CutWorld();
        byte[] shared = SharedPdf.Make(["Anna", "Berta"]);
        Assert.IsType<CutOutcome.Made>(await world.CollateAsync(shared, FileFormat.Pdf, shared, FileFormat.Pdf, 2, BackOrder.Reversed));
        Assert.Equal(["Anna", "Berta", "Berta", "Anna"], world.PageTexts().Select(text => text.Split(' ', '\n')[^1]));
    }

    [Fact]
    public async Task What_is_encrypted_damaged_or_shorter_than_was_read_is_refused()
    {
        await using var world = new CutWorld();
        byte[] two = Pages("1", "3");
        byte[] locked = A.Pdf().WithTextLayer("secret").EncryptedWith("tiger").ToBytes();
        Assert.Equal(CutRefusal.Encrypted, await RefusalAsync(world, two, locked));
        Assert.Equal(CutRefusal.Encrypted, await RefusalAsync(world, locked, two));
        Assert.Equal(CutRefusal.Damaged, await RefusalAsync(world, two, "%PDF-1.4\nnothing\n%%EOF\n"u8.ToArray()));
        Assert.Equal(CutRefusal.Damaged, await RefusalAsync(world, two, Pages("2")));
        Assert.False(File.Exists(world.Output));
    }

    private static async Task<CutRefusal> RefusalAsync(CutWorld world, byte[] fronts, byte[] backs) =>
        Assert.IsType<CutOutcome.Refused>(await world.CollateAsync(fronts, FileFormat.Pdf, backs, FileFormat.Pdf, 2, BackOrder.Reversed)).Reason;

    private static byte[] Pages(params string[] pages) => pages.Aggregate(A.Pdf(), (pdf, page) => pdf.WithTextLayer(page)).ToBytes();
}
