using System.Text.Json;
using DocIngest.Storage;
using DocIngest.TestKit;
using DocIngest.TestKit.Servers;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary><c>archive copy</c> as a user starts it, with a real blob server.</summary>
[Collection(Azurite.Clock)]
public sealed class ArchiveCopyCommandTests(Azurite azurite) : IDisposable
{
    private readonly IntakeSite _site = new();

    private string Archive => Path.Combine(_site.Data, "archive");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task An_archive_goes_to_Azure_and_back_to_disk_and_is_valid_there()
    {
        await FileAsync(3);
        string container = $"azure:{Azurite.NewContainer()}:/archives/hospital one";   // a prefix may hold what a blob name of ours does not
        string back = Path.Combine(_site.Root, "copies", "archive of März");

        var there = await CopyAsync("--to", container);
        var again = await CopyAsync("--to", container);
        var returned = await CopyAsync("--from", container, "--to", back);
        (await _site.RunAsync("archive", "validate", back)).Demand(0);

        Assert.Equal((3L, 3L, 0L, 0), Counts(there));
        Assert.Equal((3L, 0L, 3L, 0), Counts(again));
        Assert.Equal((3L, 3L, 0L, 0), Counts(returned));
        Assert.Equal(there.GetProperty("bytes").GetInt64(), returned.GetProperty("bytes").GetInt64());
        Assert.Equal(container, there.GetProperty("to").GetString());
        Assert.Equal(FilesIn(Archive), FilesIn(back));
        Assert.Empty(OcflCheck.Validate(back));
    }

    [Fact]
    public async Task A_folder_that_is_no_archive_is_refused_and_left_alone()
    {
        await FileAsync(1);
        string target = Directory.CreateDirectory(Path.Combine(_site.Root, "target")).FullName;
        await File.WriteAllTextAsync(Path.Combine(target, "my letter.txt"), "mine", Cancellation);

        var ended = (await _site.RunAsync("archive", "copy", "--to", target)).Demand(2);

        Assert.Contains("E069", ended.Errors, StringComparison.Ordinal);
        Assert.Equal(["my letter.txt"], Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_cannot_be_meant_is_a_usage_error()
    {
        await FileAsync(1);
        (await _site.RunAsync("archive", "copy")).Demand(2);
        (await _site.RunAsync("archive", "copy", "--to", "")).Demand(2);
        (await _site.RunAsync("archive", "copy", "--to", "azure:container")).Demand(2);
        (await _site.RunAsync("archive", "copy", "--to", "azure:container:/x")).Demand(2);   // no account
        (await _site.RunAsync("archive", "copy", "--to", "rest:https://host/x")).Demand(2);
        (await _site.RunAsync("archive", "copy", "--to", "/")).Demand(2);
        (await _site.RunAsync("archive", "copy", "--to", Archive)).Demand(2);
        (await _site.RunAsync("archive", "copy", "--to", Path.Combine(Archive, "below"))).Demand(2);
        (await _site.RunAsync("archive", "copy", "--to", Path.Combine(Archive, "0=ocfl_1.1", "..", "..", ".."))).Demand(2);
        (await _site.RunAsync("archive", "copy", "--from", Path.Combine(_site.Root, "none"), "--to", Path.Combine(_site.Root, "target"))).Demand(5);
        (await RunAsync("--from", "azure:one:/a", "--to", "azure:one:/a/b")).Demand(2);
        Assert.False(Path.Exists(Path.Combine(_site.Root, "target")));
    }

    [Fact]
    public async Task Damage_exits_1_and_the_others_are_copied()
    {
        await FileAsync(2);
        string original = Directory.GetFiles(Archive, "original.pdf", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        await File.AppendAllTextAsync(original, "x", Cancellation);
        string target = Path.Combine(_site.Root, "target");

        var ended = (await _site.RunAsync("archive", "copy", "--to", target, "--json")).Demand(1);

        var json = JsonDocument.Parse(ended.Output).RootElement;
        Assert.Equal((2L, 1L, 0L, 1), Counts(json));
        var finding = json.GetProperty("findings")[0];
        Assert.Equal(("E092", Archive), (finding.GetProperty("code").GetString(), finding.GetProperty("store").GetString()));
        Assert.Equal(Path.GetRelativePath(Archive, original), finding.GetProperty("path").GetString());
        Assert.Empty(OcflCheck.Validate(target));
        (await _site.RunAsync("archive", "validate", target)).Demand(0);
    }

    [Fact]
    public async Task A_copy_into_the_archive_of_a_running_service_is_refused()
    {
        await FileAsync(1);
        string copy = Path.Combine(_site.Root, "copy");
        (await _site.RunAsync("archive", "copy", "--to", copy)).Demand(0);
        using var held = new OsLocks(Path.Combine(_site.Data, "locks"), TimeProvider.System).TryAcquire("service");

        (await _site.RunAsync("archive", "copy", "--from", copy, "--to", Archive)).Demand(4);
        held?.Dispose();
        (await _site.RunAsync("archive", "copy", "--from", copy, "--to", Archive)).Demand(0);
    }

    private async Task FileAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _site.Put($"scan-{i}.pdf", A.Pdf().WithTextLayer($"A letter that is filed, the {i}th.").ToBytes());
        }

        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);
    }

    private async Task<JsonElement> CopyAsync(params string[] options) => JsonDocument.Parse((await RunAsync([.. options, "--json"])).Demand(0).Output).RootElement;

    private async Task<EndedProgram> RunAsync(params string[] options)
    {
        using var running = TheProgram.Start(_site.Arguments(["archive", "copy", .. options]), new Dictionary<string, string>
        {
            ["AZURE_ACCOUNT_NAME"] = azurite.Account.Name,
            ["AZURE_ACCOUNT_KEY"] = azurite.Account.Key ?? "",
            ["DOCINGEST_AZURE_ENDPOINT"] = $"{azurite.Account.Endpoint}",
        });
        running.CloseInput();
        return await running.EndAsync();
    }

    private static (long Objects, long Copied, long Present, int Findings) Counts(JsonElement json) =>
        (json.GetProperty("objects").GetInt64(), json.GetProperty("copied").GetInt64(), json.GetProperty("present").GetInt64(), json.GetProperty("findings").GetArrayLength());

    private static SortedDictionary<string, string> FilesIn(string folder) => new(
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToBase64String(File.ReadAllBytes(file))), StringComparer.Ordinal);
}
