using DocIngest.Assurance.Reports;

namespace DocIngest.Assurance.Runs;

/// <summary>What a run writes down as it goes: single results, checks, and what a person must see to.</summary>
/// <param name="items">The list of items.</param>
/// <param name="isDrawn">Whether one was drawn at random: only that counts in the statement about all.</param>
/// <param name="runNumber">Of the run.</param>
/// <param name="time">The clock.</param>
internal sealed class RunRecord(ReportItemsWriter items, Func<string, bool> isDrawn, long runNumber, TimeProvider time)
{
    private const int MostObjectsNamed = 20;

    private readonly List<ReportedCheck> _checks = [];
    private readonly List<ReportedFinding> _findings = [];

    public IReadOnlyList<ReportedCheck> Checks => _checks;

    public IReadOnlyList<ReportedFinding> Findings => _findings;

    /// <summary>Of what was drawn, how many were compared.</summary>
    public long CheckedCount { get; private set; }

    /// <summary>Of what was drawn, how many are not as they should be.</summary>
    public long FailedCount { get; private set; }

    /// <summary>Adds a result.</summary>
    /// <param name="check">Of which check.</param>
    /// <param name="id">Of what.</param>
    /// <param name="result">The result.</param>
    /// <param name="version">As <see cref="ReportItem"/>, and so the rest.</param>
    /// <param name="path">Likewise.</param>
    /// <param name="bytes">Likewise.</param>
    /// <param name="expected">Likewise.</param>
    /// <param name="actual">Likewise.</param>
    /// <param name="note">Likewise.</param>
    /// <param name="isDrawable">Whether it counts in the statement about all, where it was drawn: in one check alone, so that each counts once.</param>
    public void Add(
        string check, string id, ItemResult result, string? version = null, string? path = null, long? bytes = null, string? expected = null, string? actual = null, string? note = null,
        bool isDrawable = true)
    {
        bool counts = isDrawable && isDrawn(id);
        items.Add(new ReportItem(check, id, version, path, bytes, expected, actual, result, counts, note));
        CheckedCount += counts && result != ItemResult.Skipped ? 1 : 0;
        FailedCount += counts && result == ItemResult.Failed ? 1 : 0;
    }

    /// <summary>Closes a check whose results are in the list.</summary>
    /// <param name="check">What was done; its counts are those of the list.</param>
    /// <param name="planned">How many were to be checked.</param>
    /// <param name="because">Why some were skipped, where some were.</param>
    /// <param name="failed">What is wrong where some failed, and what to do, for a person.</param>
    /// <param name="failedIds">Which.</param>
    public void CloseListed(RunCheck check, long planned, string because, string failed, IReadOnlyList<string> failedIds)
    {
        var counts = items.CountsOf(check.Id);
        _checks.Add(new ReportedCheck(
            check.Id, check.Name, check.Kind, check.ExpectedFrom, planned, counts.Passed, counts.Failed, counts.Skipped, counts.Skipped > 0 ? [because] : [], HasItems: true));
        FindWhere(counts.Failed, check, failed, failedIds);
    }

    /// <summary>Closes a check that was only counted.</summary>
    public void CloseCounted(RunCheck check, long passed, long failedCount, string failed, IReadOnlyList<string> failedIds)
    {
        CloseCounted(check, passed, failedCount);
        FindWhere(failedCount, check, failed, failedIds);
    }

    /// <summary>Closes a check that was only counted, and of which others tell what failed.</summary>
    public void CloseCounted(RunCheck check, long passed, long failedCount) =>
        _checks.Add(new ReportedCheck(check.Id, check.Name, check.Kind, check.ExpectedFrom, passed + failedCount, passed, failedCount, 0, [], HasItems: false));

    /// <summary>Notes what a person must see to.</summary>
    public void Find(string code, string text, IReadOnlyList<string> ids, bool isWarning = false) => _findings.Add(new ReportedFinding(
        $"f-{runNumber}-{_findings.Count + 1}", code, isWarning ? "warning" : "error", text, [.. ids.Take(MostObjectsNamed)], ids.Count, time.GetUtcNow(), null, null));

    private void FindWhere(long failedCount, RunCheck check, string failed, IReadOnlyList<string> ids)
    {
        if (failedCount > 0)
        {
            Find(check.Id, failed, ids);
        }
    }
}

/// <summary>What a check is.</summary>
/// <param name="Id">A short name.</param>
/// <param name="Name">What it does, for a person.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="ExpectedFrom">What its results are compared with, for a person.</param>
internal sealed record RunCheck(string Id, string Name, CheckKind Kind, string ExpectedFrom);
