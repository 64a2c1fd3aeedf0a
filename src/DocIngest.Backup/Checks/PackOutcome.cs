namespace DocIngest.Backup.Checks;

/// <summary>How one reading of a pack went.</summary>
internal sealed class PackOutcome
{
    private readonly List<PackFault> _faults = [];

    /// <summary>The hash of the bytes; null where they were not read to the end.</summary>
    internal FileId? Digest { get; set; }

    /// <summary>Why the store did not give the bytes; null where it did.</summary>
    internal Exception? Failure { get; set; }

    /// <summary>Everything that is wrong.</summary>
    internal IReadOnlyList<PackFault> Faults => _faults;

    internal bool IsSound => _faults.Count == 0;

    /// <summary>Something about the pack as a whole.</summary>
    internal void Add(FindingRule rule, string message) => _faults.Add(new PackFault(rule, message, null));

    /// <summary>Something about the blob of an index entry.</summary>
    internal void Add(FindingRule rule, string message, int entry) => _faults.Add(new PackFault(rule, message, entry));
}

/// <summary>Something wrong in a pack.</summary>
/// <param name="Rule">What.</param>
/// <param name="Message">What exactly; names neither pack nor blob.</param>
/// <param name="Entry">The entry of the index whose blob it is about; null for the pack as a whole.</param>
internal readonly record struct PackFault(FindingRule Rule, string Message, int? Entry);
