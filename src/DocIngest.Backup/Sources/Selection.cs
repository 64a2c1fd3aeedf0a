using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Sources;

/// <summary>Which entries below a folder belong to a backup, as a tree of the names that somebody gave.</summary>
internal sealed class Selection(IEqualityComparer<FileName> comparer)
{
    private readonly Dictionary<FileName, Selection> _children = new(comparer);

    /// <summary>How somebody named it; null where nobody did.</summary>
    internal string? AskedFor { get; private set; }

    /// <summary>It was left out, with all below it.</summary>
    internal bool IsLeftOut { get; private set; }

    /// <summary>It was asked for, or something above it was: all that is not left out belongs to the backup.</summary>
    internal bool IsWhole { get; private set; }

    /// <summary>Whether there is nothing to tell apart from here on.</summary>
    internal bool IsPlain => IsWhole && _children.Count == 0;

    /// <summary>Whether it, or something below it, was asked for.</summary>
    internal bool LeadsToAskedFor => !IsLeftOut && (AskedFor is not null || _children.Values.Any(child => child.LeadsToAskedFor));

    /// <summary>The names that lead to what was asked for, in the order of a tree.</summary>
    internal IEnumerable<FileName> Wanted => _children.Where(child => child.Value.LeadsToAskedFor).Select(child => child.Key).Order();

    /// <param name="comparer">When two names name one entry.</param>
    /// <param name="askedFor">Paths, and how the snapshot names them.</param>
    /// <param name="leftOut">Paths.</param>
    /// <exception cref="ArgumentException">A path is asked for and left out at once.</exception>
    internal static Selection Of(
        IEqualityComparer<FileName> comparer, IEnumerable<(string Name, IReadOnlyList<FileName> Path)> askedFor, IEnumerable<IReadOnlyList<FileName>> leftOut)
    {
        var all = new Selection(comparer);
        foreach (var path in leftOut)
            all.Reach(path)[^1].IsLeftOut = true;
        foreach (var (name, path) in askedFor)
        {
            var way = all.Reach(path);
            if (way.Any(place => place.IsLeftOut))
                throw new ArgumentException("A path is to be backed up and left out at once.", nameof(leftOut));
            way[^1].AskedFor ??= name;
        }

        all.Settle(isWithinWhole: false);
        return all;
    }

    /// <summary>What was said of an entry; null where nothing was.</summary>
    internal Selection? Below(FileName name) => _children.GetValueOrDefault(name);

    /// <summary>Every place on the way, this one first; made where it is not there yet.</summary>
    private List<Selection> Reach(IReadOnlyList<FileName> path)
    {
        var way = new List<Selection> { this };
        foreach (var name in path)
        {
            if (!way[^1]._children.TryGetValue(name, out var next))
                way[^1]._children.Add(name, next = new Selection(comparer));
            way.Add(next);
        }

        return way;
    }

    private void Settle(bool isWithinWhole)
    {
        IsWhole = AskedFor is not null || isWithinWhole;
        foreach (var child in _children.Values)
            child.Settle(IsWhole);
    }
}
