using System.Security.Cryptography;
using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Tests.Extraction.Ocr;
using DocIngest.Pipeline.Tests.Extraction.Renditions;
using DocIngest.TestKit;
using ImageMagick;

namespace DocIngest.Pipeline.Tests.Extraction.Cuts;

/// <summary>With the real qpdf, confined as in production.</summary>
public sealed class When_pages_are_cut
{
    private static readonly string[] Words = ["Anna", "Berta", "Clara", "Dora", "Emma", "Frieda", "Gerda"];

    [Theory]
    [InlineData(new[] { 3, 4, 5, 7 })]
    [InlineData(new[] { 1 })]
    [InlineData(new[] { 1, 2, 3, 4, 5, 6, 7 })]
    public async Task The_part_has_the_pages_that_were_asked_for(int[] pages)
    {
        await using var world = new CutWorld();
        var made = Assert.IsType<CutOutcome.Made>(await world.CutAsync(Letters(), FileFormat.Pdf, pages));
        Assert.Equal(pages.Length, made.PageCount);
        Assert.Equal(pages.Select(page => $"Letter of {Words[page - 1]}"), world.PageTexts());
        Assert.Equal(0, RenditionWorld.Run("qpdf", "--check", world.Output).Code);
        byte[] content = await File.ReadAllBytesAsync(world.Output, TestContext.Current.CancellationToken);
        Assert.Equal((content.Length, Convert.ToHexStringLower(SHA512.HashData(content))), (made.File.SizeBytes, made.File.Digest.Hex));
        Assert.Contains(made.Tools, tool => tool.Name == "qpdf");
    }

    [Fact]
    public async Task The_same_cut_is_the_same_file()
    {
        await using var world = new CutWorld();
        byte[] letters = Letters();
        var first = Assert.IsType<CutOutcome.Made>(await world.CutAsync(letters, FileFormat.Pdf, 2, 3));
        var second = Assert.IsType<CutOutcome.Made>(await world.CutAsync(letters, FileFormat.Pdf, 2, 3));
        Assert.Equal(first.File.Digest, second.File.Digest);
    }

    [Fact]
    public async Task Nothing_of_other_pages_is_left_in_the_part()
    {
        // An outline that names each letter, information about the document, and resources that all pages share.
        await using var world = new CutWorld();
        var made = Assert.IsType<CutOutcome.Made>(await world.CutAsync(SharedPdf.Make(["Anna", "Berta", "Clara"]), FileFormat.Pdf, 2));
        string plain = RenditionWorld.Run("qpdf", "--qdf", "--object-streams=disable", world.Output, "-").Output;
        Assert.Contains("Berta", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("Anna", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("Clara", plain, StringComparison.Ordinal);
        Assert.Equal(1, made.PageCount);
    }

    [Fact]
    public async Task A_scanned_page_keeps_its_image_to_the_byte()
    {
        await using var world = new CutWorld();
        byte[] tiff = OcrWorkers.Tiff(5);
        var made = Assert.IsType<CutOutcome.Made>(await world.CutAsync(tiff, FileFormat.Tiff, 2, 4, 5));
        Assert.Equal(3, made.PageCount);
        using var frames = new MagickImageCollection(tiff);
        var pages = world.Images();
        Assert.Equal(3, pages.Count);
        foreach (var (page, number) in pages.Zip([2, 4, 5]))
        {
            using var image = page;
            Assert.Equal(0, image.Compare(frames[number - 1], ErrorMetric.Absolute));
        }

        Assert.Equal("2 4 5", world.Labels());
    }

    [Fact]
    public async Task Frames_of_a_GIF_become_pages()
    {
        await using var world = new CutWorld();
        var made = Assert.IsType<CutOutcome.Made>(await world.CutAsync(A.Gif().Frames(4).ToBytes(), FileFormat.Gif, 1, 3));
        Assert.Equal(2, made.PageCount);
    }

    [Theory]
    [InlineData("--encrypt", "", "owner", "256", "--")]
    [InlineData("--encrypt", "user", "owner", "256", "--")]
    public async Task What_is_encrypted_is_refused(params string[] how)
    {
        await using var world = new CutWorld();
        string plain = world.Write("plain.pdf", Letters());
        string locked = $"{plain}.locked";
        Assert.Equal(0, RenditionWorld.Run("qpdf", [.. how, plain, locked]).Code);
        AssertRefused(CutRefusal.Encrypted, world, await world.CutAsync(await File.ReadAllBytesAsync(locked, TestContext.Current.CancellationToken), FileFormat.Pdf, 1));
    }

    [Theory]
    [InlineData(true, CutRefusal.Signed)]
    [InlineData(false, null)]
    public async Task What_is_signed_is_refused(bool isSigned, CutRefusal? refusal)
    {
        await using var world = new CutWorld();
        var outcome = await world.CutAsync(SharedPdf.Make(["Anna", "Berta"], hasField: true, isSigned: isSigned), FileFormat.Pdf, 1);
        Assert.Equal(refusal, (outcome as CutOutcome.Refused)?.Reason);
    }

    [Fact]
    public async Task What_is_damaged_or_has_not_these_pages_is_refused()
    {
        await using var world = new CutWorld();
        AssertRefused(CutRefusal.Damaged, world, await world.CutAsync("%PDF-1.4 no more"u8.ToArray(), FileFormat.Pdf, 1));
        AssertRefused(CutRefusal.Damaged, world, await world.CutAsync(Letters(), FileFormat.Pdf, 7, 8));
        AssertRefused(CutRefusal.Damaged, world, await world.CutAsync(OcrWorkers.Tiff(2), FileFormat.Tiff, 3));
        AssertRefused(CutRefusal.Damaged, world, await world.CutAsync(OcrWorkers.Tiff(2)[..2000], FileFormat.Tiff, 2));
    }

    [Fact]
    public async Task A_table_that_is_not_where_it_should_be_is_made_anew()
    {
        await using var world = new CutWorld();
        string letters = System.Text.Encoding.Latin1.GetString(Letters());
        byte[] moved = System.Text.Encoding.Latin1.GetBytes(letters.Replace("startxref\n", "startxref\n9", StringComparison.Ordinal));
        var made = Assert.IsType<CutOutcome.Made>(await world.CutAsync(moved, FileFormat.Pdf, 2, 3));
        Assert.Equal(2, made.PageCount);
    }

    [Theory]
    [InlineData("while :; do :; done", CutRefusal.TookTooLong)]
    [InlineData("kill -9 0", CutRefusal.Crashed)]
    [InlineData("exit 2", CutRefusal.Damaged)]
    [InlineData("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx >&2; done", CutRefusal.TookTooLong)]
    [InlineData("for out; do :; done; echo '%PDF-1.4 but no more' > \"$out\"", CutRefusal.Damaged)]
    public async Task A_qpdf_that_fails_costs_the_cut_alone(string script, CutRefusal reason)
    {
        await using var world = new CutWorld(script);
        AssertRefused(reason, world, await world.CutAsync(Letters(), FileFormat.Pdf, 1, 2));
    }

    [Fact]
    public async Task A_qpdf_that_cuts_other_pages_is_found_out()
    {
        await using var world = new CutWorld($"case \"$*\" in *--empty*) for out; do :; done; exec {RenditionWorld.Find("qpdf")} --empty --pages \"$8\" 1 -- \"$out\" ;; *) exec {RenditionWorld.Find("qpdf")} \"$@\" ;; esac");
        AssertRefused(CutRefusal.Damaged, world, await world.CutAsync(Letters(), FileFormat.Pdf, 1, 2));
    }

    [Fact]
    public async Task Pages_out_of_order_are_a_fault_of_the_caller()
    {
        await using var world = new CutWorld();
        foreach (int[] pages in new int[][] { [], [0], [2, 1], [1, 1] })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => world.CutAsync(Letters(), FileFormat.Pdf, pages));
        }
    }

    private static void AssertRefused(CutRefusal reason, CutWorld world, CutOutcome outcome)
    {
        Assert.Equal(reason, Assert.IsType<CutOutcome.Refused>(outcome).Reason);
        Assert.False(File.Exists(world.Output));
    }

    private static byte[] Letters() => Words.Aggregate(A.Pdf(), (pdf, word) => pdf.WithTextLayer($"Letter of {word}")).ToBytes();
}
