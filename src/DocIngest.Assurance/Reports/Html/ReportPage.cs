using System.Text;

namespace DocIngest.Assurance.Reports.Html;

/// <summary>A report as one page that needs nothing else: no script, no picture, no font from elsewhere. The first printed page answers whether all is well.</summary>
/// <remarks>Made of <c>report.json</c> alone, whose digest it names; signed as that file is.</remarks>
internal static class ReportPage
{
    /// <summary>The page.</summary>
    /// <param name="report">What it shows.</param>
    /// <param name="reportSha512">Digest of the bytes of <c>report.json</c>.</param>
    /// <param name="signerSha256">Fingerprint of the certificate that both are signed with.</param>
    public static byte[] Render(AssuranceReport report, string reportSha512, string signerSha256)
    {
        var page = new StringBuilder();
        page.Append($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Words.TitleOf(report.Kind)}, run {report.Run.Number}: {Words.HeadlineOf(report.Result)}</title>
            <style>{ReportStyle.Css}</style></head><body>

            """);
        First(page, report);
        Details(page, report);
        Proof(page, report, reportSha512, signerSha256);
        return Encoding.UTF8.GetBytes(page.Append("</body></html>\n").ToString().ReplaceLineEndings("\n"));
    }

    private static void First(StringBuilder page, AssuranceReport report)
    {
        page.Append($"""
            <header><p class="what">{Words.Escape(report.Run.Organisation.Length > 0 ? report.Run.Organisation + " · " : "")}{Words.TitleOf(report.Kind)} · run {report.Run.Number}</p>
            <h1 class="{ClassOf(report.Result)}">{SignOf(report.Result)} {Words.HeadlineOf(report.Result)}</h1>
            <p class="lead">{Words.Escape(LeadOf(report))}</p>
            <p class="when">{Words.Time(report.Run.StartedAt)} to {Words.Time(report.Run.EndedAt)}, {Words.Duration((report.Run.EndedAt - report.Run.StartedAt).TotalSeconds)}.
            Next due: {Words.Time(report.NextDue, "nothing is scheduled")}.</p></header>

            """);
        if (report.Bound is { } bound)
        {
            page.Append($"<p class=\"bound\">{Words.Escape(bound.Text)}</p>\n");
        }

        Times(page, report);
        Findings(page, report.Findings);
        Copies(page, report.Copies);
        List(page, "What this run did not test", report.NotTested, "Nothing is named. Ask why.");
        page.Append("""
            <table class="sign"><tr><td>Reviewed by</td><td>Date</td><td>Signature</td></tr></table>
            <p class="what">Signed by the service with the certificate named at the end; VERIFY.txt says how to check that.</p>

            """);
    }

    private static void Times(StringBuilder page, AssuranceReport report)
    {
        if (report.Rpo is null && report.Rto is null)
        {
            return;
        }

        page.Append("<table class=\"times\"><tr><th></th><th>reached</th><th>allowed</th><th></th></tr>\n");
        if (report.Rpo is { } rpo)
        {
            TimeRow(page, "Data that would be lost (RPO)", rpo.AchievedSeconds, rpo.ObjectiveSeconds, rpo.Method);
        }

        if (report.Rto is { } rto)
        {
            TimeRow(page, "Time until work goes on (RTO)", rto.AchievedSeconds, rto.ObjectiveSeconds, rto.IsExtrapolated ? "reckoned from a part" : "measured");
        }

        page.Append("</table>\n");
    }

    private static void TimeRow(StringBuilder page, string name, long? achieved, long? objective, string remark)
    {
        string verdict = (achieved, objective) switch
        {
            (null, _) => "<span class=\"bad\">not measured</span>",
            (_, null) => "no objective set",
            var (was, most) when was > most => "<span class=\"bad\">✗ missed</span>",
            _ => "<span class=\"good\">✓ met</span>",
        };
        page.Append($"<tr><th scope=\"row\">{name}</th><td>{Words.Duration(achieved, "—")}</td><td>{Words.Duration(objective, "—")}</td><td>{verdict}<br><small>{Words.Escape(remark)}</small></td></tr>\n");
    }

    private static void Findings(StringBuilder page, IReadOnlyList<ReportedFinding> findings)
    {
        page.Append($"<h2>Open findings: {findings.Count}</h2>\n");
        if (findings.Count == 0)
        {
            return;
        }

        page.Append("<table><tr><th>id</th><th>what, and what to do</th><th>since</th><th>owner, due</th></tr>\n");
        foreach (var finding in findings)
        {
            string owner = finding.Owner is { } by ? Words.Escape(by) : "nobody yet";
            string due = finding.Due is { } day ? $"<br><span class=\"day\">{Words.Day(day)}</span>" : "";
            page.Append($"<tr><td>{Words.Escape(finding.Id)}<br><small>{Words.Escape(finding.Code)}, {Words.Escape(finding.Severity)}</small></td><td>{Words.Escape(finding.Text)}{ObjectsOf(finding)}</td><td>{Words.Day(DateOnly.FromDateTime(finding.Since.UtcDateTime))}</td><td>{owner}{due}</td></tr>\n");
        }

        page.Append("</table>\n");
    }

    private static string ObjectsOf(ReportedFinding finding) =>
        finding.ObjectCount == 0 ? ""
        : $"<br><small>{Words.Number(finding.ObjectCount)}: {Words.Escape(string.Join(", ", finding.Objects))}{(finding.ObjectCount > finding.Objects.Count ? ", …" : "")}</small>";

    private static void Copies(StringBuilder page, IReadOnlyList<ReportedCopy> copies)
    {
        page.Append($"<h2>Copies: {copies.Count}</h2>\n<table><tr><th>where</th><th>newest content</th><th>all of it read</th><th></th></tr>\n");
        foreach (var copy in copies)
        {
            page.Append($"<tr><td>{Words.Escape(copy.Name)}<br><small>{Words.Escape(copy.Kind)}</small></td><td>{Words.Time(copy.NewestAt, "holds nothing")}</td><td>{Words.Time(copy.ReadAt, "not known")}</td><td>{Words.Escape(copy.Remark)}</td></tr>\n");
        }

        page.Append("</table>\n");
    }

    private static void Details(StringBuilder page, AssuranceReport report)
    {
        page.Append("<section class=\"details\"><h2>What was checked</h2>\n<table><tr><th>check</th><th>compared with</th><th class=\"n\">planned</th><th class=\"n\">passed</th><th class=\"n\">failed</th><th class=\"n\">skipped</th></tr>\n");
        foreach (var check in report.Checks)
        {
            string why = check.SkippedBecause.Count == 0 ? "" : $"<br><small>skipped: {Words.Escape(string.Join("; ", check.SkippedBecause))}</small>";
            page.Append($"<tr><td>{Words.Escape(check.Name)}{why}</td><td>{Words.Escape(check.ExpectedFrom)}</td><td class=\"n\">{Words.Number(check.Planned)}</td><td class=\"n\">{Words.Number(check.Passed)}</td><td class=\"n{(check.Failed > 0 ? " bad" : "")}\">{Words.Number(check.Failed)}</td><td class=\"n{(check.Skipped > 0 ? " middling" : "")}\">{Words.Number(check.Skipped)}</td></tr>\n");
        }

        page.Append("</table>\n");
        Criteria(page, report.Acceptance);
        Population(page, report);
        if (report.Coverage is { } coverage)
        {
            page.Append($"<h2>How much was read lately</h2>\n{Charts.Coverage(coverage)}\n<p>{Words.Bytes(coverage.Bytes)} in this run. Read longest ago: {Words.Time(coverage.OldestReading, "something was never read")}.</p>\n");
        }

        if (report.Rto is { Phases.Count: > 0 } rto)
        {
            page.Append($"<h2>Where the time went</h2>\n{Charts.Phases(rto)}\n");
        }

        page.Append($"<h2>The last runs of this kind</h2>\n{Charts.Trend(report.Earlier, report)}</section>\n");
    }

    private static void Criteria(StringBuilder page, IReadOnlyList<AcceptanceCriterion> criteria)
    {
        page.Append("<h2>What had to be met</h2>\n<table>\n");
        foreach (var criterion in criteria)
        {
            string verdict = criterion.IsMet switch { true => "<span class=\"good\">✓ met</span>", false => "<span class=\"bad\">✗ not met</span>", null => "<span class=\"bad\">not decided</span>" };
            page.Append($"<tr><td>{Words.Escape(criterion.Text)}</td><td>{verdict}</td></tr>\n");
        }

        page.Append("</table>\n");
    }

    private static void Population(StringBuilder page, AssuranceReport report)
    {
        var population = report.Population;
        string bytes = population.Bytes is { } size ? $", {Words.Bytes(size)}" : "";
        page.Append($"<h2>What it speaks about</h2>\n<p>{Words.Number(population.Count)} {Words.Escape(population.Unit)}{bytes}, as {Words.Escape(population.From)} says.</p>\n");
        List(page, "Left out", population.Excluded, null);
        if (report.Sample is { } sample)
        {
            page.Append($"<p>{Words.Number(sample.Size)} drawn at random, for {Words.Percent((double)sample.Confidence)} confidence of fewer than {Words.Percent((double)sample.DefectRate)} defective; by the nonce <code>{Words.Escape(sample.Nonce)}</code> and the head of the audit <code>{Words.Escape(sample.AuditHead)}</code>.</p>\n");
            List(page, "Taken besides", sample.Always, null);
        }
    }

    private static void Proof(StringBuilder page, AssuranceReport report, string reportSha512, string signerSha256)
    {
        page.Append("<section class=\"proof\"><h2>How to check this page</h2>\n<p>Follow VERIFY.txt, with the certificate's fingerprint that you were given on paper.</p>\n<table>\n");
        Row(page, "Report", report.ReportId.ToString());
        Row(page, "SHA-512 of report.json", reportSha512);
        Row(page, "SHA-256 of the certificate", signerSha256);
        Row(page, "The report before this", report.Chain.PreviousReportId is { } previous ? $"{previous}, SHA-512 {report.Chain.PreviousSha512}" : "none: this is the first");
        Row(page, "Entry of the audit", $"{report.Chain.AuditSeq}, {report.Chain.AuditHead}");
        if (report.Source is { } source)
        {
            Row(page, "Backup", $"{source.Repository} ({source.RepositoryKind}), {(source.Snapshot is { } snapshot ? $"snapshot {snapshot} of {Words.Time(source.SnapshotTime, "an unknown time")}" : "all of it")}, opened by key {source.KeyId}, password from {source.UnlockedBy}");
        }

        Row(page, "Rules", $"{report.Policy.Title} ({report.Policy.Id}, version {report.Policy.Version}) {string.Join(", ", report.Policy.Frameworks)}");
        Row(page, "Run by", $"{report.Run.Account} on {report.Run.Host}, by {report.Run.Trigger}; {report.Run.Program}, {report.Run.OperatingSystem}");
        page.Append("</table></section>\n");
    }

    private static void Row(StringBuilder page, string name, string value) => page.Append($"<tr><th scope=\"row\">{name}</th><td class=\"id\">{Words.Escape(value)}</td></tr>\n");

    private static void List(StringBuilder page, string title, IReadOnlyList<string> lines, string? without)
    {
        if (lines.Count == 0 && without is null)
        {
            return;
        }

        page.Append($"<h2>{title}</h2>\n<ul>");
        page.AppendJoin("", lines.DefaultIfEmpty(without ?? "").Select(line => $"<li>{Words.Escape(line)}</li>"));
        page.Append("</ul>\n");
    }

    private static string LeadOf(AssuranceReport report)
    {
        if (report.Run.Aborted is { } why)
        {
            return why;
        }

        long passed = report.Checks.Sum(check => check.Passed);
        long failed = report.Checks.Sum(check => check.Failed);
        long skipped = report.Checks.Sum(check => check.Skipped);
        int unmet = report.Acceptance.Count(criterion => criterion.IsMet != true);
        return passed + failed == 0
            ? "Nothing was checked, which is a failure: nobody knows whether anything can be restored."
            : $"{Words.MeaningOf(report)} {Words.Number(passed)} checks passed{Also(failed, "failed")}{Also(skipped, "were not made")}{Also(unmet, "of the criteria are not met")}.";
    }

    private static string Also(long count, string what) => count == 0 ? "" : $", {Words.Number(count)} {what}";

    private static string ClassOf(ReportResult result) => result switch
    {
        ReportResult.Pass => "good",
        ReportResult.PassWithFindings => "middling",
        _ => "bad",
    };

    private static string SignOf(ReportResult result) => result switch
    {
        ReportResult.Pass => "✓",
        ReportResult.PassWithFindings => "!",
        _ => "✗",
    };
}
