using System.Text;
using DocIngest.TestKit;
using ImageMagick;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>Commands by which other records take the place of one: it is found where it belongs, and who read it meanwhile is told.</summary>
public sealed class SuccessionCommandsTests : IDisposable
{
    private const string Nobody = "urn:uuid:01a2b3c4-0000-7000-8000-000000000000";

    private readonly IntakeSite _site = new();

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task A_record_is_moved_to_the_right_patient_and_its_readers_are_told()
    {
        _site.Profile["sidecar"] = "optional";
        byte[] letter = A.Pdf().WithTextLayer("Letter about something").ToBytes();
        string id = await TakeAsync("a.pdf", letter, """{"fields": {"patientId": "4711"}}""");
        (await _site.RunAsync("show", id, "--purpose", "treatment")).Demand(0);
        (await _site.RunAsync("get", id, "--as", "text")).Demand(0);
        (await _site.RunAsync("find", "letter")).Demand(0);

        (await _site.RunAsync("reassign", id, "--set", "patientId=0815")).Demand(2);                                  // without a reason
        (await _site.RunAsync("reassign", id, "--set", "patientId=0815", "--reason", "bored")).Demand(2);
        (await _site.RunAsync("reassign", id, "--set", "patientId=4711", "--reason", "wrong-patient")).Demand(2);   // it is there
        (await _site.RunAsync("reassign", id, "--set", "ward=7", "--reason", "wrong-patient")).Demand(2);
        (await _site.RunAsync("reassign", Nobody, "--set", "patientId=0815", "--reason", "wrong-patient")).Demand(5);
        (await _site.RunAsync("reassign", "no id", "--set", "patientId=0815", "--reason", "wrong-patient")).Demand(2);
        var done = Json.Document((await _site.RunAsync("reassign", id, "--set", "patientId=0815", "--reason", "wrong-patient", "--json")).Demand(0));
        Assert.Equal((id, "v2", "reassigned"), (done.Text("id"), done.Text("version"), done.Text("result")));
        var moved = Assert.Single(done.GetProperty("records").EnumerateArray());
        Assert.Equal("v1", moved.Text("version"));
        var readers = done.GetProperty("readers").EnumerateArray().ToList();
        Assert.Equal(["read show", "read text", "search find"], readers.ConvertAll(reader => reader.Text("act")));
        Assert.All(readers, reader => Assert.Equal(Environment.UserName, reader.Text("account")));
        Assert.Equal("treatment", readers[0].Text("purpose"));

        Assert.Equal(moved.Text("id"), Assert.Single(await _site.LinesAsync("find", "letter", "--field", "patientId=0815")).Text("id"));
        Assert.Empty(await _site.LinesAsync("find", "", "--field", "patientId=4711"));
        Assert.Equal(letter, (await _site.RunAsync("get", moved.Text("id"))).Demand(0).OutputBytes);
        Assert.Contains($"was       {id}", (await _site.RunAsync("show", moved.Text("id"))).Demand(0).Output, StringComparison.Ordinal);
        string former = (await _site.RunAsync("show", id)).Demand(0).Output;
        Assert.Contains($"now       {moved.Text("id")}", former, StringComparison.Ordinal);
        Assert.DoesNotContain("0815", former, StringComparison.Ordinal);
        Assert.Contains("reassigned (wrong-patient) by", former, StringComparison.Ordinal);
        (await _site.RunAsync("reassign", id, "--set", "patientId=0815", "--reason", "wrong-patient")).Demand(2);   // withdrawn
        (await _site.RunAsync("reinstate", id, "--reason", "no")).Demand(2);
        Assert.Equal(2, (await _site.LinesAsync("audit", "show", "--record", moved.Text("id"))).Count(entry => entry.Text("type") is "amend" or "search"));
        (await _site.RunAsync("archive", "validate")).Demand(0);
        (await _site.RunAsync("audit", "verify")).Demand(0);
        Assert.True((await _site.StatusAsync()).GetProperty("addsUp").GetBoolean());
    }

    [Fact]
    public async Task In_words_it_says_what_took_its_place_and_who_read_it()
    {
        string id = await TakeAsync("a.pdf", A.Pdf().WithTextLayer("Letter").ToBytes());
        string unread = (await _site.RunAsync("reassign", id, "--set", "patientId=0815", "--reason", "wrong-patient")).Demand(0).Output;
        Assert.Contains($"reassigned: {id} is withdrawn as v2.", unread, StringComparison.Ordinal);
        Assert.Contains("Nobody has read it since it was filed.", unread, StringComparison.Ordinal);
        string moved = Assert.Single(await _site.LinesAsync("find", "letter")).Text("id");
        string read = (await _site.RunAsync("reassign", moved, "--set", "encounterId=5", "--reason", "wrong-case")).Demand(0).Output;
        Assert.Matches($@"  \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\dZ  {Environment.UserName}  search find", read);
    }

    [Fact]
    public async Task A_copy_of_the_archive_counts_as_a_reader()
    {
        string id = await TakeAsync("a.pdf", A.Pdf().WithTextLayer("Letter").ToBytes());
        (await _site.RunAsync("archive", "copy", "--to", Path.Combine(_site.Root, "copy"))).Demand(0);
        var done = Json.Document((await _site.RunAsync("reassign", id, "--set", "patientId=0815", "--reason", "wrong-patient", "--json")).Demand(0));
        Assert.Equal("export archive-copy", Assert.Single(done.GetProperty("readers").EnumerateArray()).Text("act"));
    }

    [Fact]
    public async Task Retention_goes_by_the_events_of_the_right_patient()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_site.Root, "retention.json"),
            """{ "timeZone": "UTC", "classes": [ { "id": "letter", "title": "Letters", "mandate": "Board", "action": "destroy", "expression": "death+10y" } ] }""",
            TestContext.Current.CancellationToken);
        _site.Profile["recordClass"] = "letter";
        string id = await TakeAsync("a.pdf", A.Pdf().WithTextLayer("Letter").ToBytes());
        (await _site.RunAsync("amend", id, "--set", "patientId=4711", "--reason", "r")).Demand(0);
        (await _site.RunAsync("events", "add", "--kind", "death", "--date", "2001-02-03", "--patient", "0815")).Demand(0);
        var done = Json.Document((await _site.RunAsync("reassign", id, "--set", "patientId=0815", "--reason", "wrong-patient", "--json")).Demand(0));
        string moved = Assert.Single(done.GetProperty("records").EnumerateArray()).Text("id");
        Assert.Contains("2011-02-03", (await _site.RunAsync("retention", "plan", moved)).Demand(0).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("2011-02-03", (await _site.RunAsync("retention", "plan", id)).Demand(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_that_may_name_a_patient_come_from_standard_input()
    {
        string id = await TakeAsync("a.pdf", A.Pdf().WithTextLayer("Letter").ToBytes());
        (await RunWithInputAsync("Letter of Anna Muster\n", "amend", id, "--title", "-", "--reason", "r")).Demand(0);
        (await RunWithInputAsync("Anna Muster called\n", "amend", id, "--class", "letter", "--reason", "-")).Demand(0);
        (await RunWithInputAsync(" \n", "amend", id, "--class", "letter", "--reason", "-")).Demand(2);
        Assert.Contains("standard input", (await RunWithInputAsync("x", "amend", id, "--title", "-", "--reason", "-")).Demand(2).Errors, StringComparison.Ordinal);
        (await RunWithInputAsync("Anna Muster's neighbour\n", "withdraw", id, "--reason", "entered-in-error", "--note", "-")).Demand(0);
        (await RunWithInputAsync("hers after all\n", "reinstate", id, "--reason", "-")).Demand(0);
        string shown = (await _site.RunAsync("show", id)).Demand(0).Output;
        foreach (string said in new[] { "title     Letter of Anna Muster", ": Anna Muster called", ": Anna Muster's neighbour", ": hers after all" })
        {
            Assert.Contains(said, shown, StringComparison.Ordinal);
        }

        (await RunWithInputAsync("patientId=0815\n", "reassign", id, "--set-from", "-", "--remove", "ward", "--reason", "wrong-patient")).Demand(2);
        (await RunWithInputAsync("patientId=0815\n", "reassign", id, "--set-from", "-", "--reason", "wrong-patient")).Demand(0);
    }

    [Fact]
    public async Task A_record_of_two_documents_becomes_two_and_its_readers_are_told()
    {
        Needs.Tool("qpdf");
        byte[] both = A.Pdf().WithTextLayer("Discharge summary of somebody").Pages(3).ToBytes();
        string id = await TakeAsync("both.pdf", both);
        (await _site.RunAsync("show", id)).Demand(0);
        foreach (string wrong in new[] { "1-2,2-3", "1-2,3-4", "1,3", "1-3", "3-1,2", "all", "" })
        {
            (await _site.RunAsync("split", id, "--pages", wrong)).Demand(2);
        }

        (await _site.RunAsync("split", id)).Demand(2);
        (await _site.RunAsync("split", id, "--pages", "1,2-3", "--version", "v2")).Demand(2);
        (await _site.RunAsync("split", Nobody, "--pages", "1,2-3")).Demand(5);
        var done = Json.Document((await RunWithInputAsync("two of them\n", "split", id, "--pages", "1,2-3", "--note", "-", "--json")).Demand(0));
        Assert.Equal((id, "v2", "split"), (done.Text("id"), done.Text("version"), done.Text("result")));
        Assert.Equal(["read show"], done.GetProperty("readers").EnumerateArray().Select(reader => reader.Text("act")));
        var parts = done.GetProperty("records").EnumerateArray().ToList();
        Assert.Equal(["1", "2-3"], parts.ConvertAll(part => part.Text("pages")));
        Assert.Equal(
            parts.ConvertAll(part => part.Text("id")).Order(StringComparer.Ordinal),
            (await _site.LinesAsync("find", "discharge")).ConvertAll(found => found.Text("id")).Order(StringComparer.Ordinal));
        Assert.Equal(2, (await _site.RunAsync("get", parts[1].Text("id"), "--as", "text")).Demand(0).Output.Count(character => character == '\f'));
        Assert.StartsWith("%PDF", (await _site.RunAsync("get", parts[0].Text("id"))).Demand(0).Output, StringComparison.Ordinal);
        Assert.Equal(both, (await _site.RunAsync("get", id)).Demand(0).OutputBytes);   // the whole stays
        Assert.Contains($"split off pages 2-3 of {id}, v1", (await _site.RunAsync("show", parts[1].Text("id"))).Demand(0).Output, StringComparison.Ordinal);
        string whole = (await _site.RunAsync("show", id)).Demand(0).Output;
        Assert.Contains($"now       {parts[0].Text("id")}: pages 1", whole, StringComparison.Ordinal);
        Assert.Contains("split (superseded) by", whole, StringComparison.Ordinal);
        (await _site.RunAsync("qc", "assign", parts[0].Text("id"), "--set", "patientId=1")).Demand(0);
        (await _site.RunAsync("reassign", parts[0].Text("id"), "--set", "patientId=2", "--keep", "patientId", "--reason", "wrong-patient")).Demand(0);
        (await _site.RunAsync("split", id, "--pages", "1,2-3")).Demand(2);
        Assert.Equal("split", Assert.Single(
            await _site.LinesAsync("audit", "show", "--record", parts[1].Text("id")), entry => entry.Text("type") == "amend").Text("subtype"));
        (await _site.RunAsync("archive", "validate")).Demand(0);
        (await _site.RunAsync("catalog", "rebuild")).Demand(0);
        Assert.Equal(2, (await _site.LinesAsync("find", "discharge")).Count);
    }

    [Fact]
    public async Task Each_part_gets_what_is_said_of_it_on_standard_input_or_in_a_file()
    {
        Needs.Tool("qpdf");
        string id = await TakeAsync("both.pdf", A.Pdf().WithTextLayer("Discharge summary of somebody").Pages(3).ToBytes());
        foreach (string wrong in new[]
        {
            "", "null", "{}", "[", "[null]", """[{"fields":{"patientId":"4711"}}]""", """[{"pages":"1,2-3"}]""", """[{"pages":"1","patient":"4711"},{"pages":"2-3"}]""",
            """[{"pages":"1","fields":{"patientId":""}},{"pages":"2-3"}]""", """[{"pages":"1","fields":{"patientId":4711}},{"pages":"2-3"}]""", """[{"pages":"1"},{"pages":"2"}]""",
            """[{"pages":"1","recordClass":"No Class!"},{"pages":"2-3"}]""",
        })
        {
            var refused = (await RunWithInputAsync(wrong, "split", id, "--parts", "-")).Demand(2);
            Assert.DoesNotContain("4711", refused.Errors, StringComparison.Ordinal);
        }

        (await _site.RunAsync("split", id, "--parts", "-", "--pages", "1,2-3")).Demand(2);
        (await _site.RunAsync("split", id, "--parts", Path.Combine(_site.Root, "none.json"))).Demand(5);
        const string Parts = """[ { "pages": "1", "fields": { "patientId": "4711" }, "recordClass": "letter", "documentKey": "K-1", "title": "The first" }, { "pages": "2-3", "fields": { "patientId": "4712" } } ]""";
        string file = Path.Combine(_site.Root, "parts.json");
        await File.WriteAllTextAsync(file, Parts, TestContext.Current.CancellationToken);
        var done = Json.Document((await _site.RunAsync("split", id, "--parts", file, "--json")).Demand(0));
        var parts = done.GetProperty("records").EnumerateArray().Select(part => part.Text("id")).ToList();
        Assert.Equal(parts[0], Assert.Single(await _site.LinesAsync("find", "--field", "patientId=4711")).Text("id"));
        Assert.Equal(parts[1], Assert.Single(await _site.LinesAsync("find", "--field", "patientId=4712")).Text("id"));
        var first = Json.Document((await _site.RunAsync("show", parts[0], "--json")).Demand(0)).GetProperty("record");
        Assert.Equal(("letter", "K-1", "The first"), (first.Text("recordClass"), first.Text("documentKey"), first.Text("title")));
    }

    [Fact]
    public async Task Scanned_pages_keep_the_words_that_OCR_read_and_get_renditions_of_their_own()
    {
        Needs.Tool("qpdf");
        Needs.Tool("tesseract");
        using var pages = new MagickImageCollection();
        pages.Add(new MagickImage(ScannedPage.Of("Discharge summary", "first page")));
        pages.Add(new MagickImage(ScannedPage.Of("Laboratory report", "second page")));
        string id = await TakeAsync("scan.tif", pages.ToByteArray(MagickFormat.Tiff));
        var done = Json.Document((await _site.RunAsync("split", id, "--pages", "1,2", "--json")).Demand(0));
        string report = done.GetProperty("records").EnumerateArray().Last().Text("id");
        Assert.Equal(report, Assert.Single(await _site.LinesAsync("find", "laboratory")).Text("id"));
        Assert.DoesNotContain("ischarge", (await _site.RunAsync("get", report, "--as", "text")).Demand(0).Output, StringComparison.Ordinal);
        (await _site.RunAsync("get", report, "--as", "rendition", "-o", Path.Combine(_site.Root, "report.pdf"))).Demand(0);
        var record = Json.Document((await _site.RunAsync("show", report, "--json")).Demand(0)).GetProperty("record");
        Assert.Equal(("complete", "application/pdf", 1), (record.Text("textStatus"), record.Text("mediaType"), record.GetProperty("pages").GetProperty("total").GetInt32()));
        Assert.Equal("unchanged", Assert.Single(await _site.LinesAsync("ocr", report)).Text("outcome"));
    }

    private async Task<EndedProgram> RunWithInputAsync(string input, params string[] arguments)
    {
        using var running = _site.Start(arguments);
        await running.Input.WriteAsync(Encoding.UTF8.GetBytes(input), TestContext.Current.CancellationToken);
        running.CloseInput();
        return await running.EndAsync();
    }

    private async Task<string> TakeAsync(string name, byte[] content, string? sidecar = null)
    {
        _site.Put(name, content);
        if (sidecar is not null)
        {
            _site.Put($"{name}.json", Encoding.UTF8.GetBytes(sidecar));
        }

        return Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
    }
}
