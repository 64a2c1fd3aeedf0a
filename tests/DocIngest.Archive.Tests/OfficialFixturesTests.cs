using DocIngest.Archive.Tests.Validation;
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
        var objects = OfficialFixtures.Objects(spec, "good-objects");

        Assert.Equal(count, objects.Length);
        Assert.All(objects, path => Assert.Empty(OcflCheck.ValidateObject(path)));
    }

    [Theory]
    [InlineData("1.0", 14)]
    [InlineData("1.1", 13)]
    public void Every_warn_object_has_the_named_warnings_and_no_error(string spec, int count)
    {
        var objects = OfficialFixtures.Objects(spec, "warn-objects");

        Assert.Equal(count, objects.Length);
        Assert.All(objects, path =>
        {
            var findings = OcflCheck.ValidateObject(path);
            Assert.DoesNotContain(findings, finding => finding.IsError);
            Assert.Subset(Codes(findings), OfficialFixtures.NamedCodes(path));
        });
    }

    [Theory]
    [InlineData("1.0", 52)]
    [InlineData("1.1", 55)]
    public void Every_bad_object_is_rejected_for_a_reason_that_its_name_or_another_validator_gives(string spec, int count)
    {
        var objects = OfficialFixtures.Objects(spec, "bad-objects");
        var oracle = OfficialFixtures.Oracle();

        Assert.Equal(count, objects.Length);
        Assert.All(objects, path =>
        {
            var codes = Codes(OcflCheck.ValidateObject(path).Where(finding => finding.IsError));
            Assert.NotEmpty(codes);
            var expected = OfficialFixtures.NamedCodes(path).Union(oracle.GetValueOrDefault(Path.GetFileName(path), []));
            Assert.True(codes.Overlaps(expected), $"{Path.GetFileName(path)}: {string.Join(' ', codes)}");
        });
    }

    private static HashSet<string> Codes(IEnumerable<OcflFinding> findings) => [.. findings.Select(finding => finding.Code)];
}
