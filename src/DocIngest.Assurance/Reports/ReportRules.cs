namespace DocIngest.Assurance.Reports;

/// <summary>Tells where a report says of itself what its counts do not bear out: how other products came to be green by mistake.</summary>
public static class ReportRules
{
    /// <summary>What is wrong with a report; empty where nothing is. Each says what and where, for a person.</summary>
    public static IReadOnlyList<string> FaultsOf(AssuranceReport report) =>
    [
        .. report.Checks.Where(check => !check.AddsUp).Select(check => $"{check.Id}: passed, failed and skipped do not add up to what was planned."),
        .. report.Checks.Where(check => check.Skipped > 0 && check.SkippedBecause.Count == 0).Select(check => $"{check.Id}: it does not say why some were skipped."),
        .. report.Checks.CountBy(check => check.Id, StringComparer.Ordinal).Where(check => check.Value > 1).Select(check => $"{check.Key}: listed more than once."),
        .. TimesOf(report),
        .. SampleOf(report),
        .. ResultOf(report),
    ];

    private static IEnumerable<string> TimesOf(AssuranceReport report)
    {
        if (report.Run.EndedAt < report.Run.StartedAt)
        {
            yield return "The run ended before it began.";
        }

        if (report.Rto is { AchievedSeconds: { } achieved, ObjectiveSeconds: { } objective } && achieved > objective && report.Result is ReportResult.Pass)
        {
            yield return "It passed although its recovery took longer than is allowed.";
        }

        if (report.Rpo is { AchievedSeconds: { } lost, ObjectiveSeconds: { } allowed } && lost > allowed && report.Result is ReportResult.Pass)
        {
            yield return "It passed although more would have been lost than is allowed.";
        }
    }

    private static IEnumerable<string> SampleOf(AssuranceReport report)
    {
        if (report.Sample is { } sample)
        {
            if (sample.Size > report.Population.Count)
            {
                yield return "More were drawn than there are.";
            }

            if (report.Population.ListSha256 is null)
            {
                yield return "A sample was drawn from a list that is not named: nobody can draw it again.";
            }
        }

        if (report.Bound is { } bound
            && ReportVerdict.Bound(report.Population.Count, report.Population.Unit, bound.Sampled, bound.Failed, bound.Confidence) != bound)
        {
            yield return "What it says about all does not follow from the sample.";
        }

        if (report.Bound is { } said && said.Sampled > (report.Sample?.Size ?? report.Population.Count))
        {
            yield return "The statement about all counts more than were drawn.";
        }
    }

    private static IEnumerable<string> ResultOf(AssuranceReport report)
    {
        if (ReportVerdict.Of(report) is var result && result != report.Result)
        {
            yield return $"It says '{ReportWords.WordOf(report.Result)}'; its counts say '{ReportWords.WordOf(result)}'.";
        }

        if (ReportVerdict.IsDrill(report.Kind) && report.Run.Aborted is null && report.Checks.All(check => check.Kind != CheckKind.Canary))
        {
            yield return "A drill without damage made on purpose: nobody knows whether damage would have been found.";
        }
    }
}
