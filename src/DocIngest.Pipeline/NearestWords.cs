namespace DocIngest.Pipeline;

/// <summary>Finds the words somebody may have meant who mistyped one: on the command line, in the configuration, in the rules.</summary>
public static class NearestWords
{
    // Two slips are a typing error; with three, short words begin to resemble everything.
    private const int MostSlips = 2;

    /// <summary>The known words nearest to what was typed; none where nothing is near.</summary>
    public static IEnumerable<string> Of(string typed, IEnumerable<string> known) => known
        .Select(word => (Word: word, Slips: Slips(typed, word)))
        .Where(pair => pair.Slips <= Math.Min(MostSlips, pair.Word.Length / 2))
        .GroupBy(pair => pair.Slips, pair => pair.Word)
        .MinBy(group => group.Key) ?? Enumerable.Empty<string>();

    /// <summary>" Did you mean …?" for a name in the configuration, whose letters' case does not count and which may be long; or nothing where none is near.</summary>
    public static string Hint(string typed, IEnumerable<string> known)
    {
        var nearest = known
            .Select(word => (Word: word, Slips: Slips(typed.ToUpperInvariant(), word.ToUpperInvariant())))
            .OrderBy(candidate => candidate.Slips)
            .FirstOrDefault();
        return nearest.Word is not null && nearest.Slips <= Math.Max(MostSlips, typed.Length / 3) ? $" Did you mean \"{nearest.Word}\"?" : "";
    }

    // Letters to add, drop or change (Levenshtein), row by row; two neighbours swapped count as two.
    private static int Slips(string typed, string word)
    {
        int[] above = [.. Enumerable.Range(0, word.Length + 1)];
        for (int row = 1; row <= typed.Length; row++)
        {
            int[] current = new int[word.Length + 1];
            current[0] = row;
            for (int column = 1; column <= word.Length; column++)
            {
                int change = above[column - 1] + (typed[row - 1] == word[column - 1] ? 0 : 1);
                current[column] = Math.Min(change, Math.Min(above[column], current[column - 1]) + 1);
            }

            above = current;
        }

        return above[word.Length];
    }
}
