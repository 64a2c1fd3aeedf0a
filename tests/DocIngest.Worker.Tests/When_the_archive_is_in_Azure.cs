using DocIngest.Storage;
using DocIngest.TestKit;
using DocIngest.TestKit.Servers;

namespace DocIngest.Worker.Tests;

/// <summary>The program on an archive in a blob server, as a user runs it: nothing of the archive lies in the data folder, and one data folder works on it.</summary>
[Collection(Azurite.Clock)]
public sealed class When_the_archive_is_in_Azure : IDisposable
{
    private const int Sigterm = 15;

    private static readonly TimeSpan OwnersLease = TimeSpan.FromSeconds(61);

    private readonly Azurite _azurite;
    private readonly IntakeSite _site = new();
    private readonly string _store = $"azure:{Azurite.NewContainer()}:/archives/main";

    public When_the_archive_is_in_Azure(Azurite azurite)
    {
        _azurite = azurite;
        _site.ArchiveIn(azurite, _store);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task What_is_done_with_records_on_a_disk_is_done_there()
    {
        (await _site.RunAsync("config", "check")).Demand(0);
        var (letter, other) = (await FileAsync("letter"), await FileAsync("other"));
        Assert.False(Directory.Exists(Path.Combine(_site.Data, "archive")));
        Assert.Equal(letter, Assert.Single(await _site.LinesAsync("find", "letter")).Text("id"));
        Assert.Equal(A.Pdf().WithTextLayer("a letter").ToBytes(), (await _site.RunAsync("get", letter)).Demand(0).OutputBytes);
        Assert.Contains("a letter", (await _site.RunAsync("get", letter, "--as", "text")).Demand(0).Output, StringComparison.Ordinal);
        (await _site.RunAsync("show", letter)).Demand(0);

        (await _site.RunAsync("amend", letter, "--set", "caseId=4711", "--reason", "wrong-field")).Demand(0);
        (await _site.RunAsync("withdraw", other, "--reason", "duplicate")).Demand(0);
        Assert.Equal(letter, Assert.Single(await _site.LinesAsync("find", "--field", "caseId=4711")).Text("id"));
        Assert.Empty(await _site.LinesAsync("find", "other"));
        (await _site.RunAsync("stats")).Demand(0);
        (await _site.RunAsync("audit", "verify")).Demand(0);
        (await _site.RunAsync("archive", "recover")).Demand(0);
        Assert.Equal(2, Json.Document((await _site.RunAsync("archive", "validate", "--json")).Demand(0)).GetProperty("objects").GetInt64());
        var backup = (await _site.RunAsync("backup", "run", "--json")).Demand(0);
        Assert.Contains("NOT in this backup", backup.Errors, StringComparison.Ordinal);
        Assert.Equal(_store, Json.Document(backup).GetProperty("archiveNotCovered").GetString());
        await _site.DemandInOrderAsync(2);
        (await _site.RunAsync("archive", "copy", "--from", _site.ArchiveFolder, "--to", _store)).Demand(0);   // its own, and no service runs
    }

    [Fact]
    public async Task The_service_and_commands_work_at_once_and_the_service_holds_the_archive()
    {
        using (var service = await _site.ServeAsync())
        {
            for (int scan = 0; scan < 12; scan++)
            {
                _site.Put($"scan-{scan}.pdf", A.Pdf().WithTextLayer($"a scan, number {scan}").ToBytes());
            }

            await _site.UntilAccountedAsync(12);
            var first = (await _site.LinesAsync("find", "--limit", "1"))[0].Text("id");
            (await _site.RunAsync("amend", first, "--set", "caseId=1", "--reason", "wrong-field")).Demand(0);
            (await _site.RunAsync("archive", "copy", "--from", await ElsewhereAsync(), "--to", _store)).Demand(4);
            (await _site.RunAsync("archive", "recover")).Demand(4);
            (await _site.RunAsync("archive", "adopt")).Demand(4);
            service.Signal(Sigterm);
            (await service.EndAsync()).Demand(0);
        }

        await _site.DemandInOrderAsync(12);
    }

    [Fact]
    public async Task Another_data_folder_is_refused_until_it_adopts_and_then_the_former_is()
    {
        string letter = await FileAsync("letter");
        using var service = await _site.ServeAsync();
        using var second = new IntakeSite();
        second.ArchiveIn(_azurite, _store);
        second.Put("later.pdf", A.Pdf().WithTextLayer("filed by the successor").ToBytes());
        var refused = (await second.RunAsync("ingest", second.Drop)).Demand(4);
        Assert.Contains("belongs to another installation", refused.Errors, StringComparison.Ordinal);
        (await second.RunAsync("run")).Demand(4);
        (await second.RunAsync("catalog", "rebuild")).Demand(4);
        (await second.RunAsync("archive", "copy", "--from", await ElsewhereAsync(), "--to", _store)).Demand(4);
        (await second.RunAsync("archive", "recover", _store)).Demand(4);
        Assert.Single(second.Dropped());

        using (var adopting = second.Start("archive", "adopt"))
        {
            adopting.CloseInput();
            await Until.IsTrue(() => adopting.ErrorsSoFar.Contains("Waiting", StringComparison.Ordinal), "the successor to ask");
            await _azurite.AdvanceAsync(OwnersLease);   // as if the service had stood still for so long
            Assert.Contains("catalog rebuild", (await adopting.EndAsync()).Demand(0).Output, StringComparison.Ordinal);
        }

        Assert.Contains("taken over", (await service.EndAsync()).Demand(4).Errors, StringComparison.Ordinal);   // it finds out with its next renewal
        (await second.RunAsync("catalog", "rebuild")).Demand(0);
        Assert.Equal(letter, Assert.Single(await second.LinesAsync("find", "letter")).Text("id"));
        (await second.RunAsync("ingest", second.Drop, "--move")).Demand(0);
        _site.Put("late.pdf", A.Pdf().WithTextLayer("too late").ToBytes());
        (await _site.RunAsync("ingest", _site.Drop)).Demand(4);
        (await _site.RunAsync("show", letter)).Demand(4);
        (await _site.RunAsync("amend", letter, "--set", "caseId=1", "--reason", "wrong-field")).Demand(4);
        await second.BringBackAsync();
        Assert.Equal(2, second.Archived().Count);
    }

    [Fact]
    public async Task What_a_dead_process_left_half_put_is_settled_by_the_next_start()
    {
        await FileAsync("first");
        for (int kill = 0; kill < 4; kill++)
        {
            for (int scan = 0; scan < 20; scan++)
            {
                _site.Put($"scan-{kill}-{scan}.pdf", A.Pdf().WithTextLayer($"scan {scan} of round {kill}").ToBytes());
            }

            using var running = _site.Start("ingest", _site.Drop, "--move", "--json");
            running.CloseInput();
            await Until.IsTrue(() => running.HasExited || running.LinesPrinted > kill * 3, "some files to be filed");
            await running.KillAsync();
            await _azurite.AdvanceAsync(TimeSpan.FromSeconds(31));   // else the next start waits for the leases of the dead
        }

        (await _site.RunAsync("ingest", _site.Drop, "--move")).Demand(0);
        Assert.Empty(_site.Dropped());
        await _site.BringBackAsync();
        Assert.Equal(81, _site.Archived().Select(original => original.Sha512).Distinct().Count());
        Assert.Equal(81, _site.Archived().Count);
        await _site.DemandInOrderAsync(81);
        Assert.Empty(Json.Document(await _site.RunAsync("archive", "recover", "--json")).GetProperty("changed").EnumerateArray());
    }

    [Fact]
    public async Task An_archive_moves_from_the_disk_to_Azure_with_its_records()
    {
        _site.Config.Remove("archive");
        string letter = await FileAsync("letter");
        (await _site.RunAsync("archive", "copy", "--to", _store)).Demand(0);
        _site.ArchiveIn(_azurite, _store);

        (await _site.RunAsync("amend", letter, "--set", "caseId=1", "--reason", "wrong-field")).Demand(0);
        await FileAsync("next");
        await _site.DemandInOrderAsync(2);
    }

    [Fact]
    public async Task A_store_that_cannot_be_meant_is_told_by_the_check_of_the_configuration()
    {
        foreach (string wrong in new[] { "azure:container", "azure:container:/", "/srv/archive", "rest:https://host/x", "azure:container:/a b" })
        {
            _site.ArchiveIn(_azurite, wrong);
            var ended = (await _site.RunAsync("config", "check")).Demand(2);
            Assert.Contains("archive.store", ended.Errors + ended.Output, StringComparison.Ordinal);
        }

        _site.ArchiveIn(_azurite, _store);
        _site.Config["backup"] = new System.Text.Json.Nodes.JsonObject { ["repository"] = $"{_store}/backup" };
        (await _site.RunAsync("config", "check")).Demand(2);
        _site.Config.Remove("backup");
        _site.Variables.Clear();
        Assert.Contains("AZURE_ACCOUNT_NAME", (await _site.RunAsync("ingest", _site.Drop)).Demand(2).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_of_the_data_folder_is_no_owner_and_an_auditor_verifies_what_is_in_it()
    {
        string letter = await FileAsync("letter");
        using var copy = new IntakeSite();
        copy.ArchiveIn(_azurite, _store);
        foreach (string file in Directory.EnumerateFiles(_site.Data, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(copy.Data, Path.GetRelativePath(_site.Data, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to) ?? copy.Data);
            File.Copy(file, to, overwrite: true);
        }

        Assert.Contains("belongs to another installation", (await copy.RunAsync("amend", letter, "--set", "caseId=1", "--reason", "wrong-field")).Demand(4).Errors, StringComparison.Ordinal);
        Assert.Contains("NOT asked", (await copy.RunAsync("audit", "verify")).Demand(3).Output, StringComparison.Ordinal);
        copy.Variables.Clear();
        var verified = (await copy.RunAsync("audit", "verify")).Demand(3);
        Assert.Contains("A024 warning", verified.Output, StringComparison.Ordinal);
        Assert.Contains("as far as it was checked", verified.Output, StringComparison.Ordinal);
        string segment = Directory.GetFiles(Path.Combine(copy.Data, "audit"), "*.jsonl").Single();
        await File.WriteAllTextAsync(segment, (await File.ReadAllTextAsync(segment, Cancellation)).Replace("success", "failure", StringComparison.Ordinal), Cancellation);
        (await copy.RunAsync("audit", "verify")).Demand(1);

        await FileAsync("next");   // the owner goes on
        Assert.DoesNotContain("A024", (await _site.RunAsync("audit", "verify")).Demand(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Immutability_that_is_asked_for_and_not_there_lets_nothing_start()   // the emulator has none; what is asked of Azure: When_Azure_protects_blobs
    {
        string letter = await FileAsync("letter");
        Assert.Contains("no version-level immutability", (await _site.RunAsync("status")).Output, StringComparison.Ordinal);
        Assert.Contains("archive.immutability", (await _site.RunAsync("archive", "protect")).Demand(2).Errors, StringComparison.Ordinal);   // nobody asks for it
        var archive = Assert.IsType<System.Text.Json.Nodes.JsonObject>(_site.Config["archive"]);
        archive["immutability"] = new System.Text.Json.Nodes.JsonObject { ["days"] = 30 };
        _site.Put("next.pdf", A.Pdf().WithTextLayer("not filed").ToBytes());
        foreach (string[] command in new string[][] { ["run"], ["ingest", _site.Drop, "--move"], ["amend", letter, "--set", "caseId=1", "--reason", "wrong-field"], ["archive", "protect"] })
        {
            Assert.Contains("no version-level immutability", (await _site.RunAsync(command)).Demand(2).Errors, StringComparison.Ordinal);
        }

        Assert.Single(_site.Dropped());
        (await _site.RunAsync("show", letter)).Demand(0);
        Assert.Contains("THE STORE HAS NONE", (await _site.RunAsync("status")).Output, StringComparison.Ordinal);

        archive["immutability"] = new System.Text.Json.Nodes.JsonObject { ["days"] = 1 };
        Assert.Contains("archive.immutability.days", (await _site.RunAsync("config", "check")) is var faulty ? faulty.Demand(2).Errors + faulty.Output : "", StringComparison.Ordinal);
        _site.Config["archive"] = new System.Text.Json.Nodes.JsonObject { ["immutability"] = new System.Text.Json.Nodes.JsonObject() };
        Assert.Contains("needs an archive in Azure", (await _site.RunAsync("config", "check")) is var folder ? folder.Demand(2).Errors + folder.Output : "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_in_Azure_is_found_there()
    {
        string letter = await FileAsync("letter");
        var store = new AzureBlobStore(_azurite.Account, _store.Split(':')[1], "archives/main");
        var original = await store.ListAsync("", Cancellation).FirstAsync(blob => blob.Name.EndsWith("/original.pdf", StringComparison.Ordinal), Cancellation);
        await store.DeleteAsync(original.Name, lease: null, Cancellation);
        await store.PutIfAbsentAsync(original.Name, new MemoryStream("something else"u8.ToArray()), Cancellation);

        var report = Json.Document((await _site.RunAsync("archive", "validate", _store, "--json")).Demand(1));
        var finding = Assert.Single(report.GetProperty("findings").EnumerateArray());
        Assert.Equal(("E092", letter), (finding.Text("code"), finding.Text("objectId")));
        (await _site.RunAsync("archive", "validate", "--no-fixity")).Demand(0);
        (await _site.RunAsync("get", letter, "-o", Path.Combine(_site.Root, "out.pdf"))).Demand(1);
        Assert.False(File.Exists(Path.Combine(_site.Root, "out.pdf")));
        (await _site.RunAsync("archive", "validate", $"{_store}-none")).Demand(1);   // no storage root
    }

    private async Task<string> FileAsync(string word)
    {
        _site.Put($"{word}.pdf", A.Pdf().WithTextLayer($"a {word}").ToBytes());
        return Assert.Single(await _site.LinesAsync("ingest", _site[$"{word}.pdf"], "--move")).Text("id");
    }

    // Any archive, of a data folder of its own.
    private static async Task<string> ElsewhereAsync()
    {
        var site = new IntakeSite();
        site.Put("elsewhere.pdf", A.Pdf().WithTextLayer("filed elsewhere").ToBytes());
        (await site.RunAsync("ingest", site.Drop)).Demand(0);
        return site.ArchiveFolder;
    }
}
