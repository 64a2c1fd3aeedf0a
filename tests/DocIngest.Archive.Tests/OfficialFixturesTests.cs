using DocIngest.TestKit;

namespace DocIngest.Archive.Tests;

/// <summary>The validator that the other tests trust, over objects made by the authors of the specification.</summary>
public sealed class OfficialFixturesTests
{
    [Theory]
    [InlineData("1.0", 10)]
    [InlineData("1.1", 12)]
    public void Every_good_object_is_clean(string spec, int count)
    {
        var objects = Objects(spec, "good-objects");

        Assert.Equal(count, objects.Length);
        Assert.All(objects, path => Assert.Empty(OcflCheck.ValidateObject(path)));
    }

    [Theory]
    [InlineData("1.0", 14)]
    [InlineData("1.1", 13)]
    public void Every_warn_object_has_the_named_warnings_and_no_error(string spec, int count)
    {
        var objects = Objects(spec, "warn-objects");

        Assert.Equal(count, objects.Length);
        Assert.All(objects, path =>
        {
            var findings = OcflCheck.ValidateObject(path);
            Assert.DoesNotContain(findings, finding => finding.IsError);
            Assert.Subset(Codes(findings), NamedCodes(path));
        });
    }

    [Theory]
    [InlineData("1.0", 52)]
    [InlineData("1.1", 55)]
    public void Every_bad_object_is_rejected_for_a_reason_that_its_name_or_another_validator_gives(string spec, int count)
    {
        var objects = Objects(spec, "bad-objects");
        var oracle = Oracle();

        Assert.Equal(count, objects.Length);
        Assert.All(objects, path =>
        {
            var codes = Codes(OcflCheck.ValidateObject(path).Where(finding => finding.IsError));
            Assert.NotEmpty(codes);
            var expected = NamedCodes(path).Union(oracle.GetValueOrDefault(Path.GetFileName(path), []));
            Assert.True(codes.Overlaps(expected), $"{Path.GetFileName(path)}: {string.Join(' ', codes)}");
        });
    }

    private static string[] Objects(string spec, string kind)
    {
        Assert.SkipWhen(OcflFixtures.Folder is null, OcflFixtures.WhyAbsent);
        return Directory.GetDirectories(Path.Combine(OcflFixtures.Folder!, spec, kind));   // not null: skipped otherwise
    }

    private static HashSet<string> Codes(IEnumerable<OcflFinding> findings) => [.. findings.Select(finding => finding.Code)];

    private static HashSet<string> NamedCodes(string path) =>
        [.. Path.GetFileName(path).Split('_').TakeWhile(part => part is ['E' or 'W', _, _, _] && char.IsAsciiDigit(part[1]))];

    // Folder names are hints (the fixtures' own README); where public validators disagree, any of their codes will do.
    private static Dictionary<string, HashSet<string>> Oracle()
    {
        string[] lines = OcflFixtures.Oracle is { } path ? File.ReadAllLines(path) : [];
        return lines.Select(line => line.Split('\t'))
            .Where(columns => columns is ["bad-objects", ..])
            .ToDictionary(columns => columns[1], columns => columns[5..].SelectMany(codes => codes.Split(' ')).Where(code => code[0] == 'E').ToHashSet());
    }
}
