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

    // Sensor noise of a page without anything on it stays below this many deviations; and nothing as dark as print is noise.
    private const double NoiseDeviations = 6;
    private const int DarkAsPrint = 50;
    private const int DarkPaper = 100;

    // Longer runs are rules, borders and pictures, which need not lie as the text does.
    private const int LongestLetterRun = 40;
    private const double SteepestDegrees = 12;
    private const double CoarseStep = 0.5;
    private const double FineStep = 0.05;

    // Rows of letters peak: at the right angle the profile is this much sharper than at the angle given.
    private const double SharperBy = 1.08;
    private const int LeastLetterPixels = 1500;

    // Shadows are wider than this, letters smaller.
    private const int BlockSide = 24;

    private readonly byte[] _grey;
    private readonly byte[] _even;
    private int _threshold;   // what divides ink from paper in the even copy (Otsu's method)
    private readonly int _width;
    private readonly int _height;

    private PageAnalysis(byte[] grey, int width, int height)
    {
        _grey = grey;
        _width = width;
        _height = height;
        _even = Flatten();
        Measure();
    }

    /// <summary>Looks at an image, which stays as it is.</summary>
    public static PageAnalysis Of(MagickImage image)
    {
        uint side = Math.Max(image.Width, image.Height);
        if (image.ColorSpace == ColorSpace.Gray && side > LongerSide)
        {
            int width = Math.Max(1, (int)Math.Round((double)image.Width * LongerSide / side));
            int height = Math.Max(1, (int)Math.Round((double)image.Height * LongerSide / side));
            return new PageAnalysis(GreyPixels.Shrink(GreyPixels.Of(image), (int)image.Width, (int)image.Height, width, height), width, height);
        }

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


    /// <summary>How far apart the two are on average, 0 to 255, under even light.</summary>
    public int Contrast { get; private set; }

    /// <summary>Most of it is dark: print is lighter than what it stands on.</summary>
    public bool IsNegative => Paper < DarkPaper;

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
        int[] even = Histogram(_even);
        _threshold = Otsu(even, even.Sum(count => (long)count));
        Contrast = Mean(even, _threshold + 1, 255) - Mean(even, 0, _threshold);

        int[] histogram = Histogram(_grey);
        long total = histogram.Sum(count => (long)count);
        Paper = Percentile(histogram, total, 0.5);
        int darker = (int)Math.Clamp(NoiseDeviations * Noise(), LeastContrast, DarkAsPrint);
        int lighter = Math.Min(255, Paper + darker);
        IsBlank = total > 0 && Sum(histogram, 0, Paper - darker) < LeastInkPixels && Sum(histogram, lighter + 1, 255) < LeastInkPixels;
    }

    private int[] Histogram(byte[] pixels)
    {
        int[] histogram = new int[256];
        int edgeX = (int)(_width * Edge);
        int edgeY = (int)(_height * Edge);
        for (int y = edgeY; y < _height - edgeY; y++)
        {
            foreach (byte grey in pixels.AsSpan((y * _width) + edgeX, Math.Max(0, _width - (2 * edgeX))))
            {
                histogram[grey]++;
            }
        }

        return histogram;
    }

    /// <summary>The copy divided, block by block, by the paper of that block: its lightest tenth.</summary>
    private byte[] Flatten()
    {
        byte[] even = new byte[_grey.Length];
        for (int top = 0; top < _height; top += BlockSide)
        {
            for (int left = 0; left < _width; left += BlockSide)
            {
                FlattenBlock(even, left, top, Math.Min(left + BlockSide, _width), Math.Min(top + BlockSide, _height));
            }
        }

        return even;
    }

    private void FlattenBlock(byte[] even, int left, int top, int right, int bottom)
    {
        int[] histogram = new int[256];
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                histogram[_grey[(y * _width) + x]]++;
            }
        }

        int paper = Math.Max(1, Percentile(histogram, (right - left) * (bottom - top), 0.9));
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                int at = (y * _width) + x;
                even[at] = (byte)Math.Min(255, _grey[at] * 255 / paper);
            }
        }
    }

    private List<(int X, int Y)> LetterPixels()
    {
        var letters = new List<(int, int)>();
        for (int y = 0; y < _height; y++)
        {
            int start = -1;
            for (int x = 0; x <= _width; x++)
            {
                bool isInk = x < _width && _even[(y * _width) + x] <= _threshold;
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

    /// <summary>Standard deviation of the noise: most neighbours on a page differ by nothing else.</summary>
    private double Noise()
    {
        int[] steps = new int[256];
        long total = 0;
        for (int y = 0; y < _height; y++)
        {
            for (int x = 1; x < _width; x++)
            {
                steps[Math.Abs(_grey[(y * _width) + x] - _grey[(y * _width) + x - 1])]++;
                total++;
            }
        }

        return Percentile(steps, total, 0.5) * 1.05;   // the median of the difference of two normal values is 0.954 deviations
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
