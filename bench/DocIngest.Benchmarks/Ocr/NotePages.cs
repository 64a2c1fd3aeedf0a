using System.Globalization;
using ImageMagick;
using ImageMagick.Drawing;
using DocIngest.TestKit;

namespace DocIngest.Benchmarks.Ocr;

/// <summary>What is done to a rendered page.</summary>
internal enum Hardship
{
    /// <summary>Seeded: a font, a size, up to one degree of skew, noise, and fax or poor JPEG compression, as scanners do.</summary>
    Everyday,
    Faint,
    Skewed,
    Rotated,
    LowResolution,
    BlackBorders,
}

/// <summary>Clinical notes as page images: the text is the truth. The same seed makes the same pages.</summary>
internal sealed class NotePages
{
    private const int Dpi = 300;
    private const int PageWidth = 2480;   // A4
    private const int PageHeight = 3508;
    private const int Margin = 220;
    private const int LinesPerPage = 48;
    private const int CharactersPerLine = 88;

    // Of Debian's fonts-dejavu-core and fonts-liberation.
    private static readonly string[] Fonts =
    [
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
        "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf", "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
        "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
    ];

    private readonly string _folder;

    public NotePages(string folder) => _folder = Directory.CreateDirectory(folder).FullName;

    /// <summary>The text of the first pages of both collections of notes, in turn.</summary>
    public static IReadOnlyList<string> Texts(int count)
    {
        string[] files = [Corpora.Folder("aci-bench/data/challenge_data") + "/train.csv", Corpora.Folder("mts-dialog/Main-Dataset") + "/MTS-Dialog-TrainingSet.csv"];
        var notes = Pages(CsvFile.Column(files[0], "note"));
        var sections = Pages([string.Join("\n\n", CsvFile.Column(files[1], "section_text").Take(1200))]);
        return [.. notes.Zip(sections).SelectMany(pair => new[] { pair.First, pair.Second }).Take(count)];
    }

    /// <summary>Draws one page.</summary>
    public PageTruth Draw(string text, int seed, Hardship hardship)
    {
        var random = new Random(seed);
        using var image = new MagickImage(MagickColors.White, PageWidth, PageHeight);
        string[] fonts = [.. Fonts.Where(File.Exists)];
        if (fonts.Length < Fonts.Length)
        {
            throw new FileNotFoundException("Fonts are missing: apt-get install fonts-dejavu-core fonts-liberation");
        }

        double points = 9 + (random.NextDouble() * 2);
        double pixels = points * Dpi / 72;
        var drawing = new Drawables().Font(fonts[random.Next(fonts.Length)]).FontPointSize(pixels * 0.92).FillColor(MagickColors.Black);
        double y = Margin;
        foreach (string line in text.Split('\n'))
        {
            y += pixels * 1.35;
            if (line.Length > 0)
            {
                drawing.Text(Margin, y, line);
            }
        }

        drawing.Draw(image);
        image.Alpha(AlphaAction.Off);
        image.Density = new Density(Dpi, DensityUnit.PixelsPerInch);
        image.ColorSpace = ColorSpace.Gray;
        image.BackgroundColor = MagickColors.White;
        string file = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{hardship}-{seed:0000}"));
        return new PageTruth(Spoil(image, random, hardship, file), text);
    }

    private static string Spoil(MagickImage image, Random random, Hardship hardship, string file)
    {
        switch (hardship)
        {
            case Hardship.Everyday:
                image.Rotate((random.NextDouble() * 2) - 1);
                return Write(image, random.Next(3), random, file);
            case Hardship.Faint:
                // A tired ribbon or the third copy, lit from one side: print a few shades darker than a paper that is itself uneven.
                image.Evaluate(Channels.All, EvaluateOperator.Multiply, 0.09 + (random.NextDouble() * 0.06));
                image.Evaluate(Channels.All, EvaluateOperator.Add, 255 * 0.85);
                using (var light = new MagickImage(new MagickColor("#707070"), 2, 2))
                {
                    using var bright = light.GetPixels();
                    bright.SetPixel(random.Next(2), random.Next(2), [255, 255, 255]);
                    light.FilterType = FilterType.Triangle;
                    light.Resize(new MagickGeometry(PageWidth, PageHeight) { IgnoreAspectRatio = true });
                    image.Composite(light, CompositeOperator.Multiply);
                }

                image.AddNoise(NoiseType.Gaussian, 0.05);
                return WriteAs(image, MagickFormat.Jpeg, $"{file}.jpg", 60);
            case Hardship.Skewed:
                image.Rotate((random.Next(2) == 0 ? 1 : -1) * (3 + (random.NextDouble() * 5)));
                return WriteAs(image, MagickFormat.Png, $"{file}.png", 75);
            case Hardship.Rotated:
                image.Rotate(90 * (1 + random.Next(3)));
                return WriteAs(image, MagickFormat.Png, $"{file}.png", 75);
            case Hardship.LowResolution:
                double share = (60 + random.Next(31)) / (double)Dpi;
                image.Resize(new Percentage(share * 100));
                image.Density = new Density(Dpi * share, DensityUnit.PixelsPerInch);
                return WriteAs(image, MagickFormat.Png, $"{file}.png", 75);
            case Hardship.BlackBorders:
                image.Rotate((random.NextDouble() * 4) - 2);
                image.BorderColor = MagickColors.Black;
                image.Border(80 + (uint)random.Next(120));
                return WriteAs(image, MagickFormat.Png, $"{file}.png", 75);
            default:
                throw new ArgumentOutOfRangeException(nameof(hardship));
        }
    }

    private static string Write(MagickImage image, int kind, Random random, string file)
    {
        if (kind < 2)
        {
            image.AddNoise(NoiseType.Gaussian, 0.1 + (random.NextDouble() * 0.3));
        }

        switch (kind)
        {
            case 0:
                return WriteAs(image, MagickFormat.Jpeg, $"{file}.jpg", 30);
            case 1:
                return WriteAs(image, MagickFormat.Png, $"{file}.png", 75);
            default:
                image.Threshold(new Percentage(55 + random.Next(20)));
                image.Settings.Compression = CompressionMethod.Group4;
                return WriteAs(image, MagickFormat.Tiff, $"{file}.tif", 75);
        }
    }

    private static string WriteAs(MagickImage image, MagickFormat format, string file, uint quality)
    {
        image.Quality = quality;
        image.Write(file, format);
        return file;
    }

    private static IEnumerable<string> Pages(IEnumerable<string> texts)
    {
        foreach (string text in texts)
        {
            foreach (string[] lines in Wrap(text).Chunk(LinesPerPage).Where(lines => lines.Length > LinesPerPage / 3))
            {
                yield return string.Join('\n', lines);
            }
        }
    }

    private static IEnumerable<string> Wrap(string text)
    {
        foreach (string paragraph in text.ReplaceLineEndings("\n").Split('\n'))
        {
            string line = "";
            foreach (string word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Length + word.Length >= CharactersPerLine)
                {
                    yield return line;
                    line = "";
                }

                line += line.Length == 0 ? word : $" {word}";
            }

            yield return line;
        }
    }
}
