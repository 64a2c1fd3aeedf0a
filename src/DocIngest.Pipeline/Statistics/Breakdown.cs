namespace DocIngest.Pipeline.Statistics;

/// <summary>Sums counts by name, for each dimension that is wanted.</summary>
/// <param name="wanted">The dimensions.</param>
/// <param name="none">No counts.</param>
/// <param name="plus">Adds two.</param>
internal sealed class Breakdown<T>(IReadOnlyCollection<StatsDimension> wanted, T none, Func<T, T, T> plus)
{
    private readonly SortedDictionary<StatsDimension, SortedDictionary<string, T>> _sums = [];

    /// <summary>Adds counts to the rows of their names. A dimension without a name has no rows.</summary>
    public void Add(T counts, DateOnly day, params ReadOnlySpan<(StatsDimension Dimension, string Name)> others)
    {
        Add(StatsDimension.Day, $"{day:yyyy-MM-dd}", counts);
        Add(StatsDimension.Month, $"{day:yyyy-MM}", counts);
        foreach (var (dimension, name) in others)
        {
            Add(dimension, name, counts);
        }
    }

    public IReadOnlyDictionary<StatsDimension, IReadOnlyList<StatsRow<T>>> Rows(params IEnumerable<StatsDimension> known) => known.Intersect(wanted).ToDictionary(
        dimension => dimension,
        dimension => (IReadOnlyList<StatsRow<T>>)[.. (_sums.GetValueOrDefault(dimension) ?? []).Select(pair => new StatsRow<T>(pair.Key, pair.Value))]);

    private void Add(StatsDimension dimension, string name, T counts)
    {
        if (!wanted.Contains(dimension))
        {
            return;
        }

        if (!_sums.TryGetValue(dimension, out var rows))
        {
            _sums[dimension] = rows = new SortedDictionary<string, T>(StringComparer.Ordinal);
        }

        rows[name] = plus(rows.GetValueOrDefault(name, none), counts);
    }
}
