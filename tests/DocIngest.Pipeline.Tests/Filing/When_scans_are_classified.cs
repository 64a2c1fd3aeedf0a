using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Classification;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Filing;

/// <summary>What rules say of a scan reaches its record, the catalog and the people who look.</summary>
public sealed class When_scans_are_classified : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly IngestWorld _world = new();

    public When_scans_are_classified()
    {
        File.WriteAllText(_folder["codes.csv"], "code,term\nX10.0,Broken hip\nX22.3,High pressure\n");
        _world.Reader = new WordsReader(_world);
        _world.Profile.Languages = ["en", "de"];
        _world.Profile.RecordClass = "scan";
        _world.Classifier = new Classifier(
            Rules.Build(
                new RulesOptions
                {
                    CodeLists = [new CodeListOptions { Name = "dx", File = "codes.csv" }],
                    Rules =
                    [
                        new RuleOptions
                        {
                            Name = "letter", RecordClass = "letter", Title = "Letter of {documentDate}", Tags = ["correspondence"],
                            When = [new ConditionOptions { Phrase = "dear colleague" }],
                            Fields = [Rules.Field("documentDate", FieldType.Date), new FieldOptions { Name = "diagnosis", Type = FieldType.Code, CodeList = "dx" }],
                        },
                        new RuleOptions { Name = "allergy", Flags = ["allergy"], When = [new ConditionOptions { Any = ["allergic"] }] },
                    ],
                },
                _folder.Path),
            new LanguageDetector(["en", "de"]), TimeProvider.System);
    }

    public void Dispose()
    {
        _world.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_record_says_it_all_and_a_rebuilt_catalog_too()
    {
        await TakeAsync("Dear colleague, on 2 May 2026 we saw your patient with X22.3 and X10.0, who is allergic to penicillin.");
        var record = Assert.Single(_world.Records());
        Assert.Equal(("letter", "Letter of 2026-05-02", "en"), (record.RecordClass, record.Title, record.Language));
        Assert.Equal(("correspondence", "allergy"), (Assert.Single(record.Tags), Assert.Single(record.Flags)));
        Assert.Equal(("2026-05-02", "X22.3"), (record.Fields["documentDate"], record.Fields["diagnosis"]));
        Assert.Equal("Dear colleague, on 2 May 2026", record.Evidence["documentDate"].Words);
        Assert.Equal(["X22.3 High pressure 1", "X10.0 Broken hip 1"], record.Codes.Select(code => $"{code.Code} {code.Term} {code.Page}"));
        foreach (var query in new[]
        {
            new FindQuery { Text = "Letter of 2026" }, new FindQuery { Text = "correspondence" }, new FindQuery { Text = "broken hip" },
            new FindQuery { Flags = ["allergy"] }, new FindQuery { Fields = [new FieldValue("diagnosis", "X10.0")] },
            new FindQuery { Fields = [new FieldValue("diagnosis", "X22.3")], RecordClass = "letter" },
        })
        {
            using var database = _world.OpenDatabase();
            Assert.Equal(record.Id, Assert.Single(new SqliteCatalog(database).Find(query, TestContext.Current.CancellationToken)).Id);
        }

        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(live, rebuilt);
    }

    [Fact]
    public async Task A_flag_of_a_rule_catches_the_eye_and_waits_for_nobody()
    {
        await TakeAsync("allergic");
        Assert.Equal(["allergy"], Assert.Single(_world.Records()).Flags);
        Assert.Empty(_world.Ask(connection => ReviewTable.List(connection).ToList()));
    }

    [Fact]
    public async Task A_rule_that_took_too_long_makes_a_person_look()
    {
        _world.Classifier = new Classifier(
            Rules.Build(new RulesOptions
            {
                RuleLimit = TimeSpan.FromMilliseconds(20),
                Rules = [new RuleOptions { Name = "slow", Tags = ["x"], When = [new ConditionOptions { Regex = @"^(?!z)(\w|a|\wa)+\d\d!$" }] }],
            }),
            LanguageDetector.None, TimeProvider.System);
        await TakeAsync(new string('a', 5_000));
        Assert.Equal("Rule slow took too long with this document and was left out.", Assert.Single(Assert.Single(_world.Records()).RuleNotes));
        Assert.Equal("rules-incomplete", Assert.Single(_world.Ask(connection => ReviewTable.List(connection).ToList())).Code);
    }

    [Fact]
    public async Task Without_a_rule_that_holds_the_profile_says_the_class()
    {
        await TakeAsync("nothing that a rule knows");
        Assert.Equal("scan", Assert.Single(_world.Records()).RecordClass);
    }

    [Fact]
    public async Task A_field_of_the_sidecar_stands_and_says_where_it_came_from()
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        _world.Put("a.pdf.json", """{ "recordClass": "memo", "fields": { "diagnosis": "by hand" } }"""u8.ToArray());
        await TakeAsync("Dear colleague, X22.3");
        var record = Assert.Single(_world.Records());
        Assert.Equal(("memo", "by hand", "sidecar"), (record.RecordClass, record.Fields["diagnosis"], record.Evidence["diagnosis"].Source));
        Assert.Empty(record.Codes);
    }

    [Fact]
    public void A_record_of_an_older_program_is_read_as_it_is()
    {
        const string json = """
            {"format":"docingest-record/1","id":"urn:uuid:0198a2b4-0000-7000-8000-000000000001","scanId":"urn:uuid:0198a2b4-0000-7000-8000-000000000001",
             "recordClass":"letter","documentKey":null,"profile":"default","receivedAt":"2026-01-01T00:00:00+00:00","fileName":"a.pdf","subfolder":"",
             "mediaType":"application/pdf","sizeBytes":1,"sha512":"00","identity":"","textStatus":"complete",
             "pages":{"total":1,"withText":1,"pendingOcr":0,"blank":0,"failed":0},"fields":{"ward":"7"},"flags":["late-bytes"],"twins":[],"metadata":{},"tools":[]}
            """;
        var record = System.Text.Json.JsonSerializer.Deserialize(json, RecordJson.Instance.RecordDocument);
        Assert.Equal(("7", "late-bytes", null, null), (record?.Fields["ward"], record?.Flags[0], record?.Title, record?.Language));
        Assert.Empty(record?.Tags ?? ["?"]);
        Assert.Empty(record?.Codes ?? [new FoundCode("", "", "", null)]);
        Assert.Empty(record?.Evidence.Keys ?? ["?"]);
        Assert.Empty(record?.RuleNotes ?? ["?"]);
    }

    private async Task TakeAsync(string words)
    {
        _world.Put("a.pdf", IngestWorld.Document(words));
        await _world.RunAsync();
        var report = Assert.Single(_world.Reports);
        Assert.True(report.Outcome == "filed", report.Reason);
    }
}
