using DocIngest.Archive.Validation;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>The product's validator over objects made by the authors of the specification.</summary>
public sealed class OfficialFixtureValidationTests : IDisposable
{
    private readonly LocalVolumes _volumes = new(Durability.File);

    public void Dispose() => _volumes.Dispose();

    [Theory]
    [InlineData("1.0", 10)]
    [InlineData("1.1", 12)]
    public async Task Every_good_object_is_clean(string spec, int count)
    {
        string[] objects = OfficialFixtures.Objects(spec, "good-objects");

        Assert.Equal(count, objects.Length);
        foreach (string path in objects)
        {
            var report = await ValidateAsync(path);
            Assert.True(report.IsValid);
            Assert.Equal((Path.GetFileName(path), ""), (Path.GetFileName(path), OfficialFixtures.Codes(report)));
        }
    }

    [Theory]
    [InlineData("1.0", 14)]
    [InlineData("1.1", 13)]
    public async Task Every_warn_object_has_the_named_warnings_and_no_error(string spec, int count)
    {
        string[] objects = OfficialFixtures.Objects(spec, "warn-objects");

        Assert.Equal(count, objects.Length);
        foreach (string path in objects)
        {
            var report = await ValidateAsync(path);
            Assert.True(report.IsValid, $"{Path.GetFileName(path)}: {OfficialFixtures.Codes(report)}");
            Assert.Superset(OfficialFixtures.NamedCodes(path), report.FindingCounts.Keys.ToHashSet());
        }
    }

    [Theory]
    [InlineData("1.0", 52)]
    [InlineData("1.1", 55)]
    public async Task Every_bad_object_is_rejected_for_a_reason_that_its_name_or_another_validator_gives(string spec, int count)
    {
        string[] objects = OfficialFixtures.Objects(spec, "bad-objects");
        var oracle = OfficialFixtures.Oracle();

        Assert.Equal(count, objects.Length);
        foreach (string path in objects)
        {
            var report = await ValidateAsync(path);
            var errors = report.FindingCounts.Keys.Where(code => code[0] == 'E').ToHashSet();
            var expected = OfficialFixtures.NamedCodes(path).Union(oracle.GetValueOrDefault(Path.GetFileName(path), []));
            Assert.False(report.IsValid, Path.GetFileName(path));
            Assert.True(errors.Overlaps(expected), $"{Path.GetFileName(path)}: {OfficialFixtures.Codes(report)}");
        }
    }

    /// <summary>The folder names a code where it names the one thing that is wrong. Where ours differ from all of them, that is on purpose and listed.</summary>
    [Fact]
    public async Task Every_code_that_a_bad_object_is_named_after_is_found()
    {
        var missed = new List<string>();
        foreach (string path in OfficialFixtures.Objects("1.1", "bad-objects"))
        {
            var report = await ValidateAsync(path);
            missed.AddRange(OfficialFixtures.NamedCodes(path).Except(report.FindingCounts.Keys).Select(code => $"{Path.GetFileName(path)}: {code}"));
        }

        Assert.Equal(["E037_inconsistent_id: E037"], missed.Order(StringComparer.Ordinal));   // 1.1 calls an id that changes E110
    }

    private Task<ValidationReport> ValidateAsync(string path) =>
        OcflValidator.ValidateAsync(
            _volumes.Open(path), new ValidationOptions { Settle = TimeSpan.Zero }, cancellation: TestContext.Current.CancellationToken);
}
