using CsCheck;

namespace DocIngest.Archive.Tests;

/// <summary>Paths that cannot stand beside each other in one folder.</summary>
public sealed class PathConflictsTests
{
    [Fact]
    public void Conflicts_are_what_comparing_every_pair_finds() =>
        Gen.Char["ab/.-"].Array[1, 6].Select(path => new string(path)).Array[0, 8].Sample(paths =>
        {
            bool conflicts = paths.Where((path, index) => paths.Where((_, other) => other != index).Any(other => other == path || other.StartsWith($"{path}/", StringComparison.Ordinal))).Any();
            return (PathRules.FirstConflict(paths) is not null) == conflicts;
        }, iter: 5000);

    [Fact]
    public void A_path_of_a_million_elements_does_not_fill_the_memory() =>
        Assert.Null(PathRules.FirstConflict([string.Join('/', Enumerable.Repeat("a", 1_000_000)), "b"]));
}
