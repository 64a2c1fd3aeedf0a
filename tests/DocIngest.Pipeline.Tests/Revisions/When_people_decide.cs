using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Revisions;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Classification;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Revisions;

/// <summary>What waits in review is settled by versions that name the person.</summary>
public sealed class When_people_decide : IDisposable
{
    private readonly IngestWorld _world = new();

    public When_people_decide() => _world.Reader = new WordsReader(_world);

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_confirmation_is_a_version_and_survives_a_rebuild()
    {
        var record = await TakeUnreadableAsync();
        Assert.Equal(["low-confidence"], Waiting(record.Id));
        var settled = Assert.IsType<SettlingOutcome.Settled>(await ConfirmAsync(record.Id, "compared with the paper"));
        Assert.Equal((3, "low-confidence"), (settled.Version, Assert.Single(settled.Settles)));
        Assert.Empty(Waiting(record.Id));
        var decision = Assert.Single(Assert.Single(_world.Records()).Decisions);
        Assert.Equal(("tester", "urn:docingest:account:test:tester", "compared with the paper"), (decision.By, decision.Account, decision.Reason));
        Assert.Equal(["low-confidence"], Assert.Single(_world.Records()).Flags);   // it is so still; somebody has looked

        await ForgetReviewAsync();
        await _world.DumpAndRebuildAsync();
        var item = Assert.Single(Items(record.Id));
        Assert.Equal(("low-confidence", "tester", decision.At.ToUnixTimeMilliseconds()), (item.Code, item.ConfirmedBy, item.ConfirmedAt?.ToUnixTimeMilliseconds()));
        Assert.IsType<SettlingOutcome.NothingWaits>(await ConfirmAsync(record.Id, null));
    }

    [Fact]
    public async Task A_decision_about_a_version_that_is_not_the_newest_any_more_is_refused()
    {
        var record = await TakeUnreadableAsync();   // v2
        var old = new VersionNumber(1);
        Assert.Contains("v2, not v1", Assert.IsType<SettlingOutcome.Refused>(await ConfirmAsync(record.Id, null, old)).Why, StringComparison.Ordinal);
        Assert.IsType<SettlingOutcome.Refused>(await AssignAsync(record.Id, Patient("1"), old));
        Assert.Equal(["low-confidence"], Waiting(record.Id));
        Assert.Equal(2, _world.Archived().Count);
        Assert.Equal(3, Assert.IsType<SettlingOutcome.Settled>(await ConfirmAsync(record.Id, null, new VersionNumber(2))).Version);
    }

    [Fact]
    public async Task Reading_again_asks_again()
    {
        var record = await TakeUnreadableAsync();
        await ConfirmAsync(record.Id, null);
        ((LaterReader)_world.Reader).ConfidencePercent = 30;
        _world.Reader = new OtherWords(_world.Reader);
        await _world.RunWithEnvironmentAsync((environment, _) => new LaterReading(environment).ReadAsync(record.Id, TestContext.Current.CancellationToken));
        Assert.Equal(["low-confidence"], Waiting(record.Id));
    }

    [Fact]
    public async Task A_record_that_was_nobodys_is_assigned_to_a_patient_of_the_index()
    {
        var record = await TakeMismatchAsync();
        Assert.Equal(["identity-mismatch"], record.Flags);
        Assert.Contains("no such number", Assert.IsType<SettlingOutcome.Refused>(await AssignAsync(record.Id, "2")).Why, StringComparison.Ordinal);
        Assert.Single(_world.Archived());

        var settled = Assert.IsType<SettlingOutcome.Settled>(await AssignAsync(record.Id, "1"));
        Assert.Equal((2, "identity-mismatch"), (settled.Version, Assert.Single(settled.Settles)));
        var assigned = Assert.Single(_world.Records());
        Assert.Equal(("1", "person"), (assigned.Fields["patientId"], assigned.Evidence["patientId"].Source));
        Assert.Empty(assigned.Flags);
        Assert.Empty(Waiting(record.Id));
        Assert.Equal("tester", Assert.Single(Items(record.Id)).ConfirmedBy);
        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(rebuilt, live);
    }

    [Fact]
    public async Task A_persons_word_outlasts_reading_again()
    {
        _world.Reader = new LaterReader(_world);
        _world.Classifier = WithIndex(new RuleOptions
        {
            Name = "id", RecordClass = "letter", Fields = [Rules.Field("patientId", FieldType.Identifier, "Patient")],
        });
        _world.Put("a.pdf", IngestWorld.Document("Patient: 9 and nobody known"));
        await _world.RunAsync();
        var id = Assert.Single(_world.Records()).Id;
        await AssignAsync(id, new Assignment(new Dictionary<string, string> { ["patientId"] = "1" }, "report", null, null));
        await _world.RunWithEnvironmentAsync((environment, _) => new LaterReading(environment).ReadWaitingAsync(_ => { }, TestContext.Current.CancellationToken));
        var read = Assert.Single(_world.Records());
        Assert.Equal((TextStatus.Complete, "1", "report"), (read.TextStatus, read.Fields["patientId"], read.RecordClass));
        Assert.Empty(read.Flags);
    }

    [Fact]
    public async Task A_class_that_no_rule_found_is_asked_for_and_given()
    {
        _world.Classifier = new Classifier(Rules.Set(new RuleOptions { Name = "letter", RecordClass = "letter", When = [new ConditionOptions { Any = ["dear colleague"] }] }),
            LanguageDetector.None, TimeProvider.System);
        var record = await TakeAsync("a.pdf", "something else");
        Assert.Equal(["unclassified"], Waiting(record.Id));
        Assert.IsType<SettlingOutcome.Refused>(await AssignAsync(record.Id, new Assignment(new Dictionary<string, string>(), "No Class", null, null)));
        Assert.IsType<SettlingOutcome.Settled>(await AssignAsync(record.Id, new Assignment(new Dictionary<string, string>(), "report", null, null)));
        Assert.Equal("report", Assert.Single(_world.Records()).RecordClass);
        Assert.Empty(Waiting(record.Id));
    }

    [Fact]
    public async Task Without_rules_that_classify_nothing_is_asked()
    {
        var record = await TakeAsync("a.pdf", "something else");
        Assert.Empty(Waiting(record.Id));
    }

    [Fact]
    public async Task A_document_key_of_another_record_is_refused_and_a_new_one_makes_duplicates_known()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)";
        await TakeAsync("K1.pdf", "one");
        var other = await TakeAsync("other.pdf", "two");
        Assert.IsType<SettlingOutcome.Refused>(await AssignAsync(other.Id, new Assignment(new Dictionary<string, string>(), null, "K1", null)));
        Assert.IsType<SettlingOutcome.Settled>(await AssignAsync(other.Id, new Assignment(new Dictionary<string, string>(), null, "K2", null)));
        _world.Put("K2 again.pdf", IngestWorld.Document("two"));
        await _world.RunAsync();
        Assert.Equal("duplicate", Assert.Single(_world.Reports).Outcome);
    }

    [Fact]
    public async Task A_document_key_that_another_scan_gets_meanwhile_is_refused()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)";
        var other = await TakeAsync("other.pdf", "two");
        var outcome = await AssignMeanwhileAsync(other.Id, "K1", (_, session) =>
        {
            _world.Put("K1.pdf", IngestWorld.Document("one"));
            return session.TakeInAsync([IngestWorld.DropPath], "default", removesSource: true, _ => { }, TestContext.Current.CancellationToken);
        });
        Assert.Contains("document key", Assert.IsType<SettlingOutcome.Refused>(outcome).Why, StringComparison.Ordinal);
        Assert.Equal("K1.pdf", Assert.Single(_world.Records(), record => record.DocumentKey == "K1").FileName);
        Assert.Equal(2, _world.Archived().Count);
    }

    [Fact]
    public async Task A_document_key_of_a_scan_that_is_being_filed_is_not_given_meanwhile()
    {
        var other = await TakeAsync("other.pdf", "two");
        var outcome = await AssignMeanwhileAsync(other.Id, "K1", (environment, _) => environment.Database.WriteAsync(
            (_, transaction) =>
            {
                var claim = Assert.Single(ScanTable.Open(transaction, [Claim("K1")], "another process"));
                return ScanTable.TryBeginFiling(transaction, claim, "K1", "its identity", waitsForUnread: false);
            },
            TestContext.Current.CancellationToken));
        Assert.IsType<SettlingOutcome.Busy>(outcome);
        Assert.Single(_world.Archived());
    }

    [Fact]
    public async Task A_scan_waits_for_a_revision_that_gives_its_document_key_to_a_record()
    {
        var other = await TakeAsync("other.pdf", "two");
        using var database = _world.OpenDatabase();
        var revision = new Revision(new RecordIdSource(TimeProvider.System).Draw(), other.Id, null, "another process");
        await database.WriteAsync(
            (_, transaction) =>
            {
                var claim = Assert.Single(ScanTable.Open(transaction, [Claim("K1")], "a process"));
                Assert.True(RevisionTable.TryBegin(transaction, revision, default));
                RevisionTable.NoteVersion(transaction, revision.Id, 2, "default", "K1");
                Assert.False(ScanTable.TryBeginFiling(transaction, claim, "K1", "its identity", waitsForUnread: false));
                RevisionTable.End(transaction, revision.Id);
                Assert.True(ScanTable.TryBeginFiling(transaction, claim, "K1", "its identity", waitsForUnread: false));
                return true;
            },
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Two_at_once_make_two_versions_or_one_waits()
    {
        var record = await TakeMismatchAsync();
        var outcomes = new List<SettlingOutcome>();
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var settling = new RecordSettling(environment);
            outcomes.AddRange(await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
                () => settling.AssignAsync(record.Id, Patient("1"), null, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken))));
        });
        int settled = outcomes.Count(outcome => outcome is SettlingOutcome.Settled);
        Assert.InRange(settled, 1, 8);
        Assert.All(outcomes, outcome => Assert.True(outcome is SettlingOutcome.Settled or SettlingOutcome.Busy));
        Assert.Equal(1 + settled, _world.Archived().Count);
        Assert.Equal(settled, Assert.Single(_world.Records()).Decisions.Count);
    }

    [Fact]
    public async Task An_unknown_record_is_absent() =>
        Assert.IsType<SettlingOutcome.Absent>(await ConfirmAsync((await TakeAsync("a.pdf", "x")).Id with { Value = Guid.NewGuid() }, null));

    [Fact]
    public async Task What_nobody_has_looked_at_waits_on_when_another_scan_makes_the_next_version()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)";
        _world.Profile.Sidecar = SidecarMode.Optional;
        _world.Profile.ReviewBelowConfidence = 60;
        _world.Reader = new LaterReader(_world) { ConfidencePercent = 41 };
        _world.Put("K1 a.pdf.json", "torn"u8.ToArray());
        var id = (await TakeAsync("K1 a.pdf", "hardly to be read")).Id;
        await _world.RunWithEnvironmentAsync((environment, _) => new LaterReading(environment).ReadWaitingAsync(_ => { }, TestContext.Current.CancellationToken));
        Assert.Equal(["low-confidence", "sidecar-invalid"], Waiting(id));

        _world.Reader = new WordsReader(_world);
        var next = await TakeAsync("K1 b.pdf", "clean print");
        Assert.Equal((id, "sidecar-invalid"), (next.Id, Assert.Single(next.Flags)));
        Assert.Equal(["sidecar-invalid"], Waiting(id));   // the better scan has mended the other
        await ForgetReviewAsync();
        await _world.DumpAndRebuildAsync();
        Assert.Equal(["sidecar-invalid"], Waiting(id));

        Assert.Equal(4, Assert.IsType<SettlingOutcome.Settled>(await ConfirmAsync(id, null)).Version);
        Assert.Empty((await TakeAsync("K1 c.pdf", "once more")).Flags);
        Assert.Empty(Waiting(id));
    }

    private async Task<RecordDocument> TakeAsync(string name, string words)
    {
        _world.Put(name, IngestWorld.Document(words));
        await _world.RunAsync();
        return _world.Records().Single(record => record.FileName == name);
    }

    [Fact]
    public async Task What_a_person_says_is_kept_as_rules_would_keep_it()
    {
        var record = await TakeAsync("a.pdf", "a letter");
        await AssignAsync(record.Id, "450 557 7104");
        record = Assert.Single(_world.Records());
        Assert.Equal(("4505577104", "4505577104"), (record.Fields["patientId"], record.Decisions[^1].Fields["patientId"]));
        await SettleAsync(settling => settling.AmendAsync(
            record.Id, new Assignment(new Dictionary<string, string> { ["documentDate"] = "16.05.2026" }, null, null, "misread"), null, TestContext.Current.CancellationToken));
        Assert.Equal("2026-05-16", Assert.Single(_world.Records()).Fields["documentDate"]);
    }

    private async Task<RecordDocument> TakeUnreadableAsync()
    {
        _world.Reader = new LaterReader(_world) { ConfidencePercent = 41 };
        await TakeAsync("a.pdf", "hardly to be read");
        await _world.RunWithEnvironmentAsync((environment, _) => new LaterReading(environment).ReadWaitingAsync(_ => { }, TestContext.Current.CancellationToken));
        return Assert.Single(_world.Records());
    }

    private async Task<RecordDocument> TakeMismatchAsync()
    {
        _world.Classifier = WithIndex(new RuleOptions { Name = "id", Fields = [Rules.Field("patientId", FieldType.Identifier, "Patient")] });
        return await TakeAsync("a.pdf", "Patient: 9 and nobody known");
    }

    private static Classifier WithIndex(RuleOptions rule)
    {
        var index = PatientIndex.Read("number,name,birthDate\n1,Anna Muster,1950-03-12\n", out _);
        return new Classifier(
            Rules.Set(rule), LanguageDetector.None, TimeProvider.System, new Dictionary<string, PatientIndex> { ["default"] = Assert.IsType<PatientIndex>(index) });
    }

    private Task<SettlingOutcome> ConfirmAsync(RecordId id, string? reason, VersionNumber? seen = null) =>
        SettleAsync(settling => settling.ConfirmAsync(id, reason, seen, TestContext.Current.CancellationToken));

    private static Assignment Patient(string number) => new(new Dictionary<string, string> { ["patientId"] = number }, null, null, null);

    private Task<SettlingOutcome> AssignAsync(RecordId id, string number) => AssignAsync(id, Patient(number));

    private Task<SettlingOutcome> AssignAsync(RecordId id, Assignment assignment, VersionNumber? seen = null) =>
        SettleAsync(settling => settling.AssignAsync(id, assignment, seen, TestContext.Current.CancellationToken));

    private async Task<SettlingOutcome> SettleAsync(Func<RecordSettling, Task<SettlingOutcome>> settle)
    {
        SettlingOutcome? outcome = null;
        await _world.RunWithEnvironmentAsync(async (environment, _) => outcome = await settle(new RecordSettling(environment)));
        return outcome ?? throw new InvalidOperationException();
    }

    // With something that happens after the key was looked up, and before the version is made.
    private async Task<SettlingOutcome?> AssignMeanwhileAsync(RecordId id, string key, Func<IngestEnvironment, IngestSession, Task> meanwhile)
    {
        SettlingOutcome? outcome = null;
        await _world.RunWithEnvironmentAsync(async (environment, session) =>
        {
            bool isFirst = true;   // recovery, which looks after every revision, takes the lock again
            var hooked = environment with
            {
                Locks = new HookedLocks(environment.Locks, async () =>
                {
                    if (isFirst)
                    {
                        isFirst = false;
                        await meanwhile(environment, session);
                    }
                }),
            };
            outcome = await new RecordSettling(hooked).AssignAsync(
                id, new Assignment(new Dictionary<string, string>(), null, key, null), null, TestContext.Current.CancellationToken);
        });
        return outcome;
    }

    private static Claim Claim(string key) => new(
        new RecordIdSource(TimeProvider.System).Draw(), "default", $"{IngestWorld.DropPath}/{key}.pdf", "", new FileStamp("1", 1, 1), default, key, null, RemovesSource: true);

    private List<ReviewItem> Items(RecordId id) => _world.Ask(connection => ReviewTable.List(connection, id).ToList());

    private List<string> Waiting(RecordId id) => [.. Items(id).Where(item => item.ConfirmedAt is null).Select(item => item.Code)];

    private async Task ForgetReviewAsync()
    {
        using var database = _world.OpenDatabase();
        await database.WriteAsync(
            (_, transaction) =>
            {
                using var command = transaction.OpenConnection().CreateCommand();
                command.Transaction = transaction;
                command.CommandText = "DELETE FROM review; DELETE FROM head";
                return command.ExecuteNonQuery();
            },
            TestContext.Current.CancellationToken);
    }

    private sealed class OtherWords(DocIngest.Pipeline.Extraction.IExtractor inner) : DocIngest.Pipeline.Extraction.IExtractor
    {
        public async Task<DocIngest.Pipeline.Extraction.ExtractionResult> ExtractAsync(
            DocIngest.Pipeline.Extraction.ExtractionRequest request, CancellationToken cancellation)
        {
            var result = await inner.ExtractAsync(request, cancellation);
            return result with { Text = new DocumentText([.. result.Text.Pages.Select(page => page with { Text = "quite other words than before" })]) };
        }
    }
}
