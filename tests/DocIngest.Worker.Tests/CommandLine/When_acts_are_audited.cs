using System.Text;
using System.Text.Json;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>Who did and who saw what, through the program itself.</summary>
public sealed class When_acts_are_audited : IDisposable
{
    private const string Mark = "Xanthippe-Canary";

    private readonly IntakeSite _site = new();

    private string AuditFolder => Path.Combine(_site.Data, "audit");

    [Fact]
    public async Task Every_act_has_an_entry_with_its_purpose_and_none_has_what_was_searched_for()
    {
        string id = await FileOneAsync();
        await DemandAsync("find", Mark, "--purpose", "treatment");
        await DemandAsync("find", "nobody-wrote-this");
        await DemandAsync("show", id, "--purpose", "payment");
        await DemandAsync("history", id);
        await DemandAsync("get", id, "--as", "text", "--purpose", "patient-request");
        await DemandAsync("qc", "list");
        await DemandAsync("catalog", "rebuild");
        (await _site.RunAsync("show", id, "--purpose", "curiosity")).Demand(2);
        await DemandAsync("backup", "run");

        var entries = await _site.LinesAsync("audit", "show");
        Assert.Equal(
            ["ingest filed", "search find treatment", "search find", "read show payment", "read history", "read text patient-request", "search review-list", "catalog rebuild", "backup run"],
            entries.Select(entry => $"{entry.Text("type")} {entry.Text("subtype")} {(entry.TryGetProperty("purpose", out var purpose) ? purpose.GetString() : "")}".TrimEnd()));
        Assert.Equal(5, (await _site.LinesAsync("audit", "show", "--record", id)).Count);
        Assert.Equal(6, (await _site.LinesAsync("audit", "show", "--disclosures")).Count);
        Assert.Empty(await _site.LinesAsync("audit", "show", "--user", "nobody-of-that-name"));
        Assert.Empty(await _site.LinesAsync("audit", "show", "--to", "2001-01-01"));
        Assert.Equal(10, (await _site.RunAsync("audit", "show", "--csv")).Demand(0).Lines.Length);
        foreach (string file in Directory.EnumerateFiles(AuditFolder))
        {
            Assert.DoesNotContain(Mark, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);
        }

        var verified = Json.Document((await _site.RunAsync("audit", "verify", "--json")).Demand(0));
        Assert.Equal((9, true), (verified.GetProperty("entries").GetInt32(), verified.GetProperty("valid").GetBoolean()));
        await DemandAsync("audit", "verify", "--expect-seq", "9", "--expect-head", verified.Text("head"));
        (await _site.RunAsync("audit", "verify", "--expect-seq", "10")).Demand(1);
        (await _site.RunAsync("audit", "verify", "--expect-head", new string('a', 64))).Demand(1);
        (await _site.RunAsync("audit", "verify", "--expect-head", "short")).Demand(2);
    }

    [Fact]
    public async Task What_people_decide_about_a_record_is_told_by_its_own_word()
    {
        string id = await FileOneAsync();
        await DemandAsync("amend", id, "--class", "letter", "--reason", $"of {Mark}");
        await DemandAsync("qc", "assign", id, "--set", "patientId=4711");
        await DemandAsync("withdraw", id, "--reason", "entered-in-error");
        await DemandAsync("reinstate", id, "--reason", "it was right");
        await DemandAsync("ocr", id);   // nothing new: no version, no entry
        Assert.Equal(
            ["ingest filed v1", "amend amended v2", "amend assigned v3", "amend withdrawn v4", "amend reinstated v5"],
            (await _site.LinesAsync("audit", "show", "--record", id)).Select(entry =>
                $"{entry.Text("type")} {entry.Text("subtype")} v{entry.GetProperty("entities").EnumerateArray().Last().GetProperty("version")}"));
        Assert.DoesNotContain(Mark, (await _site.RunAsync("audit", "show")).Demand(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_of_the_archive_events_of_patients_and_plans_have_entries_that_name_nobody()
    {
        string id = await FileOneAsync();
        string events = Path.Combine(_site.Root, "events.csv");
        await File.WriteAllTextAsync(events, $"patientId,kind,date\n{Mark},encounter,2020-01-31\n", TestContext.Current.CancellationToken);
        await DemandAsync("events", "import", events);
        await DemandAsync("events", "add", "--patient", Mark, "--kind", "death", "--date", "2020-02-01");
        await DemandAsync("events", "list", "--patient", Mark);
        await DemandAsync("retention", "plan");
        await DemandAsync("archive", "copy", "--to", Path.Combine(_site.Root, "copy"));
        var entries = await _site.LinesAsync("audit", "show");
        Assert.Equal(
            ["ingest filed", "events import", "events add", "read events", "search retention-plan", "export archive-copy"],
            entries.Select(entry => $"{entry.Text("type")} {entry.Text("subtype")}"));
        Assert.Equal(id, Assert.Single(entries[4].GetProperty("entities").EnumerateArray()).Text("id"));
        Assert.Equal(3, (await _site.LinesAsync("audit", "show", "--disclosures")).Count);
        Assert.DoesNotContain(Mark, (await _site.RunAsync("audit", "show", "--json")).Demand(0).Output, StringComparison.OrdinalIgnoreCase);

        // Where no entry can be written, none of it is shown, handed out or recorded.
        Directory.Move(AuditFolder, AuditFolder + ".aside");
        await File.WriteAllTextAsync(AuditFolder, "in the way", TestContext.Current.CancellationToken);
        foreach (string[] command in (string[][])[
            ["events", "import", events], ["events", "add", "--patient", Mark, "--kind", "death", "--date", "2020-02-02"], ["events", "list", "--patient", Mark],
            ["retention", "plan"], ["archive", "copy", "--to", Path.Combine(_site.Root, "other")]])
        {
            Assert.Equal("", (await _site.RunAsync(command)).Demand(6).Output);
        }

        Assert.False(Directory.Exists(Path.Combine(_site.Root, "other")));
    }

    [Fact]
    public async Task The_service_records_its_start_what_it_takes_in_and_its_end()
    {
        using var service = await _site.ServeAsync();
        _site.Put("a.pdf", A.Pdf().WithTextLayer("words").ToBytes());
        _site.Put("list.txt", Encoding.UTF8.GetBytes("eggs\n"));
        await _site.UntilAccountedAsync(2);
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);
        var entries = await _site.LinesAsync("audit", "show");
        Assert.Equal(
            ["config load", "ingest filed", "ingest quarantined", "service start", "service stop"],
            entries.Select(entry => $"{entry.Text("type")} {entry.Text("subtype")}").Order(StringComparer.Ordinal));
        Assert.All(entries, entry => Assert.Equal("service", entry.GetProperty("agent").Text("kind")));
        Assert.Single(entries.Select(entry => entry.Text("correlation")).Distinct());
        await DemandAsync("audit", "verify");
    }

    [Fact]
    public async Task Processes_at_once_make_one_chain()
    {
        string id = await FileOneAsync();
        string[] show = _site.Arguments("show", id);
        var ended = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TheProgram.RunAsync(show)));
        Assert.All(ended, one => one.Demand(0));
        var verified = Json.Document((await _site.RunAsync("audit", "verify", "--json")).Demand(0));
        Assert.Equal((9, 9), (verified.GetProperty("entries").GetInt32(), verified.GetProperty("lastSeq").GetInt32()));
        Assert.Empty(verified.GetProperty("findings").EnumerateArray());
    }

    [Fact]
    public async Task Where_no_entry_can_be_written_nothing_is_handed_out_or_destroyed_and_no_scan_is_lost()
    {
        _site.Put("list.txt", Encoding.UTF8.GetBytes("eggs\n"));
        string id = await FileOneAsync();
        string quarantined = Assert.Single(await _site.LinesAsync("quarantine", "list")).Text("id");
        string aside = AuditFolder + ".aside";
        Directory.Move(AuditFolder, aside);
        await File.WriteAllTextAsync(AuditFolder, "in the way", TestContext.Current.CancellationToken);
        foreach (string[] command in (string[][])[
            ["find", "words"], ["show", id], ["history", id], ["get", id], ["qc", "list"], ["quarantine", "list"], ["quarantine", "discard", quarantined, "--reason", "none"],
            ["backup", "restore", "latest", "--target", Path.Combine(_site.Root, "restored")]])
        {
            var refused = await _site.RunAsync(command);
            Assert.True(refused.ExitCode == 6 || (command[0] == "backup" && refused.ExitCode == 5), $"{command[0]}: exit {refused.ExitCode}\n{refused.Errors}");
            Assert.Equal("", refused.Output);
        }

        Assert.Single(_site.Quarantined());
        _site.Put("b.pdf", A.Pdf().WithTextLayer("other").ToBytes());
        await _site.RunAsync("ingest", _site.Drop, "--move");
        Assert.True(File.Exists(_site["b.pdf"]), "a source went before its record was in the audit");

        File.Delete(AuditFolder);
        Directory.Move(aside, AuditFolder);
        await _site.LinesAsync("ingest", _site.Drop, "--move");
        Assert.False(File.Exists(_site["b.pdf"]));
        var ingested = (await _site.LinesAsync("audit", "show")).Where(entry => entry.Text("type") == "ingest" && entry.Text("subtype") == "filed").ToList();
        Assert.Equal(2, ingested.Count);
        await DemandAsync("audit", "verify");
    }

    [Fact]
    public async Task No_chain_is_no_sound_chain()
    {
        (await _site.RunAsync("audit", "verify")).Demand(5);
        Directory.CreateDirectory(_site.Data);
        var verified = Json.Document((await _site.RunAsync("audit", "verify", "--json")).Demand(1));
        Assert.Equal("A001", Assert.Single(verified.GetProperty("findings").EnumerateArray()).Text("code"));
    }

    public void Dispose() => _site.Dispose();

    private async Task<string> FileOneAsync()
    {
        _site.Put($"{Mark}.pdf", A.Pdf().WithTextLayer($"words of {Mark}").ToBytes());
        return (await _site.LinesAsync("ingest", _site.Drop, "--move")).Single(line => line.Text("outcome") == "filed").Text("id");
    }

    private async Task DemandAsync(params string[] command) => (await _site.RunAsync(command)).Demand(0);
}
