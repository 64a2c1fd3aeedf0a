using DocIngest.Archive.Validation;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>What fails or moves around a validation is never taken for damage.</summary>
public sealed class When_an_object_cannot_be_read_or_changes : IDisposable
{
    private readonly TempFolder _temp = new(inMemory: true);
    private readonly LocalVolumes _volumes = new(Durability.File);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _volumes.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task Whatever_cannot_be_read_is_a_finding_of_the_surroundings_and_nothing_else_is_found()
    {
        var root = new OcflTestRoot(_temp["r"]);
        root.Layout("0002-flat-direct-storage-layout");
        root.Delete("aa");
        root.Delete("bb");
        OcflTestObject.TwoVersions(root[OcflTestObject.DefaultId]);
        root.Write("extensions/0002-flat-direct-storage-layout/config.json", """{"extensionName":"0002-flat-direct-storage-layout"}""");
        int failed = 0;
        for (var plan = FaultPlan.None; plan.Operations == 0 || plan.Fired; failed++)
        {
            plan = new FaultPlan(failed + 1, FaultKind.FailBefore, countReads: true);
            ValidationReport report;
            try
            {
                report = await ValidateAsync(new FaultyFolder(_volumes.Open(root.Root), plan));
            }
            catch (StorageUnavailableException)
            {
                Assert.True(failed == 0, $"operation {failed + 1}");   // the folder itself: nothing can be said about it
                continue;
            }

            Assert.Equal(report.Findings.Count > 0 ? "B004" : "", OfficialFixtures.Codes(report));
            Assert.Equal(report.Findings.Count > 0, report.IsOnlyUnreadable);
            Assert.True(report.Findings.Count > 0 || report.Files >= 2, $"operation {failed + 1}");   // green means checked: an object that could not be seen to stand still was looked at again
        }

        Assert.True(failed > 20);
    }

    [Fact]
    public async Task An_object_that_gets_a_version_meanwhile_is_looked_at_again()
    {
        var made = OcflTestObject.OneVersion(_temp["o"]);
        var next = OcflTestObject.TwoVersions(_temp["next"]);
        var folder = new ChangingFolder(_volumes.Open(made.Root), "v1/content/a.txt", () =>
        {
            if (!Directory.Exists(made["v2"]))
            {
                Directory.Move(next["v2"], made["v2"]);
                File.Copy(made["v2/inventory.json"], made["inventory.json"], overwrite: true);
                File.Copy(made["v2/inventory.json.sha512"], made["inventory.json.sha512"], overwrite: true);
            }
        });

        var report = await ValidateAsync(folder);

        Assert.Equal("", OfficialFixtures.Codes(report));
        Assert.Equal(1 + 2, report.Files);
    }

    [Fact]
    public async Task A_version_that_is_published_while_the_validation_waits_is_no_finding()
    {
        var made = OcflTestObject.OneVersion(_temp["o"]);
        var next = OcflTestObject.TwoVersions(_temp["next"]);
        Directory.Move(next["v2"], made["v2"]);   // a group commit has placed it, and publishes it after its flush
        int looks = 0;
        var folder = new ChangingFolder(_volumes.Open(made.Root), "v2/inventory.json", () =>
        {
            if (++looks == 1)
            {
                File.Copy(made["v2/inventory.json"], made["inventory.json"], overwrite: true);
                File.Copy(made["v2/inventory.json.sha512"], made["inventory.json.sha512"], overwrite: true);
            }
        });

        Assert.Equal("", OfficialFixtures.Codes(await ValidateAsync(folder)));
    }

    [Fact]
    public async Task A_version_that_a_crash_left_is_found_all_the_same()
    {
        var made = OcflTestObject.OneVersion(_temp["o"]);
        var next = OcflTestObject.TwoVersions(_temp["next"]);
        Directory.Move(next["v2"], made["v2"]);

        Assert.Contains("E046", OfficialFixtures.Codes(await ValidateAsync(_volumes.Open(made.Root))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_that_never_stands_still_is_told_as_that()
    {
        var made = OcflTestObject.OneVersion(_temp["o"]);
        int times = 0;
        var folder = new ChangingFolder(_volumes.Open(made.Root), "v1/content/a.txt", () => made.Write("inventory.json", new string(' ', ++times)));

        var report = await ValidateAsync(folder);

        Assert.Equal("B005", OfficialFixtures.Codes(report));
        Assert.True(report.IsOnlyUnreadable);
    }

    [Fact]
    public async Task An_object_that_is_removed_meanwhile_is_forgotten()
    {
        var root = new OcflTestRoot(_temp["r"]);
        var folder = new ChangingFolder(_volumes.Open(root.Root), "aa/one/v1/content/a.txt", () => root.Delete("aa"));

        Assert.Equal("", OfficialFixtures.Codes(await ValidateAsync(folder)));
    }

    [Fact]
    public async Task A_validation_that_is_cancelled_ends()
    {
        var root = new OcflTestRoot(_temp["r"]);
        using var cancel = new CancellationTokenSource();
        var folder = new ChangingFolder(_volumes.Open(root.Root), "aa/one/v1/content/a.txt", cancel.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OcflValidator.ValidateAsync(folder, new ValidationOptions(), cancellation: cancel.Token));
    }

    private static Task<ValidationReport> ValidateAsync(IDurableFolder folder) =>
        OcflValidator.ValidateAsync(folder, new ValidationOptions { Settle = TimeSpan.Zero, Parallelism = 1 }, cancellation: Cancellation);
}
