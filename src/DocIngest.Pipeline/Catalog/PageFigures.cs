using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Catalog;

/// <summary>How the text of a record's pages was come by, in numbers.</summary>
/// <param name="ByOcr">Pages with text that OCR made.</param>
/// <param name="ByConfidence">Those of a known confidence, by <see cref="From"/>.</param>
internal sealed record PageFigures(int ByOcr, IReadOnlyList<int> ByConfidence)
{
    /// <summary>Where the buckets of confidence begin, in percent; each ends where the next begins, the last includes 100.</summary>
    public static IReadOnlyList<int> From { get; } = [0, 50, 60, 70, 80, 90, 95];

    /// <summary>Their columns in <c>catalog_figures</c>.</summary>
    public static string Columns { get; } = string.Join(", ", From.Select(from => $"ocr_{from}"));

    public static IReadOnlyList<string> ParameterNames { get; } = [.. From.Select(from => $"@ocr{from}")];

    public static string Parameters { get; } = string.Join(", ", ParameterNames);

    public static PageFigures Of(DocumentText text, PageAccount account)
    {
        // A page that OCR found no word on is wordless in the account, and of no text here.
        var read = text.Pages.Where(page => page.Source == TextSource.Ocr && !string.IsNullOrWhiteSpace(page.Text)).Take(account.WithText).ToList();
        int[] buckets = new int[From.Count];
        foreach (double confidence in read.Select(page => page.ConfidencePercent).OfType<double>())
        {
            buckets[BucketOf(confidence)]++;
        }

        return new PageFigures(read.Count, buckets);
    }

    private static int BucketOf(double confidence)
    {
        int bucket = From.Count - 1;
        while (bucket > 0 && !(confidence >= From[bucket]))
        {
            bucket--;
        }

        return bucket;
    }
}
