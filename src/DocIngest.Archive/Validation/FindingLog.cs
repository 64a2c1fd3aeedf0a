namespace DocIngest.Archive.Validation;

/// <summary>What a whole validation found, from several threads, in an order that does not depend on them.</summary>
internal sealed class FindingLog
{
    /// <summary>So many findings are told one by one, errors before warnings; the rest is counted.</summary>
    public const int Most = 100_000;

    private static readonly Comparison<ValidationFinding> ByWeight = (left, right) =>
        left.Severity != right.Severity ? left.Severity.CompareTo(right.Severity) : InOrder(left, right);

    private readonly Lock _gate = new();

    // Under _gate.
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private List<ValidationFinding> _findings = [];

    public void Add(FindingBag bag, string? objectId)
    {
        lock (_gate)
        {
            _findings.AddRange(bag.Findings(objectId));
            foreach (var (rule, count) in bag.Counts)
            {
                _counts[rule.Code] = _counts.GetValueOrDefault(rule.Code) + count;
            }

            if (_findings.Count >= 2 * Most)
            {
                Shorten();
            }
        }
    }

    public (IReadOnlyList<ValidationFinding> Findings, IReadOnlyDictionary<string, long> Counts) Close()
    {
        lock (_gate)
        {
            Shorten();
            _findings.Sort(InOrder);
            return (_findings, _counts);
        }
    }

    // What is dropped is behind Most others whatever comes later, so that the order in which objects are done decides nothing.
    private void Shorten()
    {
        if (_findings.Count > Most)
        {
            _findings.Sort(ByWeight);
            _findings = _findings[..Most];
        }
    }

    private static int InOrder(ValidationFinding left, ValidationFinding right) =>
        string.CompareOrdinal(left.Path, right.Path) is var path and not 0 ? path
        : string.CompareOrdinal(left.Code, right.Code) is var code and not 0 ? code
        : string.CompareOrdinal(left.Message, right.Message);
}
