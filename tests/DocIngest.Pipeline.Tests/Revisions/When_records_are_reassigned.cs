using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Revisions;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Classification;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Revisions;

/// <summary>A record under a wrong patient moves to the right one: found there and nowhere else, read once, and each names the other.</summary>
public sealed class When_records_are_reassigned : IDisposable
{
    private readonly IngestWorld _world = new();

    public When_records_are_reassigned() => Prepare(_world);

    public void Dispose() => _world.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_found_under_the_right_patient_and_nowhere_else()
    {
        var former = await TakeAsync("a.pdf", "Patient: 9, author: Dr No");
        var done = Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(former.Id, To("8") with { Reason = "told by ward 7" }));
        Assert.Equal(2, done.Version);
        var moved = Record(Assert.Single(done.Successors).Id);
        Assert.Equal([moved.Id], Found(new FindQuery { Fields = [new FieldValue("patientId", "8")] }));
        Assert.Empty(Found(new FindQuery { Fields = [new FieldValue("patientId", "9")] }));
        Assert.Equal([moved.Id], Found(new FindQuery { Text = "Patient" }));
        Assert.Equal([former.Id], Found(new FindQuery { Withdrawn = true }));

        var withdrawn = Record(former.Id);
        Assert.Equal(("entered-in-error", moved.Id, (RecordId?)null), (withdrawn.Withdrawn, withdrawn.ReassignedTo, withdrawn.ReassignedFrom));
        Assert.Equal((null, null, former.Id), (moved.Withdrawn, moved.ReassignedTo, moved.ReassignedFrom));
        Assert.Equal("Dr No", moved.Fields["author"]);
        var decision = Assert.Single(moved.Decisions);
        Assert.Equal((DecisionKind.Reassigned, "wrong-patient", "told by ward 7", "tester"), (decision.Kind, decision.Reassignment, decision.Reason, decision.By));
        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(rebuilt, live);
        AssertNothingLeft(_world);
    }

    [Fact]
    public async Task Each_side_learns_nothing_of_the_other_but_its_id()
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        _world.Put("wrong4711_a.pdf.json", """{"fields":{"patientId":"wrong4711","encounterId":"wrongcase","ward":"7"}}"""u8.ToArray());
        var former = await TakeAsync("wrong4711_a.pdf", "no number at all");
        await SettleAsync(settling => settling.AmendAsync(
            former.Id, new Assignment(Fields(("author", "Dr Yes")), null, null, "wrong4711 told us"), null, Cancellation));
        var done = Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(
            former.Id, new Assignment(Fields(("patientId", "right0815"), ("encounterId", "rightcase")), null, null, "right0815 told us"), keeps: ["ward", "author"]));
        var moved = Assert.Single(done.Successors).Id;
        Assert.DoesNotContain("right", Everything(former.Id), StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", Everything(moved).Replace("wrong-patient", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("""{"fields":{"encounterId":"rightcase","patientId":"right0815","ward":"7"}}""", _world.Read(moved, "sidecar.json"));
        Assert.Equal(("7", "Dr Yes", "reassigned.pdf"), (Record(moved).Fields["ward"], Record(moved).Fields["author"], Record(moved).FileName));
        Assert.Empty(_world.Ask(connection => ReviewTable.List(connection).ToList()));
    }

    [Fact]
    public async Task Bytes_text_rendition_and_confidence_are_carried_over_and_nothing_is_read_again()
    {
        var reader = new LaterReader(_world);
        _world.Reader = reader;
        var former = await TakeAsync("a.pdf", "Patient: 9");
        await _world.RunWithEnvironmentAsync((environment, _) => new LaterReading(environment).ReadWaitingAsync(_ => { }, Cancellation));
        int read = reader.Long.Count;
        var moved = Assert.Single(Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(former.Id, To("8"))).Successors).Id;
        foreach (string name in new[] { "original.pdf", "text.json", "rendition.pdf" })
        {
            Assert.Equal(_world.Read(former.Id, name), _world.Read(moved, name));
        }

        Assert.Equal(_world.NamesIn(former.Id), _world.NamesIn(moved));
        Assert.Equal(read, reader.Long.Count);
        Assert.Equal(Record(former.Id).ReceivedAt, Record(moved).ReceivedAt);   // retention goes by it
    }

    [Fact]
    public async Task One_that_waits_for_OCR_is_read_under_the_right_patient_and_keeps_what_was_said()
    {
        _world.Reader = new LaterReader(_world);
        var former = await TakeAsync("a.pdf", "Patient: 9");
        var moved = Assert.Single(Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(former.Id, To("8"))).Successors).Id;
        var reports = new List<LaterReadingReport>();
        await _world.RunWithEnvironmentAsync((environment, _) => new LaterReading(environment).ReadWaitingAsync(reports.Add, Cancellation));
        Assert.Equal((moved, "read"), (Assert.Single(reports).Id, reports[0].Outcome));
        Assert.Equal(("8", former.Id), (Record(moved).Fields["patientId"], Record(moved).ReassignedFrom));
        Assert.Equal("duplicate", await OutcomeAfterAsync("again.pdf", "Patient: 9"));   // reading again left what it is compared by
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("""{"fields":{"patientId":"9","ward":"7"}}""", """{"fields":{"patientId":"8","ward":"7"}}""")]
    public async Task The_same_bytes_under_the_right_patient_are_a_duplicate_of_the_new_record(string? sidecar, string? right)
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        PutSidecar("a.pdf", sidecar);
        var former = await TakeAsync("a.pdf", "nobody is named");
        var moved = Assert.Single(Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(former.Id, To("8"), keeps: ["ward"])).Successors).Id;
        PutSidecar("again.pdf", right);
        Assert.Equal("duplicate", await OutcomeAfterAsync("again.pdf", "nobody is named"));
        Assert.Equal(moved.ToString(), Assert.Single(_world.Reports).Id);
    }

    [Fact]
    public async Task A_key_without_the_number_goes_along_and_the_next_scan_of_it_is_a_version_of_the_new_record()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)_";
        var former = await TakeAsync("K1_a.pdf", "Patient: 9");
        var moved = Assert.Single(Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(former.Id, To("8"))).Successors).Id;
        Assert.Equal("K1", Record(moved).DocumentKey);
        Assert.Equal("versioned", await OutcomeAfterAsync("K1_b.pdf", "Patient: 9 once more"));
        var next = Record(moved);
        Assert.Equal((moved.ToString(), former.Id), (Assert.Single(_world.Reports).Id, next.ReassignedFrom));
        Assert.Equal(["correction-superseded"], next.Flags);   // the scan says the wrong patient again: a person looks
        Assert.Equal(2, Found(new FindQuery { Withdrawn = true }).Count + Found(new FindQuery()).Count);
    }

    [Fact]
    public async Task A_second_reassignment_starts_from_the_new_record_and_the_former_stays_as_it_is()
    {
        var first = await TakeAsync("a.pdf", "Patient: 9");
        var second = Assert.Single(Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(first.Id, To("8"))).Successors).Id;
        Assert.Contains("withdrawn", Assert.IsType<SuccessionOutcome.Refused>(await ReassignAsync(first.Id, To("7"))).Why, StringComparison.Ordinal);
        Assert.Contains("took its place", Assert.IsType<SettlingOutcome.Refused>(await SettleAsync(settling => settling.ReinstateAsync(first.Id, "r", null, Cancellation))).Why, StringComparison.Ordinal);
        var third = Assert.Single(Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(second, To("9"))).Successors).Id;
        Assert.Equal((second, "9"), (Record(third).ReassignedFrom, Record(third).Fields["patientId"]));
        Assert.Equal(second, Record(first.Id).ReassignedTo);
        Assert.Equal([third], Found(new FindQuery()));
        Assert.Single(Record(third).Decisions);
    }

    [Fact]
    public async Task What_cannot_be_moved_is_refused_and_changes_nothing()
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)_";
        PutSidecar("K9_a.pdf", """{"fields":{"patientId":"K9","ward":"7"}}""");
        var record = await TakeAsync("K9_a.pdf", "nobody is named");
        var other = await TakeAsync("K2_b.pdf", "another");
        int before = _world.Records().Count;
        foreach (var (said, why) in new (Assignment, string)[]
        {
            (new Assignment(Fields(("ward", "8")), null, null, null), "Say whose"),
            (To("K9") with { Removes = ["ward"] }, "already"),
            (To("8") with { RemovesDocumentKey = true }, "ward"),                    // said of the wrong patient, and not said again
            (To("8") with { Removes = ["ward"] }, "document key"),                   // which holds the wrong number
            (To("8") with { Removes = ["ward"], DocumentKey = "K2" }, "Another record"),
            (To("8") with { Removes = ["ward", "author"], DocumentKey = "K3" }, "no field author"),
        })
        {
            Assert.Contains(why, Assert.IsType<SuccessionOutcome.Refused>(await ReassignAsync(record.Id, said)).Why, StringComparison.Ordinal);
        }

        var right = To("8") with { Removes = ["ward"], DocumentKey = "K3" };
        Assert.Contains("v1, not v2", Assert.IsType<SuccessionOutcome.Refused>(await ReassignAsync(record.Id, right, seen: new VersionNumber(2))).Why, StringComparison.Ordinal);
        Assert.IsType<SuccessionOutcome.Absent>(await ReassignAsync(new RecordIdSource(TimeProvider.System).Draw(), right));
        Assert.Equal((before, null), (_world.Records().Count, Record(record.Id).Withdrawn));
        Assert.Equal([other.Id, record.Id], Found(new FindQuery()));
        AssertNothingLeft(_world);
        Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(record.Id, right));
    }

    [Fact]
    public async Task A_document_that_the_right_patient_has_already_is_not_doubled()
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        PutSidecar("a.pdf", """{"fields":{"patientId":"9"}}""");
        var wrong = await TakeAsync("a.pdf", "nobody is named");
        PutSidecar("b.pdf", """{"fields":{"patientId":"8"}}""");
        var right = await TakeAsync("b.pdf", "nobody is named");
        Assert.Contains($"{right.Id} is the same document", Assert.IsType<SuccessionOutcome.Refused>(await ReassignAsync(wrong.Id, To("8"))).Why, StringComparison.Ordinal);
        Assert.Null(Record(wrong.Id).Withdrawn);
    }

    [Fact]
    public async Task A_patient_that_the_index_does_not_know_gets_nothing()
    {
        var index = PatientIndex.Read("number,name,birthDate\n1,Anna Muster,1950-03-12\n", out _);
        var record = await TakeAsync("a.pdf", "Patient: 9");
        _world.Classifier = new Classifier(
            Rules.Set(), LanguageDetector.None, TimeProvider.System, new Dictionary<string, PatientIndex> { ["default"] = Assert.IsType<PatientIndex>(index) });
        Assert.Contains("no such number", Assert.IsType<SuccessionOutcome.Refused>(await ReassignAsync(record.Id, To("8"))).Why, StringComparison.Ordinal);
        Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(record.Id, To("1")));
    }

    [Fact]
    public async Task A_divided_scan_is_refused_and_a_document_of_it_moves_with_its_place_in_it()
    {
        var reader = new StackReader(_world);
        _world.Reader = reader;
        _world.Classifier = Classifier.WithoutRules;
        _world.Profile.Pages.Separators = new SeparatorOptions { BarCodes = [new SeparatorBarCode { Pattern = "^P-" }] };
        _world.Put("stack.pdf", IngestWorld.Document("[P-1]|first|[P-2]|second"));
        await _world.RunAsync();
        var batch = _world.Records().Single(record => record.Batch is not null);
        Assert.Contains("divided", Assert.IsType<SuccessionOutcome.Refused>(await ReassignAsync(batch.Id, To("8"))).Why, StringComparison.Ordinal);
        var second = _world.Records().Single(record => _world.TextOf(record.Id) == "second");
        var moved = Assert.Single(Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(second.Id, To("8"))).Successors).Id;
        Assert.Equal(batch.Id, Record(moved).PartOf?.Batch);
        _world.Put("stack.pdf", IngestWorld.Document("[P-1]|first|[P-2]|second"));
        await _world.RunAsync();
        Assert.Equal("duplicate", Assert.Single(_world.Reports).Outcome);   // the whole stack: nothing of it is missing
        Assert.Equal(4, _world.Records().Count);
    }

    [Fact]
    public async Task The_fronts_and_backs_of_a_record_go_along()
    {
        _world.Reader = new StackReader(_world);
        _world.Classifier = Classifier.WithoutRules;
        _world.Profile.Pages.Duplex = new DuplexOptions();
        _world.Put("front.pdf", IngestWorld.Document("1|3"));
        await _world.RunAsync();
        _world.Put("back.pdf", IngestWorld.Document("4|2"));
        await _world.RunAsync();
        var former = Assert.Single(_world.Records());
        var moved = Assert.Single(Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(former.Id, To("8"))).Successors).Id;
        Assert.Equal(_world.NamesIn(former.Id), _world.NamesIn(moved));
        _world.Put("front.pdf", IngestWorld.Document("1|3"));
        await _world.RunAsync();
        Assert.Equal(("duplicate", moved.ToString()), (Assert.Single(_world.Reports).Outcome, _world.Reports[0].Id));
    }

    [Fact]
    public async Task A_scan_of_the_same_document_waits_for_the_end_of_it()
    {
        var record = await TakeAsync("a.pdf", "Patient: 9");
        using var database = _world.OpenDatabase();
        var revision = new Revision(new RecordIdSource(TimeProvider.System).Draw(), record.Id, null, "another process");
        var successor = record with { Id = new RecordIdSource(TimeProvider.System).Draw(), DocumentKey = "K7" };
        await database.WriteAsync(
            (connection, transaction) =>
            {
                Assert.True(RevisionTable.TryBegin(transaction, revision, default));
                RevisionTable.NoteVersion(transaction, revision.Id, 2, "default", null);
                RevisionTable.NoteSuccessors(transaction, revision.Id, "{}", [successor]);
                Assert.True(RevisionTable.IsSuccessor(connection, successor.Id));
                var claim = Assert.Single(ScanTable.Open(transaction, [Claim()], "a process"));
                Assert.False(ScanTable.TryBeginFiling(transaction, claim, null, successor.Identity, waitsForUnread: false));
                Assert.False(ScanTable.TryBeginFiling(transaction, claim, "K7", "another", waitsForUnread: false));
                RevisionTable.End(transaction, revision.Id);
                Assert.True(ScanTable.TryBeginFiling(transaction, claim, "K7", successor.Identity, waitsForUnread: false));
                return true;
            },
            Cancellation);
    }

    [Fact]
    public async Task While_such_a_scan_is_being_filed_nothing_is_moved()
    {
        var record = await TakeAsync("a.pdf", "Patient: 9");
        using (var database = _world.OpenDatabase())
        {
            await database.WriteAsync(
                (_, transaction) =>
                {
                    var claim = Assert.Single(ScanTable.Open(transaction, [Claim()], "another process"));
                    ScanTable.NoteCopied(transaction, claim.Id, new Sha512Digest(record.Sha512), record.Identity);
                    Assert.True(ScanTable.TryBeginFiling(transaction, claim, null, record.Identity, waitsForUnread: false));
                    return true;
                },
                Cancellation);
        }

        Assert.IsType<SuccessionOutcome.Busy>(await ReassignAsync(record.Id, To("8")));
        Assert.Single(_world.Records());
    }

    [Fact]
    public async Task Of_several_at_once_one_moves_it()
    {
        var record = await TakeAsync("a.pdf", "Patient: 9");
        var outcomes = new List<SuccessionOutcome>();
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var reassigning = new RecordReassigning(environment);
            outcomes.AddRange(await Task.WhenAll(Enumerable.Range(1, 6).Select(number => Task.Run(
                () => reassigning.ReassignAsync(record.Id, To($"{number}"), ReassignmentReason.WrongPatient, [], null, Cancellation), Cancellation))));
        });
        Assert.Single(outcomes.OfType<SuccessionOutcome.Done>());
        Assert.All(outcomes, outcome => Assert.True(outcome is SuccessionOutcome.Done or SuccessionOutcome.Busy or SuccessionOutcome.Refused));
        Assert.Equal(2, _world.Records().Count);
    }

    [Fact]
    public async Task A_damaged_original_is_not_copied()
    {
        var record = await TakeAsync("a.pdf", "Patient: 9");
        _world.RotOriginals();
        await Assert.ThrowsAsync<FixityException>(() => ReassignAsync(record.Id, To("8")));
        Assert.Null(Assert.Single(_world.Records()).Withdrawn);
        AssertNothingLeft(_world);
    }

    [Fact]
    public async Task The_audit_names_both_records_and_nothing_of_a_patient()
    {
        var record = await TakeAsync("a.pdf", "Patient: 9");
        var moved = Assert.Single(Assert.IsType<SuccessionOutcome.Done>(await ReassignAsync(record.Id, To("right0815"))).Successors).Id;
        string entry = Assert.Single(
            DocIngest.Pipeline.Audit.AuditLog.Read(_world.Data, new DocIngest.Pipeline.Audit.AuditQuery { Record = moved.ToString() })).Json.ToString();
        Assert.Contains("\"reassigned\"", entry, StringComparison.Ordinal);
        Assert.Contains(record.Id.ToString(), entry, StringComparison.Ordinal);
        Assert.DoesNotContain("right0815", entry, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FaultKind.PowerCut)]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.Full)]
    [InlineData(FaultKind.FlushFails)]
    public async Task Whatever_fails_at_any_operation_the_document_is_in_one_record_or_the_other(FaultKind kind)
    {
        int n = 0;
        int finished = 0;
        for (bool fired = true; fired;)
        {
            using var world = new IngestWorld();
            Prepare(world);
            world.Put("a.pdf", IngestWorld.Document("Patient: 9"));
            await world.RunAsync();
            var former = Assert.Single(world.Records());
            var plan = new FaultPlan(n += kind == FaultKind.PowerCut ? 1 : 3, kind);
            try
            {
                await world.RunWithEnvironmentAsync(
                    (environment, _) => new RecordReassigning(environment).ReassignAsync(former.Id, To("8"), ReassignmentReason.WrongPatient, [], null, Cancellation), plan);
            }
            catch (Exception error) when (error is PowerCutException or StorageException)
            {
                // The process is gone, or said so.
            }

            fired = plan.Fired;
            world.Volume.PowerCut(kind == FaultKind.PowerCut ? PowerCutChoice.Random(n) : PowerCutChoice.KeepAll);
            Assert.Single(Found(world, new FindQuery()));   // before anything was taken up: found, and found once
            await world.RunAsync();                         // takes up what is left
            var records = world.Records();
            finished += records.Count == 2 ? 1 : 0;
            var inUse = Assert.Single(records, record => record.Withdrawn is null);
            Assert.Equal([inUse.Id], Found(world, new FindQuery()));
            Assert.Equal(records.Count == 2 ? "8" : "9", inUse.Fields["patientId"]);
            Assert.All(records.Where(record => record.Withdrawn is not null), record => Assert.Equal((former.Id, inUse.Id), (record.Id, record.ReassignedTo)));
            AssertNothingLeft(world);
            var (live, rebuilt) = await world.DumpAndRebuildAsync();
            Assert.Equal(rebuilt, live);

            // Done again where it was undone; what was done is not done twice.
            await world.RunWithEnvironmentAsync(
                (environment, _) => new RecordReassigning(environment).ReassignAsync(former.Id, To("8"), ReassignmentReason.WrongPatient, [], null, Cancellation));
            Assert.Equal(2, world.Records().Count);
            Assert.Equal("8", Assert.Single(world.Records(), record => record.Withdrawn is null).Fields["patientId"]);
        }

        Assert.True(n > 20 && finished > 2, $"only {n} operations were tried, of which {finished} were finished");
    }

    [Fact]
    public async Task A_version_that_a_scan_made_while_it_was_cut_short_stays_in_use()
    {
        for (int n = 1; ; n++)
        {
            using var world = new IngestWorld();
            Prepare(world);
            world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)_";
            world.Put("K1_a.pdf", IngestWorld.Document("Patient: 9"));
            await world.RunAsync();
            var former = Assert.Single(world.Records());
            var plan = new FaultPlan(n, FaultKind.PowerCut);
            try
            {
                await world.RunWithEnvironmentAsync(
                    (environment, _) => new RecordReassigning(environment).ReassignAsync(former.Id, To("8"), ReassignmentReason.WrongPatient, [], null, Cancellation), plan);
            }
            catch (PowerCutException)
            {
                // The process is gone.
            }

            Assert.True(plan.Fired, "no power cut left the new record in the archive and the former one in use");
            world.Volume.PowerCut(PowerCutChoice.KeepAll);
            if (world.Records().Count < 2 || world.Records().Any(record => record.Withdrawn is not null))
            {
                continue;
            }

            await PlaceVersionAsync(world, former.Id);
            await world.RunAsync();
            Assert.Equal(2, Found(world, new FindQuery()).Count);   // both: a person looks
            Assert.Null(world.Records().Single(record => record.Id == former.Id).Withdrawn);
            AssertNothingLeft(world);
            return;
        }
    }

    // As a scan of its key would, that another process files before anybody has taken up what was left.
    private static async Task PlaceVersionAsync(IngestWorld world, RecordId id)
    {
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var found = Assert.IsType<OcflObject>(environment.Archive.Find(id.ToString()));
            var staged = environment.Archive.StageNextVersion(found, "another-scan");
            staged.Seal(new VersionInfo { Created = environment.Time.GetUtcNow(), Message = "New version", UserName = "tester", UserAddress = "urn:docingest:account:test:tester" });
            Assert.IsType<CommitResult.Committed>(Assert.Single(await environment.Archive.CommitGroupAsync([staged], Cancellation)));
            environment.Archive.Discard("another-scan");
        });
    }

    private static void Prepare(IngestWorld world)
    {
        world.Reader = new WordsReader(world);
        world.Classifier = new Classifier(
            Rules.Set(new RuleOptions
            {
                Name = "letter", RecordClass = "letter",
                Fields = [Rules.Field("patientId", FieldType.Identifier, "Patient"), Rules.Field("author", FieldType.Text, "author")],
            }),
            LanguageDetector.None, TimeProvider.System);
    }

    private async Task<RecordDocument> TakeAsync(string name, string words)
    {
        var before = _world.Counts().Count == 0 ? [] : _world.Records().Select(record => record.Id).ToHashSet();
        _world.Put(name, IngestWorld.Document(words));
        await _world.RunAsync();
        return Assert.Single(_world.Records(), record => !before.Contains(record.Id));
    }

    private async Task<string> OutcomeAfterAsync(string name, string words)
    {
        _world.Put(name, IngestWorld.Document(words));
        await _world.RunAsync();
        return Assert.Single(_world.Reports).Outcome;
    }

    private void PutSidecar(string name, string? json)
    {
        if (json is not null)
        {
            _world.Put($"{name}.json", Encoding.UTF8.GetBytes(json));
        }
    }

    private RecordDocument Record(RecordId id) => _world.Records().Single(record => record.Id == id);

    private string Everything(RecordId id) => string.Concat(_world.NamesIn(id).Select(name => _world.Read(id, name)));

    private List<RecordId> Found(FindQuery query) => Found(_world, query);

    private static List<RecordId> Found(IngestWorld world, FindQuery query)
    {
        using var database = world.OpenDatabase();
        return [.. new SqliteCatalog(database).Find(query, Cancellation).Select(found => found.Id)];
    }

    private static void AssertNothingLeft(IngestWorld world)
    {
        Assert.Empty(world.Data.List(DataFolder.Staging));
        Assert.Empty(world.Ask(RevisionTable.Owners));
    }

    private static SortedDictionary<string, string> Fields(params (string Name, string Value)[] fields) =>
        new(fields.ToDictionary(field => field.Name, field => field.Value), StringComparer.Ordinal);

    private static Assignment To(string patient) => new(Fields(("patientId", patient)), null, null, null);

    private static Claim Claim() => new(
        new RecordIdSource(TimeProvider.System).Draw(), "default", $"{IngestWorld.DropPath}/{Guid.NewGuid()}.pdf", "", new FileStamp("1", 1, 1), default, null, null, RemovesSource: true);

    private async Task<SuccessionOutcome> ReassignAsync(RecordId id, Assignment said, IReadOnlyList<string>? keeps = null, VersionNumber? seen = null)
    {
        SuccessionOutcome? outcome = null;
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
            outcome = await new RecordReassigning(environment).ReassignAsync(id, said, ReassignmentReason.WrongPatient, keeps ?? [], seen, Cancellation));
        return outcome ?? throw new InvalidOperationException();
    }

    private async Task<SettlingOutcome> SettleAsync(Func<RecordSettling, Task<SettlingOutcome>> settle)
    {
        SettlingOutcome? outcome = null;
        await _world.RunWithEnvironmentAsync(async (environment, _) => outcome = await settle(new RecordSettling(environment)));
        return outcome ?? throw new InvalidOperationException();
    }
}
