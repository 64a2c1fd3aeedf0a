using System.Text.Json;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

public sealed class RulesCommandsTests : IDisposable
{
    private const string Rules =
        """
        {
          "codeLists": [ { "name": "dx", "file": "dx.csv" } ],
          "rules": [
            {
              "name": "letter", "when": [ { "fuzzy": "discharge summary" } ], "recordClass": "letter", "title": "Letter of {documentDate}", "documentKey": "{encounterId}",
              "fields": [ { "name": "encounterId", "type": "identifier", "labels": [ "Case" ] }, { "name": "documentDate", "type": "date" } ]
            },
            { "name": "allergy", "when": [ { "any": [ "allergic" ] } ], "flags": [ "allergy" ], "recordClass": "other", "tags": [ "care" ] },
            { "name": "codes", "fields": [ { "name": "diagnosis", "type": "code", "codeList": "dx" } ] },
            { "name": "memo", "when": [ { "in": "fileName", "phrase": "memo" } ], "recordClass": "memo" }
          ]
        }
        """;

    private readonly IntakeSite _site = new();

    public RulesCommandsTests()
    {
        _site.Profile["languages"] = new System.Text.Json.Nodes.JsonArray("en", "de");
        File.WriteAllText(Path.Combine(_site.Root, "rules.json"), Rules);
        File.WriteAllText(Path.Combine(_site.Root, "dx.csv"), "code,term\nX10.0,Broken hip\nX22.3,High pressure\n");
        _site.Put("a.pdf", A.Pdf().WithTextLayer("D1scharge summary\nCase 4711 of 05/16/2024 for the patient, who is allergic to nuts and had X22.3 and X10.0").ToBytes());
    }

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task A_test_shows_which_rule_matched_where_and_what_it_set()
    {
        var tested = Json.Document((await _site.RunAsync("rules", "test", _site["a.pdf"], "--json")).Demand(0));
        Assert.Equal("flags", tested.EnumerateObject().First().Name);
        Assert.Equal(("letter", "Letter of 2024-05-16", "4711", "en"), (tested.Text("recordClass"), tested.Text("title"), tested.Text("documentKey"), tested.Text("language")));
        Assert.Equal(["matched", "matched", "matched", "notMatched"], tested.GetProperty("rules").EnumerateArray().Select(rule => rule.Text("outcome")));
        var hit = tested.GetProperty("rules")[0].GetProperty("hits")[0];
        Assert.Equal(("when[0]", 1, "D1scharge summary"), (hit.Text("condition"), hit.GetProperty("page").GetInt32(), hit.Text("words")));
        var overridden = tested.GetProperty("rules")[1].GetProperty("said")[0];
        Assert.Equal(("recordClass", "other", "letter"), (overridden.Text("what"), overridden.Text("value"), overridden.Text("overriddenBy")));
        Assert.Equal(["X22.3", "X10.0"], tested.GetProperty("codes").EnumerateArray().Select(code => code.Text("code")));
        Assert.False(Directory.Exists(_site.Data));   // nothing was taken in or made

        string words = (await _site.RunAsync("rules", "test", _site["a.pdf"])).Demand(0).Output;
        Assert.StartsWith("!! allergy\n", words, StringComparison.Ordinal);
        Assert.Contains("when[0]: page 1 \"D1scharge summary\"", words, StringComparison.Ordinal);
        Assert.Contains("recordClass = other  (overridden by letter)", words, StringComparison.Ordinal);
        Assert.Contains("rule memo: did not match", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_test_says_is_what_ingest_does_and_flags_are_printed_first()
    {
        var tested = Json.Document((await _site.RunAsync("rules", "test", _site["a.pdf"], "--json")).Demand(0));
        string id = Assert.Single(await _site.LinesAsync("ingest", _site["a.pdf"])).Text("id");
        string shown = (await _site.RunAsync("show", id, "--json")).Demand(0).Output;
        var record = Json.Document((await _site.RunAsync("show", id, "--json")).Demand(0));
        Assert.Equal("flags", record.EnumerateObject().First().Name);
        foreach (string name in new[] { "recordClass", "title", "documentKey", "language", "tags", "fields", "evidence", "codes" })
        {
            Assert.Equal(Compact(tested.GetProperty(name)), Compact(record.GetProperty("record").GetProperty(name)));
        }

        Assert.StartsWith("!! allergy", (await _site.RunAsync("show", id)).Demand(0).Output, StringComparison.Ordinal);
        Assert.StartsWith("[allergy] urn:uuid:", (await _site.RunAsync("find", "patient")).Demand(0).Output, StringComparison.Ordinal);
        Assert.StartsWith("{\"flags\":[\"allergy\"]", (await _site.RunAsync("find", "patient", "--json")).Demand(0).Output, StringComparison.Ordinal);
        Assert.Equal(id, Assert.Single(await _site.LinesAsync("find", "--field", "diagnosis=X10.0")).Text("id"));
        Assert.Equal(id, Assert.Single(await _site.LinesAsync("find", "broken hip", "--field", "encounterId=4711")).Text("id"));
        Assert.Empty(await _site.LinesAsync("qc", "list"));
        Assert.Contains(id, shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scan_is_read_by_OCR_before_there_is_a_data_folder()
    {
        Needs.Tool("tesseract");
        Needs.Tool("zbarimg");
        _site.Profile["pages"] = new System.Text.Json.Nodes.JsonObject { ["barCodes"] = true };
        _site.Put("scan.png", ScannedPage.Of("Discharge summary", "Case 4711"));
        var tested = Json.Document((await _site.RunAsync("rules", "test", _site["scan.png"], "--json")).Demand(0));
        Assert.Equal(("complete", "letter", true), (tested.Text("textStatus"), tested.Text("recordClass"), tested.GetProperty("areBarCodesComplete").GetBoolean()));
        Assert.False(Directory.Exists(_site.Data));
    }

    [Fact]
    public async Task What_is_switched_off_is_not_called_missing()
    {
        _site.Profile["pages"] = new System.Text.Json.Nodes.JsonObject { ["barCodes"] = true };
        _site.Config["extraction"] = new System.Text.Json.Nodes.JsonObject { ["ocr"] = false };
        _site.Put("scan.png", ScannedPage.Of("Discharge summary", "Case 4711"));
        string words = (await _site.RunAsync("rules", "test", _site["scan.png"])).Demand(0).Output;
        Assert.Contains("Bar codes of 1 of 1 pages were not read: OCR and its programs are switched off (extraction.ocr).", words, StringComparison.Ordinal);
        string id = Assert.Single(await _site.LinesAsync("ingest", _site["scan.png"])).Text("id");
        Assert.Contains("OCR is switched off (extraction.ocr).", (await _site.RunAsync("show", id)).Demand(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_is_found_however_it_is_written()
    {
        string id = Assert.Single(await _site.LinesAsync("ingest", _site["a.pdf"])).Text("id");
        (await _site.RunAsync("amend", id, "--set", "patientId=450 557 7104", "--set", "diagnosis=x223", "--reason", "misread")).Demand(0);
        foreach (string field in (string[])["patientId=4505577104", "patientId=450 557 7104", "diagnosis=X22.3", "diagnosis=X223", "documentDate=16.05.2024"])
        {
            Assert.Equal(id, Assert.Single(await _site.LinesAsync("find", "--field", field)).Text("id"));
        }

        File.WriteAllText(Path.Combine(_site.Root, "rules.json"), "{");
        Assert.Equal(id, Assert.Single(await _site.LinesAsync("find", "--field", "patientId=450 557 7104")).Text("id"));   // faulty rules stop nobody who looks
    }

    [Fact]
    public async Task Rules_with_faults_start_nothing()
    {
        File.WriteAllText(Path.Combine(_site.Root, "rules.json"), """{ "rules": [ { "name": "a", "when": [ { "regex": "(" } ] }, { "nam": "b" } ] }""");
        foreach (string[] command in (string[][])[["run"], ["ingest", _site["a.pdf"]], ["rules", "test", _site["a.pdf"]]])
        {
            var ended = (await _site.RunAsync(command)).Demand(2);
            Assert.Contains("rules[0].when[0].regex: ", ended.Errors, StringComparison.Ordinal);
            Assert.Contains("rules[1].nam: is not a setting. Did you mean \"name\"?", ended.Errors, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(_site.Data));
        var check = Json.Document((await _site.RunAsync("config", "check", "--json")).Demand(2));
        Assert.False(check.GetProperty("valid").GetBoolean());
        Assert.Equal(4, check.GetProperty("rules").GetProperty("faults").GetArrayLength());
        (await _site.RunAsync("find", "x")).Demand(5);   // no archive yet: looking needs no rules
    }

    [Fact]
    public async Task What_cannot_be_tested_says_why()
    {
        (await _site.RunAsync("rules", "test", _site["gone.pdf"])).Demand(5);
        Assert.Contains("Known: default", (await _site.RunAsync("rules", "test", _site["a.pdf"], "--profile", "ward")).Demand(2).Errors, StringComparison.Ordinal);
        _site.Put("list.txt", "eggs"u8.ToArray());
        Assert.Contains("no document", (await _site.RunAsync("rules", "test", _site["list.txt"])).Demand(3).Output, StringComparison.Ordinal);
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);
}
