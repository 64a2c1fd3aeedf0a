using System.Globalization;
using System.Text;

namespace DocIngest.Assurance.Reports.Html;

/// <summary>Small pictures as inline SVG: they need no script and print well. Never by colour alone.</summary>
internal static class Charts
{
    private const int Width = 640;
    private const int RowHeight = 22;
    private const int LabelWidth = 190;
    private const int ValueWidth = 110;
    private const int BarWidth = Width - LabelWidth - ValueWidth;

    /// <summary>What took how long.</summary>
    public static string Phases(RecoveryTime rto)
    {
        double longest = Math.Max(rto.Phases.Select(phase => phase.Seconds).DefaultIfEmpty(0).Max(), double.Epsilon);
        var rows = rto.Phases.Select(phase => new Row(phase.Name, phase.Seconds / longest, Words.Duration(phase.Seconds), "bar"));
        return Bars("Time of each phase", rows);
    }

    /// <summary>How much was read within the window.</summary>
    public static string Coverage(ReportedCoverage coverage) => Bars("Read within the window",
    [
        new Row(
            string.Create(CultureInfo.InvariantCulture, $"read in {coverage.WindowDays} days"), coverage.Count == 0 ? 0 : (double)coverage.Read / coverage.Count,
            coverage.Count == 0 ? "nothing there" : Words.Percent(Math.Floor(10_000.0 * coverage.Read / coverage.Count) / 10_000),   // down: 100 % is all of it
            "bar"),
    ]);

    /// <summary>The last runs, the oldest first: how many were checked, and what came of it.</summary>
    public static string Trend(IReadOnlyList<EarlierRun> earlier, AssuranceReport report)
    {
        long now = report.Checks.Sum(check => check.Passed + check.Failed);
        double most = Math.Max(earlier.Select(run => run.Checked).Append(now).Max(), 1);
        var rows = earlier.Reverse()
            .Select(run => new Row($"run {run.Number}, {Words.Time(run.EndedAt)[..10]}", run.Checked / most, ShortOf(run.Result), ClassOf(run.Result)))
            .Append(new Row($"this run, {Words.Time(report.Run.EndedAt)[..10]}", now / most, ShortOf(report.Result), ClassOf(report.Result)));
        return Bars("Checked in the last runs", rows);
    }

    private static string Bars(string title, IEnumerable<Row> rows)
    {
        var all = rows.ToList();
        int height = (all.Count * RowHeight) + 4;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg role=\"img\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\"><title>{Words.Escape(title)}</title>");
        for (int index = 0; index < all.Count; index++)
        {
            var row = all[index];
            int top = (index * RowHeight) + 3;
            double width = Math.Clamp(row.Share, 0, 1) * BarWidth;
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{top + 13}\">{Words.Escape(row.Label)}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{LabelWidth}\" y=\"{top}\" width=\"{BarWidth}\" height=\"16\" class=\"track\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{LabelWidth}\" y=\"{top}\" width=\"{width:0.#}\" height=\"16\" class=\"{row.Class}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{LabelWidth + BarWidth + 8}\" y=\"{top + 13}\">{Words.Escape(row.Value)}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static string ShortOf(ReportResult result) => result switch
    {
        ReportResult.Pass => "✓ passed",
        ReportResult.PassWithFindings => "! with findings",
        ReportResult.Fail => "✗ failed",
        ReportResult.Aborted => "– not finished",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string ClassOf(ReportResult result) => result switch
    {
        ReportResult.Pass => "good",
        ReportResult.PassWithFindings => "middling",
        _ => "bad",
    };

    private sealed record Row(string Label, double Share, string Value, string Class);
}
