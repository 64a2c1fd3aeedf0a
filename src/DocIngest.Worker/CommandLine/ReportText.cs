using System.Globalization;
using DocIngest.Assurance.Reports;

namespace DocIngest.Worker.CommandLine;

/// <summary>A report in the words of a terminal. What is believed is its signed form.</summary>
internal static class ReportText
{
    public static void Write(TextWriter words, AssuranceReport report)
    {
        words.WriteLine($"{Title(report.Result)}  {ReportWords.WordOf(report.Kind)}, run {report.Run.Number} of {Utc(report.Run.StartedAt)}");
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
            words.WriteLine($"  RPO {Span(lost)}{Against(report.Rpo.ObjectiveSeconds)}");
        }

        if (report.Rto is { AchievedSeconds: { } until } rto)
        {
            words.WriteLine($"  RTO {Span(until)}{(rto.IsExtrapolated ? " (reckoned from the sample)" : "")}{Against(rto.ObjectiveSeconds)}");
        }
    }

    private static string Title(ReportResult result) => result switch
    {
        ReportResult.Pass => "PASS",
        ReportResult.PassWithFindings => "PASS, WITH FINDINGS",
        ReportResult.Fail => "FAIL",
        ReportResult.Aborted => "ABORTED",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Against(long? objective) => objective is { } seconds ? $", objective {Span(seconds)}" : "";

    private static string Span(long seconds) => seconds switch
    {
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds} s"),
        < 7_200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60.0:0.#} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600.0:0.#} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86400.0:0.#} days"),
    };

    private static string Utc(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
}
