namespace DocIngest.Worker.Configuration;

/// <summary>Finds what somebody may have meant to type.</summary>
internal static class NearestWords
{
    /// <summary>" Did you mean …?", or nothing where no known word is near.</summary>
    public static string Hint(string typed, IEnumerable<string> known)
    {
        var nearest = known
            .Select(word => (Word: word, Distance: Distance(typed.ToUpperInvariant(), word.ToUpperInvariant())))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault();
        return nearest.Word is not null && nearest.Distance <= Math.Max(2, typed.Length / 3) ? $" Did you mean \"{nearest.Word}\"?" : "";
    }

    // Levenshtein distance, two rows.
    private static int Distance(string a, string b)
    {
        int[] above = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] row = new int[b.Length + 1];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(change, Math.Min(above[j], row[j - 1]) + 1);
            }

            above = row;
        }

        return above[b.Length];
    }
}
