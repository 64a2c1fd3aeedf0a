using System.Text;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Intake;

namespace DocIngest.Pipeline.Tests.Filing;

public sealed class When_scans_are_filed : IDisposable
{
    private readonly IngestWorld _world = new();

    public When_scans_are_filed() => _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)_";

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(ExistingKeyPolicy.NewVersion, "versioned", 1, "")]
    [InlineData(ExistingKeyPolicy.NewRecord, "filed", 2, "")]
    [InlineData(ExistingKeyPolicy.Review, "filed", 2, "key-exists")]
    public async Task A_known_key_does_what_the_profile_says(ExistingKeyPolicy policy, string outcome, int records, string flags)
    {
        _world.Profile.OnExistingKey = policy;
        Assert.Equal("filed", await TakeAsync("K1_a.pdf", "first"));
        Assert.Equal(outcome, await TakeAsync("K1_b.pdf", "second"));
        Assert.Equal(records, _world.Records().Count);
        Assert.Contains(_world.Records(), record => string.Join(',', record.Flags) == flags);
    }

    [Fact]
    public async Task A_version_without_OCR_does_not_inherit_the_rendition_of_the_one_before()
    {
        var reader = new RenditionReader();
        _world.Reader = reader;
        await TakeAsync("K1_a.pdf", "first");
        Assert.NotNull(Assert.Single(_world.Renditions()).Rendition);
        reader.IsOff = true;
        await TakeAsync("K1_b.pdf", "second");
        reader.IsOff = false;
        await TakeAsync("K1_c.pdf", "third");
        Assert.Equal([true, false, true], _world.Renditions().Select(version => version.Rendition is not null));
        Assert.Equal(3, _world.Renditions().Select(version => version.ScanId).Distinct().Count());
        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(live, rebuilt);
    }

    [Fact]
    public async Task A_file_that_a_person_accepted_says_so_in_its_version()
    {
        using var world = new IngestWorld();
        world.Put("list.txt", "eggs"u8.ToArray());
        await world.RunAsync();
        await world.ResumeQuarantinedAsync(world.Ask(connection => QuarantineTable.List(connection).Single().ScanId), accept: true);
        Assert.Equal("filed", Assert.Single(world.Reports).Outcome);
        Assert.Equal("Filed from quarantine by decision of a person", world.Ask(connection =>
        {
            using var question = connection.CreateCommand();
            question.CommandText = "SELECT message FROM catalog_versions";
            return question.ExecuteScalar();
        }));
    }

    [Fact]
    public async Task A_key_from_an_untrusted_sidecar_changes_no_record()
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        await TakeAsync("a.pdf", "first", """{"documentKey":"D1"}""");
        Assert.Equal("filed", await TakeAsync("b.pdf", "second", """{"documentKey":"D1"}"""));
        Assert.Contains(_world.Records(), record => record.Flags.Contains("key-exists"));
        _world.Profile.TrustedSidecar = true;
        Assert.Equal("versioned", await TakeAsync("c.pdf", "third", """{"documentKey":"D1"}"""));
    }

    [Fact]
    public async Task A_key_that_a_revision_without_an_end_may_have_given_is_for_a_person()
    {
        var filed = await TakeRecordAsync("a.pdf", "first");
        var revision = new Revision(new RecordIdSource(TimeProvider.System).Draw(), filed.Id, null, ScanTable.GivenUp);
        using (var database = _world.OpenDatabase())
        {
            await database.WriteAsync(
                (_, transaction) =>
                {
                    Assert.True(RevisionTable.TryBegin(transaction, revision, default));
                    RevisionTable.NoteVersion(transaction, revision.Id, 1, "default", "K7");
                    return true;
                },
                TestContext.Current.CancellationToken);
        }

        _world.RotOriginals();   // its recovery finds damage, and gives it up again
        Assert.Equal("filed", await TakeAsync("K7_b.pdf", "second"));
        Assert.Equal(["key-exists"], _world.Records().Single(record => record.FileName == "K7_b.pdf").Flags);
        Assert.Equal([ScanTable.GivenUp], _world.Ask(RevisionTable.Owners));
        Assert.Equal("filed", await TakeAsync("K8_c.pdf", "third"));
        Assert.Empty(_world.Records().Single(record => record.FileName == "K8_c.pdf").Flags);
    }

    [Fact]
    public async Task Only_a_trusted_sidecar_adds_a_version_to_a_record()
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        await TakeAsync("a.pdf", "first");
        string target = _world.Records().Single().Id.ToString();
        Assert.Equal("filed", await TakeAsync("b.pdf", "second", $$"""{"addVersionTo":"{{target}}"}"""));
        Assert.Contains(_world.Records(), record => record.Flags.Contains("sidecar-invalid"));
        _world.Profile.TrustedSidecar = true;
        Assert.Equal("versioned", await TakeAsync("c.pdf", "third", $$"""{"addVersionTo":"{{target}}"}"""));
        Assert.Equal(2, _world.Records().Count);
    }

    [Theory]
    [InlineData("{ no json")]
    [InlineData("{\"documentKey\":\"\\ud800\"}")]
    public async Task An_invalid_sidecar_is_flagged_and_stops_nothing(string sidecar)
    {
        _world.Profile.Sidecar = SidecarMode.Optional;
        Assert.Equal("filed", await TakeAsync("a.pdf", "first", sidecar));
        Assert.Equal(["sidecar-invalid"], _world.Records().Single().Flags);
        Assert.Empty(_world.DroppedNames());
    }

    [Fact]
    public async Task The_same_form_under_two_keys_makes_two_records_and_the_second_names_the_first()
    {
        await TakeAsync("K1_form.pdf", "blank form");
        await TakeAsync("K2_form.pdf", "blank form");
        var (first, second) = (_world.Records().Single(record => record.DocumentKey == "K1"), _world.Records().Single(record => record.DocumentKey == "K2"));
        Assert.Equal([first.Id], second.Twins);
    }

    [Fact]
    public async Task The_same_form_under_two_keys_in_one_group_makes_twins_too()
    {
        _world.Put("K1_form.pdf", IngestWorld.Document("blank form"));
        _world.Put("K2_form.pdf", IngestWorld.Document("blank form"));
        await _world.RunAsync();
        var records = _world.Records().OrderBy(record => record.Id).ToList();
        Assert.Equal(2, records.Count);
        Assert.Equal([records[0].Id], records[1].Twins);
    }

    [Fact]
    public async Task The_same_form_for_another_patient_under_the_same_name_is_a_record_of_its_own_also_where_file_numbers_are_used_again()
    {
        _world.Wrap = folder => new SharedFileNumbers(folder);
        _world.Profile.Sidecar = SidecarMode.Optional;
        await TakeAsync("form.pdf", "blank form", """{"documentKey":"D1"}""");
        Assert.Equal("filed", await TakeAsync("form.pdf", "blank form", """{"documentKey":"D2"}"""));
        Assert.Equal(["D1", "D2"], _world.Records().Select(record => record.DocumentKey).Order());
    }

    [Fact]
    public async Task A_file_whose_removal_was_undone_is_not_filed_again_though_its_sidecar_is_gone()
    {
        _world.Wrap = folder => new SharedFileNumbers(folder);
        _world.Profile.Sidecar = SidecarMode.Optional;
        await TakeAsync("form.pdf", "blank form", """{"documentKey":"D1"}""");
        Assert.Equal("skipped", await TakeAsync("form.pdf", "blank form"));
        Assert.Single(_world.Records());
        Assert.Empty(_world.DroppedNames());
    }

    [Fact]
    public async Task A_file_that_comes_back_after_a_person_discarded_it_waits_for_a_decision_again()
    {
        _world.Wrap = folder => new SharedFileNumbers(folder);
        _world.Put("list.txt", "eggs"u8.ToArray());
        await _world.RunAsync();
        var refused = _world.Ask(connection => QuarantineTable.List(connection).Single().ScanId);
        using (var database = _world.OpenDatabase())
        {
            await database.WriteAsync(
                (_, transaction) => QuarantineTable.Decide(transaction, refused, "discarded", "nurse", "none", DateTimeOffset.UnixEpoch),
                TestContext.Current.CancellationToken);
        }

        _world.Data.DeleteTree(DataFolder.QuarantineOf(refused));
        _world.Put("list.txt", "eggs"u8.ToArray());
        await _world.RunAsync();
        Assert.Equal("quarantined", Assert.Single(_world.Reports).Outcome);
        Assert.Equal(["eggs"], _world.Quarantined());
    }

    [Fact]
    public async Task Only_the_heads_bytes_make_a_duplicate_an_older_versions_bytes_are_a_version()
    {
        await TakeAsync("K1_a.pdf", "first");
        await TakeAsync("K1_b.pdf", "second");
        Assert.Equal("duplicate", await TakeAsync("K1_c.pdf", "second"));
        Assert.Equal("versioned", await TakeAsync("K1_d.pdf", "first"));
        Assert.Equal(["first", "second", "first"], _world.Archived().Select(file => file.Content.Split('\n')[1]));
    }

    [Fact]
    public async Task Duplicates_in_one_group_make_one_record_and_the_counts_add_up()
    {
        for (int n = 0; n < 20; n++)
        {
            _world.Put($"same-{n}.pdf", IngestWorld.Document("the same"));
        }

        await _world.RunAsync();
        Assert.Equal(20, _world.Reports.Count);
        Assert.Equal((1, 19), (_world.Counts()["filed"], _world.Counts()["duplicate"]));
        Assert.Equal(20, _world.Ask(ReceiptTable.Totals).Count);
        Assert.Equal(20, _world.Counts().Values.Sum());
    }

    [Fact]
    public async Task Versions_follow_claim_order_though_more_wait_behind_a_slow_one_than_a_group_holds()
    {
        const int count = 150;
        for (int n = 0; n < count; n++)
        {
            _world.Put($"K1_{n:D3}.pdf", IngestWorld.Document($"scan {n:D3}"));
        }

        _world.Reader = new FirstIsSlow(_world, count);
        await _world.RunAsync();
        Assert.Equal(Enumerable.Range(0, count).Select(n => $"scan {n:D3}"), _world.Archived().Select(file => file.Content.Split('\n')[1]));
    }

    [Fact]
    public async Task The_programs_own_folders_are_never_taken_in()
    {
        await TakeAsync("a.pdf", "first");
        var reports = new List<ScanReport>();
        await _world.RunAsync((session, cancellation) =>
            session.TakeInAsync([$"{IngestWorld.DataPath}/archive", IngestWorld.DataPath], "default", true, reports.Add, cancellation));
        Assert.DoesNotContain(reports, report => report.Outcome is "filed" or "duplicate");
        Assert.Single(_world.Archived());
    }

    [Fact]
    public async Task A_file_deleted_or_replaced_between_look_and_claim_is_released_and_a_new_one_taken_later()
    {
        _world.Put("a.pdf", IngestWorld.Document("first"));
        _world.Put("b.pdf", IngestWorld.Document("second"));
        bool done = false;
        _world.Wrap = folder => new MeddledFolder(folder, path =>
        {
            if (path == "a.pdf" && !done)
            {
                done = true;
                _world.Drop.Delete("a.pdf");
                _world.Put("a.pdf", IngestWorld.Document("replaced"));
                _world.Drop.Delete("b.pdf");
            }
        });
        await _world.RunAsync();
        Assert.Equal(["skipped", "skipped"], _world.Reports.Select(report => report.Outcome));
        Assert.Equal(2, _world.Counts()["released"]);
        await _world.RunAsync();
        Assert.Equal(["replaced"], _world.Archived().Select(file => file.Content.Split('\n')[1]));
    }

    [Fact]
    public async Task A_refused_file_that_is_named_again_waits_in_quarantine_once_until_it_changes_or_a_person_decides()
    {
        _world.Put("list.txt", "eggs"u8.ToArray());
        await NameAsync();
        var refused = _world.Ask(connection => QuarantineTable.List(connection).Single().ScanId);
        var again = await NameAsync();
        Assert.Equal(("skipped", null), (again.Outcome, again.Id));
        Assert.Contains(refused.ToString(), again.Reason, StringComparison.Ordinal);
        Assert.Equal(1, _world.Counts()["quarantined"]);
        Assert.Equal(["eggs"], _world.Quarantined());
        Assert.Empty(_world.Data.List(DataFolder.Staging));

        await _world.ResumeQuarantinedAsync(refused, accept: false);
        Assert.Equal("quarantined", Assert.Single(_world.Reports).Outcome);
        Assert.Equal(["eggs"], _world.Quarantined());

        using (var more = _world.Drop.OpenAppend("list.txt"))
        {
            more.Write(", milk"u8);
        }

        Assert.Equal("quarantined", (await NameAsync()).Outcome);
        Assert.Equal(["eggs", "eggs, milk"], _world.Quarantined().Order());
        Assert.Equal(["list.txt"], _world.DroppedNames());
    }

    [Fact]
    public async Task An_accepted_file_leaves_nothing_in_quarantine()
    {
        _world.Put("notes.txt", Encoding.UTF8.GetBytes("no document"));
        await _world.RunAsync();
        await _world.ResumeQuarantinedAsync(_world.Ask(connection => QuarantineTable.List(connection).Single().ScanId), accept: true);
        Assert.Equal(["unrecognised"], _world.Records().Single().Flags);
        Assert.Empty(_world.Data.List(DataFolder.Quarantine));
        Assert.Equal(1, _world.Counts()["filed"]);
    }

    // As a person does who does not want it moved.
    private async Task<ScanReport> NameAsync()
    {
        var reports = new List<ScanReport>();
        await _world.RunAsync((session, cancellation) => session.TakeInAsync(
            [IngestWorld.DropPath + "/list.txt"], _world.Profile.Name, removesSource: false, reports.Add, cancellation));
        return Assert.Single(reports);
    }

    private async Task<RecordDocument> TakeRecordAsync(string name, string words)
    {
        await TakeAsync(name, words);
        return _world.Records().Single(record => record.FileName == name);
    }

    private async Task<string> TakeAsync(string name, string words, string? sidecar = null)
    {
        if (sidecar is not null)
        {
            _world.Put(name + ".json", Encoding.UTF8.GetBytes(sidecar));
        }

        _world.Put(name, IngestWorld.Document(words));
        await _world.RunAsync();
        return Assert.Single(_world.Reports).Outcome;
    }

    private sealed class FirstIsSlow(IngestWorld world, int count) : IExtractor
    {
        private readonly TaskCompletionSource _others = new();
        private int _read;

        public async Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
        {
            string text = IngestWorld.ReadText(world.Data, request.FilePath[(IngestWorld.DataPath.Length + 1)..]);
            if (text.Contains("scan 000", StringComparison.Ordinal))
            {
                await _others.Task.WaitAsync(cancellation);
            }
            else if (Interlocked.Increment(ref _read) == count - 1)
            {
                _others.SetResult();
            }

            return await new PlainReader().ExtractAsync(request, cancellation);
        }
    }
}
