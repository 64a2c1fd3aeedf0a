namespace DocIngest.Backup.Checks;

/// <summary>Collects findings from several threads. Counts all, and keeps so many of each code that a repository of nothing but damage fits into memory.</summary>
internal sealed class FindingList
{
    /// <summary>Kept of each code. Who has more damage than that needs no list of it.</summary>
    internal const int MostOfOneCode = 1000;

    private readonly Lock _gate = new();

    // Under _gate.
    private readonly List<CheckFinding> _kept = [];
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    internal void Add(CheckFinding finding)
    {
        lock (_gate)
        {
            long count = _counts.GetValueOrDefault(finding.Rule.Code) + 1;
            _counts[finding.Rule.Code] = count;
            if (count <= MostOfOneCode)
                _kept.Add(finding);
        }
    }

    /// <summary>How many of each code there were, kept or not.</summary>
    internal IReadOnlyDictionary<string, long> Counts()
    {
        lock (_gate)
            return new SortedDictionary<string, long>(_counts, StringComparer.Ordinal);
    }

    /// <summary>The worst first, then by code and place: the same damage gives the same list.</summary>
    internal IReadOnlyList<CheckFinding> ToList()
    {
        lock (_gate)
        {
            return
            [
                .. _kept.OrderByDescending(finding => finding.Rule.Severity)
                    .ThenBy(finding => finding.Rule.Code, StringComparer.Ordinal)
                    .ThenBy(finding => finding.File)
                    .ThenBy(finding => finding.Path, StringComparer.Ordinal)
                    .ThenBy(finding => finding.Message, StringComparer.Ordinal),
            ];
        }
    }
}
