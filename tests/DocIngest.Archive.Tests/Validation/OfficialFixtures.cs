using DocIngest.Archive.Validation;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>The official fixtures by kind, and what they are known to be wrong with.</summary>
internal static class OfficialFixtures
{
    /// <summary>The objects of one kind, in order. Skips the test where there are no corpora.</summary>
    public static string[] Objects(string spec, string kind)
    {
        Assert.SkipWhen(OcflFixtures.Folder is null, OcflFixtures.WhyAbsent);
        return [.. Directory.GetDirectories(Path.Combine(OcflFixtures.Folder!, spec, kind)).Order(StringComparer.Ordinal)];   // not null: skipped otherwise
    }

    public static HashSet<string> NamedCodes(string path) =>
        [.. Path.GetFileName(path).Split('_').TakeWhile(part => part is ['E' or 'W', _, _, _] && char.IsAsciiDigit(part[1]))];

    public static string Codes(ValidationReport report) => string.Join(' ', report.FindingCounts.Keys);

    /// <summary>Folder names are hints (the fixtures' own README); where public validators disagree, any of their codes will do.</summary>
    public static Dictionary<string, HashSet<string>> Oracle()
    {
        string[] lines = OcflFixtures.Oracle is { } path ? File.ReadAllLines(path) : [];
        return lines.Select(line => line.Split('\t'))
            .Where(columns => columns is ["bad-objects", ..])
            .ToDictionary(columns => columns[1], columns => columns[5..].SelectMany(codes => codes.Split(' ')).Where(code => code[0] == 'E').ToHashSet());
    }
}
