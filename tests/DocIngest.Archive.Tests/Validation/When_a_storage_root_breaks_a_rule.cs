using DocIngest.Archive.Validation;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>One fault each: exactly the codes it deserves are found, and nothing else is.</summary>
public sealed class When_a_storage_root_breaks_a_rule : IDisposable
{
    private readonly TempFolder _temp = new(inMemory: true);
    private readonly LocalVolumes _volumes = new(Durability.File);

    public static TheoryData<string> RootFaults => [.. Faults.OfRoots.Select(fault => fault.Name)];

    public void Dispose()
    {
        _volumes.Dispose();
        _temp.Dispose();
    }

    [Theory]
    [MemberData(nameof(RootFaults))]
    public async Task Its_codes_are_found(string name)
    {
        var fault = Faults.OfRoots.Single(fault => fault.Name == name);
        fault.Break(new OcflTestRoot(_temp["r"]));

        var report = await ValidateAsync();

        Assert.Equal(fault.Codes, OfficialFixtures.Codes(report));
        Assert.Equal(!fault.Codes.Contains('E') && !fault.Codes.Contains('B'), report.IsValid);
    }

    [Fact]
    public async Task A_storage_root_that_breaks_none_is_clean()
    {
        _ = new OcflTestRoot(_temp["r"]);

        var report = await ValidateAsync();

        Assert.Equal("", OfficialFixtures.Codes(report));
        Assert.Equal((true, ValidationSubject.StorageRoot, 2, 2, 2), (report.IsValid, report.Subject, report.Objects, report.Files, report.Bytes));
    }

    /// <summary>A rule that no fixture breaks would be a promise nobody keeps. Two need a folder that fails or changes: <see cref="When_an_object_cannot_be_read_or_changes"/>.</summary>
    [Fact]
    public void Every_rule_that_can_be_found_is_broken_by_a_fixture()
    {
        var broken = Faults.OfObjects.SelectMany(fault => fault.Codes.Split(' ')).Concat(Faults.OfRoots.SelectMany(fault => fault.Codes.Split(' '))).ToHashSet();

        Assert.Equal(
            ["B004", "B005", "E090", "W004"],   // links: When_names_are_hostile; sha256: the official fixtures
            ValidationRules.All.Where(rule => rule.WhyNeverFound is null && !broken.Contains(rule.Code)).Select(rule => rule.Code));
    }

    private Task<ValidationReport> ValidateAsync() =>
        OcflValidator.ValidateAsync(
            _volumes.Open(_temp["r"]), new ValidationOptions { Settle = TimeSpan.Zero }, cancellation: TestContext.Current.CancellationToken);
}
