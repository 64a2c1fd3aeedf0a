namespace DocIngest.Pipeline.Statistics;

/// <summary>Claims by how they ended, as <c>status</c> counts them.</summary>
/// <param name="Dropped">All: the sum of the outcomes.</param>
/// <param name="Filed">New records.</param>
/// <param name="Versioned">New versions of records.</param>
/// <param name="Duplicate">The same again.</param>
/// <param name="Quarantined">No documents.</param>
/// <param name="Failed">The surroundings failed.</param>
/// <param name="Pending">Not ended yet.</param>
/// <param name="Parts">Of them, documents that were cut out of a scan.</param>
/// <param name="Pages">Of all files that ended, duplicates too; parts are not counted again.</param>
public sealed record ScanCounts(long Dropped, long Filed, long Versioned, long Duplicate, long Quarantined, long Failed, long Pending, long Parts, long Pages)
{
    internal static ScanCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0);

    internal bool AddsUp => Dropped == Filed + Versioned + Duplicate + Quarantined + Failed + Pending;

    internal ScanCounts Plus(ScanCounts other) => new(
        Dropped + other.Dropped, Filed + other.Filed, Versioned + other.Versioned, Duplicate + other.Duplicate, Quarantined + other.Quarantined,
        Failed + other.Failed, Pending + other.Pending, Parts + other.Parts, Pages + other.Pages);
}

/// <summary>How long files took from claim to filing.</summary>
/// <param name="Files">Files that were filed or became a version; parts are left out.</param>
/// <param name="Median">Half of them took no longer; null where there are none.</param>
/// <param name="Percentile95">95 of 100 took no longer; null where there are none.</param>
public sealed record TimeToFile(long Files, TimeSpan? Median, TimeSpan? Percentile95);

/// <summary>The files that were claimed within a span, and what became of them.</summary>
/// <param name="Total">All of them.</param>
/// <param name="TimeToFile">How long they took.</param>
/// <param name="By">Those of the breakdowns that were asked for which the ledger knows: days, months, sources.</param>
public sealed record ScanStatistics(ScanCounts Total, TimeToFile TimeToFile, IReadOnlyDictionary<StatsDimension, IReadOnlyList<StatsRow<ScanCounts>>> By)
{
    /// <summary>Whether outcomes and breakdowns sum to the total, which is counted by itself.</summary>
    public bool AddsUp => Total.AddsUp && By.Values.All(rows => rows.Aggregate(ScanCounts.None, (sum, row) => sum.Plus(row.Counts)) == Total);
}
