using System.Globalization;

namespace DocIngest.Pipeline.Records;

/// <summary>Pages as people and programs name them.</summary>
public static class PageRanges
{
    /// <summary>The numbers of <c>1-3,7</c>.</summary>
    /// <exception cref="FormatException">Not of this form.</exception>
    public static IReadOnlyList<int> Parse(string ranges) => [.. ranges.Split(',').SelectMany(static range =>
    {
        string[] ends = range.Split('-');
        int first = int.Parse(ends[0], CultureInfo.InvariantCulture);
        return Enumerable.Range(first, int.Parse(ends[^1], CultureInfo.InvariantCulture) - first + 1);
    })];

    /// <summary>Ascending numbers as <c>1-3,7</c>: one argument of a program has a limited length.</summary>
    public static string Of(IEnumerable<int> numbers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (int number in numbers)
        {
            if (ranges.Count > 0 && ranges[^1].Last == number - 1)
            {
                ranges[^1] = (ranges[^1].First, number);
            }
            else
            {
                ranges.Add((number, number));
            }
        }

        return string.Join(',', ranges.Select(range => range.First == range.Last
            ? range.First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}")));
    }
}
