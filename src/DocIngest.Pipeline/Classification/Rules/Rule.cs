namespace DocIngest.Pipeline.Classification;

/// <summary>A rule, ready to be applied. Immutable: one serves all documents at once.</summary>
internal sealed record Rule
{
    public required string Name { get; init; }

    /// <summary>Empty for all.</summary>
    public required IReadOnlyList<string> Profiles { get; init; }

    public required IReadOnlyList<Condition> When { get; init; }

    public required IReadOnlyList<Condition> WhenAny { get; init; }

    public required IReadOnlyList<Condition> Unless { get; init; }

    public required string? RecordClass { get; init; }

    public required Template? Title { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required IReadOnlyList<string> Flags { get; init; }

    public required Template? DocumentKey { get; init; }

    public required IReadOnlyList<FieldRule> Fields { get; init; }

    /// <summary>Whether it is for scans of a profile.</summary>
    public bool IsFor(string profile) => Profiles.Count == 0 || Profiles.Contains(profile);

    /// <summary>Whether it holds, and where.</summary>
    /// <param name="document">The document.</param>
    /// <param name="allowance">Its time.</param>
    /// <returns>The hits, also of conditions that held though the rule does not; none are looked for where it can no longer hold.</returns>
    /// <exception cref="OutOfTimeException">It took too long.</exception>
    public (bool Holds, IReadOnlyList<RuleHit> Hits) Apply(SearchedDocument document, Allowance allowance)
    {
        var hits = new List<RuleHit>();
        foreach (var condition in When)
        {
            var found = condition.Look(document, allowance);
            hits.AddRange(found);
            if (found.Count == 0)
            {
                return (false, hits);
            }
        }

        if (WhenAny.Count > 0)
        {
            var found = WhenAny.Select(condition => condition.Look(document, allowance)).FirstOrDefault(some => some.Count > 0) ?? [];
            hits.AddRange(found);
            if (found.Count == 0)
            {
                return (false, hits);
            }
        }

        foreach (var condition in Unless)
        {
            var found = condition.Look(document, allowance);
            if (found.Count > 0)
            {
                return (false, [.. hits, .. found]);
            }
        }

        return (true, hits);
    }
}
