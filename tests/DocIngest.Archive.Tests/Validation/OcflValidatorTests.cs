using CsCheck;
using DocIngest.Archive.Validation;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>What holds for every validation.</summary>
public sealed class OcflValidatorTests : IDisposable
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
    public async Task Our_own_archive_is_clean()
    {
        await MakeArchiveAsync();

        var report = await ValidateAsync(_temp["data/archive"]);

        Assert.Equal("", OfficialFixtures.Codes(report));
        Assert.Equal((ValidationSubject.StorageRoot, 2, 4), (report.Subject, report.Objects, report.Files));
    }

    [Fact]
    public async Task No_byte_of_our_own_archive_can_change_unnoticed()
    {
        await MakeArchiveAsync();
        string[] files = [.. Directory.GetFiles(_temp["data/archive"], "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is not ("README.txt" or "ocfl_layout.json" or "config.json"))
            .Order(StringComparer.Ordinal)];

        await Gen.Select(Gen.Int[0, files.Length - 1], Gen.Double[0, 1], Gen.Byte[1, 255]).SampleAsync(async sample =>
        {
            string file = files[sample.Item1];
            byte[] sound = await File.ReadAllBytesAsync(file, Cancellation);
            byte[] damaged = [.. sound];
            bool isSidecar = file.EndsWith(".sha512", StringComparison.Ordinal);   // their digits may be of either case, and blanks of any sort
            damaged[(int)(sample.Item2 * (sound.Length - 1))] ^= isSidecar ? (byte)255 : sample.Item3;
            await File.WriteAllBytesAsync(file, damaged, Cancellation);
            bool isValid = (await ValidateAsync(_temp["data/archive"])).IsValid;
            await File.WriteAllBytesAsync(file, sound, Cancellation);
            return !isValid;
        }, iter: 300, threads: 1);
    }

    [Fact]
    public async Task Without_fixity_structure_is_checked_and_content_is_not_read()
    {
        var root = new OcflTestRoot(_temp["r"]);
        root.Write("aa/one/v1/content/a.txt", "A");

        var quick = await ValidateAsync(root.Root, new ValidationOptions { ChecksFixity = false });
        root.Delete("aa/one/v1/content/a.txt");
        var gone = await ValidateAsync(root.Root, new ValidationOptions { ChecksFixity = false });

        Assert.Equal((true, false, 0L, 0L), (quick.IsValid, quick.ChecksFixity, quick.Files, quick.Bytes));
        Assert.Equal("E092 W003", OfficialFixtures.Codes(gone));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task Findings_come_in_one_order_however_many_threads_look(int parallelism)
    {
        var root = new OcflTestRoot(_temp["r"]);
        for (int number = 0; number < 40; number++)
        {
            var made = OcflTestObject.OneVersion(root[$"cc/{number:d2}"], $"urn:x:{number % 30}");
            made.Write("v1/content/a.txt", "A");
            made.Write("stray", "");
        }

        var report = await ValidateAsync(root.Root, new ValidationOptions { Parallelism = parallelism });

        Assert.Equal(report.Findings.OrderBy(finding => finding.Path, StringComparer.Ordinal).ThenBy(finding => finding.Code, StringComparer.Ordinal), report.Findings);
        Assert.Equal("cc/30", report.Findings.First(finding => finding.Code == "E037").Path);
        Assert.Equal((10, 40, 40), (report.FindingCounts["E037"], report.FindingCounts["E001"], report.FindingCounts["E092"]));
    }

    [Fact]
    public async Task A_finding_tells_the_object_and_where_it_is()
    {
        var root = new OcflTestRoot(_temp["r"]);
        root.Write("aa/one/v1/content/a.txt", "A");

        var finding = Assert.Single((await ValidateAsync(root.Root)).Findings);

        Assert.Equal(("E092", "urn:x:one", "aa/one/v1/content/a.txt"), (finding.Code, finding.ObjectId, finding.Path));
        Assert.Equal("https://ocfl.io/1.1/spec/#E092", finding.Rule.SpecLink);
    }

    [Fact]
    public async Task A_folder_of_something_else_is_told_as_neither()
    {
        Directory.CreateDirectory(_temp["pictures/2026"]);
        await File.WriteAllTextAsync(_temp["pictures/2026/a.jpg"], "", Cancellation);

        var report = await ValidateAsync(_temp["pictures"]);

        Assert.Equal((false, ValidationSubject.Neither, "E003 E063 E069"), (report.IsValid, report.Subject, OfficialFixtures.Codes(report)));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_an_error_of_the_surroundings() =>
        await Assert.ThrowsAnyAsync<StorageException>(() => ValidateAsync(_temp["none"]));

    [Fact]
    public async Task Progress_reaches_all_that_there_is()
    {
        var root = new OcflTestRoot(_temp["r"]);
        var told = new List<ValidationProgress>();

        await OcflValidator.ValidateAsync(_volumes.Open(root.Root), new ValidationOptions { Parallelism = 1 }, new Recorder(told), Cancellation);

        Assert.Equal(new ValidationProgress(2, 2, 2), told[^1]);
    }

    [Theory]
    [InlineData("object-01", "3c0/ff4/240/3c0ff4240c1e116dba14c7627f2319b58aa3d77606d0d90dfc6161608ac987d4", "0004-hashed-n-tuple-storage-layout", null)]
    [InlineData("object-01", "ff/75/53/44/92/48/5e/ab/b3/9f/86/35/67/28/88/4e", "0004-hashed-n-tuple-storage-layout", """{"digestAlgorithm":"md5","tupleSize":2,"numberOfTuples":15,"shortObjectRoot":true}""")]
    [InlineData("object-01", "3c0/ff4/240/object-01", "0003-hash-and-id-n-tuple-storage-layout", null)]
    [InlineData("..hor/rib:le-$id", "487/326/d8c/%2e%2ehor%2frib%3ale-%24id", "0003-hash-and-id-n-tuple-storage-layout", null)]
    [InlineData("..hor_rib:lé-$id", "..hor_rib:lé-$id", "0002-flat-direct-storage-layout", null)]
    [InlineData("https://institution.edu/abc/edu/f8.05v", "f8.05v", "0006-flat-omit-prefix-storage-layout", """{"delimiter":"edu/"}""")]
    [InlineData("namespace:12887296", "6927/8821/12887296", "0007-n-tuple-omit-prefix-storage-layout", """{"tupleSize":4,"numberOfTuples":2,"reverseObjectRoot":true}""")]
    [InlineData("abc123", "321c/ba00/abc123", "0007-n-tuple-omit-prefix-storage-layout", """{"tupleSize":4,"numberOfTuples":2,"reverseObjectRoot":true}""")]
    [InlineData("https://institution.edu/3448793", "344/879/300/3448793", "0007-n-tuple-omit-prefix-storage-layout", """{"delimiter":"edu/","zeroPadding":"right"}""")]
    public void A_layout_puts_an_id_where_its_extension_says(string id, string path, string extension, string? parameters) =>
        Assert.Equal(path, LayoutParameters.Read(extension, parameters is null ? null : System.Text.Encoding.UTF8.GetBytes(parameters)).PathOf(id));

    private async Task MakeArchiveAsync()
    {
        var root = await OcflStorageRoot.OpenOrCreateAsync(_volumes.OpenOrCreate(_temp["data"]), "archive", "staging", Cancellation);
        string other = Some.ObjectId[..^1] + "2";
        VersionPlan[] plans =
        [
            Some.Version(1, files: [("original.pdf", "scan"), ("record.json", "{}")]),
            Some.Version(2, files: [("original.pdf", "scan"), ("record.json", "{\"amended\":true}")]),
            Some.Version(1, other, ("original.pdf", "scan")),
        ];
        foreach (var plan in plans)
        {
            Assert.IsType<CommitResult.Committed>(Assert.Single(await root.CommitGroupAsync([plan.Stage(root)], Cancellation)));
        }
    }

    private Task<ValidationReport> ValidateAsync(string path, ValidationOptions? options = null) =>
        OcflValidator.ValidateAsync(_volumes.Open(path), (options ?? new ValidationOptions()) with { Settle = TimeSpan.Zero }, cancellation: Cancellation);

    private sealed class Recorder(List<ValidationProgress> told) : IProgress<ValidationProgress>
    {
        public void Report(ValidationProgress value) => told.Add(value);
    }
}
