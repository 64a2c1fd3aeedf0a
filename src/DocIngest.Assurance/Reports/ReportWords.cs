using System.Text.Json;
using DocIngest.Assurance.Reports.Html;

namespace DocIngest.Assurance.Reports;

/// <summary>Words of a report as they stand in its JSON.</summary>
public static class ReportWords
{
    /// <summary>The word of a kind.</summary>
    public static string WordOf(ReportKind kind) => JsonSerializer.SerializeToElement(kind, ReportJson.Instance.ReportKind).GetString() ?? "";

    /// <summary>The one word that is read first, on the page and on a terminal.</summary>
    public static string HeadlineOf(ReportResult result) => Words.HeadlineOf(result);

    /// <summary>A number of seconds for a person.</summary>
    public static string Duration(double seconds) => Words.Duration(seconds);

    /// <summary>The result of a word; null for another.</summary>
    public static ReportResult? ResultOf(string? word) => Enum.GetValues<ReportResult>().Where(result => WordOf(result) == word).Select(result => (ReportResult?)result).FirstOrDefault();

    /// <summary>The word of a result.</summary>
    public static string WordOf(ReportResult result) => JsonSerializer.SerializeToElement(result, ReportJson.Instance.ReportResult).GetString() ?? "";
}
