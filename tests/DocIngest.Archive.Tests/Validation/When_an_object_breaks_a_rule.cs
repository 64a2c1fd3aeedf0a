using DocIngest.Archive.Validation;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>One fault each: exactly the codes it deserves are found, and nothing else is.</summary>
public sealed class When_an_object_breaks_a_rule : IDisposable
{
    private readonly TempFolder _temp = new(inMemory: true);
    private readonly LocalVolumes _volumes = new(Durability.File);

    public static TheoryData<string> ObjectFaults => [.. Faults.OfObjects.Select(fault => fault.Name)];

    public void Dispose()
    {
        _volumes.Dispose();
        _temp.Dispose();
    }

    [Theory]
    [MemberData(nameof(ObjectFaults))]
    public async Task Its_codes_are_found(string name)
    {
        var fault = Faults.OfObjects.Single(fault => fault.Name == name);
        var made = fault.Versions == 1 ? OcflTestObject.OneVersion(_temp["o"]) : OcflTestObject.TwoVersions(_temp["o"]);
        fault.Break(made);

        var report = await ValidateAsync();

        Assert.Equal(fault.Codes, OfficialFixtures.Codes(report));
        Assert.Equal(fault.Codes.Split(' ').All(code => code[0] == 'W'), report.IsValid);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_object_that_breaks_none_is_clean(int versions)
    {
        _ = versions == 1 ? OcflTestObject.OneVersion(_temp["o"]) : OcflTestObject.TwoVersions(_temp["o"]);

        var report = await ValidateAsync();

        Assert.Equal("", OfficialFixtures.Codes(report));
        Assert.Equal((true, 1, versions, versions), (report.IsValid, report.Objects, report.Files, report.Bytes));
    }

    private Task<ValidationReport> ValidateAsync() =>
        OcflValidator.ValidateObjectAsync(
            _volumes.Open(_temp["o"]), new ValidationOptions { Settle = TimeSpan.Zero }, cancellation: TestContext.Current.CancellationToken);
}
