using System.Runtime.CompilerServices;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>A table within a document that the program writes itself: DOCINGEST_UPDATE=1 writes it, to be reviewed as code.</summary>
internal static class GeneratedTable
{
    /// <summary>Fails where the document holds another table between its marks.</summary>
    public static void Compare(string document, string name, string table)
    {
        string file = Path.Combine(Checkout(), document);
        string text = File.ReadAllText(file).ReplaceLineEndings("\n");
        string begin = $"<!-- {name}: DOCINGEST_UPDATE=1 writes them -->\n";
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int to = text.IndexOf($"<!-- end of {name} -->", StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from);
        if (Environment.GetEnvironmentVariable("DOCINGEST_UPDATE") is { Length: > 0 })
        {
            File.WriteAllText(file, text[..from] + table + text[to..]);
        }
        else
        {
            Assert.Equal(table, text[from..to]);
        }
    }

    private static string Checkout([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../.."));   // a source file always lies in a folder
}
