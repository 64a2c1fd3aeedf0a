using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>A word to be laid on a page: where its baseline begins, points from the upper left corner, and how far it reaches.</summary>
internal readonly record struct LaidWord(string Text, double X, double Y, double Width, double Size);

/// <summary>A line of them.</summary>
/// <param name="AngleDegrees">How far it is turned clockwise.</param>
/// <param name="Words">In reading order.</param>
internal sealed record LaidLine(double AngleDegrees, IReadOnlyList<LaidWord> Words);

/// <summary>
/// Finds the lines of a page and the baseline and size they have in common. Boxes are as high as the letters in them, so those of
/// one line differ; laid as they are, viewers would take a line for several.
/// </summary>
internal static class TextLines
{
    // Parts of the size, as most book and office fonts have them.
    private const double AscenderShare = 0.73;
    private const double SmallLetterShare = 0.52;
    private const double DescenderShare = 0.21;
    private const string Descending = "gjpqyQ,;()[]{}|@$/\\§µçþ";
    private const string Small = "acegmnopqrsuvwxyz.,:;-~_+=*\u00AB\u00BB\u2013\u2014";

    // A word this far from its line's baseline or size is placed by itself.
    private const double OddBaseline = 0.5;
    private const double OddSize = 1.8;

    // Lines of nearly one size get the same: neighbours of different sizes are different paragraphs to a viewer.
    private const double SameSize = 1.25;

    // Poppler takes a word for two where its baseline falls by more than half a point: on a page that is askew, as far as OCR straightens
    // any (12 degrees), each word is laid level, about its own middle, one step below or above its neighbour.
    private const double LevelDegrees = 13;

    // A word of one or two letters may be higher than it is wide.
    private const int LeastTurnedLetters = 4;

    // What OCR tolerates goes to 0.8 degrees; more is no slope of lines that were read.
    private const double SteepestSlope = 0.04;
    private const int LeastPairs = 6;
    private const double LeastPairSizes = 4;

    /// <summary>Lays the words of a page.</summary>
    /// <param name="layout">The words in reading order.</param>
    /// <param name="text">The page's text: says where lines end.</param>
    public static IReadOnlyList<LaidLine> Lay(PageLayout layout, string text)
    {
        var lines = Split(layout.Words, text).Select(line => Measure(line, layout.AngleDegrees)).ToList();
        var slopes = lines.GroupBy(line => line.Degrees).ToDictionary(alike => alike.Key, alike => Slope(alike.Select(line => line.Words)));
        double[] sizes = Even([.. lines.Select(line => Median(line.Words.Select(word => word.Size)))]);
        return [.. lines.Zip(sizes, (line, size) => Lay(line, size, slopes[line.Degrees]))];
    }

    private static MeasuredLine Measure(List<PageWord> line, double degrees)
    {
        int quarter = FindTurn(line);
        double turned = degrees + quarter;
        var (sin, cos) = Math.SinCos(turned * Math.PI / 180);
        return new MeasuredLine(turned, [.. line.Select(word => Measured.Of(quarter == 0 ? word : Turn(word, quarter, degrees), sin, cos))]);
    }

    // Of a page on its side tesseract may read each line as what it is, running down or up, and say nothing of it: its boxes are upright.
    private static int FindTurn(List<PageWord> line)
    {
        double across = 0;
        double down = 0;
        foreach (var (first, second) in line.Zip(line.Skip(1)))
        {
            across += Middle(second, 0) - Middle(first, 0);
            down += Middle(second, 1) - Middle(first, 1);
        }

        var longer = line.Where(word => word.Text.Length >= LeastTurnedLetters).ToList();
        bool isUpright = longer.Count > 0 && longer.All(word => word.Box[3] > word.Box[2]);
        return !isUpright || Math.Abs(down) < Math.Abs(across) ? 0 : down < 0 ? -90 : 90;

        static double Middle(PageWord word, int axis) => word.Box[axis] + (word.Box[axis + 2] / 2);
    }

    /// <summary>The same box, seen along a line that is turned by a quarter: its first corner is another, and its sides change places.</summary>
    private static PageWord Turn(PageWord word, int quarter, double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        var (width, height) = (word.Box[2], word.Box[3]);
        var (along, down) = quarter > 0 ? (width, 0.0) : (0.0, height);
        return word with { Box = [word.Box[0] + (along * cos) - (down * sin), word.Box[1] + (along * sin) + (down * cos), height, width] };
    }

    private static double Snap(double degrees)
    {
        double quarter = Math.Round(degrees / 90) * 90;
        return Math.Abs(degrees - quarter) <= LevelDegrees ? quarter : degrees;
    }

    private static LaidLine Lay(MeasuredLine line, double size, double slope)
    {
        var (sin, cos) = Math.SinCos(line.Degrees * Math.PI / 180);
        double degrees = Snap(line.Degrees + (Math.Atan(slope) * 180 / Math.PI));
        var laid = Math.SinCos(degrees * Math.PI / 180);
        double start = Median(line.Words.Select(word => word.Baseline - (slope * word.Middle)));
        return new LaidLine(degrees, [.. line.Words.Select(word =>
        {
            bool isOdd = Math.Abs(word.Baseline - (slope * word.Middle) - start) > OddBaseline * size
                || word.Size > size * OddSize || word.Size < size / OddSize;
            double down = isOdd ? word.Baseline : start + (slope * word.Middle);
            return new LaidWord(   // its middle is where it was read, however it is turned about it
                word.Text,
                (word.Middle * cos) - (down * sin) - (word.Width / 2 * laid.Cos),
                (word.Middle * sin) + (down * cos) - (word.Width / 2 * laid.Sin),
                word.Width,
                isOdd ? word.Size : size);
        })]);
    }

    private static List<List<PageWord>> Split(IReadOnlyList<PageWord> words, string text)
    {
        var lines = new List<List<PageWord>>();
        int at = 0;
        foreach (var word in words)
        {
            int found = word.Text.Length == 0 ? at : text.IndexOf(word.Text, at, StringComparison.Ordinal);
            bool endsLine = found < 0 || text.AsSpan(at, found - at).Contains('\n');
            if (lines.Count == 0 || endsLine)
            {
                lines.Add([]);
            }

            lines[^1].Add(word);
            at = found < 0 ? at : found + word.Text.Length;
        }

        return lines;
    }

    /// <summary>How far lines still fall to the right: OCR straightens a page only where it must.</summary>
    private static double Slope(IEnumerable<IReadOnlyList<Measured>> lines)
    {
        var pairs = new List<(double Slope, double Weight)>();
        foreach (var line in lines)
        {
            int half = (line.Count + 1) / 2;
            for (int index = 0; index + half < line.Count; index++)
            {
                var (first, second) = (line[index], line[index + half]);
                double apart = second.Middle - first.Middle;
                double slope = (second.Baseline - first.Baseline) / apart;
                if (apart > LeastPairSizes * first.Size && Math.Abs(slope) < SteepestSlope)
                {
                    pairs.Add((slope, apart));
                }
            }
        }

        if (pairs.Count < LeastPairs)
        {
            return 0;
        }

        double middle = pairs.Sum(pair => pair.Weight) / 2;
        double passed = 0;
        return pairs.OrderBy(pair => pair.Slope).First(pair => (passed += pair.Weight) >= middle).Slope;
    }

    private static double[] Even(double[] sizes)
    {
        double[] even = new double[sizes.Length];
        int[] order = [.. Enumerable.Range(0, sizes.Length).OrderBy(index => sizes[index])];
        for (int first = 0; first < order.Length;)
        {
            int[] alike = [.. order.Skip(first).TakeWhile(index => sizes[index] <= sizes[order[first]] * SameSize)];
            double size = sizes[alike[alike.Length / 2]];
            foreach (int index in alike)
            {
                even[index] = size;
            }

            first += alike.Length;
        }

        return even;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>A line in a frame that is turned with it.</summary>
    private sealed record MeasuredLine(double Degrees, IReadOnlyList<Measured> Words);

    /// <summary>A word in a frame that is turned with its line: left to right, and down.</summary>
    private readonly record struct Measured(string Text, double Left, double Width, double Baseline, double Size)
    {
        private const double LeastSize = 0.5;

        public double Middle => Left + (Width / 2);

        public static Measured Of(PageWord word, double sin, double cos)
        {
            var (x, y, width, height) = (word.Box[0], word.Box[1], word.Box[2], word.Box[3]);
            double above = word.Text.All(letter => Small.Contains(letter, StringComparison.Ordinal)) ? SmallLetterShare : AscenderShare;
            double below = word.Text.Any(letter => Descending.Contains(letter, StringComparison.Ordinal)) ? DescenderShare : 0;
            double size = Math.Max(LeastSize, height / (above + below));
            double top = (y * cos) - (x * sin);
            return new Measured(word.Text, (x * cos) + (y * sin), Math.Max(width, LeastSize), top + (above * size), size);
        }
    }
}
