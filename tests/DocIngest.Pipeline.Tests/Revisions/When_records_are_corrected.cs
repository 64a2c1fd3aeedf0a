using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Revisions;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Classification;

namespace DocIngest.Pipeline.Tests.Revisions;

/// <summary>Corrections and withdrawals are versions with a name and a reason; nothing of what was is lost.</summary>
public sealed class When_records_are_corrected : IDisposable
{
    private static readonly SortedDictionary<string, string> NoFields = [];

    private readonly IngestWorld _world = new();

    public void Dispose() => _world.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_correction_is_a_version_of_a_record_that_waits_for_nothing()
    {
        var record = await TakeAsync("a.pdf", "Patient: 9, author: Dr No");
        var settled = Assert.IsType<SettlingOutcome.Settled>(await AmendAsync(record.Id, new Assignment(
            new SortedDictionary<string, string> { ["patientId"] = "1" }, "report", null, "read badly") { Removes = ["author"], Title = "A report" }));
        Assert.Equal(2, settled.Version);
        var amended = Assert.Single(_world.Records());
        Assert.Equal(("1", "report", "A report"), (amended.Fields["patientId"], amended.RecordClass, amended.Title));
        Assert.False(amended.Fields.ContainsKey("author"));
        Assert.False(amended.Evidence.ContainsKey("author"));
        var decision = Assert.Single(amended.Decisions);
        Assert.Equal((DecisionKind.Amended, "tester", "read badly"), (decision.Kind, decision.By, decision.Reason));
        var (archive, found) = _world.Find(record.Id);
        using var former = archive.OpenContent(found, VersionNumber.First, "record.json");
        using var reader = new StreamReader(former);
        Assert.Contains("Dr No", await reader.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(rebuilt, live);
    }

    [Fact]
    public async Task A_field_that_a_person_took_away_stays_away_when_it_is_read_again_until_somebody_gives_it()
    {
        var reader = new LaterReader(_world);
        _world.Reader = reader;
        var record = await TakeAsync("a.pdf", "Patient: 9, author: Dr No");   // waits for OCR
        await AmendAsync(record.Id, new Assignment(new SortedDictionary<string, string> { ["author"] = "Dr Yes" }, null, null, "r"));
        await AmendAsync(record.Id, new Assignment(NoFields, null, null, "r") { Removes = ["author"] });
        await _world.RunWithEnvironmentAsync((environment, _) => new LaterReading(environment).ReadWaitingAsync(_ => { }, Cancellation));
        var read = Assert.Single(_world.Records());
        Assert.Equal((TextStatus.Complete, "9"), (read.TextStatus, read.Fields["patientId"]));   // it was read, and the rules found what they find
        Assert.False(read.Fields.ContainsKey("author"));
    }

    [Fact]
    public async Task What_cannot_be_corrected_is_refused_and_changes_nothing()
    {
        var record = await TakeAsync("a.pdf", "Patient: 9");
        foreach (var wrong in new[]
        {
            new Assignment(NoFields, "No Class", null, "r"),
            new Assignment(NoFields, null, null, "r") { Removes = ["author"] },
            new Assignment(new SortedDictionary<string, string> { ["patientId"] = "1" }, null, null, "r") { Removes = ["patientId"] },
        })
        {
            Assert.IsType<SettlingOutcome.Refused>(await AmendAsync(record.Id, wrong));
        }

        Assert.Empty(Assert.Single(_world.Records()).Decisions);
        Assert.IsType<SettlingOutcome.Absent>(await AmendAsync(new RecordIdSource(TimeProvider.System).Draw(), new Assignment(NoFields, "report", null, "r")));
    }

    [Fact]
    public async Task A_withdrawn_record_is_found_no_more_and_kept()
    {
        var record = await TakeAsync("a.pdf", "Patient: 9");
        var other = await TakeAsync("b.pdf", "Patient: 9 again");
        Assert.IsType<SettlingOutcome.Settled>(await WithdrawAsync(record.Id, "the wrong patient's"));
        FindQuery[] queries =
        [
            new(), new() { Text = "Patient" }, new() { Fields = [new FieldValue("patientId", "9")] }, new() { RecordClass = "letter" },
            new() { Text = "Patient", Rank = true, RecordClass = "letter" },
        ];
        Assert.All(queries, query => Assert.Equal([other.Id], Found(query)));
        Assert.All(queries, query => Assert.Equal([record.Id], Found(query with { Withdrawn = true })));
        Assert.Equal(2, _world.Find(record.Id).Found.Head.Value);
        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(rebuilt, live);
        Assert.All(queries, query => Assert.Equal([other.Id], Found(query)));
        Assert.Contains("withdrawn", Assert.IsType<SettlingOutcome.Refused>(await AmendAsync(record.Id, new Assignment(NoFields, "report", null, "r"))).Why, StringComparison.Ordinal);
        Assert.IsType<SettlingOutcome.Refused>(await WithdrawAsync(record.Id, null));

        Assert.IsType<SettlingOutcome.Settled>(await ReinstateAsync(record.Id));
        Assert.Equal([other.Id, record.Id], Found(new FindQuery()));
        Assert.IsType<SettlingOutcome.Refused>(await ReinstateAsync(record.Id));
        Assert.Equal([DecisionKind.Withdrawn, DecisionKind.Reinstated], _world.Records().Single(one => one.Id == record.Id).Decisions.Select(decision => decision.Kind));
    }

    [Fact]
    public async Task The_same_document_scanned_again_is_a_new_record_and_not_hidden_with_the_withdrawn()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)_";
        var record = await TakeAsync("K1_a.pdf", "Patient: 9");
        await WithdrawAsync(record.Id, null);
        var again = await TakeAsync("K1_a.pdf", "Patient: 9");
        Assert.NotEqual(record.Id, again.Id);
        Assert.Equal([again.Id], Found(new FindQuery()));
        Assert.Equal("K1", again.DocumentKey);

        // The document is another record's now.
        Assert.Contains($"{again.Id} is the same document", Assert.IsType<SettlingOutcome.Refused>(await ReinstateAsync(record.Id)).Why, StringComparison.Ordinal);
        await WithdrawAsync(again.Id, null);
        Assert.IsType<SettlingOutcome.Settled>(await ReinstateAsync(record.Id));
        Assert.Equal(2, await CountAfterAsync("K1_a.pdf", "Patient: 9"));   // a duplicate of the reinstated one
    }

    [Fact]
    public async Task One_whose_key_another_document_got_is_reinstated_and_a_person_looks()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)_";
        var record = await TakeAsync("K1_a.pdf", "Patient: 9");
        await WithdrawAsync(record.Id, null);
        var other = await TakeAsync("K1_b.pdf", "Patient: 8");
        Assert.NotEqual(record.Id, other.Id);
        Assert.Equal(["key-exists"], Assert.IsType<SettlingOutcome.Settled>(await ReinstateAsync(record.Id)).Left);
        await AmendAsync(record.Id, new Assignment(NoFields, null, null, "r") { RemovesDocumentKey = true });
        Assert.Equal(0, WaitingCount());
        Assert.Null(_world.Records().Single(one => one.Id == record.Id).DocumentKey);
    }

    [Fact]
    public async Task Where_records_may_share_keys_a_withdrawal_is_undone_without_a_look()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)_";
        _world.Profile.OnExistingKey = ExistingKeyPolicy.NewRecord;
        var record = await TakeAsync("K1_a.pdf", "Patient: 9");
        await TakeAsync("K1_b.pdf", "Patient: 8");
        await WithdrawAsync(record.Id, null);
        Assert.Empty(Assert.IsType<SettlingOutcome.Settled>(await ReinstateAsync(record.Id)).Left);
    }

    [Fact]
    public async Task A_key_or_title_made_of_a_value_that_was_wrong_does_not_outlast_it()
    {
        _world.Reader = new WordsReader(_world);
        _world.Classifier = new Classifier(
            Rules.Set(new RuleOptions
            {
                Name = "order", RecordClass = "order", DocumentKey = "{order}", Title = "Order of {author}",
                Fields = [Rules.Field("order", FieldType.Identifier, "Order"), Rules.Field("author", FieldType.Text, "author")],
            }),
            LanguageDetector.None, TimeProvider.System);
        var record = await TakeAsync("a.pdf", "Order: 77, author: Dr No");
        Assert.Equal(("77", "Order of Dr No"), (record.DocumentKey, record.Title));
        var right = new SortedDictionary<string, string> { ["order"] = "12" };
        Assert.Contains("document key", Assert.IsType<SettlingOutcome.Refused>(await AmendAsync(record.Id, new Assignment(right, null, null, "r"))).Why, StringComparison.Ordinal);
        Assert.Contains("title", Assert.IsType<SettlingOutcome.Refused>(await AmendAsync(record.Id, new Assignment(NoFields, null, null, "r") { Removes = ["author"] })).Why, StringComparison.Ordinal);
        Assert.IsType<SettlingOutcome.Settled>(await AmendAsync(record.Id, new Assignment(right, null, "12", "r")));
        var real = await TakeAsync("b.pdf", "Order: 77");   // a record of its own, and no version of the misread one
        Assert.Equal(["order", "order"], _world.Records().Select(one => one.RecordClass));
        Assert.Equal("77", real.DocumentKey);
    }

    [Fact]
    public async Task A_patient_that_was_taken_away_leaves_a_record_that_waits()
    {
        var record = await TakeAsync("a.pdf", "Patient: 9");
        var settled = Assert.IsType<SettlingOutcome.Settled>(await AmendAsync(record.Id, new Assignment(NoFields, null, null, "r") { Removes = ["patientId"] }));
        Assert.Equal(["identity-mismatch"], settled.Left);
        await AmendAsync(record.Id, new Assignment(new SortedDictionary<string, string> { ["patientId"] = "8" }, null, null, "r"));
        Assert.Equal(0, WaitingCount());
    }

    [Fact]
    public async Task Another_scan_of_a_corrected_record_asks_for_a_look()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)_";
        var record = await TakeAsync("K1_a.pdf", "Patient: 9");
        await AmendAsync(record.Id, new Assignment(new SortedDictionary<string, string> { ["patientId"] = "1" }, null, null, "r"));
        Assert.Equal(1, await CountAfterAsync("K1_b.pdf", "Patient: 9 again"));
        Assert.Equal(["correction-superseded"], Assert.Single(_world.Records()).Flags);
        Assert.Equal(1, WaitingCount());
        await AmendAsync(record.Id, new Assignment(new SortedDictionary<string, string> { ["patientId"] = "1" }, null, null, "r"));
        Assert.Equal(0, WaitingCount());
        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(rebuilt, live);
    }

    [Fact]
    public async Task A_withdrawn_document_of_a_divided_scan_comes_back_with_the_same_file()
    {
        _world.Reader = new StackReader(_world);
        _world.Profile.Pages.Separators = new SeparatorOptions { BarCodes = [new SeparatorBarCode { Pattern = "^P-" }] };
        const string Stack = "[P-1]|first|[P-2]|second";
        await TakeStackAsync(Stack);
        Assert.Equal(3, _world.Records().Count);
        await TakeStackAsync(Stack);
        Assert.Equal(3, _world.Records().Count);   // duplicates
        var batch = _world.Records().Single(record => record.Batch is not null);
        Assert.Contains("divided", Assert.IsType<SettlingOutcome.Refused>(await WithdrawAsync(batch.Id, null)).Why, StringComparison.Ordinal);
        var second = _world.Records().Single(record => _world.TextOf(record.Id) == "second");
        await WithdrawAsync(second.Id, null);
        await TakeStackAsync(Stack);
        Assert.Equal(["first", "second"], _world.Records().Where(record => record is { Batch: null, Withdrawn: null }).Select(record => _world.TextOf(record.Id)).Order(StringComparer.Ordinal));
        _world.DemandNothingOpen();
    }

    [Fact]
    public async Task A_trusted_sidecar_adds_no_version_to_a_withdrawn_record()
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        _world.Profile.TrustedSidecar = true;
        var record = await TakeAsync("a.pdf", "Patient: 9");
        await WithdrawAsync(record.Id, null);
        _world.Put("b.pdf.json", System.Text.Encoding.UTF8.GetBytes($$"""{"addVersionTo":"{{record.Id}}"}"""));
        var other = await TakeAsync("b.pdf", "Patient: 9 again");
        Assert.Equal(["sidecar-invalid"], other.Flags);
        Assert.Equal("entered-in-error", _world.Records().Single(one => one.Id == record.Id).Withdrawn);
    }

    [Fact]
    public async Task A_withdrawn_record_is_not_read_by_OCR()
    {
        _world.Reader = new LaterReader(_world);
        var record = await TakeAsync("a.pdf", "Patient: 9");
        Assert.Equal(TextStatus.PendingOcr, record.TextStatus);
        await WithdrawAsync(record.Id, null);
        var reports = new List<LaterReadingReport>();
        await _world.RunWithEnvironmentAsync((environment, _) => new LaterReading(environment).ReadWaitingAsync(reports.Add, Cancellation));
        Assert.Empty(reports);
    }

    [Fact]
    public async Task A_withdrawn_stack_is_put_together_with_no_other()
    {
        _world.Reader = new StackReader(_world);
        _world.Profile.Pages.Duplex = new DuplexOptions();
        await TakeStackAsync("1|3", "front.pdf");
        await WithdrawAsync(Assert.Single(_world.Records()).Id, null);
        await TakeStackAsync("4|2", "back.pdf");
        Assert.Equal(2, _world.Records().Count);
        Assert.DoesNotContain(_world.Records(), record => record.Duplex is { HasBoth: true });
    }

    private Task TakeStackAsync(string pages, string name = "stack.pdf")
    {
        _world.Put(name, IngestWorld.Document(pages));
        return _world.RunAsync();
    }

    [Fact]
    public async Task What_is_withdrawn_waits_for_no_look()
    {
        _world.Reader = new WordsReader(_world);
        _world.Classifier = new Classifier(
            Rules.Set(new RuleOptions { Name = "letter", RecordClass = "letter", When = [new ConditionOptions { Any = ["dear colleague"] }] }), LanguageDetector.None, TimeProvider.System);
        _world.Put("a.pdf", IngestWorld.Document("something else"));
        await _world.RunAsync();
        var record = Assert.Single(_world.Records());
        Assert.Equal(1, WaitingCount());
        await WithdrawAsync(record.Id, null);
        Assert.Equal(0, WaitingCount());
        await ReinstateAsync(record.Id);
        Assert.Equal(1, WaitingCount());
    }

    private int WaitingCount() => _world.Ask(connection => ReviewTable.List(connection).Count());

    private async Task<RecordDocument> TakeAsync(string name, string words)
    {
        if (_world.Classifier == Classifier.WithoutRules)
        {
            _world.Reader = _world.Reader is PlainReader ? new WordsReader(_world) : _world.Reader;
            _world.Classifier = new Classifier(
                Rules.Set(new RuleOptions
                {
                    Name = "letter", RecordClass = "letter",
                    Fields = [Rules.Field("patientId", FieldType.Identifier, "Patient"), Rules.Field("author", FieldType.Text, "author")],
                }),
                LanguageDetector.None, TimeProvider.System);
        }

        var before = _world.Counts().Count == 0 ? [] : _world.Records().Select(record => record.Id).ToHashSet();
        _world.Put(name, IngestWorld.Document(words));
        await _world.RunAsync();
        return Assert.Single(_world.Records(), record => !before.Contains(record.Id));
    }

    private async Task<int> CountAfterAsync(string name, string words)
    {
        _world.Put(name, IngestWorld.Document(words));
        await _world.RunAsync();
        return _world.Records().Count;
    }

    private List<RecordId> Found(FindQuery query)
    {
        using var database = _world.OpenDatabase();
        return [.. new SqliteCatalog(database).Find(query, Cancellation).Select(found => found.Id)];
    }

    private Task<SettlingOutcome> AmendAsync(RecordId id, Assignment correction) => SettleAsync(settling => settling.AmendAsync(id, correction, null, Cancellation));

    private Task<SettlingOutcome> WithdrawAsync(RecordId id, string? note) =>
        SettleAsync(settling => settling.WithdrawAsync(id, WithdrawalReason.EnteredInError, note, null, Cancellation));

    private Task<SettlingOutcome> ReinstateAsync(RecordId id) => SettleAsync(settling => settling.ReinstateAsync(id, "was right", null, Cancellation));

    private async Task<SettlingOutcome> SettleAsync(Func<RecordSettling, Task<SettlingOutcome>> settle)
    {
        SettlingOutcome? outcome = null;
        await _world.RunWithEnvironmentAsync(async (environment, _) => outcome = await settle(new RecordSettling(environment)));
        return outcome ?? throw new InvalidOperationException();
    }
}
