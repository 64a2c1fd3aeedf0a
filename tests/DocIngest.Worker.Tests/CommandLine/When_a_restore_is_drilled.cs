using System.Text.Json;
using DocIngest.TestKit;
using DocIngest.Worker.Tests.Backups;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary><c>drill run</c> over a real archive and repository, as an admin starts it, and its report as an auditor takes it.</summary>
public sealed class When_a_restore_is_drilled : IDisposable
{
    private readonly IntakeSite _site = new();

    private string Archive => Path.Combine(_site.Data, "archive");

    private string Repository => Path.Combine(_site.Data, "backup");

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task Sound_backups_pass_and_the_report_can_be_checked_by_a_stranger()
    {
        await PrepareAsync(count: 3);
        var drill = await DrillAsync(0, "--nonce", "auditor-4711");
        Assert.Equal(("pass", 1), (drill.Text("result"), drill.GetProperty("run").GetInt32()));
        Assert.False(Path.Exists(Path.Combine(_site.Data, "drill")));

        string zip = Path.Combine(_site.Root, "report.zip");
        (await _site.RunAsync("report", "export", drill.Text("reportId"), "-o", zip)).Demand(0);
        string folder = Path.Combine(_site.Root, "report");
        System.IO.Compression.ZipFile.ExtractToDirectory(zip, folder);
        var verified = Json.Document((await TheProgram.RunAsync("report", "verify", zip, "--cert", Path.Combine(folder, "signer.pem"), "--json")).Demand(0));
        Assert.Equal(("pass", "sample-drill"), (verified.Text("result"), verified.Text("kind")));
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "report.json"), TestContext.Current.CancellationToken));
        Assert.Equal("auditor-4711", report.RootElement.GetProperty("sample").Text("nonce"));
        Assert.Equal(3, report.RootElement.GetProperty("population").GetProperty("count").GetInt32());
        Assert.Equal(["snapshots", "ocfl", "restored", "opened", "canary", "audit"], report.RootElement.GetProperty("checks").EnumerateArray().Select(check => check.Text("id")));

        // The next hangs on it, and a report that is filed is one of the archive.
        var full = await DrillAsync(0, "--full");
        Assert.Equal(("pass", "full-drill", 2), (full.Text("result"), full.Text("kind"), full.GetProperty("run").GetInt32()));
        var shown = Json.Document((await _site.RunAsync("report", "show", full.Text("reportId"), "--json")).Demand(0));
        Assert.Equal(drill.Text("reportId"), shown.GetProperty("chain").Text("previousReportId"));
        Assert.Equal(drill.Text("reportId"), Assert.Single(shown.GetProperty("earlier").EnumerateArray()).Text("reportId"));
        (await _site.RunAsync("report", "verify", full.Text("reportId"), "--cert", Path.Combine(folder, "signer.pem"))).Demand(0);
        Assert.Equal([2, 1], Json.Lines(await _site.RunAsync("report", "list", "--json")).Select(line => line.GetProperty("run").GetInt32()));
        Assert.DoesNotContain(OcflCheck.Validate(Archive), finding => finding.IsError);
        (await _site.RunAsync("audit", "verify")).Demand(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_record_that_the_backup_lost_is_found_and_named(bool isFull)
    {
        var ids = await PrepareAsync(count: 3, backUp: false);
        Directory.Delete(ObjectFolder(ids[1]), recursive: true);   // lost from the archive before it was backed up: only the audit knows of it
        (await _site.RunAsync("backup", "run")).Demand(0);

        var drill = await DrillAsync(1, isFull ? ["--full"] : []);

        Assert.Equal("fail", drill.Text("result"));
        var findings = drill.GetProperty("findings").EnumerateArray().Where(finding => finding.Text("code") is not ("ocfl" or "catalog")).ToList();   // an empty folder is left of it, and a catalog counts
        Assert.All(findings, finding => Assert.Equal([ids[1]], finding.GetProperty("objects").EnumerateArray().Select(id => id.GetString())));
        Assert.Equal(isFull ? ["restored", "complete"] : ["restored"], findings.Select(finding => finding.Text("code")));
    }

    [Fact]
    public async Task A_document_that_was_changed_in_the_archive_is_found_in_the_backup()
    {
        var ids = await PrepareAsync(count: 3, backUp: false);
        string original = Assert.Single(Directory.GetFiles(ObjectFolder(ids[0]), "original.pdf", SearchOption.AllDirectories));
        byte[] bytes = await File.ReadAllBytesAsync(original, TestContext.Current.CancellationToken);
        bytes[^3] ^= 1;
        await File.WriteAllBytesAsync(original, bytes, TestContext.Current.CancellationToken);
        (await _site.RunAsync("backup", "run")).Demand(0);

        var drill = await DrillAsync(1);

        Assert.Equal("fail", drill.Text("result"));
        Assert.Equal(["ocfl", "restored"], drill.GetProperty("findings").EnumerateArray().Select(finding => finding.Text("code")));
    }

    [Fact]
    public async Task A_repository_whose_packs_lie_fails_the_drill()
    {
        await PrepareAsync(count: 3);
        foreach (string pack in Directory.GetFiles(Path.Combine(Repository, "data"), "*", SearchOption.AllDirectories))
        {
            byte[] bytes = await File.ReadAllBytesAsync(pack, TestContext.Current.CancellationToken);
            bytes[bytes.Length / 3] ^= 1;
            File.Delete(pack);   // it may be read-only
            await File.WriteAllBytesAsync(pack, bytes, TestContext.Current.CancellationToken);
        }

        var ended = await _site.RunAsync("drill", "run", "--json");

        Assert.Equal("fail", Json.Document(ended.Demand(1)).Text("result"));
    }

    [Fact]
    public async Task A_newer_snapshot_that_cannot_be_read_and_records_in_no_backup_are_not_passed_over()
    {
        await PrepareAsync(count: 2);
        string[] before = Directory.GetFiles(Path.Combine(Repository, "snapshots"), "*", SearchOption.AllDirectories);
        _site.Put("later.pdf", A.Pdf().WithTextLayer("a later letter").ToBytes());
        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);
        (await _site.RunAsync("backup", "run")).Demand(0);
        foreach (string newer in Directory.GetFiles(Path.Combine(Repository, "snapshots"), "*", SearchOption.AllDirectories).Except(before))
        {
            byte[] bytes = await File.ReadAllBytesAsync(newer, TestContext.Current.CancellationToken);
            bytes[^5] ^= 1;
            File.Delete(newer);   // it may be read-only
            await File.WriteAllBytesAsync(newer, bytes, TestContext.Current.CancellationToken);
        }

        var drill = await DrillAsync(1);

        Assert.Equal("fail", drill.Text("result"));
        Assert.Contains("snapshots", drill.GetProperty("findings").EnumerateArray().Select(finding => finding.Text("code")));    }

    [Fact]
    public async Task A_ledger_of_destruction_that_somebody_wrote_takes_nothing_away()
    {
        var ids = await PrepareAsync(count: 3, backUp: false);
        Directory.Delete(ObjectFolder(ids[2]), recursive: true);
        (await _site.RunAsync("backup", "run")).Demand(0);
        string ledger = Path.Combine(_site.Data, "destruction");
        Directory.CreateDirectory(ledger);
        string proposal = new('a', 128);
        await WriteAsync(".json", new { format = "docingest-destruction-ledger/1", disposition = "d-9", begunAt = DateTimeOffset.UnixEpoch, proposalSha512 = proposal, records = new[] { ids[2] } });
        await WriteAsync(
            ".done.json",
            new
            {
                format = "docingest-destruction-ledger/1", disposition = "d-9", endedAt = DateTimeOffset.UnixEpoch, proposalSha512 = proposal, holdsReadAt = (DateTimeOffset?)null,
                records = new[] { new { id = ids[2], destroyed = true, at = DateTimeOffset.UnixEpoch, versions = 1, kept = (string?)null } },
            });

        var drill = await DrillAsync(1);

        Assert.Equal("fail", drill.Text("result"));
        Assert.Contains("destruction-unaudited", drill.GetProperty("findings").EnumerateArray().Select(finding => finding.Text("code")));
        Assert.Contains("restored", drill.GetProperty("findings").EnumerateArray().Select(finding => finding.Text("code")));

        Task WriteAsync(string ending, object document) =>
            File.WriteAllTextAsync(Path.Combine(ledger, $"d-9-{proposal[..16]}{ending}"), JsonSerializer.Serialize(document), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Snapshots_of_another_host_are_none_of_ours()
    {
        await PrepareAsync(count: 1, backUp: false);
        (await _site.RunAsync("backup", "run", "--host", "another-hospital")).Demand(0);

        var drill = await DrillAsync(1);

        Assert.Equal("fail", drill.Text("result"));
        Assert.Equal("backup", Assert.Single(drill.GetProperty("findings").EnumerateArray()).Text("code"));
    }

    [Fact]
    public async Task What_cannot_be_carried_out_has_a_number_and_a_report_too()
    {
        await PrepareAsync(count: 1, backUp: false);
        var none = await DrillAsync(5);
        Assert.Equal(("aborted", 1), (none.Text("result"), none.GetProperty("run").GetInt32()));
        (await _site.RunAsync("backup", "run")).Demand(0);
        await File.WriteAllTextAsync(Path.Combine(_site.Data, "keys/backup-password"), "another password\n", TestContext.Current.CancellationToken);
        var wrong = await DrillAsync(2);
        Assert.Equal(("aborted", 2), (wrong.Text("result"), wrong.GetProperty("run").GetInt32()));
        Assert.Contains("password", wrong.Text("aborted"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["aborted", "aborted"], Json.Lines(await _site.RunAsync("report", "list", "--json")).Select(line => line.Text("result")));
        (await _site.RunAsync("drill", "run", "--nonce", "not a nonce")).Demand(2);
        (await _site.RunAsync("report", "show", Guid.NewGuid().ToString())).Demand(5);
        (await _site.RunAsync("report", "show", "x")).Demand(2);
    }

    [Fact]
    public async Task An_archive_without_records_does_not_pass()
    {
        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);
        (await _site.RunAsync("backup", "run")).Demand(0);

        Assert.Equal("fail", (await DrillAsync(1)).Text("result"));
    }

    [Fact]
    public async Task Killed_it_leaves_a_number_and_the_next_one_removes_what_it_restored()
    {
        await PrepareAsync(count: 2);
        string restored = Path.Combine(_site.Data, "drill");
        using (var killed = _site.Start("drill", "run"))
        {
            killed.CloseInput();
            await Until.IsTrue(() => Directory.Exists(restored) || killed.HasExited, "the drill to restore");
            _ = LibC.Kill(killed.Id, 9);
            await killed.EndAsync();
        }

        var next = await DrillAsync(0);

        Assert.Equal(("pass", 2), (next.Text("result"), next.GetProperty("run").GetInt32()));
        Assert.False(Path.Exists(restored));
        Assert.Contains(
            Json.Lines(await _site.RunAsync("audit", "show", "--json")), entry => (entry.Text("type"), entry.Text("subtype")) == ("run", "aborted"));
    }

    [Fact]
    public async Task Two_at_once_are_not_carried_out()
    {
        await PrepareAsync(count: 2);
        using var first = _site.Start("drill", "run");
        first.CloseInput();
        await Until.IsTrue(() => Directory.Exists(Path.Combine(_site.Data, "drill")) || first.HasExited, "the first drill to begin");
        var second = await _site.RunAsync("drill", "run");
        (await first.EndAsync()).Demand(0);
        Assert.True(second.ExitCode is 4 or 0, second.Errors);   // 0 where the first had ended by then
        Assert.Equal(second.ExitCode == 4 ? 1 : 2, Json.Lines(await _site.RunAsync("report", "list", "--json")).Count);
    }

    private async Task<List<string>> PrepareAsync(int count, bool backUp = true)
    {
        var ids = await _site.FileLettersAsync(count);
        if (backUp)
        {
            (await _site.RunAsync("backup", "run")).Demand(0);
        }

        return ids;
    }

    private async Task<JsonElement> DrillAsync(int exitCode, params string[] arguments) =>
        Json.Document((await _site.RunAsync(["drill", "run", .. arguments, "--json"])).Demand(exitCode));

    private string ObjectFolder(string id) => IntakeSite.ObjectIn(_site.Data, id);
}
