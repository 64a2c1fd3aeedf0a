using System.Text.Json;

namespace DocIngest.Assurance.Reports;

/// <summary>Words of a report as they stand in its JSON.</summary>
public static class ReportWords
{
    /// <summary>The word of a kind.</summary>
    public static string WordOf(ReportKind kind) => JsonSerializer.SerializeToElement(kind, ReportJson.Instance.ReportKind).GetString() ?? "";

    /// <summary>The result of a word; null for another.</summary>
    public static ReportResult? ResultOf(string? word) => Enum.GetValues<ReportResult>().Where(result => WordOf(result) == word).Select(result => (ReportResult?)result).FirstOrDefault();

    /// <summary>The word of a result.</summary>
    public static string WordOf(ReportResult result) => JsonSerializer.SerializeToElement(result, ReportJson.Instance.ReportResult).GetString() ?? "";
}
