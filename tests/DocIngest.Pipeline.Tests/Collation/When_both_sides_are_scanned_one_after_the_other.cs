using System.Security.Cryptography;
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
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Pipeline.Tests.Collation;

/// <summary>Fronts and backs become one record of both, and where that is in doubt two that a person looks at.</summary>
public sealed class When_both_sides_are_scanned_one_after_the_other : IDisposable
{
    private readonly IngestWorld _world = NewWorld();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task The_fronts_are_a_record_that_waits_until_the_backs_make_it_whole()
    {
        await TakeAsync("a-front.pdf", "1|3|5");
        var fronts = Assert.Single(_world.Records());
        Assert.Equal(["other-side-missing"], fronts.Flags);
        Assert.Equal(("3 fronts: the backs are missing", DuplexState.Awaited), (fronts.Duplex?.ToString(), fronts.Duplex?.State));
        await TakeAsync("a-back.pdf", "6|4|2");

        var record = Assert.Single(_world.Records());
        Assert.Equal(fronts.Id, record.Id);
        Assert.Empty(record.Flags);
        Assert.Equal("1\f2\f3\f4\f5\f6", _world.TextOf(record.Id));
        Assert.Equal(("a-front.pdf", fronts.Sha512, 6), (record.FileName, record.Sha512, record.Pages.Total));
        Assert.Equal(
            [(StackSide.Fronts, "original-1.pdf", "a-front.pdf", 3), (StackSide.Backs, "original-2.pdf", "a-back.pdf", 3)],
            record.Duplex?.Stacks.Select(stack => (stack.Side, stack.Original, stack.FileName, stack.Pages)));
        Assert.Equal(["1|3|5", "6|4|2"], new[] { "original-1.pdf", "original-2.pdf" }.Select(name => _world.Read(record.Id, name).Split('\n')[1]));
        Assert.Equal("1|2|3|4|5|6", _world.Read(record.Id, "rendition.pdf").Split('\n')[1]);
        Assert.Empty(Waiting());
        Assert.Empty(_world.Dropped());
        _world.DemandNothingOpen();
        var receipts = _world.Ask(connection => ReceiptTable.After(connection, 0, 10));
        Assert.Equal(
            [("filed", 3, "3 fronts: the backs are missing"), ("versioned", 3, "3 fronts and 3 backs, put together")],
            receipts.Select(receipt => (receipt.Outcome, receipt.Pages ?? 0, receipt.Reason)));
        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(rebuilt, live);
    }

    [Fact]
    public async Task Both_in_one_look_are_one_record_and_each_page_is_read_once()
    {
        _world.Put("a-front.pdf", IngestWorld.Document("1|3"));
        _world.Put("a-back.pdf", IngestWorld.Document("4|2"));   // claimed first, by its name
        await _world.RunAsync();
        Assert.Equal("1\f2\f3\f4", _world.TextOf(Assert.Single(_world.Records()).Id));
        Assert.Equal(2, ((StackReader)_world.Reader).ReadCount);
        Assert.Equal(["filed", "versioned"], _world.Reports.Select(report => report.Outcome).Order());
        _world.DemandNothingOpen();
    }

    [Fact]
    public async Task Backs_may_come_in_the_order_of_their_sheets()
    {
        Duplex.BackOrder = BackOrder.Same;
        await TakeAsync("a-front.pdf", "1|3");
        await TakeAsync("a-back.pdf", "2|4");
        Assert.Equal("1\f2\f3\f4", _world.TextOf(Assert.Single(_world.Records()).Id));
    }

    [Fact]
    public async Task Names_tell_pairs_apart()
    {
        foreach (string name in new[] { "a-front", "b-front", "B-BACK", "a-back" })
        {
            await TakeAsync(name + ".pdf", name + "|" + name + "2");
        }

        Assert.Equal(
            ["a-front\fa-back2\fa-front2\fa-back", "b-front\fB-BACK2\fb-front2\fB-BACK"],
            _world.Records().Select(record => _world.TextOf(record.Id)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Another_folder_is_another_operators()
    {
        _world.Drop.CreateFolder("anna");
        _world.Drop.CreateFolder("berta");
        await TakeAsync("anna/front.pdf", "1|3");
        await TakeAsync("berta/back.pdf", "4|2");
        Assert.Equal(2, _world.Records().Count);
        Assert.All(_world.Records(), record => Assert.Equal(["other-side-missing"], record.Flags));
        await TakeAsync("anna/back.pdf", "d|b");
        Assert.Equal("1\fb\f3\fd", _world.TextOf(Assert.Single(_world.Records(), record => record.Duplex is { HasBoth: true }).Id));
    }

    [Theory]
    [InlineData("1|3", "2", "it has 1 pages, and the other side has 2")]
    [InlineData("1|3", "x|y|z", "it has 3 pages, and the other side has 2")]
    public async Task Other_numbers_of_pages_stay_apart_and_the_right_backs_may_still_come(string fronts, string backs, string why)
    {
        await TakeAsync("front.pdf", fronts);
        await TakeAsync("back.pdf", backs);
        Assert.Equal(2, _world.Records().Count);
        Assert.Contains(why, Assert.Single(_world.Records(), record => record.FileName == "back.pdf").Duplex?.Fault, StringComparison.Ordinal);
        await TakeAsync("back.pdf", "4|2");
        Assert.Equal("1\f2\f3\f4", _world.TextOf(Assert.Single(_world.Records(), record => record.Duplex is { HasBoth: true }).Id));
        Assert.Single(Waiting());
        _world.DemandNothingOpen();
    }

    [Fact]
    public async Task Where_backs_were_forgotten_the_next_ones_are_nobodys()
    {
        await TakeAsync("front.pdf", "1|3");
        await TakeAsync("front.pdf", "A|C");
        await TakeAsync("back.pdf", "D|B");
        Assert.Equal(3, _world.Records().Count);
        Assert.All(_world.Records(), record => Assert.Equal(["other-side-missing"], record.Flags));
        Assert.Contains(_world.Records(), record => record.Duplex?.Fault?.Contains("2 other stacks of this folder are alone", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Where_names_tell_nothing_fronts_are_those_that_were_written_before_their_backs()
    {
        _world.Drop.CreateFolder("second");
        _world.Put("second/front.pdf", IngestWorld.Document("5|7"));
        _world.Put("second/back.pdf", IngestWorld.Document("8|6"));   // the first by name
        await _world.RunAsync();
        Assert.Equal("5\f6\f7\f8", _world.TextOf(Assert.Single(_world.Records()).Id));
    }

    [Theory]
    [InlineData("b1", "f1", "b2", "f2", "b3")]           // backs first: every pair would be shifted by one
    [InlineData("f1", "f2", "b2", "f3", "b3")]           // the first backs were forgotten
    [InlineData("b1", "f2", "b2")]                       // the first fronts were forgotten
    public async Task Where_one_was_forgotten_or_came_in_another_order_none_is_put_together_until_a_person_has_looked(params string[] names)
    {
        Duplex.Fronts = "^f";
        Duplex.Backs = "^b";
        foreach (string name in names)
        {
            await TakeAsync(name + ".pdf", $"{name} 1|{name} 2");
        }

        Assert.Equal(names.Length, _world.Records().Count);
        Assert.All(_world.Records(), record => Assert.Equal(["other-side-missing"], record.Flags));
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            foreach (var record in _world.Records())
            {
                await new RecordSettling(environment).ConfirmAsync(record.Id, null, null, TestContext.Current.CancellationToken);
            }
        });
        await TakeAsync("f9.pdf", "1|3");
        await TakeAsync("b9.pdf", "4|2");
        Assert.Equal("1\f2\f3\f4", _world.TextOf(Assert.Single(_world.Records(), record => record.Duplex is { HasBoth: true }).Id));
    }

    [Fact]
    public async Task Several_pairs_in_one_look_are_told_apart_by_when_they_were_written()
    {
        Duplex.Fronts = "^f";
        Duplex.Backs = "^b";
        foreach (string number in new[] { "1", "2", "3" })
        {
            _world.Put($"f{number}.pdf", IngestWorld.Document($"{number}a|{number}c"));
            _world.Put($"b{number}.pdf", IngestWorld.Document($"{number}d|{number}b"));
        }

        await _world.RunAsync();
        Assert.Equal(["1a\f1b\f1c\f1d", "2a\f2b\f2c\f2d", "3a\f3b\f3c\f3d"], _world.Records().Select(record => _world.TextOf(record.Id)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_stack_that_a_record_has_already_is_never_put_together_with_another_patients()
    {
        await TakeAsync("letter-front.pdf", "anna1|anna3");
        await TakeAsync("letter-back.pdf", "anna4|anna2");
        await TakeAsync("letter-front.pdf", "berta1|berta3");
        await TakeAsync("letter-back.pdf", "anna4|anna2");
        Assert.Equal("duplicate", Assert.Single(_world.Reports).Outcome);
        Assert.Equal("berta1\fberta3", _world.TextOf(Assert.Single(_world.Records(), record => record.Flags.Count > 0).Id));
        await TakeAsync("letter-back.pdf", "berta4|berta2");
        Assert.Equal(2, _world.Records().Count(record => record.Duplex is { HasBoth: true }));
    }

    [Fact]
    public async Task Keys_and_patients_that_differ_are_two_documents()
    {
        _world.Classifier = new Classifier(
            Rules.Set(
                new RuleOptions { Name = "order", DocumentKey = "{order}", Fields = [new FieldOptions { Name = "order", Type = FieldType.Identifier, Regex = "ORDER-[0-9]+" }] },
                new RuleOptions { Name = "patient", Fields = [new FieldOptions { Name = "patientId", Type = FieldType.Identifier, Regex = "47[0-9]{2}" }] }),
            LanguageDetector.None, TimeProvider.System);
        await TakeAsync("a-front.pdf", "ORDER-1|more");
        await TakeAsync("a-back.pdf", "ORDER-2|more");
        await TakeAsync("b-front.pdf", "Patient 4711|more");
        await TakeAsync("b-back.pdf", "Patient 4712|more");
        Assert.DoesNotContain(_world.Records(), record => record.Duplex is { HasBoth: true });
        var ids = _world.Records().ToDictionary(record => record.FileName, record => record.Id);
        Assert.Equal(
            [$"their document keys differ (record {ids["a-front.pdf"]})", $"they name different patients or cases (record {ids["b-front.pdf"]})"],
            _world.Records().Select(record => record.Duplex?.Fault).OfType<string>().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task One_side_never_takes_the_place_of_the_other_or_of_both()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)";
        await TakeAsync("K1-front.pdf", "1|3");
        await TakeAsync("K1-back.pdf", "x|y|z");
        Assert.Equal("1\f3", _world.TextOf(_world.Records().Single(record => record.FileName == "K1-front.pdf").Id));
        Assert.Contains("key-exists", _world.Records().Single(record => record.FileName == "K1-back.pdf").Flags);
        await TakeAsync("K1-back.pdf", "4|2");
        var both = Assert.Single(_world.Records(), record => record.Duplex is { HasBoth: true });
        await TakeAsync("K1-back.pdf", "better 4|better 2");
        Assert.Equal("1\f2\f3\f4", _world.TextOf(both.Id));
    }

    [Fact]
    public async Task What_is_no_document_is_no_stack_also_where_a_person_has_it_archived()
    {
        await TakeAsync("letter-front.pdf", "1|3");
        _world.Put("letter-back.pdf", "no document"u8.ToArray());
        await _world.RunAsync();
        var scan = Assert.Single(_world.Data.List(DataFolder.Quarantine)).Name;
        await _world.ResumeQuarantinedAsync(RecordId.TryParse(scan, out var id) ? id : default, accept: true);
        Assert.Equal("filed", Assert.Single(_world.Reports).Outcome);
        Assert.Null(_world.Records().Single(record => record.FileName == "letter-back.pdf").Duplex);
        _world.DemandNothingOpen();
    }

    [Fact]
    public async Task Bar_codes_that_could_not_be_read_stay_unread_when_both_are_put_together()
    {
        _world.Profile.Pages.BarCodes = true;
        await TakeAsync("a-front.pdf", "1|3");
        await TakeAsync("a-back.pdf", "?|2");
        Assert.Contains("bar-codes-unread", Assert.Single(_world.Records(), record => record.Duplex is { HasBoth: true }).Flags);
    }

    [Fact]
    public async Task Where_names_tell_pairs_either_may_come_first()
    {
        await TakeAsync("c-back.pdf", "4|2");
        await TakeAsync("c-front.pdf", "1|3");
        var record = Assert.Single(_world.Records());
        Assert.Equal(("1\f2\f3\f4", "c-front.pdf"), (_world.TextOf(record.Id), record.FileName));
        Assert.Equal(("1|3", record.Sha512), (_world.Read(record.Id, "original-1.pdf").Split('\n')[1], record.Duplex?.Stacks[0].Sha512));
    }

    [Fact]
    public async Task Backs_that_two_others_may_be_rivals_for_stay_alone()
    {
        await TakeAsync("c-back.pdf", "4|2");
        await TakeAsync("c-back.pdf", "d|b");
        await TakeAsync("c-front.pdf", "1|3");
        Assert.Equal(3, _world.Records().Count);
        Assert.Contains("2 other stacks", _world.Records().Single(record => record.FileName == "c-front.pdf").Duplex?.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_came_too_long_before_is_not_waited_for()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var world = NewWorld(time);
        foreach (string name in new[] { "front", "back" })
        {
            world.Put(name + ".pdf", IngestWorld.Document($"{name} 1|{name} 2"));
            await world.RunAsync();
            time.Advance(TimeSpan.FromMinutes(61));
        }

        Assert.Equal(2, world.Records().Count);
    }

    [Fact]
    public async Task The_same_stacks_again_bring_nothing()
    {
        foreach (string _ in new[] { "once", "again" })
        {
            await TakeAsync("a-front.pdf", "1|3");
            await TakeAsync("a-back.pdf", "4|2");
        }

        Assert.Equal("duplicate", Assert.Single(_world.Reports).Outcome);
        Assert.Single(_world.Records());
        Assert.Equal(2, _world.Counts()["duplicate"]);
        _world.DemandNothingOpen();
    }

    [Fact]
    public async Task A_record_that_a_person_has_confirmed_waits_for_nothing()
    {
        await TakeAsync("front.pdf", "1|3");
        var record = Assert.Single(_world.Records());
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
            await new RecordSettling(environment).ConfirmAsync(record.Id, null, null, TestContext.Current.CancellationToken));
        await TakeAsync("back.pdf", "4|2");
        Assert.Equal(2, _world.Records().Count);
        Assert.All(_world.Records(), other => Assert.False(other.Duplex is { HasBoth: true }));
    }

    [Fact]
    public async Task What_cannot_be_put_together_stays_apart_and_says_why()
    {
        ((StackReader)_world.Reader).Refusal = CutRefusal.Encrypted;
        await TakeAsync("front.pdf", "1|3");
        await TakeAsync("back.pdf", "4|2");
        Assert.Contains("it is encrypted", _world.Records().Single(record => record.FileName == "back.pdf").Duplex?.Fault, StringComparison.Ordinal);
        ((StackReader)_world.Reader).CanCut = false;
        await TakeAsync("b-front.pdf", "1|5");
        await TakeAsync("b-back.pdf", "6|2");
        Assert.Contains("qpdf is not installed", _world.Records().Single(record => record.FileName == "b-back.pdf").Duplex?.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_patients_never_become_one_record()
    {
        _world.Classifier = new Classifier(
            Rules.Set(new RuleOptions { Name = "patient", Fields = [new FieldOptions { Name = "patientId", Type = FieldType.Identifier, Regex = "[0-9]{4}" }] }),
            LanguageDetector.None, TimeProvider.System,
            new Dictionary<string, PatientIndex>
            {
                [_world.Profile.Name] = PatientIndex.Read("number,name,birthDate\n4711,Anna Berg,1950-01-02\n4712,Berta Tal,1960-03-04\n", out _) ?? throw new InvalidOperationException(),
            });
        await TakeAsync("front.pdf", "Patient 4711 Anna Berg|more");
        await TakeAsync("back.pdf", "Patient 4712 Berta Tal|other");
        Assert.Equal(2, _world.Records().Count);
        Assert.Contains(_world.Records(), record => record.Duplex?.Fault?.Contains("different patients", StringComparison.Ordinal) == true);
        await TakeAsync("back.pdf", "|Anna Berg, page 2");
        Assert.Equal("4711", Assert.Single(_world.Records(), record => record.Duplex is { HasBoth: true }).Fields["patientId"]);
    }

    [Fact]
    public async Task Reading_again_reads_both_stacks_and_keeps_them()
    {
        await TakeAsync("a-front.pdf", "1|3");
        await TakeAsync("a-back.pdf", "4|2");
        var record = Assert.Single(_world.Records());
        ((StackReader)_world.Reader).Suffix = " again";
        string outcome = "";
        await _world.RunWithEnvironmentAsync(async (environment, _) =>
            outcome = (await new LaterReading(environment).ReadAsync(record.Id, TestContext.Current.CancellationToken)).Outcome);
        Assert.Equal("read", outcome);
        Assert.Equal("1 again\f2 again\f3 again\f4 again", _world.TextOf(record.Id));
        Assert.Equal(record.Identity, Assert.Single(_world.Records()).Identity);
        Assert.Equal("1|2|3|4", _world.Read(record.Id, "rendition.pdf").Split('\n')[1]);
        Assert.Equal("4|2", _world.Read(record.Id, "original-2.pdf").Split('\n')[1]);
        await TakeAsync("a-back.pdf", "4|2");
        Assert.Equal("duplicate", Assert.Single(_world.Reports).Outcome);
    }

    [Fact]
    public async Task A_key_of_the_fronts_stays_and_the_next_scan_of_the_document_replaces_both()
    {
        _world.Profile.DocumentKeyPattern = "^(?<key>K[0-9]+)";
        await TakeAsync("K1-front.pdf", "1|3");
        await TakeAsync("K1-back.pdf", "4|2");
        Assert.Equal("K1", Assert.Single(_world.Records()).DocumentKey);
        await TakeAsync("K1.pdf", "whole");
        var record = Assert.Single(_world.Records());
        Assert.Null(record.Duplex);
        Assert.Equal(["original.pdf"], _world.NamesIn(record.Id).Where(ArchivedOriginal.Is));
    }

    [Theory]
    [InlineData(FaultKind.PowerCut)]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.FlushFails)]
    public async Task Whatever_fails_at_any_operation_both_stacks_are_kept_and_put_together_once(FaultKind kind)
    {
        int n = 0;
        for (bool fired = true; fired;)
        {
            using var world = NewWorld();
            n += n == 0 ? (int)kind : 0;   // each kind begins elsewhere
            var plan = new FaultPlan(n += kind == FaultKind.PowerCut ? 2 : 5, kind);
            world.Profile.Pages.Duplex = new DuplexOptions { Fronts = "^[az]$", Backs = "^m$" };
            world.Put(n % 3 == 0 ? "z.pdf" : "a.pdf", IngestWorld.Document("1|3"));   // claimed after the backs, or before
            world.Put("m.pdf", IngestWorld.Document("4|2"));
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
            var record = Assert.Single(world.Records());
            Assert.True(record.Duplex is { HasBoth: true }, $"not put together after {n}");
            Assert.Equal(["1|3", "4|2"], world.Archived().Select(file => file.Content.Split('\n')[1]).Distinct().Order(StringComparer.Ordinal));
            Assert.All(
                world.Ask(connection => ReceiptTable.After(connection, 0, 10)).Where(receipt => receipt.Sha512 is not null),   // a stack that failed at first has one without
                receipt => Assert.Equal(Digest(receipt.FileName == "m.pdf" ? "4|2" : "1|3"), receipt.Sha512));
            var (live, rebuilt) = await world.DumpAndRebuildAsync();
            Assert.Equal(rebuilt, live);
        }

        Assert.True(n > 40, $"only {n} operations were tried");
    }

    [Fact]
    public async Task A_stack_that_grows_after_both_were_put_together_is_a_record_of_its_own_and_holds_up_the_next()
    {
        await TakeAsync("front.pdf", "1|3");
        var reader = (StackReader)_world.Reader;
        reader.WhenCollating = () =>
        {
            using var file = _world.Drop.OpenAppend("back.pdf");
            file.Write("more\n%%EOF\n"u8);
        };
        await TakeAsync("back.pdf", "4|2");
        reader.WhenCollating = () => { };
        var both = Assert.Single(_world.Records());
        Assert.True(both.Duplex is { HasBoth: true });
        Assert.Equal(["back.pdf"], _world.DroppedNames());
        await _world.RunAsync();

        var grown = Assert.Single(_world.Records(), record => record.Id != both.Id);
        Assert.Equal(["late-bytes", "other-side-missing"], grown.Flags);
        Assert.Contains(both.Id, grown.Twins);
        Assert.Contains($"grew after it was put together in {both.Id}", grown.Duplex?.Fault, StringComparison.Ordinal);
        Assert.Equal("late-bytes", Assert.Single(_world.Alarms()).Kind);
        await TakeAsync("front.pdf", "another|patient");
        Assert.Equal(3, _world.Records().Count);   // the grown backs are not taken for this patient's
        Assert.Equal("1\f2\f3\f4", _world.TextOf(both.Id));
        _world.DemandNothingOpen();
    }

    private DuplexOptions Duplex => _world.Profile.Pages.Duplex ?? throw new InvalidOperationException();

    private static IngestWorld NewWorld(TimeProvider? time = null)
    {
        var world = new IngestWorld(time);
        world.Reader = new StackReader(world);
        world.Profile.Pages.Duplex = new DuplexOptions();
        return world;
    }

    private Task TakeAsync(string name, string pages)
    {
        _world.Put(name, IngestWorld.Document(pages));
        return _world.RunAsync();
    }

    private static string Digest(string pages) => Convert.ToHexStringLower(SHA512.HashData(IngestWorld.Document(pages)));

    private List<ReviewItem> Waiting() => _world.Ask(connection => ReviewTable.List(connection).ToList());
}
