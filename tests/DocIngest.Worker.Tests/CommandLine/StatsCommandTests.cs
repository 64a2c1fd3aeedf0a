using System.Text;
using System.Text.Json;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>What a records manager counts.</summary>
public sealed class StatsCommandTests : IDisposable
{
    private const string Patient = "MRN-4711";

    private readonly IntakeSite _site = new();

    public StatsCommandTests()
    {
        _site.Profile["recordClass"] = "letter";
        _site.Profile["sidecar"] = "optional";
        File.WriteAllText(
            Path.Combine(_site.Root, "retention.json"),
            """{ "timeZone": "Europe/London", "classes": [ { "id": "letter", "title": "Letters", "mandate": "m", "expression": "lastEncounter+8y" } ] }""");
    }

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task From_scans_and_events_to_numbers_that_add_up()
    {
        await FileSomeAsync();
        var stats = await StatsAsync(0);
        Assert.Equal(("docingest-stats/1", "Europe/London"), (stats.Text("format"), stats.Text("timeZone")));
        Assert.True(stats.GetProperty("addsUp").GetBoolean());
        Assert.True(stats.GetProperty("complete").GetBoolean());

        // The same account of files as status gives.
        var scans = stats.GetProperty("scans");
        var status = (await _site.StatusAsync()).GetProperty("total");
        Assert.Equal(5, Number(scans, "total", "dropped"));
        Assert.Equal(Number(status, "dropped"), Number(scans, "total", "dropped"));
        Assert.Equal((3, 1, 1, 0), (Number(scans, "total", "filed"), Number(scans, "total", "duplicate"), Number(scans, "total", "quarantined"), Number(scans, "total", "pending")));
        Assert.True(scans.GetProperty("timeToFile").GetProperty("medianSeconds").GetDouble() > 0);

        var records = stats.GetProperty("records");
        Assert.Equal((3, 1, 4), (Number(records, "total", "records"), Number(records, "total", "withdrawn"), Number(records, "total", "versions")));
        Assert.Equal((5, 5), (Number(records, "total", "pages", "total"), Number(records, "total", "pages", "textLayer")));
        Assert.Equal(["month", "class", "source", "operator"], records.GetProperty("by").EnumerateObject().Select(one => one.Name));
        Assert.Equal(["letter", "memo"], records.GetProperty("by").GetProperty("class").EnumerateArray().Select(row => row.Text("name")));
        Assert.Equal([Environment.UserName], records.GetProperty("by").GetProperty("operator").EnumerateArray().Select(row => row.Text("name")));
        DemandSums(records, "records", "withdrawn", "versions");
        DemandSums(scans, "dropped", "filed", "duplicate", "quarantined", "pages");

        var admissions = stats.GetProperty("events").GetProperty("kinds").EnumerateArray().Single(kind => kind.Text("kind") == "admission");
        Assert.Equal((2, 1), (Number(admissions, "patients"), Number(admissions, "cases")));
        Assert.Equal((1, 0), (Number(stats.GetProperty("events"), "open", "patients"), Number(stats.GetProperty("events"), "open", "cases")));

        // The same states as the plan's.
        var states = (await _site.LinesAsync("retention", "plan"))[^1].GetProperty("states");
        var retention = stats.GetProperty("retention").GetProperty("total");
        Assert.Equal((Number(states, "due"), Number(states, "kept"), Number(states, "noSchedule")), (Number(retention, "due"), Number(retention, "kept"), Number(retention, "noSchedule")));
        Assert.Equal((1, 1, 1), (Number(retention, "due"), Number(retention, "kept"), Number(retention, "noSchedule")));
        DemandSums(stats.GetProperty("retention"), "records", "due", "kept");
    }

    [Fact]
    public async Task A_span_a_breakdown_and_a_section_are_chosen()
    {
        await FileSomeAsync();
        var none = await StatsAsync(0, "--to", "2001-01-01");
        Assert.Equal((0, 0), (Number(none, "scans", "total", "dropped"), Number(none, "records", "total", "records")));
        Assert.Equal(JsonValueKind.Null, none.GetProperty("scans").GetProperty("timeToFile").GetProperty("medianSeconds").ValueKind);
        Assert.Equal("2001-01-01", none.Text("to"));
        var days = await StatsAsync(0, "--by", "day", "--by", "class", "--section", "records", "--from", "2020-01-01");
        Assert.Equal(["day", "class"], days.GetProperty("records").GetProperty("by").EnumerateObject().Select(one => one.Name));
        Assert.False(days.TryGetProperty("retention", out _));

        string words = (await _site.RunAsync("stats", "--section", "retention", "--due-within", "30")).Demand(0).Output;
        Assert.Matches(@"retention on \S+ +records +overdue +in 30 d +later +unknown +permanent +no schedule +held", words);
        Assert.Matches(@"letter +2 +1 +0 +0 +1 +0 +0 +0\n", words);
        foreach (string[] wrong in (string[][])[["--from", "2026-01-02", "--to", "2026-01-01"], ["--from", "yesterday"], ["--to", "9999-12-31"], ["--by", "patient"], ["--section", "x"], ["--due-within", "-1"]])
        {
            (await _site.RunAsync(["stats", .. wrong])).Demand(2);
        }
    }

    [Fact]
    public async Task Nothing_of_a_patient_is_shown_and_nothing_is_added_to_the_audit()
    {
        await FileSomeAsync();
        string before = (await _site.RunAsync("audit", "show")).Demand(0).Output;
        foreach (string output in new[] { (await _site.RunAsync("stats", "--json")).Demand(0).Output, (await _site.RunAsync("stats")).Demand(0).Output })
        {
            Assert.DoesNotContain("4711", output, StringComparison.Ordinal);
            Assert.DoesNotContain("surname", output, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("urn:uuid", output, StringComparison.Ordinal);
            Assert.DoesNotContain("events:", output, StringComparison.Ordinal);
        }

        Assert.Equal(before, (await _site.RunAsync("audit", "show")).Demand(0).Output);
    }

    [Fact]
    public async Task What_could_not_be_counted_is_said_until_a_rebuild()
    {
        await FileSomeAsync();
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_site.Data, "catalog/docingest.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DELETE FROM event_days; UPDATE catalog_figures SET by_ocr = NULL";
            command.ExecuteNonQuery();
        }

        var stats = await StatsAsync(3);
        Assert.False(stats.GetProperty("complete").GetBoolean());
        Assert.True(stats.GetProperty("addsUp").GetBoolean());
        Assert.Contains("NOT COMPLETE: of 3 patients or cases", (await _site.RunAsync("stats", "--section", "events")).Demand(3).Output, StringComparison.Ordinal);
        (await _site.RunAsync("catalog", "rebuild")).Demand(0);
        Assert.True((await StatsAsync(0)).GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task Counts_that_do_not_agree_are_a_finding()
    {
        await FileSomeAsync();
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_site.Data, "catalog/docingest.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE catalog_figures SET pages = pages + 1 WHERE record_class = 'memo'";
            command.ExecuteNonQuery();
        }

        Assert.False((await StatsAsync(1)).GetProperty("addsUp").GetBoolean());
        Assert.Contains("DOES NOT ADD UP", (await _site.RunAsync("stats", "--section", "records")).Demand(1).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_member_of_the_document_is_explained()
    {
        await FileSomeAsync();
        string explained = Checkout.Read("docs/formats/stats.md");
        Assert.All(NamesIn(await StatsAsync(0, "--by", "day", "--by", "operator")).Distinct(), name => Assert.Matches($"[\"`]{name}[\"`]", explained));
    }

    [Fact]
    public async Task Without_an_archive_there_is_nothing_to_count() => (await _site.RunAsync("stats")).Demand(5);

    private async Task FileSomeAsync()
    {
        Put("a", 3, $$$"""{"fields": {"patientId": "{{{Patient}}}", "name": "Surname"}}""");
        Put("b", 1, """{"fields": {"patientId": "MRN-1"}}""");
        Put("c", 1, """{"recordClass": "memo"}""");
        var lines = await _site.LinesAsync("ingest", _site.Drop, "--move");
        Put("d", 1, """{"recordClass": "memo"}""", like: "c");
        _site.Put("list.txt", Encoding.UTF8.GetBytes("eggs, milk\n"));
        await _site.LinesAsync("ingest", _site.Drop, "--move");
        string memo = lines.Single(line => line.Text("file").EndsWith("c.pdf", StringComparison.Ordinal)).Text("id");
        (await _site.RunAsync("withdraw", memo, "--reason", "illegible")).Demand(0);
        string file = Path.Combine(_site.Root, "events.csv");
        await File.WriteAllTextAsync(
            file, $"patientId,encounterId,kind,date\n{Patient},E-1,admission,2010-01-01\n{Patient},E-1,discharge,2010-01-05\nMRN-1,,admission,2011-01-01\n", TestContext.Current.CancellationToken);
        (await _site.RunAsync("events", "import", file)).Demand(0);
    }

    private void Put(string name, int pages, string sidecar, string? like = null)
    {
        _site.Put($"{name}.pdf", A.Pdf().WithTextLayer($"A letter, {like ?? name}").Pages(pages).ToBytes());
        _site.Put($"{name}.pdf.json", Encoding.UTF8.GetBytes(sidecar));
    }

    private async Task<JsonElement> StatsAsync(int exitCode, params string[] arguments) =>
        Json.Document((await _site.RunAsync(["stats", "--json", .. arguments])).Demand(exitCode));

    // Rows of each breakdown sum to the total (I7).
    private static void DemandSums(JsonElement section, params string[] names)
    {
        foreach (var breakdown in section.GetProperty("by").EnumerateObject())
        {
            Assert.NotEqual(0, breakdown.Value.GetArrayLength());
            foreach (string name in names)
            {
                Assert.Equal((breakdown.Name, name, Number(section, "total", name)), (breakdown.Name, name, breakdown.Value.EnumerateArray().Sum(row => Number(row, name))));
            }
        }
    }

    private static IEnumerable<string> NamesIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => NamesIn(member.Value).Prepend(member.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(NamesIn),
        _ => [],
    };

    private static int Number(JsonElement element, params string[] path) => path.Aggregate(element, (inner, name) => inner.GetProperty(name)).GetInt32();
}
