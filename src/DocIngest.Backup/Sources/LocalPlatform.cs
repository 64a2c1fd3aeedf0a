using DocIngest.Backup.Sources.Linux;
using DocIngest.Backup.Sources.Windows;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Sources;

/// <summary>How this machine names things and where its folders begin.</summary>
internal abstract class LocalPlatform
{
    internal static LocalPlatform OfThisMachine { get; } = OperatingSystem.IsWindows() ? new WindowsPlatform() : new LinuxPlatform();

    /// <summary>When two names name one entry.</summary>
    internal abstract IEqualityComparer<FileName> NameComparer { get; }

    /// <summary>The numbers of the account this process runs under and of its group; 0 where accounts have none.</summary>
    internal abstract (uint UserId, uint GroupId) Account { get; }

    /// <summary>The names along an absolute path, as they stand in a snapshot.</summary>
    /// <exception cref="ArgumentException">The path is not absolute, or has <c>..</c> in it. The message does not repeat it.</exception>
    internal abstract IReadOnlyList<FileName> Parse(string path);

    /// <summary>The path in its plainest form, as the snapshot names it.</summary>
    internal abstract string Cleaned(string path);

    /// <summary>Opens the folder that all absolute paths begin with.</summary>
    /// <param name="toList">To list it, and not only to go on from it.</param>
    internal abstract LocalFolder OpenTop(bool toList);

    /// <summary>The elements of a path without empty ones and <c>.</c>.</summary>
    private protected static string[] Elements(string path, params ReadOnlySpan<char> separators)
    {
        var elements = new List<string>();
        foreach (var range in path.AsSpan().SplitAny(separators))
        {
            var element = path.AsSpan(range);
            if (element is "..")
                throw new ArgumentException("A path to back up must not hold '..'.", nameof(path));
            if (element is not ("" or "."))
                elements.Add(element.ToString());
        }

        return [.. elements];
    }
}
