using System.Globalization;
using DocIngest.Assurance.Reports;

namespace DocIngest.Worker.CommandLine;

/// <summary>A report in the words of a terminal. What is believed is its signed form.</summary>
internal static class ReportText
{
    public static void Write(TextWriter words, AssuranceReport report)
    {
        words.WriteLine($"{ReportWords.HeadlineOf(report.Result)}  {ReportWords.WordOf(report.Kind)}, run {report.Run.Number} of {Utc(report.Run.StartedAt)}");
        if (report.Run.Aborted is { } aborted)
        {
            words.WriteLine($"  {TerminalText.OneLine(aborted)}");
        }

        if (report.Bound is { } bound)
        {
            words.WriteLine($"  {bound.Text}");
        }

        foreach (var check in report.Checks)
        {
            string mark = check.Failed > 0 || check.Passed == 0 ? "FAILED" : check.Skipped > 0 ? "passed, some skipped" : "passed";
            words.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {check.Id,-10} {mark}: {check.Passed:N0} of {check.Planned:N0}. {check.Name}."));
        }

        Times(words, report);
        foreach (var finding in report.Findings)
        {
            words.WriteLine($"  {finding.Id}  {TerminalText.OneLine(finding.Text)}");
        }

        foreach (string not in report.NotTested)
        {
            words.WriteLine($"  not tested: {TerminalText.OneLine(not)}");
        }

        words.WriteLine($"Report {report.ReportId}: 'docingest report export {report.ReportId} -o report.zip' writes it for an auditor.");
    }

    private static void Times(TextWriter words, AssuranceReport report)
    {
        if (report.Rpo is { AchievedSeconds: { } lost })
        {
            words.WriteLine($"  RPO {ReportWords.Duration(lost)}{Against(report.Rpo.ObjectiveSeconds)}");
        }

        if (report.Rto is { AchievedSeconds: { } until } rto)
        {
            words.WriteLine($"  RTO {ReportWords.Duration(until)}{(rto.IsExtrapolated ? " (reckoned from the sample)" : "")}{Against(rto.ObjectiveSeconds)}");
        }
    }

    private static string Against(long? objective) => objective is { } seconds ? $", objective {ReportWords.Duration(seconds)}" : "";

    private static string Utc(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
}
