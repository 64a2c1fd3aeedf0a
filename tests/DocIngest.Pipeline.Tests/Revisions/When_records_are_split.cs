using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Revisions;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Classification;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Revisions;

/// <summary>A record that holds several documents becomes several records: every page in one of them, and the whole out of use.</summary>
public sealed class When_records_are_split : IDisposable
{
    private const string Three = "Patient: 8|more of 8|Patient: 9";

    private readonly IngestWorld _world = new();

    public When_records_are_split() => Prepare(_world);

    public void Dispose() => _world.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_document_is_a_record_with_its_pages_and_what_the_rules_find_in_them()
    {
        var whole = await TakeAsync("a.pdf", Three);
        int read = ((StackReader)_world.Reader).ReadCount;
        var done = Assert.IsType<SuccessionOutcome.Done>(await SplitAsync(whole.Id, "1-2,3", "two letters in one"));
        Assert.Equal((2, "1-2 3"), (done.Version, string.Join(' ', done.Successors.Select(part => part.Pages))));
        var parts = done.Successors.Select(part => Record(part.Id)).ToList();
        Assert.Equal(["8", "9"], parts.Select(part => part.Fields["patientId"]));
        Assert.Equal([2, 1], parts.Select(part => part.Pages.Total));
        Assert.Equal(["Patient: 8\fmore of 8", "Patient: 9"], parts.Select(part => _world.TextOf(part.Id)));
        Assert.Equal(["Patient: 8|more of 8", "Patient: 9"], parts.Select(part => _world.Read(part.Id, "original.pdf").Split('\n')[1]));
        Assert.Equal(read, ((StackReader)_world.Reader).ReadCount);   // no page twice
        Assert.All(parts, part => Assert.Equal((whole.Id, 1), (part.SplitFrom?.Record, part.SplitFrom?.Version)));
        Assert.All(parts, part => Assert.Equal((DecisionKind.Split, (string?)null), (Assert.Single(part.Decisions).Kind, part.Decisions[0].Reason)));

        var former = Record(whole.Id);
        Assert.Equal(("superseded", "two letters in one"), (former.Withdrawn, Assert.Single(former.Decisions).Reason));
        Assert.Equal(parts.Select(part => part.Id), former.SplitInto?.Select(part => part.Id));
        Assert.Equal(parts.Select(part => part.Id).Order(), Found(_world).Order());
        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(rebuilt, live);
        AssertNothingLeft(_world);
    }

    [Fact]
    public async Task What_was_said_of_the_whole_is_said_of_no_part_and_one_that_names_nobody_waits()
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        _world.Put("4711.pdf.json", """{"fields":{"patientId":"4711","ward":"7"}}"""u8.ToArray());
        var whole = await TakeAsync("4711.pdf", "Patient: 8|nobody");
        var done = Assert.IsType<SuccessionOutcome.Done>(await SplitAsync(whole.Id, "1,2"));
        Assert.Equal([[], ["identity-mismatch"]], done.Successors.Select(part => part.Waits));
        Assert.All(done.Successors, part => Assert.DoesNotContain("4711", string.Concat(_world.NamesIn(part.Id).Select(name => _world.Read(part.Id, name))), StringComparison.Ordinal));
        Assert.Equal("8", Record(done.Successors[0].Id).Fields["patientId"]);
        ((StackReader)_world.Reader).Suffix = " read better";
        await _world.RunWithEnvironmentAsync((environment, _) => new LaterReading(environment).ReadAsync(done.Successors[1].Id, Cancellation));
        Assert.Equal(("identity-mismatch", 2), (Assert.Single(Record(done.Successors[1].Id).Flags), _world.Find(done.Successors[1].Id).Found.Head.Value));
        Assert.IsType<SettlingOutcome.Settled>(await SettleAsync(settling => settling.AssignAsync(
            done.Successors[1].Id, new Assignment(new SortedDictionary<string, string> { ["patientId"] = "7" }, null, null, null), null, Cancellation)));
        Assert.Empty(_world.Ask(connection => ReviewTable.List(connection).Where(item => item.ConfirmedAt is null).ToList()));
    }

    [Fact]
    public async Task What_a_person_says_of_a_part_is_said_of_that_part_and_goes_before_what_is_read()
    {
        var whole = await TakeAsync("a.pdf", "Patient: 8|nobody|Patient: 9");
        var done = Assert.IsType<SuccessionOutcome.Done>(await SplitAsync(
            whole.Id, new SplitDocument([1], Said("4711", "order", "K-1", "A request")), new SplitDocument([2], Said("7")), new SplitDocument([3])));
        Assert.All(done.Successors, part => Assert.Empty(part.Waits));
        var parts = done.Successors.Select(part => Record(part.Id)).ToList();
        Assert.Equal(["4711", "7", "9"], parts.Select(part => part.Fields["patientId"]));
        Assert.Equal((("order", "K-1", "A request"), FieldEvidence.Person), ((parts[0].RecordClass, parts[0].DocumentKey, parts[0].Title), parts[0].Evidence["patientId"].Source));
        Assert.Equal(("letter", null), (parts[1].RecordClass, parts[1].DocumentKey));
        Assert.Equal(["3", "3", null], parts.Select(part => part.Fields.GetValueOrDefault("ward")));
        string former = string.Concat(_world.NamesIn(whole.Id).Where(name => name.EndsWith(".json", StringComparison.Ordinal)).Select(name => _world.Read(whole.Id, name)));
        Assert.DoesNotContain("4711", former, StringComparison.Ordinal);   // the whole learns nothing of it
        Assert.DoesNotContain("4711", _world.Read(parts[1].Id, "record.json"), StringComparison.Ordinal);

        // Read again later, what was said stands.
        ((StackReader)_world.Reader).Suffix = " read better";
        await _world.RunWithEnvironmentAsync((environment, _) => new LaterReading(environment).ReadAsync(parts[0].Id, Cancellation));
        var again = Record(parts[0].Id);
        Assert.Equal(("order", "K-1", "A request", "4711"), (again.RecordClass, again.DocumentKey, again.Title, again.Fields["patientId"]));
        Assert.Equal(2, _world.Find(parts[0].Id).Found.Head.Value);

        // The key is that part's now.
        _world.Profile.DocumentKeyPattern = "^(?<key>K-[0-9]+)";
        _world.Put("K-1.pdf", IngestWorld.Document("Patient: 4711"));
        await _world.RunAsync();
        Assert.Equal(("versioned", parts[0].Id.ToString()), (Assert.Single(_world.Reports).Outcome, _world.Reports[0].Id));
        AssertNothingLeft(_world);
    }

    [Fact]
    public async Task What_cannot_be_said_of_one_part_divides_nothing()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K-[0-9]+)";
        var other = await TakeAsync("K-9.pdf", "Patient: 1");
        _world.Put("a.pdf", IngestWorld.Document(Three));
        await _world.RunAsync();
        var whole = _world.Records().Single(record => record.Id != other.Id);
        foreach (var (said, why) in new[] { (Said("8", key: "K-9"), "Of pages 3: Another record"), (Said("8", "No Class!"), "Of pages 3: A record class"), (Said("8", key: "K-7"), "one document key") })
        {
            Assert.Contains(
                why, Assert.IsType<SuccessionOutcome.Refused>(await SplitAsync(whole.Id, new SplitDocument([1, 2], Said("8", key: "K-7")), new SplitDocument([3], said))).Why, StringComparison.Ordinal);
        }

        Assert.Equal(2, _world.Records().Count);
        Assert.Null(Record(whole.Id).Withdrawn);
        AssertNothingLeft(_world);
    }

    [Fact]
    public async Task What_cannot_be_split_is_refused_and_changes_nothing()
    {
        var whole = await TakeAsync("a.pdf", Three);
        foreach (var (pages, why) in new[] { ("1-2,3-4", "no page 4"), ("1-2,2-3", "Page 2"), ("1,3", "Pages 2"), ("1-3", "one document") })
        {
            Assert.Contains(why, Assert.IsType<SuccessionOutcome.Refused>(await SplitAsync(whole.Id, pages)).Why, StringComparison.Ordinal);
        }

        ((StackReader)_world.Reader).Refusal = CutRefusal.Signed;
        Assert.Contains("signed", Assert.IsType<SuccessionOutcome.Refused>(await SplitAsync(whole.Id, "1-2,3")).Why, StringComparison.Ordinal);
        Assert.IsType<SuccessionOutcome.Absent>(await SplitAsync(new RecordIdSource(TimeProvider.System).Draw(), "1,2"));
        Assert.Null(Assert.Single(_world.Records()).Withdrawn);
        AssertNothingLeft(_world);
        ((StackReader)_world.Reader).Refusal = null;
        Assert.IsType<SuccessionOutcome.Done>(await SplitAsync(whole.Id, "1-2,3"));
        Assert.Contains("withdrawn", Assert.IsType<SuccessionOutcome.Refused>(await SplitAsync(whole.Id, "1-2,3")).Why, StringComparison.Ordinal);
        Assert.IsType<SettlingOutcome.Refused>(await SettleAsync(settling => settling.ReinstateAsync(whole.Id, "r", null, Cancellation)));
    }

    [Fact]
    public async Task A_divided_scan_is_refused_and_a_document_of_it_can_be_split()
    {
        _world.Profile.Pages.Separators = new SeparatorOptions { BarCodes = [new SeparatorBarCode { Pattern = "^P-" }] };
        _world.Put("stack.pdf", IngestWorld.Document("[P-1]|Patient: 1|Patient: 2|[P-2]|third"));
        await _world.RunAsync();
        var batch = _world.Records().Single(record => record.Batch is not null);
        Assert.Contains("divided", Assert.IsType<SuccessionOutcome.Refused>(await SplitAsync(batch.Id, "1-2,3-5")).Why, StringComparison.Ordinal);
        var first = _world.Records().Single(record => record.PartOf is not null && record.Pages.Total == 2);
        var done = Assert.IsType<SuccessionOutcome.Done>(await SplitAsync(first.Id, "1,2"));
        Assert.Equal(["1", "2"], done.Successors.Select(part => Record(part.Id).Fields["patientId"]));
        int before = _world.Records().Count;
        _world.Put("stack.pdf", IngestWorld.Document("[P-1]|Patient: 1|Patient: 2|[P-2]|third"));
        await _world.RunAsync();
        Assert.Equal(("duplicate", before), (Assert.Single(_world.Reports).Outcome, _world.Records().Count));   // nothing of the stack is missing
    }

    [Fact]
    public async Task Fronts_and_backs_are_put_together_before_they_are_cut()
    {
        _world.Profile.Pages.Duplex = new DuplexOptions();
        _world.Put("front.pdf", IngestWorld.Document("1|3"));
        await _world.RunAsync();
        _world.Put("back.pdf", IngestWorld.Document("4|2"));
        await _world.RunAsync();
        var done = Assert.IsType<SuccessionOutcome.Done>(await SplitAsync(Assert.Single(_world.Records()).Id, "1-2,3-4"));
        Assert.Equal(["1|2", "3|4"], done.Successors.Select(part => _world.Read(part.Id, "original.pdf").Split('\n')[1]));
        Assert.Equal(["1\f2", "3\f4"], done.Successors.Select(part => _world.TextOf(part.Id)));
    }

    [Fact]
    public async Task Of_two_documents_with_one_key_one_has_it_and_a_person_looks_at_the_other()
    {
        _world.Classifier = new Classifier(
            Rules.Set(new RuleOptions { Name = "order", RecordClass = "order", DocumentKey = "{order}", Fields = [Rules.Field("order", FieldType.Identifier, "Order")] }),
            LanguageDetector.None, TimeProvider.System);
        var whole = await TakeAsync("a.pdf", "Order: 77|Order: 77|Order: 78");
        Assert.Equal("77", whole.DocumentKey);
        var done = Assert.IsType<SuccessionOutcome.Done>(await SplitAsync(whole.Id, "1,2,3"));
        Assert.Equal([[], ["key-exists"], []], done.Successors.Select(part => part.Waits));
        _world.Put("b.pdf", IngestWorld.Document("Order: 78|and more"));
        await _world.RunAsync();
        Assert.Equal(("versioned", done.Successors[2].Id.ToString()), (Assert.Single(_world.Reports).Outcome, _world.Reports[0].Id));
        Assert.Equal(whole.Id, Record(done.Successors[2].Id).SplitFrom?.Record);
    }

    [Fact]
    public async Task Renditions_confidence_and_kinds_of_pages_are_divided()
    {
        var text = new DocumentText(
        [
            new PageText(1, "one", TextSource.Ocr, 71), new PageText(2, "", TextSource.None), new PageText(3, "three", TextSource.Ocr, 93), new PageText(4, "", TextSource.None),
        ]);
        var record = (await TakeAsync("a.pdf", "x|y|z|w")) with
        {
            Pages = new PageAccount(4, 2, 0, 1, 0, 1), BlankPages = [2], RenditionPages = [1, 3, 4], TextStatus = TextStatus.Complete,
            BarCodes = [new BarCode(3, "CODE-128", "A")],
        };
        var entry = new CatalogEntry(record, text, []);
        var rendition = new DocIngest.Pipeline.Extraction.Renditions.RenditionFile("r", default, 1);
        var first = PagesOfPart.Of(entry, [1, 2], readsBarCodes: true, rendition);
        Assert.Equal((new PageAccount(2, 1, 0, 1, 0), TextStatus.Complete, 71d), (first.Pages, first.TextStatus, first.Text.Pages[0].ConfidencePercent));
        Assert.Equal([1], first.RenditionPages);
        Assert.Equal([1], PagesOfPart.InRendition(record, [1, 2]));
        var last = PagesOfPart.Of(entry, [3, 4], readsBarCodes: true, rendition);
        Assert.Equal((new PageAccount(2, 1, 0, 0, 0, 1), "three", 1), (last.Pages, last.Text.Pages[0].Text, Assert.Single(last.BarCodes?.Codes ?? []).Page));
        Assert.Null(last.RenditionPages);   // it shows all of them
        Assert.Equal([2, 3], PagesOfPart.InRendition(record, [3, 4]));

        var waiting = entry with { Record = record with { TextStatus = TextStatus.PendingOcr, Pages = new PageAccount(4, 2, 1, 1, 0) } };
        Assert.Equal((TextStatus.PendingOcr, TextStatus.Complete), (PagesOfPart.Of(waiting, [3, 4], false, null).TextStatus, PagesOfPart.Of(waiting, [1, 2], false, null).TextStatus));
        var torn = entry with { Text = new DocumentText([text.Pages[0]]), Record = record with { BlankPages = [], TextStatus = TextStatus.Partial, Pages = new PageAccount(4, 1, 0, 0, 3) } };
        Assert.Equal((TextStatus.Partial, TextStatus.Damaged), (PagesOfPart.Of(torn, [1, 2], false, null).TextStatus, PagesOfPart.Of(torn, [3, 4], false, null).TextStatus));
    }

    [Theory]
    [InlineData(FaultKind.PowerCut)]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.Full)]
    [InlineData(FaultKind.FlushFails)]
    public async Task Whatever_fails_at_any_operation_every_page_is_in_use_once(FaultKind kind)
    {
        int n = 0;
        int finished = 0;
        for (bool fired = true; fired;)
        {
            using var world = new IngestWorld();
            Prepare(world);
            world.Put("a.pdf", IngestWorld.Document(Three));
            await world.RunAsync();
            var whole = Assert.Single(world.Records());
            var plan = new FaultPlan(n += kind == FaultKind.PowerCut ? 1 : 3, kind);
            try
            {
                await world.RunWithEnvironmentAsync(
                    (environment, _) => new RecordSplitting(environment).SplitAsync(whole.Id, SaidDocuments(), null, null, Cancellation), plan);
            }
            catch (Exception error) when (error is PowerCutException or StorageException)
            {
                // The process is gone, or said so.
            }

            fired = plan.Fired;
            world.Volume.PowerCut(kind == FaultKind.PowerCut ? PowerCutChoice.Random(n) : PowerCutChoice.KeepAll);
            Assert.Equal(Three, PagesInUse(world));   // before anything was taken up
            await world.RunAsync();
            Assert.Equal(Three, PagesInUse(world));
            var records = world.Records();
            Assert.True(records.Count is 1 or 3);
            finished += records.Count == 3 ? 1 : 0;
            Assert.Equal(records.Count == 3 ? [2, 1] : [], Record(world, whole.Id).SplitInto?.Select(part => Record(world, part.Id).Pages.Total) ?? []);
            Assert.All(records.Where(record => record.SplitFrom?.Pages == "3"), part => Assert.Equal(("4711", "order"), (part.Fields["patientId"], part.RecordClass)));   // also where recovery made it
            AssertNothingLeft(world);
            var (live, rebuilt) = await world.DumpAndRebuildAsync();
            Assert.Equal(rebuilt, live);
            await world.RunWithEnvironmentAsync(
                (environment, _) => new RecordSplitting(environment).SplitAsync(whole.Id, SaidDocuments(), null, null, Cancellation));
            Assert.Equal(3, world.Records().Count);
            Assert.Equal(Three, PagesInUse(world));
        }

        Assert.True(n > 20 && finished > 2, $"only {n} operations were tried, of which {finished} were finished");
    }

    [Fact]
    public async Task One_that_was_cut_short_and_cannot_be_cut_any_more_is_finished_when_it_can()
    {
        for (int n = 1; ; n++)
        {
            using var world = new IngestWorld();
            Prepare(world);
            world.Put("a.pdf", IngestWorld.Document(Three));
            await world.RunAsync();
            var whole = Assert.Single(world.Records());
            var plan = new FaultPlan(n, FaultKind.PowerCut);
            try
            {
                await world.RunWithEnvironmentAsync(
                    (environment, _) => new RecordSplitting(environment).SplitAsync(whole.Id, Documents("1-2,3"), null, null, Cancellation), plan);
            }
            catch (PowerCutException)
            {
                // The process is gone.
            }

            Assert.True(plan.Fired, "no power cut left one part in the archive and the other not");
            world.Volume.PowerCut(PowerCutChoice.KeepAll);
            if (world.Records().Count != 2)
            {
                continue;
            }

            ((StackReader)world.Reader).Refusal = CutRefusal.TookTooLong;
            await world.RunAsync();
            Assert.Equal(Three, PagesInUse(world));   // the whole is in use still
            ((StackReader)world.Reader).Refusal = null;
            await world.RunAsync();
            Assert.Equal(3, world.Records().Count);
            Assert.Equal(Three, PagesInUse(world));
            AssertNothingLeft(world);
            return;
        }
    }

    private static void Prepare(IngestWorld world)
    {
        world.Reader = new StackReader(world);
        world.Classifier = new Classifier(
            Rules.Set(new RuleOptions { Name = "letter", RecordClass = "letter", Fields = [Rules.Field("patientId", FieldType.Identifier, "Patient")] }),
            LanguageDetector.None, TimeProvider.System);
    }

    private async Task<RecordDocument> TakeAsync(string name, string pages)
    {
        _world.Put(name, IngestWorld.Document(pages));
        await _world.RunAsync();
        return Assert.Single(_world.Records());
    }

    private RecordDocument Record(RecordId id) => Record(_world, id);

    private static RecordDocument Record(IngestWorld world, RecordId id) => world.Records().Single(record => record.Id == id);

    // What somebody finds who looks for everything.
    private static string PagesInUse(IngestWorld world) =>
        string.Join('|', Found(world).Select(id => world.Read(id, "original.pdf").Split('\n')[1]).Order(StringComparer.Ordinal));

    private static List<RecordId> Found(IngestWorld world)
    {
        using var database = world.OpenDatabase();
        return [.. new SqliteCatalog(database).Find(new FindQuery(), Cancellation).Select(found => found.Id)];
    }

    private static void AssertNothingLeft(IngestWorld world)
    {
        Assert.Empty(world.Data.List(DataFolder.Staging));
        Assert.Empty(world.Ask(RevisionTable.Owners));
    }

    private static IReadOnlyList<IReadOnlyList<int>> Parts(string pages) => SplitPages.Parse(pages) ?? throw new FormatException();

    private static IReadOnlyList<SplitDocument> SaidDocuments() => [new SplitDocument([1, 2]), new SplitDocument([3], Said("4711", "order"))];

    private static IReadOnlyList<SplitDocument> Documents(string pages) => [.. Parts(pages).Select(one => new SplitDocument(one))];

    private async Task<SuccessionOutcome> SplitAsync(RecordId id, params SplitDocument[] documents)
    {
        SuccessionOutcome? outcome = null;
        await _world.RunWithEnvironmentAsync(async (environment, _) => outcome = await new RecordSplitting(environment).SplitAsync(id, documents, null, null, Cancellation));
        return outcome ?? throw new InvalidOperationException();
    }

    private static Assignment Said(string patient, string? recordClass = null, string? key = null, string? title = null) =>
        new(new SortedDictionary<string, string> { ["patientId"] = patient, ["ward"] = "3" }, recordClass, key, null) { Title = title };

    private async Task<SuccessionOutcome> SplitAsync(RecordId id, string pages, string? note = null)
    {
        SuccessionOutcome? outcome = null;
        await _world.RunWithEnvironmentAsync(async (environment, _) => outcome = await new RecordSplitting(environment).SplitAsync(id, Documents(pages), note, null, Cancellation));
        return outcome ?? throw new InvalidOperationException();
    }

    private async Task<SettlingOutcome> SettleAsync(Func<RecordSettling, Task<SettlingOutcome>> settle)
    {
        SettlingOutcome? outcome = null;
        await _world.RunWithEnvironmentAsync(async (environment, _) => outcome = await settle(new RecordSettling(environment)));
        return outcome ?? throw new InvalidOperationException();
    }
}
