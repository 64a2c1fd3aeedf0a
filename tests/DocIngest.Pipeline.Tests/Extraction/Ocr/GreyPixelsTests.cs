using DocIngest.Pipeline.Extraction.Child.Ocr;
using ImageMagick;

namespace DocIngest.Pipeline.Tests.Extraction.Ocr;

public sealed class GreyPixelsTests
{
    [Theory]
    [InlineData(2.5)]
    [InlineData(-7)]
    [InlineData(0.8)]
    public void A_page_is_turned_as_the_image_library_turns_it(double degrees)
    {
        using var scratch = new Scratch();
        using var page = PrintedPage.Letter(1);
        page.Resize(new Percentage(25));
        string file = Path.Combine(scratch.Folder, "turned.tif");
        var (width, height) = GreyPixels.WriteTurned(page, degrees, 75, file);
        using var ours = new MagickImage(file);
        page.BackgroundColor = MagickColors.White;
        page.Rotate(-degrees);
        page.ResetPage();
        Assert.Equal(((uint)width, (uint)height), (ours.Width, ours.Height));
        Assert.Equal(75, ours.Density.X, 0.1);
        Assert.InRange(page.Width, ours.Width, ours.Width + 4);
        page.Crop(ours.Width, ours.Height, Gravity.Center);
        page.ResetPage();
        Assert.InRange(ours.Compare(page, ErrorMetric.MeanAbsolute), 0, 0.03);   // turned the other way: 0.09
    }
}
