using System.Runtime.InteropServices;
using DocIngest.Archive.Validation;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>Links, pipes and names that are no text: all are told, and nothing outside is ever opened.</summary>
public sealed partial class When_names_are_hostile : IDisposable
{
    private readonly TempFolder _temp = new(inMemory: true);
    private readonly LocalVolumes _volumes = new(Durability.File);

    public When_names_are_hostile() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Makes links and names as Linux has them.");

    public void Dispose()
    {
        _volumes.Dispose();
        _temp.Dispose();
    }

    [Theory]
    [InlineData("v1/content/a.txt", "E090 E092")]
    [InlineData("v1/content", "E016 E090 E092")]
    [InlineData("v1", "E010 E090 E092")]
    [InlineData("inventory.json", "E063 E090")]
    [InlineData("inventory.json.sha512", "E058 E090")]
    [InlineData("0=ocfl_object_1.1", "E003 E090")]
    [InlineData("v1/inventory.json", "E090 W010")]
    public async Task A_symbolic_link_to_the_very_thing_is_not_followed(string path, string codes)
    {
        var made = OcflTestObject.OneVersion(_temp["o"]);
        Directory.Move(made[path], _temp["elsewhere"]);
        File.CreateSymbolicLink(made[path], _temp["elsewhere"]);

        Assert.Equal(codes, OfficialFixtures.Codes(await ValidateAsync(_temp["o"])));
    }

    [Theory]
    [InlineData("v1/content/b")]
    [InlineData("v1/stray")]
    [InlineData("stray")]
    [InlineData("logs/b")]
    [InlineData("extensions/0001-digest-algorithms/b")]
    public async Task A_link_that_leads_in_circles_or_nowhere_is_told_wherever_it_lies(string path)
    {
        var made = OcflTestObject.OneVersion(_temp["o"]);
        made.MakeFolder(Path.GetDirectoryName(path) ?? "");
        File.CreateSymbolicLink(made[path], made.Root);

        var report = await ValidateAsync(_temp["o"]);

        Assert.Equal("E090", OfficialFixtures.Codes(report));
        Assert.Equal(path, Assert.Single(report.Findings).Path);
    }

    [Fact]
    public async Task A_hard_link_is_told_and_not_read()
    {
        var made = OcflTestObject.OneVersion(_temp["o"]);
        File.Move(made["v1/content/a.txt"], _temp["secret"]);
        Assert.Equal(0, HardLink(_temp["secret"], made["v1/content/a.txt"]));

        var report = await ValidateAsync(_temp["o"]);

        Assert.Equal("E090 E092", OfficialFixtures.Codes(report));
        Assert.Equal(0, report.Files);
    }

    [Fact]
    public async Task A_pipe_keeps_nobody_waiting()
    {
        var made = OcflTestObject.OneVersion(_temp["o"]);
        made.Delete("v1/content/a.txt");
        Assert.Equal(0, MakePipe(made["v1/content/a.txt"], 0x1b6 /* 0666 */));

        Assert.Equal("E090 E092", OfficialFixtures.Codes(await ValidateAsync(_temp["o"])));
    }

    [Fact]
    public async Task Links_in_a_storage_root_are_told_and_not_followed()
    {
        var root = new OcflTestRoot(_temp["r"]);
        File.CreateSymbolicLink(root["again"], root["aa"]);
        File.CreateSymbolicLink(root["aa/up"], root.Root);

        var report = await ValidateAsync(root.Root);

        Assert.Equal(["aa/up", "again"], report.Findings.Select(finding => finding.Path));
        Assert.Equal("E090", OfficialFixtures.Codes(report));
        Assert.Equal(2, report.Objects);
    }

    [Theory]
    [InlineData(new byte[] { 0xE9, 0x1B, 0x5B })]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { (byte)'a', (byte)'\n', (byte)'b' })]
    public async Task A_name_that_is_no_text_is_a_file_too_many(byte[] name)
    {
        var made = OcflTestObject.OneVersion(_temp["o"]);
        string path = $"v1/content/{RawName.FromBytes(name)}";
        await using (_volumes.Open(made.Root).Create(path))
        {
            // An empty file is enough.
        }

        var report = await ValidateAsync(made.Root);

        Assert.Equal(("E023", path), (OfficialFixtures.Codes(report), Assert.Single(report.Findings).Path));
    }

    [Fact]
    public async Task What_messages_quote_cannot_move_a_cursor()
    {
        var made = OcflTestObject.OneVersion(_temp["o"]);
        made.EditHead(inventory => inventory["\u001b[2J\r"] = 1);

        var finding = (await ValidateAsync(made.Root)).Findings[0];

        Assert.Equal(("E102", @"OCFL does not know this key: \x1B[2J\r"), (finding.Code, finding.Message));
    }

    [Fact]
    public async Task Of_very_many_files_too_many_some_are_named_and_all_are_counted()
    {
        var made = OcflTestObject.OneVersion(_temp["o"]);
        for (int number = 0; number < 1500; number++)
        {
            made.Write($"v1/content/{number:d4}", "");
        }

        var report = await ValidateAsync(made.Root);

        Assert.Equal((1500, 1000), (report.FindingCounts["E023"], report.Findings.Count));
    }

    private Task<ValidationReport> ValidateAsync(string path) =>
        OcflValidator.ValidateAsync(
            _volumes.Open(path), new ValidationOptions { Settle = TimeSpan.Zero }, cancellation: TestContext.Current.CancellationToken);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int HardLink(string from, string to);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MakePipe(string path, uint mode);
}
