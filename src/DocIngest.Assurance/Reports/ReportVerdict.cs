using System.Globalization;
using DocIngest.Assurance.Sampling;

namespace DocIngest.Assurance.Reports;

/// <summary>What comes of a run: reckoned from its counts alone, by whoever writes a report and by whoever reads one.</summary>
public static class ReportVerdict
{
    /// <summary>The result that the counts of a report allow. What is not checked never passes.</summary>
    public static ReportResult Of(AssuranceReport report) =>
        report.Run.Aborted is not null ? ReportResult.Aborted
        : HasFailed(report) ? ReportResult.Fail
        : report.Checks.Any(check => check.Skipped > 0) || report.Findings.Count > 0 ? ReportResult.PassWithFindings
        : ReportResult.Pass;

    /// <summary>What a sample says about the population.</summary>
    /// <param name="population">How many there are.</param>
    /// <param name="unit">What is counted.</param>
    /// <param name="sampled">Drawn at random and checked: each once.</param>
    /// <param name="failed">How many of these were not as they should be.</param>
    /// <param name="confidence">With which confidence.</param>
    /// <returns>Null where none was checked: then nothing can be said.</returns>
    public static DefectStatement? Bound(long population, string unit, long sampled, long failed, decimal confidence)
    {
        if (sampled == 0)
        {
            return null;
        }

        bool isWhole = sampled == population;
        double rate = isWhole ? (double)failed / population : DefectBound.Upper(sampled, failed, confidence);
        string text = isWhole
            ? string.Create(CultureInfo.InvariantCulture, $"All {population:N0} {unit} were checked: {failed:N0} of them are defective.")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{failed:N0} of {sampled:N0} {unit} drawn at random are defective: with {confidence * 100:0.##} % confidence at most {Math.Ceiling(rate * 10_000) / 100:0.00} % of all {population:N0} are. A sample bounds the rate; a single defective one it need not find.");
        return new DefectStatement(confidence, sampled, failed, rate, text);
    }

    private static bool HasFailed(AssuranceReport report) =>
        report.Checks.Count == 0
        || report.Checks.Any(check => !check.AddsUp || check.Failed > 0 || check.Passed == 0)
        || report.Acceptance.Count == 0
        || report.Acceptance.Any(criterion => criterion.IsMet != true)
        || (IsDrill(report.Kind) && report.Checks.All(check => check.Kind != CheckKind.Canary));

    // A drill whose detector is not shown to be alive proves nothing.
    internal static bool IsDrill(ReportKind kind) => kind is not (ReportKind.ArchiveVerification or ReportKind.BackupVerification);
}
