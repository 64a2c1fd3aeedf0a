namespace DocIngest.Pipeline.Statistics;

/// <summary>Pages of records by what became of them.</summary>
/// <param name="Total">All: the sum of the others.</param>
/// <param name="TextLayer">With text of their own.</param>
/// <param name="Ocr">With text that OCR made.</param>
/// <param name="TextOfUnknownSource">With text of either kind: put into the catalog before that was noted, and no rebuild since.</param>
/// <param name="PendingOcr">Waiting for OCR.</param>
/// <param name="Blank">Showing nothing.</param>
/// <param name="Wordless">Showing something, without a word.</param>
/// <param name="Failed">That could not be read.</param>
public sealed record PageCounts(
    long Total, long TextLayer, long Ocr, long TextOfUnknownSource, long PendingOcr, long Blank, long Wordless, long Failed)
{
    internal bool AddsUp => Total == TextLayer + Ocr + TextOfUnknownSource + PendingOcr + Blank + Wordless + Failed;

    internal PageCounts Plus(PageCounts other) => new(
        Total + other.Total, TextLayer + other.TextLayer, Ocr + other.Ocr, TextOfUnknownSource + other.TextOfUnknownSource, PendingOcr + other.PendingOcr,
        Blank + other.Blank, Wordless + other.Wordless, Failed + other.Failed);
}

/// <summary>Records, and the versions and pages they have.</summary>
/// <param name="Records">Withdrawn ones too.</param>
/// <param name="Withdrawn">Of them, those out of use.</param>
/// <param name="Versions">Of all of them.</param>
/// <param name="Pages">Of their newest versions.</param>
public sealed record RecordCounts(long Records, long Withdrawn, long Versions, PageCounts Pages)
{
    internal static RecordCounts None { get; } = new(0, 0, 0, new PageCounts(0, 0, 0, 0, 0, 0, 0, 0));

    internal RecordCounts Plus(RecordCounts other) =>
        new(Records + other.Records, Withdrawn + other.Withdrawn, Versions + other.Versions, Pages.Plus(other.Pages));
}

/// <summary>Pages that OCR read with a confidence.</summary>
/// <param name="FromPercent">From this.</param>
/// <param name="BelowPercent">To below this; null for the last, which ends with 100.</param>
/// <param name="Pages">How many.</param>
public sealed record ConfidenceBucket(int FromPercent, int? BelowPercent, long Pages);

/// <summary>How many records have so many versions.</summary>
/// <param name="Versions">So many; <see cref="RecordStatistics.MostVersionsTold"/> for that many and more.</param>
/// <param name="Records">How many records.</param>
public sealed record VersionBucket(int Versions, long Records);

/// <summary>Divided scans: the pages of their documents are counted with these.</summary>
/// <param name="Scans">How many.</param>
/// <param name="Pages">Their pages, separator sheets and blank pages too.</param>
public sealed record BatchCounts(long Scans, long Pages);

/// <summary>The records that first came in within a span, as they are now.</summary>
/// <param name="Total">All of them, but divided scans.</param>
/// <param name="Batches">Divided scans.</param>
/// <param name="VersionsPerRecord">By number of versions.</param>
/// <param name="OcrConfidence">Pages by OCR confidence.</param>
/// <param name="OcrOfUnknownConfidence">Pages that OCR read without a confidence.</param>
/// <param name="By">The breakdowns that were asked for; rows in order of their names.</param>
public sealed record RecordStatistics(
    RecordCounts Total, BatchCounts Batches, IReadOnlyList<VersionBucket> VersionsPerRecord, IReadOnlyList<ConfidenceBucket> OcrConfidence, long OcrOfUnknownConfidence,
    IReadOnlyDictionary<StatsDimension, IReadOnlyList<StatsRow<RecordCounts>>> By)
{
    /// <summary>Records of more versions than this are told together.</summary>
    public const int MostVersionsTold = 5;

    /// <summary>Whether each breakdown, and each way to tell pages and versions apart, sums to the total, which is counted by itself.</summary>
    public bool AddsUp =>
        Total.Pages.AddsUp
        && VersionsPerRecord.Sum(bucket => bucket.Records) == Total.Records
        && OcrOfUnknownConfidence >= 0
        && By.Values.All(rows => rows.Aggregate(RecordCounts.None, (sum, row) => sum.Plus(row.Counts)) == Total);
}
