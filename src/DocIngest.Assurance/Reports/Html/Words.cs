using System.Globalization;
using System.Text.Encodings.Web;

namespace DocIngest.Assurance.Reports.Html;

/// <summary>How a report's values are put for a person.</summary>
internal static class Words
{
    private const long Kilo = 1000;
    private static readonly string[] Units = ["bytes", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>Text as it may stand in a page: nothing of it is taken for markup.</summary>
    public static string Escape(string text) => HtmlEncoder.Default.Encode(text);

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Always with its zone: the report is read elsewhere.</summary>
    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset? time, string without) => time is { } there ? Time(there) : without;

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Duration(double seconds)
    {
        var span = TimeSpan.FromSeconds(seconds);
        return span switch
        {
            { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(span.TotalDays)} d {span.Hours} h"),
            { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(span.TotalHours)} h {span.Minutes} min"),
            { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.Minutes} min {span.Seconds} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s"),
        };
    }

    public static string Duration(long? seconds, string without) => seconds is { } there ? Duration(there) : without;

    public static string Bytes(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= Kilo && unit < Units.Length - 1)
        {
            value /= Kilo;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit]}");
    }

    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##} %");

    public static string TitleOf(ReportKind kind) => kind switch
    {
        ReportKind.ArchiveVerification => "Verification of the archive",
        ReportKind.BackupVerification => "Verification of a backup",
        ReportKind.SampleDrill => "Restore drill, by sample",
        ReportKind.FullDrill => "Restore drill, everything",
        ReportKind.KeyDrill => "Restore drill with the sealed key",
        ReportKind.RequestDrill => "Restore drill of one record",
        ReportKind.DestructionDrill => "Restore drill after a destruction",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The one word that is read first.</summary>
    public static string HeadlineOf(ReportResult result) => result switch
    {
        ReportResult.Pass => "PASSED",
        ReportResult.PassWithFindings => "PASSED, WITH FINDINGS",
        ReportResult.Fail => "FAILED",
        ReportResult.Aborted => "NOT CARRIED THROUGH",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>What the result means for whoever relies on what was tested.</summary>
    public static string MeaningOf(AssuranceReport report) => (report.Result, ReportVerdict.IsDrill(report.Kind)) switch
    {
        (ReportResult.Fail, true) => "Do not rely on this backup before the findings are settled.",
        (ReportResult.Fail, false) => "Something is damaged, or was not checked: the findings must be settled.",
        (ReportResult.PassWithFindings, true) => "What was tested could be restored. Somebody must see to the findings.",
        (ReportResult.PassWithFindings, false) => "What was read is as it was written. Somebody must see to the findings.",
        (_, true) => "What was tested could be restored, as it was archived.",
        (_, false) => "What was read is as it was written.",
    };
}
