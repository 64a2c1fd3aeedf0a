using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Tests.Recognition;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Formats;

public sealed class StructuralTailTests
{
    public static TheoryData<string, FileFormat> Documents => RecognizerTests.Documents;

    [Theory, MemberData(nameof(Documents))]
    public void A_whole_document_is_complete(string builder, FileFormat format) =>
        Assert.Equal(TailVerdict.Complete, Judge(RecognizerTests.Some(builder), format));

    [Theory, MemberData(nameof(Documents))]
    public void A_document_cut_at_any_length_is_never_complete(string builder, FileFormat format)
    {
        byte[] whole = RecognizerTests.Some(builder);
        int needed = format == FileFormat.Pdf ? whole.Length - 1 : whole.Length;   // the line end behind %%EOF is no part of it
        for (int length = 0; length < needed; length++)
        {
            Assert.False(Judge(whole[..length], format) == TailVerdict.Complete, $"{length} of {whole.Length} bytes");
        }
    }

    [Theory, MemberData(nameof(Documents))]
    public void Random_bytes_are_judged_without_an_exception(string builder, FileFormat format)
    {
        var random = new Random(17);
        byte[] whole = RecognizerTests.Some(builder);
        for (int round = 0; round < 2_000; round++)
        {
            byte[] mutant = [.. whole];
            for (int change = 0; change <= round % 8; change++)
            {
                mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
            }

            Judge(mutant, format);
            random.NextBytes(mutant);
            Judge(mutant, format);
        }
    }

    [Theory]
    [InlineData(FileFormat.Jpeg, 5_000)]
    [InlineData(FileFormat.Png, 1_000)]
    [InlineData(FileFormat.Pdf, 1_000)]
    [InlineData(FileFormat.WebP, 100)]
    public void Padding_behind_the_end_is_tolerated(FileFormat format, int bytes)
    {
        byte[] whole = RecognizerTests.Some(format.ToString());
        Assert.Equal(TailVerdict.Complete, Judge([.. whole, .. new byte[bytes]], format));
    }

    [Fact]
    public void The_end_of_a_thumbnail_is_not_the_end_of_a_JPEG()
    {
        byte[] camera = A.Jpeg().WithThumbnail().ToBytes();
        int thumbnailEnd = camera.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) + 2;
        Assert.Equal(TailVerdict.Incomplete, Judge(camera[..thumbnailEnd], FileFormat.Jpeg));
    }

    [Fact]
    public void A_TIFF_is_complete_after_every_page_it_names_and_not_between()
    {
        byte[] three = A.Tiff().Pages(3).ToBytes();
        byte[] one = A.Tiff().Pages(1).ToBytes();
        Assert.Equal(TailVerdict.Complete, Judge(one, FileFormat.Tiff));
        Assert.Equal(TailVerdict.Incomplete, Judge(three[..one.Length], FileFormat.Tiff));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Big_TIFFs_of_both_orders_are_judged_alike(bool bigEndian)
    {
        var builder = A.Tiff().Pages(2).BigTiff();
        byte[] whole = (bigEndian ? builder.BigEndian() : builder).ToBytes();
        Assert.Equal(TailVerdict.Complete, Judge(whole, FileFormat.Tiff));
        Assert.Equal(TailVerdict.Incomplete, Judge(whole[..^1], FileFormat.Tiff));
    }

    [Fact]
    public void A_TIFF_whose_directories_run_in_a_circle_is_never_complete() =>
        Assert.NotEqual(TailVerdict.Complete, Judge(A.Tiff().Pages(3).Looping().ToBytes(), FileFormat.Tiff));

    [Theory, MemberData(nameof(Documents))]
    public void No_document_costs_more_than_the_budget(string builder, FileFormat format)
    {
        var counted = new CountingStream([.. RecognizerTests.Some(builder), .. new byte[3 << 20]]);
        StructuralTail.Judge(counted, format);
        Assert.InRange(counted.BytesRead, 0, StructuralTail.ReadBudget * BudgetedFile.WindowBytes);
    }

    [Fact]
    public void A_document_too_long_to_walk_is_not_judged()
    {
        byte[] whole = A.Tiff().Pages(9_000).Size(2, 2).ToBytes();
        Assert.Equal(TailVerdict.NotJudged, Judge(whole, FileFormat.Tiff));
    }

    [Theory]
    [InlineData("exif-samples", "*.jpg")]
    [InlineData("sroie", "*.jpg")]
    [InlineData("tesseract-test", "*.tif")]
    [InlineData("docspell", "*.png")]
    [InlineData("py-pdf-samples", "*.pdf")]
    public void Nearly_all_real_files_are_complete_and_their_halves_are_not(string corpus, string pattern)
    {
        var files = Corpora.Files(corpus, pattern).Where(file => new FileInfo(file).Length < 8 << 20).ToList();
        int whole = files.Count(file => Judge(File.ReadAllBytes(file), Format(pattern)) == TailVerdict.Complete);
        int halves = files.Count(file => Judge(File.ReadAllBytes(file)[..(int)(new FileInfo(file).Length / 2)], Format(pattern)) == TailVerdict.Complete);
        Assert.InRange(whole, files.Count * 9 / 10, files.Count);
        Assert.InRange(halves, 0, files.Count / 10);   // a PDF that was revised has an end inside
    }

    private static FileFormat Format(string pattern) => pattern switch
    {
        "*.jpg" => FileFormat.Jpeg,
        "*.tif" => FileFormat.Tiff,
        "*.png" => FileFormat.Png,
        _ => FileFormat.Pdf,
    };

    private static TailVerdict Judge(byte[] content, FileFormat format) => StructuralTail.Judge(new MemoryStream(content), format);

    private sealed class CountingStream(byte[] content) : MemoryStream(content)
    {
        public long BytesRead { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            int read = base.Read(buffer);
            BytesRead += read;
            return read;
        }
    }
}
