using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>Whether a place in the snapshot is wanted, followed from folder to folder.</summary>
internal sealed class PathSelection
{
    private readonly PathPattern[] _include;
    private readonly PathPattern[] _exclude;
    private readonly ulong[] _states;   // of the patterns to include, then of those to exclude

    private PathSelection(PathPattern[] include, PathPattern[] exclude, ulong[] states)
    {
        (_include, _exclude, _states) = (include, exclude, states);
        bool isExcluded = Any(exclude, include.Length, static (pattern, state) => pattern.IsMet(state));
        IsSelected = !isExcluded && (include.Length == 0 || Any(include, 0, static (pattern, state) => pattern.IsMet(state)));
        MayLead = !isExcluded && (include.Length == 0 || Any(include, 0, static (_, state) => state != 0));
    }

    /// <summary>Whether it is wanted.</summary>
    internal bool IsSelected { get; }

    /// <summary>Whether it, or something below it, may be wanted.</summary>
    internal bool MayLead { get; }

    /// <summary>Whether what is below is wanted as this is, without looking.</summary>
    private bool IsSettled => _exclude.Length == 0 && IsSelected;

    /// <summary>At the root of the snapshot.</summary>
    /// <exception cref="ArgumentException">A pattern is none.</exception>
    internal static PathSelection Of(IEnumerable<string> include, IEnumerable<string> exclude)
    {
        PathPattern[] wanted = [.. include.Select(PathPattern.Parse)], unwanted = [.. exclude.Select(PathPattern.Parse)];
        return new PathSelection(wanted, unwanted, [.. wanted.Concat(unwanted).Select(pattern => pattern.Start)]);
    }

    /// <summary>At an entry of this place.</summary>
    internal PathSelection Below(FileName name)
    {
        if (IsSettled)
            return this;
        ulong[] states = new ulong[_states.Length];
        for (int i = 0; i < states.Length; i++)
            states[i] = (i < _include.Length ? _include[i] : _exclude[i - _include.Length]).Step(_states[i], name);
        return new PathSelection(_include, _exclude, states);
    }

    private bool Any(PathPattern[] patterns, int first, Func<PathPattern, ulong, bool> holds)
    {
        for (int i = 0; i < patterns.Length; i++)
        {
            if (holds(patterns[i], _states[first + i]))
                return true;
        }

        return false;
    }
}
