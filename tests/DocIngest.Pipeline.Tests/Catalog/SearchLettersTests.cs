using DocIngest.Pipeline.Catalog;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Tests.Catalog;

public sealed class SearchLettersTests
{
    // Capitals that Unicode has given a small letter since SQLite's table was made: Yot, and four of Khanty and Orok.
    private static readonly int[] Newer = [0x37F, 0x528, 0x52A, 0x52C, 0x52E];

    [Fact]
    public void Letters_of_Europe_fold_as_the_index_folds_them()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        Run(connection, "CREATE VIRTUAL TABLE letters USING fts5(body, tokenize = \"unicode61 remove_diacritics 2\")");
        Run(connection, "CREATE VIRTUAL TABLE terms USING fts5vocab(letters, instance)");
        int[] blocks = [.. Enumerable.Range(1, 0x52F), .. Enumerable.Range(0x1E00, 0x100)];
        int[] known = [.. blocks.Where(unit => !Newer.Contains(unit) && (char.IsLetterOrDigit((char)unit) || unit is >= 0x300 and < 0x340 || unit < 0x80))];
        foreach (int unit in known)
        {
            Run(connection, "INSERT INTO letters (rowid, body) VALUES (@unit, @body)", ("@unit", unit), ("@body", Sample(unit)));
        }

        var expected = new Dictionary<int, string>();
        using var command = new SqliteCommand("SELECT doc, group_concat(term, '|') FROM (SELECT doc, term FROM terms ORDER BY doc, \"offset\") GROUP BY doc", connection);
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            expected[rows.GetInt32(0)] = rows.GetString(1);
        }

        // Marks that SQLite takes for separators are rare signs of other purposes; a text with them still matches word by word.
        int[] wrong = [.. known.Where(unit => Split(Sample(unit)) != expected[unit] && unit is < 0x300 or >= 0x340)];
        Assert.Empty(wrong.Select(unit => $"U+{unit:X4} {Split(Sample(unit))} {expected[unit]}"));
        Assert.Equal(expected[0x308], Split(Sample(0x308)));
    }

    private static string Sample(int unit) => $"x{(char)unit}X";

    private static string Split(string text)
    {
        var words = new List<string>();
        for (int from = 0; SearchLetters.NextWord(text, from, out int start, out int length); from = start + length)
        {
            words.Add(SearchLetters.Fold(text.AsSpan(start, length)));
        }

        return string.Join('|', words);
    }

    private static void Run(SqliteConnection connection, string sql, params (string, object)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }
}
