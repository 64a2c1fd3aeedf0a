using DocIngest.Pipeline.Extraction.Child.Ocr;
using ImageMagick;

namespace DocIngest.Pipeline.Tests.Extraction.Ocr;

public sealed class GreyPixelsTests
{
    [Theory]
    [InlineData(7, 5, 3, 2)]
    [InlineData(2480, 3508, 778, 1100)]
    [InlineData(1101, 900, 1100, 899)]
    public void A_page_is_made_smaller_as_the_image_library_does_it(int width, int height, int newWidth, int newHeight)
    {
        var random = new Random(1);
        byte[] pixels = new byte[width * height];
        random.NextBytes(pixels);
        using var page = new MagickImage(pixels, new PixelReadSettings((uint)width, (uint)height, StorageType.Char, "I") { ReadSettings = { Depth = 8 } });
        page.ColorSpace = ColorSpace.Gray;
        Assert.Equal(pixels, GreyPixels.Of(page));
        byte[] small = GreyPixels.Shrink(pixels, width, height, newWidth, newHeight);
        page.Scale(new MagickGeometry((uint)newWidth, (uint)newHeight) { IgnoreAspectRatio = true });
        byte[] expected = GreyPixels.Of(page);
        Assert.Equal(expected.Length, small.Length);
        Assert.True(expected.Zip(small, (one, other) => Math.Abs(one - other)).Max() <= 2);
    }

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
