using System.Text;
using DocIngest.Archive.Validation;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>docs/validation-fixtures.md tells what is found in each fixture: found anew here, so that it cannot be otherwise.</summary>
public sealed class FixtureResultsTests : IDisposable
{
    private const string Document = "docs/validation-fixtures.md";

    private const string Disagreement = "**no**";

    private static readonly ValidationOptions AtOnce = new() { Settle = TimeSpan.Zero };

    private readonly TempFolder _temp = new(inMemory: true);
    private readonly LocalVolumes _volumes = new(Durability.File);

    public void Dispose()
    {
        _volumes.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task Official_fixtures_are_found_to_be_what_the_document_says()
    {
        var sums = new StringBuilder("| specification | set | fixtures | verdict as expected | every named code found |\n| --- | --- | ---: | ---: | ---: |\n");
        var table = new StringBuilder("| specification | fixture | expected | found | agrees |\n| --- | --- | --- | --- | --- |\n");
        foreach (string spec in (string[])["1.0", "1.1"])
        {
            foreach (string set in (string[])["good", "warn", "bad"])
            {
                var results = new List<(bool Verdict, bool Codes)>();
                foreach (string path in OfficialFixtures.Objects(spec, $"{set}-objects"))
                {
                    var report = await OcflValidator.ValidateAsync(_volumes.Open(path), AtOnce, cancellation: TestContext.Current.CancellationToken);
                    var named = OfficialFixtures.NamedCodes(path);
                    results.Add((report.IsValid == (set != "bad"), report.FindingCounts.Keys.ToHashSet().IsSupersetOf(named)));
                    table.Append(
                        $"| {spec} | {Path.GetFileName(path)} | {Expected(set, named)} | {Found(report)} | {Agreement(results[^1])} |\n");
                }

                sums.Append($"| {spec} | {set} | {results.Count} | {results.Count(one => one.Verdict)} | {results.Count(one => one.Codes)} |\n");
            }
        }

        Assert.DoesNotContain(Disagreement, table.ToString(), StringComparison.Ordinal);   // no update may approve it
        GeneratedTable.Compare(Document, "sums of official fixtures", sums.ToString());
        GeneratedTable.Compare(Document, "official fixtures", table.ToString());
    }

    [Fact]
    public async Task Objects_and_storage_roots_of_ours_are_found_to_be_what_the_document_says()
    {
        var objects = new StringBuilder("| object with | expected | found | agrees |\n| --- | --- | --- | --- |\n");
        foreach (var (fault, number) in Faults.OfObjects.Select((fault, number) => (fault, number)))
        {
            string folder = _temp[$"o{number}"];
            fault.Break(fault.Versions == 1 ? OcflTestObject.OneVersion(folder) : OcflTestObject.TwoVersions(folder));
            var report = await OcflValidator.ValidateObjectAsync(_volumes.Open(folder), AtOnce, cancellation: TestContext.Current.CancellationToken);
            objects.Append(Line(fault.Name, fault.Codes, report));
        }

        var roots = new StringBuilder("| storage root with | expected | found | agrees |\n| --- | --- | --- | --- |\n");
        foreach (var (fault, number) in Faults.OfRoots.Select((fault, number) => (fault, number)))
        {
            fault.Break(new OcflTestRoot(_temp[$"r{number}"]));
            var report = await OcflValidator.ValidateAsync(_volumes.Open(_temp[$"r{number}"]), AtOnce, cancellation: TestContext.Current.CancellationToken);
            roots.Append(Line(fault.Name, fault.Codes, report));
        }

        Assert.DoesNotContain(Disagreement, $"{objects}{roots}", StringComparison.Ordinal);
        GeneratedTable.Compare(Document, "objects of ours", objects.ToString());
        GeneratedTable.Compare(Document, "storage roots of ours", roots.ToString());
    }

    private static string Line(string name, string codes, ValidationReport report) =>
        $"| {name} | {(codes.Length == 0 ? "valid" : codes)} | {Found(report)} | {(OfficialFixtures.Codes(report) == codes ? "yes" : Disagreement)} |\n";

    private static string Expected(string set, IReadOnlySet<string> named) => (set, named.Count) switch
    {
        ("good", _) => "valid",
        ("warn", _) => $"valid, {string.Join(' ', named)}",
        (_, 0) => "invalid",
        _ => string.Join(' ', named),
    };

    private static string Found(ValidationReport report) => OfficialFixtures.Codes(report) is { Length: > 0 } codes ? codes : "valid";

    private static string Agreement((bool Verdict, bool Codes) result) => result switch
    {
        (true, true) => "yes",
        (true, false) => "verdict; another code",
        _ => Disagreement,
    };
}
