using DocIngest.Pipeline.Statistics;

namespace DocIngest.Worker.CommandLine.Stats;

/// <summary>The counts of each section as a document (docs/formats/stats.md) and as tables for people.</summary>
internal static class StatsTables
{
    private const int MostNameWidth = 40;

    public static StatsPart Of(ScanStatistics scans) => new(
        new
        {
            scans.Total,
            TimeToFile = new { scans.TimeToFile.Files, MedianSeconds = Seconds(scans.TimeToFile.Median), Percentile95Seconds = Seconds(scans.TimeToFile.Percentile95) },
            By = Json(scans.By, row => new
            {
                row.Name, row.Counts.Dropped, row.Counts.Filed, row.Counts.Versioned, row.Counts.Duplicate, row.Counts.Quarantined, row.Counts.Failed, row.Counts.Pending,
                row.Counts.Parts, row.Counts.Pages,
            }),
        },
        scans.AddsUp, Uncounted: null,
        words =>
        {
            Tell(
                words, "files claimed", ["dropped", "filed", "versioned", "duplicate", "quarantined", "failed", "pending", "pages"], scans.By, scans.Total,
                one => [one.Dropped, one.Filed, one.Versioned, one.Duplicate, one.Quarantined, one.Failed, one.Pending, one.Pages]);
            words.WriteLine($"{scans.Total.Parts:N0} of them are documents that were cut out of a scan.");
            if (scans.TimeToFile is { Median: { } median, Percentile95: { } most })
            {
                words.WriteLine($"From claim to filed: {median.TotalSeconds:N1} s median, {most.TotalSeconds:N1} s 95th percentile of {scans.TimeToFile.Files:N0} files.");
            }
        });

    public static StatsPart Of(RecordStatistics records) => new(
        new
        {
            Total = Json(records.Total),
            records.Batches,
            records.VersionsPerRecord,
            OcrConfidence = new { Pages = records.OcrConfidence, Unknown = records.OcrOfUnknownConfidence },
            By = Json(records.By, row => new { row.Name, row.Counts.Records, row.Counts.Withdrawn, row.Counts.Versions, row.Counts.Pages }),
        },
        records.AddsUp,
        records.Total.Pages.TextOfUnknownSource == 0 ? null
            : $"of {records.Total.Pages.TextOfUnknownSource:N0} pages the catalog does not know whether their text is OCR's. Run 'docingest catalog rebuild'.",
        words =>
        {
            Tell(
                words, "records", ["records", "withdrawn", "versions", "pages", "text layer", "OCR", "unknown", "wait", "blank", "wordless", "failed"], records.By, records.Total,
                one =>
                [
                    one.Records, one.Withdrawn, one.Versions, one.Pages.Total, one.Pages.TextLayer, one.Pages.Ocr, one.Pages.TextOfUnknownSource, one.Pages.PendingOcr, one.Pages.Blank,
                    one.Pages.Wordless, one.Pages.Failed,
                ]);
            words.WriteLine($"{records.Batches.Scans:N0} divided scans of {records.Batches.Pages:N0} pages are counted by their documents.");
            words.WriteLine($"Versions per record: {string.Join(", ", records.VersionsPerRecord.Select(InWords))}.");
            words.WriteLine($"Pages by OCR confidence: {string.Join(", ", records.OcrConfidence.Select(InWords))}, unknown {records.OcrOfUnknownConfidence:N0}.");
        });

    public static StatsPart Of(EventStatistics events) => new(
        new { events.Kinds, events.Open, events.Uncounted },
        AddsUp: true,
        events.Uncounted == 0 ? null
            : $"of {events.Uncounted:N0} patients or cases there may be more events than are counted. Where nobody imports events just now, run 'docingest catalog rebuild'.",
        words =>
        {
            Line(words, "events", 24, ["patients", "cases"]);
            foreach (var kind in events.Kinds)
            {
                Line(words, kind.Kind, 24, [$"{kind.Patients:N0}", $"{kind.Cases:N0}"]);
            }

            Line(words, $"open on {events.Open.At:yyyy-MM-dd}", 24, [$"{events.Open.Patients:N0}", $"{events.Open.Cases:N0}"]);
        });

    public static StatsPart Of(RetentionStatistics retention) => new(
        new
        {
            retention.Today,
            retention.WithinDays,
            retention.Total,
            By = new Dictionary<string, object>
            {
                [StatsWords.Of(StatsDimension.Class)] = retention.ByClass.Select(row => new
                {
                    row.Name, row.Counts.Records, row.Counts.NotDue, row.Counts.DueWithin, row.Counts.Due, row.Counts.Kept, row.Counts.Permanent, row.Counts.NoSchedule, row.Counts.Held,
                }),
            },
        },
        retention.AddsUp, Uncounted: null,
        words => Tell(
            words, $"retention on {retention.Today:yyyy-MM-dd}", ["records", "overdue", $"in {retention.WithinDays} d", "later", "unknown", "permanent", "no schedule", "held"],
            new Dictionary<StatsDimension, IReadOnlyList<StatsRow<RetentionCounts>>> { [StatsDimension.Class] = retention.ByClass }, retention.Total,
            one => [one.Records, one.Due, one.DueWithin, one.NotDue - one.DueWithin, one.Kept, one.Permanent, one.NoSchedule, one.Held]));

    public static StatsPart Of(DispositionStatistics counts) => new(
        counts, AddsUp: true, Uncounted: null,
        words =>
        {
            foreach (var (name, count) in new[]
            {
                ("proposed", counts.Proposed), ("approved", counts.Approved), ("executing", counts.Executing), ("ended", counts.Ended), ("rejected", counts.Rejected),
                ("records destroyed", counts.Destroyed), ("records kept after all", counts.Kept), ("still in backups", counts.InBackups), ("holds in force", counts.Holds),
            })
            {
                Line(words, name, 24, [$"{count:N0}"]);
            }
        });

    private static object Json(RecordCounts counts) => new { counts.Records, counts.Withdrawn, counts.Versions, counts.Pages };

    private static Dictionary<string, object> Json<T>(IReadOnlyDictionary<StatsDimension, IReadOnlyList<StatsRow<T>>> by, Func<StatsRow<T>, object> row) =>
        by.OrderBy(pair => pair.Key).ToDictionary(pair => StatsWords.Of(pair.Key), object (pair) => pair.Value.Select(row));

    private static double? Seconds(TimeSpan? span) => span?.TotalSeconds;

    private static string InWords(VersionBucket bucket) =>
        $"{bucket.Versions}{(bucket.Versions == RecordStatistics.MostVersionsTold ? " or more" : "")}: {bucket.Records:N0}";

    private static string InWords(ConfidenceBucket bucket) =>
        bucket.BelowPercent is { } below ? $"{bucket.FromPercent} to {below} %: {bucket.Pages:N0}" : $"from {bucket.FromPercent} %: {bucket.Pages:N0}";

    private static void Tell<T>(
        TextWriter words, string title, string[] columns, IReadOnlyDictionary<StatsDimension, IReadOnlyList<StatsRow<T>>> by, T total, Func<T, long[]> cells)
    {
        string[] names = [title, "total", .. by.SelectMany(pair => pair.Value.Select(row => row.Name).Append($"by {StatsWords.Of(pair.Key)}"))];
        int width = Math.Min(MostNameWidth, names.Max(name => name.Length));
        Line(words, title, width, columns);
        foreach (var (dimension, rows) in by.OrderBy(pair => pair.Key))
        {
            words.WriteLine($"by {StatsWords.Of(dimension)}");
            foreach (var row in rows)
            {
                Line(words, row.Name, width, columns, cells(row.Counts));
            }
        }

        Line(words, "total", width, columns, cells(total));
    }

    private static void Line(TextWriter words, string name, int width, string[] columns, long[] cells) =>
        words.WriteLine($"{Cut(name, width)}{string.Concat(cells.Zip(columns, (cell, column) => $"{cell:N0}".PadLeft(WidthOf(column))))}");

    private static void Line(TextWriter words, string name, int width, string[] cells) =>
        words.WriteLine($"{Cut(name, width)}{string.Concat(cells.Select(cell => cell.PadLeft(WidthOf(cell))))}");

    // A million with its commas, and a blank.
    private static int WidthOf(string column) => Math.Max(10, column.Length + 2);

    private static string Cut(string name, int width)
    {
        string clean = TerminalText.OneLine(name);
        return (clean.Length > width ? $"{clean[..(width - 1)]}…" : clean).PadRight(width);
    }
}
