using System.Text;
using DocIngest.Pipeline.Extraction.Child.Renditions;
using ImageMagick;

namespace DocIngest.Pipeline.Tests.Extraction.Renditions;

public sealed class QpdfToolTests : IDisposable
{
    private readonly RenditionWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("nothing", true)]
    [InlineData("the JPEG breaks off", false)]
    [InlineData("the table of objects is not there", false)]
    [InlineData("an object is not there", false)]
    [InlineData("the content of the page makes no sense", false)]
    public void It_calls_clean_what_qpdf_check_calls_clean(string fault, bool isClean)
    {
        string file = _world.Write("asked.pdf", Pdf(fault));
        Assert.Equal(isClean, RenditionWorld.Run("qpdf", "--check", file).Code == 0);
        Assert.Equal(isClean, QpdfTool.IsClean(RenditionWorld.Find("qpdf"), file));
    }

    // A page that shows one JPEG, written by hand: what is wrong with it is wrong exactly there.
    private static byte[] Pdf(string fault)
    {
        using var image = new MagickImage(MagickColors.Gray, 64, 64);
        image.AddNoise(NoiseType.Gaussian);
        byte[] jpeg = image.ToByteArray(MagickFormat.Jpeg);
        string content = fault == "the content of the page makes no sense" ? "q 64 0 0 64 0 0 cm ) >> /Im Do Q" : "q 64 0 0 64 0 0 cm /Im Do Q";
        int shown = fault == "the JPEG breaks off" ? 20 : jpeg.Length;
        using var pdf = new MemoryStream();
        var places = new List<long>();
        Write("%PDF-1.4\n");
        Begin("<</Type/Catalog/Pages 2 0 R>>");
        Begin("<</Type/Pages/Count 1/Kids[3 0 R]>>");
        Begin("<</Type/Page/Parent 2 0 R/MediaBox[0 0 64 64]/Contents 4 0 R/Resources<</XObject<</Im 5 0 R>>>>>>");
        Begin($"<</Length {content.Length}>>stream\n{content}\nendstream");
        places.Add(pdf.Position);
        Write($"5 0 obj\n<</Type/XObject/Subtype/Image/Width 64/Height 64/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/DCTDecode/Length {shown}>>stream\n");
        pdf.Write(jpeg.AsSpan(0, shown));
        Write("\nendstream\nendobj\n");
        long table = fault == "the table of objects is not there" ? 7 : pdf.Position;
        Write($"xref\n0 6\n0000000000 65535 f \n{string.Concat(places.Select((place, at) => $"{(fault == "an object is not there" && at == 4 ? 12 : place):0000000000} 00000 n \n"))}");
        Write($"trailer<</Size 6/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n");
        return pdf.ToArray();

        void Begin(string body)
        {
            places.Add(pdf.Position);
            Write($"{places.Count} 0 obj\n{body}\nendobj\n");
        }

        void Write(string text) => pdf.Write(Encoding.Latin1.GetBytes(text));
    }
}
