using Xunit;

namespace DocIngest.TestKit;

/// <summary>Finds files of the checkout that promises are compared with.</summary>
public static class Checkout
{
    public static string Path { get; } = Find();

    public static string Read(string relative) => File.ReadAllText(System.IO.Path.Combine(Path, relative)).ReplaceLineEndings("\n");

    /// <summary>Compares a promise with its file; DOCINGEST_UPDATE=1 writes the file instead, to be reviewed as code.</summary>
    public static void Approve(string relative, string actual)
    {
        string file = System.IO.Path.Combine(Path, relative);
        actual = actual.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("DOCINGEST_UPDATE") is { Length: > 0 })
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file) ?? Path);
            File.WriteAllText(file, actual);
        }

        Assert.True(File.Exists(file), $"{relative} is missing; DOCINGEST_UPDATE=1 writes it.");
        Assert.Equal(Read(relative), actual);
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "DocIngest.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests do not run within a checkout.");
    }
}
