namespace DocIngest.Archive.Validation;

/// <summary>The findings of one object, or of the storage root itself. Used by one thread at a time.</summary>
/// <param name="root">The path of the object from what is validated; findings are given paths below it.</param>
internal sealed class FindingBag(string root)
{
    /// <summary>So many of one rule are told one by one, the rest is counted: an attacker chooses how many files an object has.</summary>
    public const int MostOfOneRule = 1000;

    private readonly List<(ValidationRule Rule, string Path, string Message)> _findings = [];
    private readonly Dictionary<ValidationRule, long> _counts = [];

    public IReadOnlyDictionary<ValidationRule, long> Counts => _counts;

    public bool HasErrors => _counts.Keys.Any(rule => rule.Severity == FindingSeverity.Error);

    public bool Has(ValidationRule rule) => _counts.ContainsKey(rule);

    public void Add(ValidationRule rule, string path, string message) => Count(rule, FolderPath.Join(root, path), message);

    public void Unless(bool holds, ValidationRule rule, string path, string message)
    {
        if (!holds)
        {
            Add(rule, path, message);
        }
    }

    /// <summary>Takes over what another bag of the same object holds.</summary>
    public void AddAll(FindingBag other, Predicate<ValidationRule> which)
    {
        foreach (var (rule, path, message) in other._findings)
        {
            if (which(rule))
            {
                Count(rule, path, message);
            }
        }

        foreach (var (rule, count) in other._counts)
        {
            if (which(rule) && count > MostOfOneRule)
            {
                _counts[rule] += count - MostOfOneRule;
            }
        }
    }

    public IEnumerable<ValidationFinding> Findings(string? objectId) =>
        _findings.Select(finding => new ValidationFinding(finding.Rule, objectId, finding.Path, finding.Message));

    private void Count(ValidationRule rule, string fullPath, string message)
    {
        long count = _counts.GetValueOrDefault(rule);
        _counts[rule] = count + 1;
        if (count < MostOfOneRule)
        {
            _findings.Add((rule, fullPath, message));
        }
    }
}
