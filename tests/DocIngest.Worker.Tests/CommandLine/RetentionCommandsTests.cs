using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>Events and the retention plan, as a records department meets them.</summary>
public sealed class RetentionCommandsTests : IDisposable
{
    private const string Schedule =
        """
        // ours
        {
          "timeZone": "Europe/London",
          "classes": [ { "id": "letter", "title": "Letters", "mandate": "Board, 2020-01-01", "action": "destroy", "expression": "max(lastEncounter+8y, birthday(25))" } ],
        }
        """;

    private readonly IntakeSite _site = new();

    public RetentionCommandsTests()
    {
        _site.Profile["recordClass"] = "letter";
        _site.Profile["sidecar"] = "optional";
        File.WriteAllText(Path.Combine(_site.Root, "retention.json"), Schedule);
    }

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task From_a_file_of_events_to_a_plan_that_says_why()
    {
        string known = await IngestAsync("known", """{"fields": {"patientId": "MRN-0815"}}""");
        string unknown = await IngestAsync("unknown", """{"fields": {"patientId": "MRN-0816"}}""");
        var sums = Assert.Single(await ImportAsync(0, "patientId,kind,date\nMRN-0815,encounter,2001-02-28\nMRN-0815,birth,1980-02-29\n"));
        Assert.Equal((2, 2, 0, 0), (Number(sums, "lines"), Number(sums, "added"), Number(sums, "known"), Number(sums, "refused")));
        Assert.Equal(2, Number(Assert.Single(await ImportAsync(0, "patientId,kind,date\nMRN-0815,encounter,2001-02-28\nMRN-0815,birth,1980-02-29\n")), "known"));

        var plan = await _site.LinesAsync("retention", "plan");
        Assert.Equal([known, unknown], plan.Take(2).Select(line => line.Text("id")));
        Assert.Equal(
            ("due", "letter", "Letters", "Board, 2020-01-01", "max(lastEncounter+8y, birthday(25))", "destroy", "2009-02-28", "2009-03-01"),
            (plan[0].Text("state"), plan[0].Text("recordClass"), plan[0].Text("title"), plan[0].Text("mandate"), plan[0].Text("expression"), plan[0].Text("action"), plan[0].Text("dueDate"), plan[0].Text("eligibleFrom")));
        Assert.Equal(["lastEncounter 2001-02-28", "birth 1980-02-29"], plan[0].GetProperty("triggers").EnumerateArray().Select(trigger => $"{trigger.Text("name")} {trigger.Text("date")}"));
        Assert.Equal(("kept", "lastEncounter: no such event of its patient is known; birth: no such event of its patient is known"), (plan[1].Text("state"), plan[1].Text("reason")));
        Assert.Equal((2, 1, 1), (Number(plan[2], "records"), Number(plan[2].GetProperty("states"), "due"), Number(plan[2].GetProperty("states"), "kept")));

        Assert.Equal(known, (await _site.LinesAsync("retention", "plan", "--due-before", "2009-03-01"))[0].Text("id"));
        Assert.Single(await _site.LinesAsync("retention", "plan", "--due-before", "2009-02-28"));   // the sums alone
        Assert.Single(await _site.LinesAsync("retention", "plan", "--class", "memo"));
        string words = (await _site.RunAsync("retention", "plan", known)).Demand(0).Output;
        Assert.Contains("due  until the end of 2009-02-28", words, StringComparison.Ordinal);
        Assert.Contains("mandate     Board, 2020-01-01", words, StringComparison.Ordinal);
        Assert.Matches("trigger     lastEncounter 2001-02-28, by entry 1 of events:patient:[0-9a-f]{64} v1", words);
        Assert.Contains("eligible    from 2009-03-01", words, StringComparison.Ordinal);
        (await _site.RunAsync("retention", "plan", "urn:uuid:0198a2b4-0000-7000-8000-000000000000")).Demand(5);
        (await _site.RunAsync("retention", "plan", "--due-before", "1.3.2009")).Demand(2);

        // The archive is the truth: a lost catalog comes back with its events.
        Directory.Delete(Path.Combine(_site.Data, "catalog"), recursive: true);
        (await _site.RunAsync("catalog", "rebuild")).Demand(0);
        Assert.Equal(plan.Select(line => line.GetRawText()), (await _site.LinesAsync("retention", "plan")).Select(line => line.GetRawText()));
        DemandNothingPersonal("0815");
        Assert.DoesNotContain(OcflCheck.Validate(Path.Combine(_site.Data, "archive")), finding => finding.IsError);
    }

    [Fact]
    public async Task Events_of_a_trusted_sidecar_are_recorded_with_the_scan_and_what_is_refused_is_in_review()
    {
        _site.Profile["trustedSidecar"] = true;
        string due = await IngestAsync("due", """{"fields": {"patientId": "MRN-0815"}, "events": [{"kind": "encounter", "date": "2001-02-28"}, {"kind": "birth", "date": "1980-02-29"}]}""");
        string refused = await IngestAsync("refused", """{"fields": {"patientId": "MRN-0816"}, "events": [{"kind": "birth", "date": "2999-01-01"}]}""");
        var plan = await _site.LinesAsync("retention", "plan");
        Assert.Equal([("due", due), ("kept", refused)], plan.Take(2).Select(line => (line.Text("state"), line.Text("id"))));
        Assert.Equal(["sidecar", "sidecar"], (await _site.LinesAsync("events", "list", "--patient", "MRN-0815")).ConvertAll(entry => entry.Text("source")));
        (await _site.RunAsync("events", "list", "--patient", "MRN-0816")).Demand(5);
        Assert.Equal([(refused, "event-refused")], (await _site.LinesAsync("qc", "list")).ConvertAll(item => (item.Text("id"), item.Text("code"))));
        Assert.Contains("note      Event 1 of its sidecar was not recorded: it is in the future.", (await _site.RunAsync("qc", "show", refused)).Demand(0).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await _site.LinesAsync("audit", "show")).Count(entry => entry.Text("type") == "events" && entry.Text("subtype") == "sidecar"));
        DemandNothingPersonal("0815");

        // Without a schedule that can be read nothing of a trusted profile is taken in.
        await File.WriteAllTextAsync(Path.Combine(_site.Root, "retention.json"), "{ no schedule", TestContext.Current.CancellationToken);
        (await _site.RunAsync("ingest", _site.ConfigFile)).Demand(2);
    }

    [Fact]
    public async Task Bad_lines_are_listed_and_the_others_recorded()
    {
        var lines = await ImportAsync(3, "patientId;kind;date\n0815;encounter;2001-02-28\n0815;encounter;28.02.2001\n0815;oops;2001-02-28\n");
        Assert.Equal([(3, "has a date that is no day such as 2024-01-31")], lines.Take(1).Select(line => (Number(line, "line"), line.Text("reason"))));
        Assert.Equal((4, "refused"), (Number(lines[1], "line"), lines[1].Text("outcome")));
        Assert.Equal((3, 1, 2), (Number(lines[2], "lines"), Number(lines[2], "added"), Number(lines[2], "refused")));
        await ImportAsync(2, "0815,encounter,2001-02-28\n");
        (await _site.RunAsync("events", "import", _site["gone.csv"])).Demand(5);
    }

    [Fact]
    public async Task One_event_is_added_corrected_and_listed_without_the_number_on_the_command_line()
    {
        await RunAsync(0, "patientId=0815", "events", "add", "--of-from", "-", "--kind", "death", "--date", "2011-02-28");
        await RunAsync(0, "patientId=0815\n", "events", "add", "--of-from", "-", "--kind", "death", "--date", "2012-02-28", "--replaces", "2011-02-28");
        Assert.Contains("known", (await RunAsync(0, "patientId=0815\n", "events", "add", "--of-from", "-", "--kind", "death", "--date", "2012-02-28", "--replaces", "2011-02-28")).Output, StringComparison.Ordinal);
        var listed = Json.Lines(await RunAsync(0, "patientId=08-15", "events", "list", "--of-from", "-", "--json"));
        Assert.Equal(["2011-02-28 False", "2012-02-28 True"], listed.Select(entry => $"{entry.Text("date")} {entry.GetProperty("holds").GetBoolean()}"));
        Assert.All(listed, entry => Assert.Equal((Environment.UserName, "command", "patient"), (entry.Text("by"), entry.Text("source"), entry.Text("of"))));
        Assert.Equal(1, Number(listed[1], "supersedes"));

        foreach (string[] wrong in (string[][])[["--kind", "death"], ["--kind", "oops", "--date", "2012-02-28"], ["--kind", "death", "--date", "2999-01-01"], ["--kind", "caseClosed", "--date", "2012-02-28"]])
        {
            var ended = await RunAsync(2, "patientId=0815", ["events", "add", "--of-from", "-", .. wrong]);
            Assert.Contains("Nothing changed.", ended.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("0815", ended.Errors, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("Jane", (await RunAsync(2, "name=Jane", "events", "list", "--of-from", "-")).Errors, StringComparison.Ordinal);
        (await _site.RunAsync("events", "add", "--kind", "death", "--date", "2012-02-28")).Demand(2);
        (await _site.RunAsync("events", "list", "--patient", "0816")).Demand(5);
        DemandNothingPersonal("0815");
    }

    [Fact]
    public async Task A_schedule_with_faults_is_not_used_and_all_faults_are_told()
    {
        File.WriteAllText(
            Path.Combine(_site.Root, "retention.json"),
            """{ "timeZone": "Mars", "clases": [], "classes": [ { "id": "letter", "title": "t", "expression": "lastEncunter+8y" }, { "id": "leter", "title": "t", "mandate": "m", "action": "permanent", "expression": "death+1y" } ] }""");
        var check = Json.Document((await _site.RunAsync("config", "check", "--json")).Demand(2));
        Assert.False(check.GetProperty("valid").GetBoolean());
        Assert.Equal(
            ["clases", "timeZone", "classes[0].mandate", "classes[0].expression", "classes[1].id", "classes[1].expression"],
            check.GetProperty("retention").GetProperty("faults").EnumerateArray().Select(fault => fault.Text("path")));
        string errors = (await _site.RunAsync("events", "add", "--patient", "1", "--kind", "death", "--date", "2012-02-28")).Demand(2).Errors;
        Assert.Contains("classes[0].expression: names the trigger \"lastEncunter\"", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_site.Data));

        File.Delete(Path.Combine(_site.Root, "retention.json"));
        Assert.Contains("retention.json is not there: everything is kept.", (await _site.RunAsync("config", "check")).Demand(0).Output, StringComparison.Ordinal);
        _site.Config["retention"] = new System.Text.Json.Nodes.JsonObject { ["schedule"] = "other.json" };
        (await _site.RunAsync("config", "check")).Demand(2);
    }

    [Fact]
    public async Task The_key_of_names_is_drawn_once_and_for_its_owner_alone()
    {
        await ImportAsync(0, "patientId,kind,date\n0815,death,2012-02-28\n");
        string file = Path.Combine(_site.Data, "keys/event-names");
        string key = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        Assert.Matches("^[0-9a-f]{64}$", key);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        await ImportAsync(0, "patientId,kind,date\n0815,death,2012-02-28\n0816,death,2012-02-28\n");
        Assert.Equal(key, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        await File.WriteAllTextAsync(file, "short", TestContext.Current.CancellationToken);
        Assert.Contains("keys/event-names is damaged", (await _site.RunAsync("events", "add", "--patient", "0815", "--kind", "birth", "--date", "1980-02-28")).Demand(6).Errors, StringComparison.Ordinal);
        (await _site.RunAsync("events", "list", "--patient", "0815")).Demand(0);   // looking needs no key
    }

    [Fact]
    public async Task The_key_that_signs_destructions_is_there_before_the_first_of_them()
    {
        using (await _site.ServeAsync())
        {
            using var noted = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(Path.Combine(_site.Data, "keys/destruction-signing.pem"), TestContext.Current.CancellationToken));
            Assert.Contains("CN=DocIngest destruction certificates", noted.Subject, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task With_a_damaged_key_of_names_scans_are_filed_and_what_they_brought_is_not_lost()
    {
        const string Sidecar = """{"fields": {"patientId": "MRN-0815"}, "events": [{"kind": "death", "date": "2012-02-28"}]}""";
        _site.Profile["trustedSidecar"] = true;
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(_site.Data, "keys")).FullName, "event-names");
        await File.WriteAllBytesAsync(file, [0xff, 0x00, (byte)'g'], TestContext.Current.CancellationToken);
        _site.Put("letter.pdf", A.Pdf().WithTextLayer("A letter").ToBytes());
        _site.Put("letter.pdf.json", Encoding.UTF8.GetBytes(Sidecar));
        var filed = Assert.Single(await _site.LinesAsync("ingest", _site["letter.pdf"]));
        Assert.Equal("filed", filed.Text("outcome"));
        string id = filed.Text("id") ?? "";
        Assert.Equal("event-refused", Assert.Single(await _site.LinesAsync("qc", "list")).Text("code"));
        Assert.Contains("the key that names events, which is damaged", (await _site.RunAsync("qc", "show", id)).Demand(0).Output, StringComparison.Ordinal);
        (await _site.RunAsync("events", "list", "--patient", "0815")).Demand(5);
        DemandNothingPersonal("0815");

        File.Delete(file);
        (await _site.RunAsync("events", "add", "--patient", "MRN-0815", "--kind", "death", "--date", "2012-02-28")).Demand(0);
        (await _site.RunAsync("qc", "confirm", id)).Demand(0);
        Assert.Empty(await _site.LinesAsync("qc", "list"));
    }

    private async Task<string> IngestAsync(string name, string sidecar)
    {
        _site.Put($"{name}.pdf", A.Pdf().WithTextLayer($"A letter, {name}").ToBytes());
        _site.Put($"{name}.pdf.json", Encoding.UTF8.GetBytes(sidecar));
        return Assert.Single(await _site.LinesAsync("ingest", _site[$"{name}.pdf"])).Text("id");
    }

    private async Task<List<JsonElement>> ImportAsync(int exitCode, string csv)
    {
        string file = Path.Combine(_site.Root, "events.csv");
        await File.WriteAllTextAsync(file, csv, TestContext.Current.CancellationToken);
        return Json.Lines((await _site.RunAsync("events", "import", file, "--json")).Demand(exitCode));
    }

    private async Task<EndedProgram> RunAsync(int exitCode, string input, params string[] arguments)
    {
        using var running = _site.Start(arguments);
        await running.Input.WriteAsync(Encoding.UTF8.GetBytes(input), TestContext.Current.CancellationToken);
        running.CloseInput();
        return (await running.EndAsync()).Demand(exitCode);
    }

    // Neither in a log, nor in a path, nor in an inventory (I6).
    private void DemandNothingPersonal(string number)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(_site.Data, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(number, Path.GetRelativePath(_site.Data, path).Split('/').Where(part => !part.All(char.IsAsciiHexDigit)).DefaultIfEmpty("").Aggregate((a, b) => a + "/" + b), StringComparison.Ordinal);
        }

        string logs = Directory.CreateDirectory(Path.Combine(_site.Data, "logs")).FullName;   // there may be nothing to log
        foreach (string file in Directory.EnumerateFiles(logs, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(number, File.ReadAllText(file), StringComparison.Ordinal);
        }

        foreach (string file in Directory.EnumerateFiles(Path.Combine(_site.Data, "archive"), "inventory.json", SearchOption.AllDirectories))
        {
            Assert.DoesNotMatch($"(?<![0-9a-f]){number}(?![0-9a-f])", File.ReadAllText(file));
        }
    }

    private static int Number(JsonElement line, string name) => line.GetProperty(name).GetInt32();
}
