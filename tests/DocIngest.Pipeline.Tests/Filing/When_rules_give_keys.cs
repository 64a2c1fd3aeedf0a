using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Classification;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Tests.Filing;

/// <summary>A key that stands in the text is known only once a scan was read; it counts as one from file name or sidecar does.</summary>
public sealed class When_rules_give_keys : IDisposable
{
    private readonly IngestWorld _world = NewWorld();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(ExistingKeyPolicy.NewVersion, "versioned", 1, "")]
    [InlineData(ExistingKeyPolicy.NewRecord, "filed", 2, "")]
    [InlineData(ExistingKeyPolicy.Review, "filed", 2, "key-exists")]
    public async Task A_known_key_does_what_the_profile_says(ExistingKeyPolicy policy, string outcome, int records, string flags)
    {
        _world.Profile.OnExistingKey = policy;
        Assert.Equal("filed", await TakeAsync("a.pdf", "Order: 77 first"));
        Assert.Equal(outcome, await TakeAsync("b.pdf", "Order: 77 second"));
        Assert.Equal(records, _world.Records().Count);
        Assert.All(_world.Records(), record => Assert.Equal("77", record.DocumentKey));
        Assert.Contains(_world.Records(), record => string.Join(',', record.Flags) == flags);
    }

    [Fact]
    public async Task A_key_from_the_file_name_and_one_from_a_rule_are_one_key()
    {
        _world.Profile.DocumentKeyPattern = "^K(?<key>[0-9]+)";
        await TakeAsync("a.pdf", "Order: 77 first");
        Assert.Equal("versioned", await TakeAsync("K77.pdf", "no order here"));
        Assert.Equal("filed", await TakeAsync("K77 again.pdf", "Order: 78"));   // the rule wins
    }

    [Fact]
    public async Task The_same_bytes_are_a_duplicate_whatever_rules_find_besides_the_key()
    {
        await TakeAsync("a.pdf", "Order: 77 first");
        _world.Classifier = new Classifier(
            Rules.Set(KeyRule, new RuleOptions { Name = "more", RecordClass = "other", Fields = [new FieldOptions { Name = "department", Value = "x" }] }),
            LanguageDetector.None, TimeProvider.System);
        Assert.Equal("duplicate", await TakeAsync("b.pdf", "Order: 77 first"));
        Assert.Equal("unclassified", Assert.Single(_world.Records()).RecordClass);
    }

    [Fact]
    public async Task The_same_form_under_two_keys_makes_two_records()
    {
        _world.Classifier = new Classifier(Rules.Set(new RuleOptions
        {
            Name = "name", DocumentKey = "{order}", Fields = [new FieldOptions { Name = "order", Type = FieldType.Identifier, In = Place.FileName, Regex = "[0-9]+" }],
        }), LanguageDetector.None, TimeProvider.System);
        Assert.Equal("filed", await TakeAsync("form 1.pdf", "blank form"));
        Assert.Equal("filed", await TakeAsync("form 2.pdf", "blank form"));
        Assert.Single(_world.Records().Single(record => record.DocumentKey == "2").Twins);
    }

    [Fact]
    public async Task A_scan_that_is_nobodys_changes_no_record()
    {
        await TakeAsync("a.pdf", "Order: 77 first");
        string target = _world.Records().Single().Id.ToString();
        var index = PatientIndex.Read("number,name,birthDate\n1,Anna Muster,1950-03-12\n", out _);
        _world.Classifier = new Classifier(
            Rules.Set(KeyRule), LanguageDetector.None, TimeProvider.System, new Dictionary<string, PatientIndex> { ["default"] = Assert.IsType<PatientIndex>(index) });
        _world.Profile.Sidecar = SidecarMode.Optional;
        _world.Profile.TrustedSidecar = true;
        _world.Put("b.pdf.json", System.Text.Encoding.UTF8.GetBytes($$"""{ "addVersionTo": "{{target}}", "documentKey": "77", "fields": { "patientId": "2" } }"""));
        Assert.Equal("filed", await TakeAsync("b.pdf", "Order: 77 second"));
        var nobodys = _world.Records().Single(record => record.FileName == "b.pdf");
        Assert.Equal((null, "identity-mismatch"), (nobodys.DocumentKey, Assert.Single(nobodys.Flags)));
        Assert.DoesNotContain("patientId", nobodys.Fields.Keys);
        Assert.Contains(_world.Ask(connection => ReviewTable.List(connection).ToList()), item => item.Code == "identity-mismatch");
    }

    [Fact]
    public async Task One_that_starts_over_is_unread_again()
    {
        using var database = _world.OpenDatabase();
        var source = new RecordIdSource(TimeProvider.System);
        var claims = Enumerable.Range(0, 2).Select(at => new Claim(
            source.Draw(), "default", $"/drop/{at}.pdf", "", new FileStamp($"{at}", 1, 1), DateTimeOffset.UnixEpoch, null, null, true)).ToList();
        await database.WriteAsync((_, transaction) =>
        {
            var opened = ScanTable.Open(transaction, claims, "tester");
            Assert.False(ScanTable.TryBeginFiling(transaction, opened[1], "77", "i1", waitsForUnread: true));
            Assert.True(ScanTable.TryBeginFiling(transaction, opened[1], null, "i1", waitsForUnread: true));   // without key it waits for nobody
            ScanTable.SettleKey(transaction, opened[0].Id, "78", "i0");
            Assert.True(ScanTable.TryBeginFiling(transaction, opened[1], "77", "i1", waitsForUnread: true));
            Assert.False(ScanTable.TryBeginFiling(transaction, opened[1], "78", "i1", waitsForUnread: false));
            ScanTable.StartOver(transaction, opened[0].Id);
            Assert.False(ScanTable.TryBeginFiling(transaction, opened[1], "77", "i1", waitsForUnread: true));
            Assert.True(ScanTable.TryBeginFiling(transaction, opened[1], "78", "i1", waitsForUnread: false));
            return true;
        }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_younger_scan_waits_while_an_older_one_may_get_the_same_key()
    {
        var youngerRead = new TaskCompletionSource();
        _world.Reader = new WordsReader(_world, async words =>
        {
            if (words.Contains("second", StringComparison.Ordinal))
            {
                youngerRead.SetResult();
            }
            else
            {
                await youngerRead.Task;
                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);   // time enough to file the younger one, were it let
            }
        });
        _world.Put("a.pdf", IngestWorld.Document("Order: 77 first"));
        _world.Put("b.pdf", IngestWorld.Document("Order: 77 second"));
        await _world.RunAsync();
        Assert.Equal(["filed", "versioned"], _world.Reports.OrderBy(report => report.File).Select(report => report.Outcome));
        Assert.Equal("b.pdf", Assert.Single(_world.Records()).FileName);
    }

    [Theory]
    [InlineData(ExistingKeyPolicy.NewRecord, "Order: 77 second")]
    [InlineData(ExistingKeyPolicy.NewVersion, "second without order")]
    public async Task A_younger_scan_waits_for_nobody_where_nothing_depends_on_it(ExistingKeyPolicy policy, string younger)
    {
        _world.Profile.OnExistingKey = policy;
        _world.Reader = new WordsReader(_world, async words =>
        {
            if (!words.Contains("second", StringComparison.Ordinal))
            {
                await UntilAsync(() => _world.Counts().GetValueOrDefault("filed") == 1);
            }
        });
        _world.Put("a.pdf", IngestWorld.Document("Order: 77 first"));
        _world.Put("b.pdf", IngestWorld.Document(younger));
        await _world.RunAsync();
        Assert.Equal(["filed", "filed"], _world.Reports.Select(report => report.Outcome));
    }

    [Fact]
    public async Task Power_may_go_at_any_operation_and_versions_keep_their_order()
    {
        int n = 0;
        for (bool fired = true; fired;)
        {
            using var world = NewWorld();
            foreach (string name in new[] { "a", "b", "c" })
            {
                world.Put($"{name}.pdf", IngestWorld.Document($"Order: 77 {name}"));
            }

            var plan = new FaultPlan(n += 3, FaultKind.PowerCut);
            try
            {
                await world.RunAsync(plan);
            }
            catch (PowerCutException)
            {
                // The process is gone.
            }

            fired = plan.Fired;
            world.Volume.PowerCut(PowerCutChoice.Random(n));
            await world.RunAsync();
            Assert.Empty(world.Dropped());
            Assert.Equal("77", Assert.Single(world.Records()).DocumentKey);
            Assert.Equal("a b c", string.Join(' ', world.Archived().Select(file => file.Content.Split('\n')[1][^1])));
            var (live, rebuilt) = await world.DumpAndRebuildAsync();
            Assert.Equal(rebuilt, live);
        }

        Assert.True(n > 60, $"only {n} operations were tried");
    }

    [Fact]
    public async Task A_scan_that_starts_over_under_other_rules_has_their_key_alone()
    {
        _world.Reader = new WordsReader(_world);
        await TakeAsync("a.pdf", "Order: 77 first");
        _world.Put("b.pdf", IngestWorld.Document("Order: 77 Case: 5 second"));
        try
        {
            await _world.RunAsync(new FaultPlan(14, FaultKind.PowerCut));
        }
        catch (PowerCutException)
        {
            // Somewhere between claim and filing.
        }

        _world.Volume.PowerCut(PowerCutChoice.KeepAll);
        _world.Classifier = new Classifier(Rules.Set(new RuleOptions
        {
            Name = "case", DocumentKey = "{case}", Fields = [Rules.Field("case", FieldType.Identifier, "Case")],
        }), LanguageDetector.None, TimeProvider.System);
        await _world.RunAsync();
        Assert.Equal(["5", "77"], _world.Records().Select(record => record.DocumentKey).Order());
        Assert.All(_world.Archived(), file => Assert.True(file.FileName is "a.pdf" or "b.pdf"));
        Assert.Equal(2, _world.Archived().Count);
    }

    private static RuleOptions KeyRule { get; } = new()
    {
        Name = "key", DocumentKey = "{order}", Fields = [Rules.Field("order", FieldType.Identifier, "Order")],
    };

    private static IngestWorld NewWorld()
    {
        var world = new IngestWorld { Classifier = new Classifier(Rules.Set(KeyRule), LanguageDetector.None, TimeProvider.System) };
        world.Reader = new WordsReader(world);
        return world;
    }

    private async Task<string> TakeAsync(string name, string words)
    {
        _world.Put(name, IngestWorld.Document(words));
        await _world.RunAsync();
        return Assert.Single(_world.Reports).Outcome;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20), "what was waited for did not happen");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
