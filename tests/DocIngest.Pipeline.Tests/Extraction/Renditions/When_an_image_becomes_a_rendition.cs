using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using ImageMagick;
using ImageMagick.Drawing;

namespace DocIngest.Pipeline.Tests.Extraction.Renditions;

public sealed class When_an_image_becomes_a_rendition : IDisposable
{
    private const int Width = 300;
    private const int Height = 400;

    private readonly RenditionWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(ColorType.Grayscale)]
    [InlineData(ColorType.TrueColor)]
    [InlineData(ColorType.ColorSeparation)]
    public void A_JPEG_is_in_it_byte_by_byte(ColorType colours)
    {
        byte[] jpeg = Draw(MagickFormat.Jpeg, image => image.ColorType = colours);
        Demand(jpeg, FileFormat.Jpeg);
        Assert.Equal(jpeg, File.ReadAllBytes(Assert.Single(_world.Images())));
    }

    [Theory]
    [InlineData(Orientation.TopLeft)]
    [InlineData(Orientation.TopRight)]
    [InlineData(Orientation.BottomRight)]
    [InlineData(Orientation.BottomLeft)]
    [InlineData(Orientation.LeftTop)]
    [InlineData(Orientation.RightTop)]
    [InlineData(Orientation.RightBottom)]
    [InlineData(Orientation.LeftBottom)]
    public void A_camera_s_orientation_is_heeded(Orientation orientation)
    {
        byte[] jpeg = Draw(MagickFormat.Jpeg, image =>
        {
            var exif = new ExifProfile();
            exif.SetValue(ExifTag.Orientation, (ushort)orientation);
            image.SetProfile(exif);
            image.Orientation = orientation;
        });
        bool isTurned = orientation >= Orientation.LeftTop;
        var (width, height) = isTurned ? (Height, Width) : (Width, Height);
        Assert.Equal(ReadingFate.Read, _world.Make(jpeg, FileFormat.Jpeg, Page(1, width, height)));
        using var shown = new MagickImage(Assert.Single(_world.Render(_world.Output)));
        using var upright = new MagickImage(jpeg);
        upright.AutoOrient();
        Assert.Equal((upright.Width, upright.Height), (shown.Width, shown.Height));
        Assert.True(upright.Compare(shown, ErrorMetric.MeanAbsolute) < 0.01, $"{upright.Compare(shown, ErrorMetric.MeanAbsolute)}");
    }

    public static TheoryData<string, FileFormat, MagickFormat, ColorType, string> Lossless => new()
    {
        { "grey PNG", FileFormat.Png, MagickFormat.Png, ColorType.Grayscale, "" },
        { "colour PNG", FileFormat.Png, MagickFormat.Png, ColorType.TrueColor, "" },
        { "palette PNG", FileFormat.Png, MagickFormat.Png8, ColorType.Palette, "" },
        { "bilevel PNG", FileFormat.Png, MagickFormat.Png, ColorType.Bilevel, "" },
        { "interlaced PNG", FileFormat.Png, MagickFormat.Png, ColorType.TrueColor, "interlaced" },
        { "PNG with transparency", FileFormat.Png, MagickFormat.Png32, ColorType.TrueColorAlpha, "" },
        { "group 4 TIFF", FileFormat.Tiff, MagickFormat.Tiff, ColorType.Bilevel, "group4" },
        { "group 4 TIFF, low bits first", FileFormat.Tiff, MagickFormat.Tiff, ColorType.Bilevel, "group4-lsb" },
        { "group 4 TIFF, black is zero", FileFormat.Tiff, MagickFormat.Tiff, ColorType.Bilevel, "group4-black" },
        { "group 4 TIFF of strips", FileFormat.Tiff, MagickFormat.Tiff, ColorType.Bilevel, "group4-strips" },
        { "fax TIFF", FileFormat.Tiff, MagickFormat.Tiff, ColorType.Bilevel, "fax" },
        { "LZW TIFF", FileFormat.Tiff, MagickFormat.Tiff, ColorType.TrueColor, "lzw" },
        { "BMP", FileFormat.Bmp, MagickFormat.Bmp, ColorType.TrueColor, "" },
        { "GIF", FileFormat.Gif, MagickFormat.Gif, ColorType.Palette, "" },
    };

    [Theory]
    [MemberData(nameof(Lossless))]
    public void Not_a_pixel_differs(string name, FileFormat format, MagickFormat coder, ColorType colours, string how)
    {
        byte[] original = Draw(coder, image => Prepare(image, colours, how));
        Demand(original, format);
        using var shown = new MagickImage(Assert.Single(_world.Images("-png")));
        shown.ColorSpace = ColorSpace.sRGB;
        using var expected = new MagickImage(original);
        expected.BackgroundColor = MagickColors.White;
        expected.Alpha(AlphaAction.Remove);
        expected.ColorSpace = ColorSpace.sRGB;
        byte[] before = expected.GetPixels().ToByteArray(PixelMapping.RGB) ?? [];
        byte[] after = shown.GetPixels().ToByteArray(PixelMapping.RGB) ?? [];
        int differ = before.Zip(after).Count(pair => pair.First != pair.Second);
        Assert.True(before.Length == after.Length && differ == 0, $"{name}: {differ} values differ");
    }

    [Theory]
    [InlineData(MagickFormat.Jp2)]
    [InlineData(MagickFormat.J2k)]
    public void JPEG_2000_is_in_it_as_it_is(MagickFormat coder)
    {
        byte[] original = Draw(coder, _ => { });
        Demand(original, FileFormat.Jpeg2000);
        using var shown = new MagickImage(Assert.Single(_world.Render(_world.Output)));
        using var expected = new MagickImage(original);
        Assert.True(expected.Compare(shown, ErrorMetric.MeanAbsolute) < 0.01);
        Assert.True(new FileInfo(_world.Output).Length < original.Length + 5_000);
    }

    [Fact]
    public void WebP_is_written_anew_as_JPEG()
    {
        byte[] original = Draw(MagickFormat.WebP, _ => { });
        Demand(original, FileFormat.WebP);
        Assert.Equal(".jpg", Path.GetExtension(Assert.Single(_world.Images())));
    }

    [Fact]
    public void Each_frame_of_a_TIFF_is_a_page_with_its_own_words()
    {
        using var frames = new MagickImageCollection { Picture("One"), Picture("Two"), Picture("Three") };
        foreach (var frame in frames)
        {
            frame.Settings.Compression = CompressionMethod.LZW;
        }

        byte[] tiff = frames.ToByteArray(MagickFormat.Tiff);
        Assert.Equal(ReadingFate.Read, _world.Make(tiff, FileFormat.Tiff, Page(1, Width, Height, "one"), Page(3, Width, Height, "three")));
        _world.DemandClean();
        Assert.Equal("one\f\fthree\f", _world.Text("-raw").Replace("\n", "", StringComparison.Ordinal));
        Assert.Equal(3, _world.Render(_world.Output).Count);
    }

    [Fact]
    public void What_would_be_too_large_without_loss_becomes_JPEG()
    {
        byte[] original = Draw(MagickFormat.Bmp, image => image.AddNoise(NoiseType.Gaussian));
        Assert.Equal(ReadingFate.Read, _world.Make(original, FileFormat.Bmp, maxBytes: 120_000, Page(1, Width, Height)));
        Assert.Equal(".jpg", Path.GetExtension(Assert.Single(_world.Images())));
        Assert.Equal(ReadingFate.TooManyBytes, _world.Make(original, FileFormat.Bmp, maxBytes: 2_000, Page(1, Width, Height)));
    }

    [Fact]
    public void A_JPEG_that_breaks_off_is_decoded_as_far_as_it_goes_or_left_alone()
    {
        byte[] jpeg = Draw(MagickFormat.Jpeg, _ => { });
        if (_world.Make(jpeg[..(jpeg.Length / 2)], FileFormat.Jpeg, Page(1, Width, Height)) == ReadingFate.Read)
        {
            _world.DemandClean();
        }
    }

    [Fact]
    public void Words_read_as_they_were_read()
    {
        string[] words = ["(a\\b)", "Größe", "\u05E9\u05DC\u05D5\u05DD", "\U0001D538x", "5.0-7.5", "naïve\rx".Replace("\r", "", StringComparison.Ordinal)];
        var placed = words.Select((word, index) => RenditionWorld.Word(word, 20, 20 + (30 * index), 80, 12)).ToArray();
        Assert.Equal(ReadingFate.Read, _world.Make(Draw(MagickFormat.Png, _ => { }), FileFormat.Png, RenditionWorld.Page(1, Width, Height, string.Join('\n', words), placed)));
        Assert.Equal(words, _world.Text("-raw").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim('\f', ' ', '\u202A', '\u202B', '\u202C')).Where(line => line.Length > 0));
    }

    [Fact]
    public void More_characters_than_a_byte_counts_read_as_they_were_read()
    {
        string[] words = [.. Enumerable.Range(0, 400).Select(index => $"{(char)(0x4E00 + index)}{(char)(0x4E00 + index + 1)}")];
        var placed = words.Select((word, index) => RenditionWorld.Word(word, 10 + (28 * (index % 10)), 5 + (9 * (index / 10)), 20, 8)).ToArray();
        string text = string.Join('\n', words.Chunk(10).Select(line => string.Join(' ', line)));
        Assert.Equal(ReadingFate.Read, _world.Make(Draw(MagickFormat.Png, _ => { }), FileFormat.Png, RenditionWorld.Page(1, Width, Height, text, placed)));
        Assert.Equal(words, _world.Text("-raw").Split([' ', '\n', '\f'], StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2.5)]
    [InlineData(-9)]
    [InlineData(90)]
    [InlineData(180)]
    [InlineData(-90)]
    [InlineData(92)]
    public void Turned_lines_keep_their_words_whole_and_in_their_place(double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        string[][] lines = [["Discharge", "summary", "of"], ["Jane", "Roe,", "hospital"]];
        var words = lines.SelectMany((line, down) => line.Select((word, along) => (word, X: (60.0 * along) - 90, Y: 20.0 * down)))
            .Select(word => RenditionWorld.Word(word.word, 150 + (word.X * cos) - (word.Y * sin), 200 + (word.X * sin) + (word.Y * cos), 52, 10)).ToArray();
        var page = RenditionWorld.Page(1, Width, Height, degrees, string.Join('\n', lines.Select(line => string.Join(' ', line))), words);
        Assert.Equal(ReadingFate.Read, _world.Make(Draw(MagickFormat.Png, _ => { }), FileFormat.Png, page));
        Assert.Equal(lines.SelectMany(line => line), _world.Text("-raw").Split([' ', '\n', '\f'], StringSplitOptions.RemoveEmptyEntries));
        foreach (var (word, box) in words.Zip(_world.Boxes(1).OrderBy(box => Array.FindIndex(words, word => word.Text == box.Text))))
        {
            double x = word.Box[0] + (26 * cos) - (5 * sin);
            double y = word.Box[1] + (26 * sin) + (5 * cos);
            Assert.True(box.Left - 3 < x && x < box.Right + 3 && box.Top - 3 < y && y < box.Bottom + 3, $"{word.Text}: {x:N1} {y:N1} in {box}");
        }
    }

    [Fact]
    public void Lines_that_run_down_the_page_are_laid_along_it()
    {
        var page = RenditionWorld.Page(
            1, Width, Height, "Discharge summary", RenditionWorld.Word("Discharge", 100, 50, 10, 60), RenditionWorld.Word("summary", 100, 116, 10, 55));
        Assert.Equal(ReadingFate.Read, _world.Make(Draw(MagickFormat.Png, _ => { }), FileFormat.Png, page));
        var boxes = _world.Boxes(1);
        Assert.Equal(["Discharge", "summary"], boxes.OrderBy(box => box.Top).Select(box => box.Text));
        Assert.All(boxes, box => Assert.True(box.Bottom - box.Top > 50 && box.Right - box.Left < 25, $"{box}"));
    }

    private void Demand(byte[] original, FileFormat format)
    {
        Assert.Equal(ReadingFate.Read, _world.Make(original, format, Page(1, Width, Height)));
        _world.DemandClean();
        Assert.Equal("word", _world.Text("-raw").Trim());
    }

    private static PageText Page(int number, double width, double height, string word = "word") =>
        RenditionWorld.Page(number, width, height, word, RenditionWorld.Word(word, 50, 50, 40, 10));

    private static byte[] Draw(MagickFormat coder, Action<MagickImage> prepare)
    {
        using var image = Picture("Scan");
        prepare(image);
        return image.ToByteArray(coder);
    }

    private static MagickImage Picture(string seed)
    {
        var image = new MagickImage(MagickColors.White, Width, Height) { Density = new Density(72) };
        int at = seed.Sum(letter => letter) % 60;
        new Drawables().FillColor(MagickColors.Black).Rectangle(10, 10, 60 + at, 40).FillColor(MagickColors.Crimson).Rectangle(100, 200, 280, 220 + at)
            .FillColor(MagickColors.SteelBlue).Circle(80, 300, 80, 330).Draw(image);
        return image;
    }

    private static void Prepare(MagickImage image, ColorType colours, string how)
    {
        if (colours == ColorType.TrueColorAlpha)
        {
            image.Alpha(AlphaAction.Set);
            image.Evaluate(Channels.Alpha, EvaluateOperator.Set, 0x80);
        }

        if (colours == ColorType.Bilevel)
        {
            image.Threshold(new Percentage(60));
        }

        image.ColorType = colours;
        image.Settings.Interlace = how == "interlaced" ? Interlace.Png : Interlace.NoInterlace;
        image.Settings.Compression = how switch
        {
            "lzw" => CompressionMethod.LZW,
            "fax" => CompressionMethod.Fax,
            _ when how.StartsWith("group4", StringComparison.Ordinal) => CompressionMethod.Group4,
            _ => image.Settings.Compression,
        };
        image.Settings.SetDefine(MagickFormat.Tiff, "rows-per-strip", how == "group4-strips" ? "50" : $"{Height}");
        if (how == "group4-lsb")
        {
            image.Settings.SetDefine(MagickFormat.Tiff, "fill-order", "lsb");
        }

        if (how == "group4-black")
        {
            image.Settings.SetDefine("quantum:polarity", "min-is-black");
        }
    }
}
