using System.Diagnostics;

namespace DocIngest.TestKit;

/// <summary>The official OCFL fixtures, unpacked once a process into a folder of their own.</summary>
public static class OcflFixtures
{
    private const string ArchiveName = "ocfl/official-fixtures-1.0-1.1.tar.xz";

    private static readonly Lazy<string?> Unpacked = new(Unpack);

    /// <summary>The folder that holds <c>1.0</c> and <c>1.1</c>; null, with <see cref="WhyAbsent"/>, where there are no corpora.</summary>
    public static string? Folder => Unpacked.Value;

    public static string WhyAbsent => $"{ArchiveName} is not here: set DOCINGEST_CORPORA, or put it under ../shared/corpora beside the checkout.";

    /// <summary>The oracle table beside the archive.</summary>
    public static string? Oracle => Find("ocfl/fixture-oracle.tsv");

    private static string? Unpack()
    {
        if (Find(ArchiveName) is not { } archive)
        {
            return null;
        }

        var target = Directory.CreateTempSubdirectory("docingest-ocfl-fixtures-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => target.Delete(recursive: true);
        using var tar = Process.Start(new ProcessStartInfo("tar", ["-xf", archive, "-C", target.FullName]))
            ?? throw new InvalidOperationException("tar did not start.");
        tar.WaitForExit();
        return tar.ExitCode == 0 ? target.FullName : throw new InvalidOperationException($"tar ended with {tar.ExitCode}.");
    }

    private static string? Find(string name)
    {
        if (Environment.GetEnvironmentVariable("DOCINGEST_CORPORA") is { Length: > 0 } corpora)
        {
            return Existing(Path.Combine(corpora, name));
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DocIngest.sln")))
            {
                return Existing(Path.Combine(folder.Parent?.FullName ?? "", "shared", "corpora", name));
            }
        }

        return null;
    }

    private static string? Existing(string path) => File.Exists(path) ? path : null;
}
