using System.Text.Json;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary><c>archive validate</c> as a user starts it.</summary>
public sealed class ArchiveCommandsTests : IDisposable
{
    private readonly IntakeSite _site = new();

    private string Archive => Path.Combine(_site.Data, "archive");

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task An_archive_after_ingest_is_valid()
    {
        await FileOneAsync();

        var json = JsonDocument.Parse((await _site.RunAsync("archive", "validate", "--json")).Demand(0).Output).RootElement;

        Assert.Equal("storageRoot", json.GetProperty("subject").GetString());
        Assert.True(json.GetProperty("valid").GetBoolean());
        Assert.True(json.GetProperty("fixity").GetBoolean());
        Assert.Equal(1, json.GetProperty("objects").GetInt64());
        Assert.True(json.GetProperty("files").GetInt64() >= 3);
        Assert.Equal(0, json.GetProperty("findings").GetArrayLength());
    }

    [Fact]
    public async Task Damage_exits_1_and_is_named_with_its_place()
    {
        await FileOneAsync();
        string original = Directory.GetFiles(Archive, "original.pdf", SearchOption.AllDirectories).Single();
        File.AppendAllText(original, "x");

        var json = JsonDocument.Parse((await _site.RunAsync("archive", "validate", Archive, "--json")).Demand(1).Output).RootElement;
        var words = (await _site.RunAsync("archive", "validate")).Demand(1);
        (await _site.RunAsync("archive", "validate", "--no-fixity")).Demand(0);

        var finding = Assert.Single(json.GetProperty("findings").EnumerateArray());
        Assert.False(json.GetProperty("valid").GetBoolean());
        Assert.Equal(
            ("E092", "error", Path.GetRelativePath(Archive, original)),
            (finding.GetProperty("code").GetString(), finding.GetProperty("severity").GetString(), finding.GetProperty("path").GetString()));
        Assert.StartsWith("urn:uuid:", finding.GetProperty("objectId").GetString(), StringComparison.Ordinal);
        Assert.Contains("NOT VALID", words.Output, StringComparison.Ordinal);
        Assert.Contains("E092 error: ", words.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_object_can_be_validated_by_itself()
    {
        await FileOneAsync();
        string root = Path.GetDirectoryName(Directory.GetFiles(Archive, "0=ocfl_object_1.1", SearchOption.AllDirectories).Single())!;   // a file lies in a folder

        var json = JsonDocument.Parse((await _site.RunAsync("archive", "validate", root, "--json")).Demand(0).Output).RootElement;

        Assert.Equal(("object", 1L), (json.GetProperty("subject").GetString(), json.GetProperty("objects").GetInt64()));
    }

    [Fact]
    public async Task What_is_no_folder_of_OCFL_is_told_apart()
    {
        string file = Path.Combine(_site.Root, "file");
        string empty = Directory.CreateDirectory(Path.Combine(_site.Root, "empty")).FullName;
        await File.WriteAllTextAsync(file, "x", TestContext.Current.CancellationToken);

        (await _site.RunAsync("archive", "validate", file)).Demand(2);
        (await _site.RunAsync("archive", "validate", "")).Demand(2);
        (await _site.RunAsync("archive", "validate", "--no-fixty")).Demand(2);
        (await _site.RunAsync("archive", "validate", Path.Combine(_site.Root, "none"))).Demand(5);
        (await _site.RunAsync("archive", "validate")).Demand(5);
        Assert.Contains("neither", (await _site.RunAsync("archive", "validate", empty)).Demand(1).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_reach_the_terminal_without_control_characters()
    {
        await FileOneAsync();
        File.WriteAllText(Path.Combine(Directory.GetDirectories(Archive).First(folder => !folder.EndsWith("extensions", StringComparison.Ordinal)), "\u001b[2J\n"), "");

        string output = (await _site.RunAsync("archive", "validate")).Demand(1).Output;

        Assert.DoesNotContain('\u001b', output);
        Assert.Contains(@"\x1B[2J\n", output, StringComparison.Ordinal);
    }

    private async Task FileOneAsync()
    {
        _site.Put("letter.pdf", A.Pdf().WithTextLayer("A letter that is filed.").ToBytes());
        await _site.LinesAsync("ingest", _site.Drop);
    }
}
