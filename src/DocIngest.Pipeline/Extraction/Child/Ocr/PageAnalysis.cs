using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>What a small grey copy of a page tells of it: whether it shows anything, how strong its print is, how far its lines are turned.</summary>
internal sealed class PageAnalysis
{
    // Lines of 8 point print are ten pixels apart then: enough to see how they lie.
    private const uint LongerSide = 1100;

    // The glass of a scanner has dust, and its edges shadows.
    private const double Edge = 0.02;

    // A short word in small print has about forty pixels of the copy; fewer are specks.
    private const int LeastInkPixels = 25;
    private const int LeastContrast = 10;

    // Sensor noise of a page without anything on it stays below this many deviations.
    private const double NoiseDeviations = 6;

    // Longer runs are rules, borders and pictures, which need not lie as the text does.
    private const int LongestLetterRun = 40;
    private const double SteepestDegrees = 12;
    private const double CoarseStep = 0.5;
    private const double FineStep = 0.05;

    // Rows of letters peak: at the right angle the profile is this much sharper than at the angle given.
    private const double SharperBy = 1.08;
    private const int LeastLetterPixels = 1500;

    private readonly byte[] _grey;
    private readonly int _width;
    private readonly int _height;

    private PageAnalysis(byte[] grey, int width, int height)
    {
        _grey = grey;
        _width = width;
        _height = height;
        Measure();
    }

    /// <summary>Looks at an image, which stays as it is.</summary>
    public static PageAnalysis Of(MagickImage image)
    {
        using var copy = (MagickImage)image.Clone();
        if (copy.ColorSpace != ColorSpace.Gray)
        {
            copy.ColorSpace = ColorSpace.Gray;
        }

        uint longer = Math.Max(copy.Width, copy.Height);
        if (longer > LongerSide)
        {
            copy.Scale(new Percentage(100.0 * LongerSide / longer));
        }

        using var pixels = copy.GetPixelsUnsafe();
        byte[] grey = pixels.ToByteArray(0, 0, copy.Width, copy.Height, "I") ?? [];
        return new PageAnalysis(grey, (int)copy.Width, (int)copy.Height);
    }

    /// <summary>Grey of the paper, 0 to 255: the median.</summary>
    public int Paper { get; private set; }

    /// <summary>What divides ink from paper (Otsu's method).</summary>
    public int Threshold { get; private set; }

    /// <summary>How much darker ink is than paper, 0 to 255.</summary>
    public int Contrast { get; private set; }

    /// <summary>Nothing is on it but noise. Says so only where it is certain.</summary>
    public bool IsBlank { get; private set; }

    /// <summary>How far lines of text are turned clockwise, -12 to 12 degrees; 0 where they lie level or there are too few to tell.</summary>
    public double FindSkew()
    {
        var letters = LetterPixels();
        if (letters.Count < LeastLetterPixels)
        {
            return 0;
        }

        double level = Sharpness(letters, 0);
        double best = 0;
        double sharpest = level;
        Search(-SteepestDegrees, SteepestDegrees, CoarseStep);
        Search(best - CoarseStep, best + CoarseStep, FineStep);
        return sharpest > level * SharperBy ? best : 0;

        void Search(double from, double to, double step)
        {
            for (double angle = from; angle <= to; angle += step)
            {
                double sharpness = Sharpness(letters, angle);
                if (sharpness > sharpest)
                {
                    (sharpest, best) = (sharpness, angle);
                }
            }
        }
    }

    private void Measure()
    {
        int[] histogram = new int[256];
        int edgeX = (int)(_width * Edge);
        int edgeY = (int)(_height * Edge);
        for (int y = edgeY; y < _height - edgeY; y++)
        {
            foreach (byte grey in _grey.AsSpan((y * _width) + edgeX, Math.Max(0, _width - (2 * edgeX))))
            {
                histogram[grey]++;
            }
        }

        long total = histogram.Sum(count => (long)count);
        Paper = Percentile(histogram, total, 0.5);
        Threshold = Otsu(histogram, total);
        Contrast = Paper - Mean(histogram, 0, Threshold);
        double noise = Math.Max(1, 1.5 * (Paper - Percentile(histogram, total, 0.25)));   // the quarter below the median, as for a normal distribution
        int darker = (int)Math.Max(LeastContrast, NoiseDeviations * noise);
        int lighter = Math.Min(255, Paper + darker);
        IsBlank = total > 0 && Sum(histogram, 0, Paper - darker) < LeastInkPixels && Sum(histogram, lighter + 1, 255) < LeastInkPixels;
    }

    private List<(int X, int Y)> LetterPixels()
    {
        var letters = new List<(int, int)>();
        for (int y = 0; y < _height; y++)
        {
            int start = -1;
            for (int x = 0; x <= _width; x++)
            {
                bool isInk = x < _width && _grey[(y * _width) + x] <= Threshold;
                if (isInk && start < 0)
                {
                    start = x;
                }
                else if (!isInk && start >= 0)
                {
                    for (int ink = start; ink < x && x - start <= LongestLetterRun; ink++)
                    {
                        letters.Add((ink, y));
                    }

                    start = -1;
                }
            }
        }

        return letters;
    }

    /// <summary>How much neighbouring rows differ when the page is sheared by an angle: most where rows are lines of text.</summary>
    private double Sharpness(List<(int X, int Y)> letters, double degrees)
    {
        double slope = Math.Tan(degrees * Math.PI / 180);
        int shift = (int)(Math.Abs(slope) * _width) + 1;
        int[] rows = new int[_height + (2 * shift) + 2];
        foreach (var (x, y) in letters)
        {
            rows[(int)(y - (slope * x)) + shift + 1]++;
        }

        double sharpness = 0;
        for (int row = 1; row < rows.Length; row++)
        {
            double step = rows[row] - rows[row - 1];
            sharpness += step * step;
        }

        return sharpness;
    }

    private static int Percentile(int[] histogram, long total, double share)
    {
        long below = 0;
        for (int grey = 0; grey < 256; grey++)
        {
            below += histogram[grey];
            if (below > total * share)
            {
                return grey;
            }
        }

        return 255;
    }

    private static int Otsu(int[] histogram, long total)
    {
        double sum = 0;
        for (int grey = 0; grey < 256; grey++)
        {
            sum += (double)grey * histogram[grey];
        }

        double below = 0;
        double sumBelow = 0;
        double widest = -1;
        int threshold = 127;
        for (int grey = 0; grey < 255; grey++)
        {
            below += histogram[grey];
            sumBelow += (double)grey * histogram[grey];
            if (below == 0 || below == total)
            {
                continue;
            }

            double apart = (sumBelow / below) - ((sum - sumBelow) / (total - below));
            double variance = below * (total - below) * apart * apart;
            if (variance > widest)
            {
                (widest, threshold) = (variance, grey);
            }
        }

        return threshold;
    }

    private static int Mean(int[] histogram, int from, int to)
    {
        long count = Sum(histogram, from, to);
        long sum = 0;
        for (int grey = from; grey <= to; grey++)
        {
            sum += (long)grey * histogram[grey];
        }

        return count == 0 ? to : (int)(sum / count);
    }

    private static long Sum(int[] histogram, int from, int to)
    {
        long sum = 0;
        for (int grey = Math.Max(0, from); grey <= to; grey++)
        {
            sum += histogram[grey];
        }

        return sum;
    }
}
