using System.Runtime.CompilerServices;

namespace DocIngest.TestKit;

/// <summary>Real files that are not part of the project: in <c>DOCINGEST_CORPORA</c>, or <c>shared/corpora</c> beside the checkout.</summary>
public static class Corpora
{
    private const string Variable = "DOCINGEST_CORPORA";

    /// <summary>The folder of one corpus. Skips the test where it is not there, unless <c>DOCINGEST_REQUIRE</c> names <c>corpora</c>.</summary>
    public static string Folder(string name)
    {
        foreach (string root in Roots())
        {
            string folder = Path.Combine(root, name);
            if (Directory.Exists(folder))
            {
                return Path.GetFullPath(folder);
            }
        }

        Needs.Lacks("corpora", $"The corpus '{name}' is not here: set {Variable} to the folder that holds it, or put it into ../shared/corpora beside the checkout.");
        return "";   // not reached: it throws
    }

    /// <summary>The files of one corpus, in an order that never changes.</summary>
    public static IReadOnlyList<string> Files(string name, string pattern = "*") =>
        [.. Directory.EnumerateFiles(Folder(name), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Roots()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } configured)
        {
            yield return configured;
            yield break;
        }

        // Beside the checkout, or beside a folder the checkout lies in.
        for (var folder = Directory.GetParent(Checkout()); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "shared", "corpora");
        }
    }

    private static string Checkout([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../.."));   // a source file always lies in a folder
}
