using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Revisions;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Classification;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Splitting;

/// <summary>A stack with separator sheets becomes a batch record and its documents, each page in exactly one place.</summary>
public sealed class When_stacks_are_divided : IDisposable
{
    private readonly IngestWorld _world = NewWorld();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Every_page_goes_to_one_document_or_is_accounted_for()
    {
        await TakeAsync("stack.pdf", "[PATCHT]||first a|first b|[PATCHT]|second a||second c|[PATCHT]");
        Assert.Equal(["filed", "filed", "filed"], _world.Reports.Select(report => report.Outcome));
        var batch = Assert.Single(_world.Records(), record => record.Batch is not null);
        Assert.Equal(("batch", TextStatus.None, 9), (batch.RecordClass, batch.TextStatus, batch.Pages.Total));
        Assert.Equal((9, 5, "1,5,9", "2"), Account(batch));
        var parts = Parts(batch);
        Assert.Equal(["3-4", "6-8"], parts.ConvertAll(part => part.PartOf?.Pages));
        Assert.Equal([2, 3], parts.ConvertAll(part => part.Pages.Total));
        Assert.All(parts, part => Assert.Equal((batch.Id, 1, "stack.pdf", "unclassified"), (part.PartOf?.Batch, part.PartOf?.Version, part.FileName, part.RecordClass)));
        Assert.Equal(["first a|first b", "second a||second c"], parts.ConvertAll(part => ContentOf(part.Id)));
        Assert.Equal(["first a\ffirst b", "second a\f\fsecond c"], parts.ConvertAll(part => _world.TextOf(part.Id)));
        Assert.Equal("", _world.TextOf(batch.Id));
        Assert.Equal(["", "3-4", "6-8"], _world.Reports.Select(report => report.FilePages ?? "").Order(StringComparer.Ordinal));
        Assert.All(_world.Reports, report => Assert.EndsWith("/stack.pdf", report.File, StringComparison.Ordinal));
        Assert.Empty(_world.Dropped());
        _world.DemandNothingOpen();
        var receipts = _world.Ask(connection => ReceiptTable.After(connection, 0, 10));
        Assert.Equal([9, 2, 3], receipts.Select(receipt => receipt.Pages));
        Assert.Equal("9 pages: 5 in 2 documents, 3 separators, 1 blank pages left out", receipts[0].Reason);
        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(rebuilt, live);
    }

    [Fact]
    public async Task What_was_read_in_the_stack_is_not_read_again_in_its_documents()
    {
        var reader = (StackReader)_world.Reader;
        await TakeAsync("stack.pdf", "a|[PATCHT]|b");
        Assert.Equal((1, 2), (reader.ReadCount, reader.CutCount));
    }

    [Fact]
    public async Task Reading_again_keeps_what_the_sheet_said_and_leaves_the_batch_alone()
    {
        await A_sheet_that_carries_a_key_gives_it_to_the_document_behind_it();
        var batch = _world.Records().First(record => record.Batch is not null);
        var part = Parts(batch)[0];
        _world.Reader = new LaterReader(_world) { Suffix = " again" };
        var outcomes = new List<string>();
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var reading = new LaterReading(environment);
            outcomes.Add((await reading.ReadAsync(batch.Id, TestContext.Current.CancellationToken)).Outcome);
            outcomes.Add((await reading.ReadAsync(part.Id, TestContext.Current.CancellationToken)).Outcome);
        });
        Assert.Equal(["unchanged", "read"], outcomes);
        Assert.Equal(("ORDER-1", "ORDER-1", "a again"), (Parts(batch)[0].PartOf?.OpenedBy?.Value, Parts(batch)[0].Fields["order"], _world.TextOf(part.Id)));
    }

    [Fact]
    public async Task A_key_in_the_name_of_the_stack_is_no_documents_also_when_it_is_read_again()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)";
        await TakeAsync("K1.pdf", "a|[PATCHT]|b");
        _world.Reader = new LaterReader(_world) { Suffix = " again" };
        foreach (var part in Parts(_world.Records().Single(record => record.Batch is not null)))
        {
            await _world.RunWithEnvironmentAsync(
                async (environment, _) => Assert.Equal("read", (await new LaterReading(environment).ReadAsync(part.Id, TestContext.Current.CancellationToken)).Outcome));
        }

        Assert.All(_world.Records(), record => Assert.Null(record.DocumentKey));
    }

    [Fact]
    public async Task The_same_stack_again_is_a_duplicate_and_brings_no_documents()
    {
        await TakeAsync("stack.pdf", "a|[PATCHT]|b");
        await TakeAsync("again.pdf", "a|[PATCHT]|b");
        Assert.Equal("duplicate", Assert.Single(_world.Reports).Outcome);
        Assert.Equal(3, _world.Records().Count);
    }

    [Fact]
    public async Task A_sheet_that_carries_a_key_gives_it_to_the_document_behind_it()
    {
        HaveOrderSheets();
        await TakeAsync("stack.pdf", "[ORDER-1]|a|[ORDER-2]|b");
        var parts = Parts(_world.Records().Single(record => record.Batch is not null));
        Assert.Equal(["ORDER-1", "ORDER-2"], parts.ConvertAll(part => part.DocumentKey));
        await TakeAsync("later.pdf", "[ORDER-2]|b, corrected");
        Assert.Equal(["filed", "versioned"], _world.Reports.Select(report => report.Outcome));
        Assert.Equal("b, corrected", ContentOf(parts[1].Id));
    }

    [Fact]
    public async Task The_same_form_behind_the_sheets_of_two_patients_is_two_records_and_behind_sheets_of_one_is_one()
    {
        HavePatientSheets();
        await TakeAsync("stack.pdf", "[P-1]|form|[P-2]|form|[P-1]|form");
        Assert.Equal(["duplicate", "filed", "filed", "filed"], _world.Reports.Select(report => report.Outcome).Order(StringComparer.Ordinal));
        Assert.Equal(["P-1", "P-2"], _world.Records().Where(record => record.PartOf is not null).Select(record => record.Fields["patientId"]).Order(StringComparer.Ordinal));
        await TakeAsync("plain.pdf", "[PATCHT]|note|[PATCHT]|note");
        Assert.Equal(["duplicate", "filed", "filed"], _world.Reports.Select(report => report.Outcome).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_batch_tells_by_its_digest_which_record_a_document_doubles()
    {
        await TakeAsync("plain.pdf", "[PATCHT]|note|[PATCHT]|note|[PATCHT]|other");
        var records = _world.Records().Where(record => record.PartOf is not null).ToList();
        var parts = Assert.Single(_world.Records(), record => record.Batch is not null).Batch?.Parts ?? [];
        Assert.Equal((2, 3), (records.Count, parts.Count));
        Assert.Equal(parts[0].Sha512, parts[1].Sha512);
        Assert.All(parts, part => Assert.Single(records, record => record.Sha512 == part.Sha512));
    }

    [Fact]
    public async Task What_the_sheet_says_stays_part_of_the_identity_when_a_person_gives_a_key_or_it_is_read_again()
    {
        HavePatientSheets();
        await TakeAsync("stack.pdf", "[P-1]|form");
        var part = Assert.Single(_world.Records(), record => record.PartOf is not null);
        _world.Reader = new LaterReader(_world) { Suffix = " again" };
        await _world.RunWithEnvironmentAsync(
            async (environment, _) => Assert.Equal("read", (await new LaterReading(environment).ReadAsync(part.Id, TestContext.Current.CancellationToken)).Outcome));
        Assert.Equal(part.Identity, _world.Records().Single(record => record.Id == part.Id).Identity);
        await _world.RunWithEnvironmentAsync(async (environment, _) => Assert.IsType<SettlingOutcome.Settled>(await new RecordSettling(environment).AssignAsync(
            part.Id, new Assignment(new Dictionary<string, string>(), null, "K1", null), null, TestContext.Current.CancellationToken)));
        Assert.Equal(
            ScanIdentity.Of("default", "K1", new Dictionary<string, string>(), new Sha512Digest(part.Sha512), "P-1"),
            _world.Records().Single(record => record.Id == part.Id).Identity);
    }

    [Fact]
    public async Task A_document_of_an_older_stack_is_the_older_version_although_its_claim_was_opened_later()
    {
        HaveOrderSheets();
        _world.Put("a.pdf", IngestWorld.Document("[PATCHT]|[ORDER-1]|older"));
        _world.Put("b.pdf", IngestWorld.Document("[ORDER-1]|newer"));
        await _world.RunAsync();
        var record = Assert.Single(_world.Records(), record => record.DocumentKey == "ORDER-1");
        Assert.Equal("newer", ContentOf(record.Id));
        Assert.Equal(["older", "newer"], _world.Archived().Select(file => file.Content.Split('\n')[1]).Where(content => !content.Contains('[', StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Nothing_of_a_duplicate_stack_stays_in_staging()
    {
        await TakeAsync("stack.pdf", "a|[PATCHT]|b");
        await TakeAsync("again.pdf", "a|[PATCHT]|b");
        _world.DemandNothingOpen();
    }

    [Theory]
    [InlineData("a|?|[PATCHT]|b", "could not be read")]
    [InlineData("[PATCHT]||[PATCHT]", "no document between them")]
    public async Task What_is_in_doubt_stays_whole_and_waits_for_a_person(string stack, string why)
    {
        await TakeAsync("stack.pdf", stack);
        var whole = Assert.Single(_world.Records());
        Assert.Contains(RecordFlag.SplitStopped, whole.Flags);
        Assert.Contains(why, whole.Note, StringComparison.Ordinal);
        Assert.Null(whole.Batch);
        Assert.Contains(_world.Ask(connection => ReviewTable.List(connection).ToList()), item => item.Code == RecordFlag.SplitStopped);
        Assert.Equal(stack, ContentOf(whole.Id));
    }

    [Fact]
    public async Task What_cannot_be_cut_stays_whole()
    {
        ((StackReader)_world.Reader).Refusal = CutRefusal.Signed;
        await TakeAsync("stack.pdf", "a|[PATCHT]|b");
        Assert.Contains("signed", Assert.Single(_world.Records()).Note, StringComparison.Ordinal);
        _world.DemandNothingOpen();
        ((StackReader)_world.Reader).CanCut = false;
        await TakeAsync("other.pdf", "c|[PATCHT]|d");
        Assert.Contains(_world.Records(), record => record.Note?.Contains("qpdf is not installed", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Fields_beside_the_stack_are_those_of_each_document_and_a_key_beside_it_keeps_it_whole()
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        _world.Put("stack.pdf.json", Encoding.UTF8.GetBytes("""{ "fields": { "ward": "3" } }"""));
        await TakeAsync("stack.pdf", "a|[PATCHT]|b");
        Assert.Equal(["3", "3"], Parts(_world.Records().Single(record => record.Batch is not null)).ConvertAll(part => part.Fields["ward"]));
        _world.Put("one.pdf.json", Encoding.UTF8.GetBytes("""{ "documentKey": "7" }"""));
        await TakeAsync("one.pdf", "c|[PATCHT]|d");
        Assert.Contains("names one document", Assert.Single(_world.Records(), record => record.DocumentKey == "7").Note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[PATCHT]|a|[PATCHT]|b", false, true)]
    [InlineData("[PATCHT]|a|[PATCHT]|b", true, false)]   // who writes the sidecars answers for the whole stack
    [InlineData("[PATCHT]|a", false, false)]             // one document: the fields are its own
    public async Task Fields_beside_a_stack_of_several_documents_are_for_a_person_to_confirm(string stack, bool trusted, bool isAsked)
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        _world.Profile.TrustedSidecar = trusted;
        _world.Put("stack.pdf.json", Encoding.UTF8.GetBytes("""{ "fields": { "patientId": "1", "ward": "3" } }"""));
        await TakeAsync("stack.pdf", stack);
        var parts = Parts(_world.Records().Single(record => record.Batch is not null));
        Assert.All(parts, part => Assert.Equal(isAsked, part.Flags.Contains(RecordFlag.SidecarShared)));
        Assert.Equal(isAsked ? parts.Count : 0, _world.Ask(connection => ReviewTable.List(connection).Count(item => item.Code == RecordFlag.SidecarShared)));
    }

    [Fact]
    public async Task Who_says_whose_a_document_of_a_stack_is_settles_the_fields_beside_the_stack_where_all_are_named()
    {
        await Fields_beside_a_stack_of_several_documents_are_for_a_person_to_confirm("[PATCHT]|a|[PATCHT]|b", trusted: false, isAsked: true);
        var part = _world.Records().First(record => record.PartOf is not null);
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var settling = new RecordSettling(environment);
            var fields = new Dictionary<string, string> { ["patientId"] = "2" };
            var one = await settling.AssignAsync(part.Id, new Assignment(fields, null, null, null), null, TestContext.Current.CancellationToken);
            Assert.Equal(["sidecar-shared"], Assert.IsType<SettlingOutcome.Settled>(one).Left);
            fields = new Dictionary<string, string> { ["ward"] = "4" };
            var all = await settling.AssignAsync(part.Id, new Assignment(fields, null, null, null), null, TestContext.Current.CancellationToken);
            Assert.Equal(["sidecar-shared"], Assert.IsType<SettlingOutcome.Settled>(all).Settles);
        });
    }

    [Fact]
    public async Task A_document_that_cannot_be_worked_on_holds_up_no_younger_scan_and_is_made_by_the_next_start()
    {
        HaveOrderSheets();
        _world.Put("a.pdf", IngestWorld.Document("[ORDER-1]|older"));
        await _world.RunWithEnvironmentAsync((environment, _) =>
        {
            var failing = environment with { Locks = new HookedLocks(environment.Locks, () => throw new StorageUnavailableException("The locks do not answer.")) };
            return new IngestSession(failing).TakeInAsync([IngestWorld.DropPath], "default", removesSource: true, _ => { }, TestContext.Current.CancellationToken);
        });
        Assert.Equal([ScanTable.GivenUp], _world.Ask(ScanTable.Owners));
        await _world.RunAsync();
        Assert.Equal("older", ContentOf(Assert.Single(_world.Records(), record => record.DocumentKey == "ORDER-1").Id));
        _world.DemandNothingOpen();
    }

    [Fact]
    public async Task Of_a_stack_with_very_much_text_some_is_read_again_rather_than_kept()
    {
        var reader = (StackReader)_world.Reader;
        string page = new('a', 6 * 1024 * 1024);
        await TakeAsync("stack.pdf", $"1 {page}|[PATCHT]|2 {page}|[PATCHT]|3 {page}");
        Assert.Equal(2, reader.ReadCount);
        Assert.Equal(3, _world.Records().Count(record => record.PartOf is not null));
    }

    [Fact]
    public async Task A_scan_without_separators_is_one_document()
    {
        await TakeAsync("plain.pdf", "a||b");
        Assert.Null(Assert.Single(_world.Records()).Batch);
        Assert.Empty(_world.Records()[0].Flags);
    }

    [Theory]
    [InlineData(FaultKind.PowerCut)]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.FlushFails)]
    public async Task Whatever_fails_at_any_operation_no_page_is_lost_or_doubled(FaultKind kind)
    {
        const string Stack = "[P-1]|first|[P-2]|second a|second b|[P-3]|third|[P-4]|first";   // equal bytes behind the sheets of two patients
        int n = 0;
        for (bool fired = true; fired;)
        {
            using var world = NewWorld();
            world.Profile.Pages.Separators = new SeparatorOptions { BarCodes = [new SeparatorBarCode { Pattern = "^P-" }] };
            world.Put("stack.pdf", IngestWorld.Document(Stack));
            var plan = new FaultPlan(n += kind == FaultKind.PowerCut ? 3 : 7, kind);
            try
            {
                await world.RunAsync(plan);
            }
            catch (Exception error) when (error is PowerCutException or StorageException)
            {
                // The process is gone, or said so.
            }

            fired = plan.Fired;
            world.Volume.PowerCut(kind == FaultKind.PowerCut ? PowerCutChoice.Random(n) : PowerCutChoice.KeepAll);
            await world.RunAsync();
            await world.RunAsync();   // what was given up, too
            Assert.Empty(world.Dropped());
            world.DemandNothingOpen();
            string[] contents = [.. world.Archived().Select(file => file.Content.Split('\n')[1]).Where(content => !content.Contains("P-", StringComparison.Ordinal))];
            Assert.Equal(["first", "first", "second a|second b", "third"], contents.Order(StringComparer.Ordinal));
            Assert.Single(world.Records(), record => record.Batch is not null);
            var (live, rebuilt) = await world.DumpAndRebuildAsync();
            Assert.Equal(rebuilt, live);
        }

        Assert.True(n > 60, $"only {n} operations were tried");
    }

    private static IngestWorld NewWorld()
    {
        var world = new IngestWorld();
        world.Reader = new StackReader(world);
        world.Profile.Pages.Separators = new SeparatorOptions();
        return world;
    }

    private void HaveOrderSheets()
    {
        _world.Profile.Pages.Separators = new SeparatorOptions { BarCodes = [new SeparatorBarCode { Pattern = "^ORDER-" }] };
        _world.Classifier = new Classifier(
            Rules.Set(new RuleOptions
            {
                Name = "order", DocumentKey = "{order}",
                Fields = [new FieldOptions { Name = "order", Type = FieldType.Identifier, In = Place.BarCode, Regex = "ORDER-[0-9]+" }],
            }),
            LanguageDetector.None, TimeProvider.System);
    }

    // A sheet that says whose its documents are, and gives no key.
    private void HavePatientSheets()
    {
        _world.Profile.Pages.Separators = new SeparatorOptions { BarCodes = [new SeparatorBarCode { Pattern = "^P-" }] };
        _world.Classifier = new Classifier(
            Rules.Set(new RuleOptions
            {
                Name = "patient", Fields = [new FieldOptions { Name = "patientId", Type = FieldType.Identifier, In = Place.BarCode, Regex = "P-[0-9]+" }],
            }),
            LanguageDetector.None, TimeProvider.System);
    }

    private Task TakeAsync(string name, string pages)
    {
        _world.Put(name, IngestWorld.Document(pages));
        return _world.RunAsync();
    }

    private static (int, int, string, string) Account(RecordDocument batch)
    {
        var account = batch.Batch ?? throw new InvalidOperationException();
        Assert.Equal(account.PagesIn, account.PagesFiled + account.Separators.Count + account.DiscardedBlanks.Count);
        return (account.PagesIn, account.PagesFiled, string.Join(',', account.Separators), string.Join(',', account.DiscardedBlanks));
    }

    private List<RecordDocument> Parts(RecordDocument batch)
    {
        var records = _world.Records().ToDictionary(record => record.Id);
        return [.. (batch.Batch?.Parts ?? []).Select(part => records[part.ScanId])];
    }

    private string ContentOf(RecordId id) =>
        _world.Read(id, _world.NamesIn(id).Single(name => name.StartsWith("original.", StringComparison.Ordinal))).Split('\n')[1];
}
