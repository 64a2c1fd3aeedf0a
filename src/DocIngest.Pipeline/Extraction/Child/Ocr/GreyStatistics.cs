namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>How light the pixels of a page are, and how much neighbours differ.</summary>
internal sealed class GreyStatistics(int[] histogram, int[] steps)
{
    // The median of the difference of two normal values is 0.954 deviations.
    private const double DeviationsInMedianStep = 0.954;

    /// <summary>Standard deviation of the noise: most neighbours on a page differ by nothing else.</summary>
    public double Noise { get; } = Percentile(steps, 0.5) / DeviationsInMedianStep;

    /// <summary>The grey below which a share of all pixels lies, 0 to 255.</summary>
    public int Percentile(double share) => Percentile(histogram, share);

    private static int Percentile(int[] counts, double share)
    {
        long total = counts.Sum(count => (long)count);
        long below = 0;
        for (int value = 0; value < counts.Length; value++)
        {
            below += counts[value];
            if (below > total * share)
            {
                return value;
            }
        }

        return counts.Length - 1;
    }
}
