using DocIngest.Archive;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Retention;

/// <summary>Events of patients and cases: none lost silently, none doubled, each version in the archive, and no number in a name.</summary>
public sealed class When_events_are_recorded
{
    private static readonly EventSubject Patient = new(SubjectKind.Patient, "4711");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_events_of_a_patient_are_one_version_and_the_same_file_changes_nothing()
    {
        const string Csv = "kind;date;patientId;encounterId\nencounter;2020-01-02;4711;\nEncounter;2021-03-04; 47-11 ;\nbirth;1980-05-06;4711;\ndischarge;2021-03-04;4711;E1\ncaseClosed;2021-03-05;;E1\n";
        using var world = new EventWorld();
        Assert.Equal(new ImportSums(5, 5, 0, 0), await world.ImportAsync(Csv));
        Assert.Equal(new ImportSums(5, 0, 5, 0), await world.ImportAsync(Csv));
        await world.World.RunWithEnvironmentAsync((environment, _) =>
        {
            var objects = environment.Archive.EnumerateObjects().Select(listing => Assert.IsType<ObjectListing.Readable>(listing).Object).OrderBy(one => one.Id, StringComparer.Ordinal).ToList();
            Assert.Equal([1, 1], objects.Select(one => one.Head.Value));
            Assert.Matches("^urn:docingest:events:case:[0-9a-f]{64}$", objects[0].Id);
            Assert.Matches("^urn:docingest:events:patient:[0-9a-f]{64}$", objects[1].Id);
            Assert.All(objects, one => Assert.Equal("events recorded", one.Versions[0].Message));
            var events = Assert.Single(new EventReading(environment.SystemObjects, environment.Database).Read(Patient)).Events;
            Assert.Equal(["encounter 2020-01-02", "encounter 2021-03-04", "birth 1980-05-06", "discharge 2021-03-04"], events.Entries.Select(entry => $"{entry.Kind} {entry.Date:yyyy-MM-dd}"));
            Assert.All(events.Entries, entry => Assert.Equal((EventSource.Import, environment.Actor.Name), (entry.Source, entry.By)));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task A_correction_supersedes_and_an_old_file_does_not_bring_the_error_back()
    {
        using var world = new EventWorld();
        const string Old = "patientId,kind,date,replaces\n4711,death,2012-01-02,\n4711,encounter,2011-05-05,\n";
        await world.ImportAsync(Old);
        const string Corrections = "patientId,kind,date,replaces\n4711,death,2021-01-02,2012-01-02\n4711,encounter,,2011-05-05\n";
        Assert.Equal(new ImportSums(2, 2, 0, 0), await world.ImportAsync(Corrections));
        Assert.Equal(new ImportSums(2, 0, 2, 0), await world.ImportAsync(Corrections));
        Assert.Equal(new ImportSums(2, 0, 0, 2), await world.ImportAsync(Old));
        Assert.Equal([2, 3], world.Refused.Select(refused => refused.Line));
        Assert.All(world.Refused, refused => Assert.StartsWith("was corrected before", refused.Why, StringComparison.Ordinal));
        Assert.Equal("patient 4711 v2 00 death 737791-737791 33", world.Dates());

        Assert.IsType<EventOutcome.Refused>(await world.AddAsync(new EventLine("encounter", new DateOnly(2011, 5, 5), null, [Patient])));
        Assert.IsType<EventOutcome.Added>(await world.AddAsync(new EventLine("encounter", new DateOnly(2011, 5, 5), null, [Patient]) { IsAgain = true }));
        Assert.Contains("encounter 734261-734261 55", world.Dates(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_of_one_file_see_each_other()
    {
        using var world = new EventWorld();
        var sums = await world.ImportAsync(
            "patientId,kind,date,replaces\n4711,death,2012-01-02,\n4711,death,2012-01-02,\n4711,death,2021-01-02,2012-01-02\n4711,death,2021-01-02,2012-01-02\n4711,death,2012-01-02,\n4711,death,2021-01-03,2021-01-02\n");
        Assert.Equal(new ImportSums(6, 3, 2, 1), sums);
        Assert.Equal(6, Assert.Single(world.Refused).Line);
        Assert.Equal("patient 4711 v1 00 death 737792-737792 33", world.Dates());
    }

    [Fact]
    public async Task Bad_lines_are_listed_by_number_and_hurt_no_other()
    {
        using var world = new EventWorld();
        string[] lines =
        [
            "patientId,encounterId,kind,date,replaces",
            "4711,,encounter,2020-01-02,",
            "4711,,encunter,2020-01-02,",
            "4711,,encounter,02.01.2020,",
            "4711,,encounter,1887-01-02,",
            "4711,,encounter,2026-06-16,",   // tomorrow
            ",,encounter,2020-01-02,",
            "---,,encounter,2020-01-02,",
            ",E1,birth,2020-01-02,",
            "4711,,caseClosed,2020-01-02,",
            "4711,,encounter,,",
            "4711,,encounter,2020-01-02",
            "\"4711,,encounter,2020-01-02,",
            "\"4711\"x,,encounter,2020-01-02,",
            "47\uFFFD11,,encounter,2020-01-02,",
            $"4711,,encounter,2020-01-02,{new string('x', 5_000)}",
            "4711,,encounter,2020-01-03,2019-01-01",
            "4711,,encounter,2020-01-02,2020-01-02",
            $"{new string('1', 101)},,encounter,2020-01-02,",
            "",
            "\"4711\",\"\",\"encounter\",\"2026-06-15\",\"\"",   // today, without a line end
        ];
        var sums = await world.ImportAsync(string.Join("\r\n", lines));
        Assert.Equal(new ImportSums(19, 2, 0, 17), sums);
        Assert.Equal(Enumerable.Range(3, 17), world.Refused.Select(refused => refused.Line).Order());
        Assert.All(world.Refused, refused => Assert.DoesNotContain("4711", refused.Why, StringComparison.Ordinal));
        (int Line, string Says)[] wanted =
        [
            (3, "has a kind that there is not. Known: encounter,"), (4, "has a date that is no day"), (5, "is before 1900-01-01"), (6, "is in the future"), (7, "has no number"),
            (8, "has a patient's number without"), (9, "is birth, an event of a patient, whose number is missing"), (10, "is caseClosed, an event of a case, whose number is missing"),
            (11, "has no date"), (12, "has 4 columns instead of 5"), (13, "has a quote that does not end"), (14, "has a quote"), (15, "has bytes that are no UTF-8"),
            (16, "has more than 4,096 characters"), (17, "replaces an event that its patient does not have"), (18, "replaces a date by the same date"), (19, "has a patient's number"),
        ];
        Assert.All(wanted, one => Assert.StartsWith(one.Says, world.Refused.Single(refused => refused.Line == one.Line).Why, StringComparison.Ordinal));
        Assert.Equal("patient 4711 v1 00 encounter 737425-739781 12", world.Dates());
    }

    [Theory]
    [InlineData("", "has no heading in its first line")]
    [InlineData("\n4711,encounter,2020-01-02", "has no heading in its first line")]
    [InlineData("4711,encounter,2020-01-02", "has no column \"kind\"")]
    [InlineData("patientId,kind\n1,encounter", "has no column \"date\"")]
    [InlineData("kind,date\nencounter,2020-01-02", "has neither a column \"patientId\" nor one \"encounterId\"")]
    [InlineData("patientId,kind,date,ward\n1,encounter,2020-01-02,x", "has 1 column(s) of other names")]
    [InlineData("patientId,kind,date,date\n1,encounter,2020-01-02,2020-01-02", "has a column twice")]
    public async Task A_wrong_heading_records_nothing_and_is_not_quoted(string csv, string says)
    {
        using var world = new EventWorld();
        var error = await Assert.ThrowsAsync<EventFileException>(() => world.ImportAsync(csv));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("4711", error.Message, StringComparison.Ordinal);
        Assert.Equal("", world.Dates());
    }

    [Fact]
    public async Task Whose_power_goes_at_any_operation_repeats_the_file_and_has_all_once()
    {
        const string Csv = "patientId,encounterId,kind,date\n1,,encounter,2020-01-02\n2,E1,encounter,2020-01-03\n1,,death,2020-01-04\n";
        const string More = "patientId,encounterId,kind,date\n1,,encounter,2020-02-02\n3,,birth,2020-01-03\n";
        string whole;
        using (var world = new EventWorld())
        {
            await world.ImportAsync(Csv);
            await world.ImportAsync(More);
            whole = world.Dates();
        }

        foreach (var choice in PowerCutChoice.Samples(seeds: 1))
        {
            int n = 0;
            for (bool fired = true; fired; n++)
            {
                using var world = new EventWorld();
                await world.ImportAsync(Csv);
                var plan = new FaultPlan(n + 1, FaultKind.PowerCut);
                try
                {
                    await world.ImportAsync(More, plan);
                }
                catch (PowerCutException)
                {
                    // The process is gone; the test goes on with what the disk kept.
                }

                fired = plan.Fired;
                world.World.Volume.PowerCut(choice);
                await DemandTruthAsync(world, $"power cut at operation {n + 1}, {choice}");
                var sums = await world.ImportAsync(More);
                Assert.Equal((2, 0), (sums.Added + sums.Known, sums.Refused));
                Assert.Equal(whole, world.Dates());
                Assert.Empty(await world.RebuildEventsAsync());
                Assert.Equal(whole, world.Dates());
            }

            Assert.True(n > 20, $"only {n} operations were tried");
        }
    }

    // Whatever died: what the catalog holds without a mark is what the archive holds.
    private static async Task DemandTruthAsync(EventWorld world, string after)
    {
        var unmarked = world.Dates().Split('\n').Where(line => line.Contains(" 00 ", StringComparison.Ordinal)).ToList();
        await world.World.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await environment.SystemObjects.RecoverLeftAsync(Cancellation);
            foreach (string number in new[] { "1", "2", "3" })
            {
                var lines = unmarked.Where(line => line.StartsWith($"patient {number} ", StringComparison.Ordinal)).ToList();
                var events = new EventReading(environment.SystemObjects, environment.Database).Read(new EventSubject(SubjectKind.Patient, number));
                if (lines.Count > 0)
                {
                    var dates = Assert.Single(events).Events.Dates().Select(date => $"{date.Kind} {date.First.DayNumber}-{date.Last.DayNumber} {date.FirstEntry}{date.LastEntry}").Order();
                    Assert.True(dates.SequenceEqual(lines.Select(line => line.Split(' ', 5)[4]).Order()), after);
                }
            }
        });
    }

    [Fact]
    public async Task A_rebuild_fills_the_catalog_from_the_archive_alone()
    {
        using var world = new EventWorld();
        await world.ImportAsync("patientId,encounterId,kind,date\n1,,encounter,2020-01-02\n1,,encounter,2021-01-02\n2,E1,encounter,2020-01-03\n");
        string before = world.Dates();
        world.Execute("DELETE FROM event_subject");
        Assert.Equal("", world.Dates());
        Assert.Empty(await world.RebuildEventsAsync());
        Assert.Equal(before, world.Dates());

        world.Execute("INSERT INTO event_subject (object, kind, number, version) VALUES ('events:patient:gone', 'patient', '9', 7); UPDATE event_subject SET version = 99 WHERE number = '1'");
        Assert.Empty(await world.RebuildEventsAsync());
        Assert.Equal(before, world.Dates());   // also where the archive was set back: it is the truth
    }

    [Fact]
    public async Task Where_the_key_of_names_is_lost_events_go_on_in_their_object()
    {
        using var world = new EventWorld();
        await world.ImportAsync("patientId,kind,date\n4711,encounter,2020-01-02\n");
        world.NamingKey = new byte[EventNaming.KeyBytes];
        await world.RebuildEventsAsync();
        await world.ImportAsync("patientId,kind,date\n4711,encounter,2020-01-02\n4711,encounter,2021-01-02\n");
        Assert.Equal("patient 4711 v2 00 encounter 737425-737791 12", world.Dates());
    }

    [Fact]
    public async Task Damaged_events_are_refused_and_those_of_others_recorded()
    {
        using var world = new EventWorld();
        await world.ImportAsync("patientId,kind,date\n1,encounter,2020-01-02\n2,encounter,2020-01-02\n");
        await world.World.RunWithEnvironmentAsync((environment, _) =>
        {
            var found = environment.SystemObjects.Find(new EventNaming(world.NamingKey).NameOf(new EventSubject(SubjectKind.Patient, "1")))!;   // written above
            string path = $"{found.ListVersion(found.Head).Single().ContentPath}";
            environment.Data.Truncate(path, 10);
            return Task.CompletedTask;
        });
        Assert.Equal(new ImportSums(2, 1, 0, 1), await world.ImportAsync("patientId,kind,date\n1,encounter,2021-01-02\n2,encounter,2021-01-02\n"));
        Assert.Contains("are damaged", Assert.Single(world.Refused).Why, StringComparison.Ordinal);
        Assert.Contains("patient 1 v1 10 ", world.Dates(), StringComparison.Ordinal);   // keeps its mark
        Assert.Equal(["E092"], await world.RebuildEventsAsync());
    }

    [Fact]
    public async Task A_large_file_is_recorded_in_pieces()
    {
        using var world = new EventWorld();
        var lines = Enumerable.Range(0, EventImport.LinesAtOnce + 10).Select(number => $"4711,encounter,{new DateOnly(2000, 1, 1).AddDays(number % 9_000):yyyy-MM-dd}");
        var sums = await world.ImportAsync("patientId,kind,date\n" + string.Join('\n', lines));
        Assert.Equal(new ImportSums(EventImport.LinesAtOnce + 10, 9_000, EventImport.LinesAtOnce - 8_990, 0), sums);
    }

    [Fact]
    public void A_name_says_nothing_without_the_key()
    {
        var naming = new EventNaming(new byte[EventNaming.KeyBytes]);
        var other = new EventNaming([.. Enumerable.Repeat((byte)1, EventNaming.KeyBytes)]);
        SystemObjectName[] names =
        [
            naming.NameOf(new EventSubject(SubjectKind.Patient, "4711")), naming.NameOf(new EventSubject(SubjectKind.Case, "4711")),
            naming.NameOf(new EventSubject(SubjectKind.Patient, "4712")), other.NameOf(new EventSubject(SubjectKind.Patient, "4711")),
        ];
        Assert.Equal(4, names.Distinct().Count());
        Assert.Equal(names[0], naming.NameOf(Assert.NotNull(EventSubject.Of(SubjectKind.Patient, "47-11"))));
        Assert.DoesNotContain("4711", new EventSubject(SubjectKind.Patient, "4711").ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new EventNaming("short"u8));
    }

    [Fact]
    public async Task A_rebuild_names_events_that_no_program_can_read_by_a_code_of_their_own()
    {
        using var world = new EventWorld();
        await world.World.RunWithEnvironmentAsync(async (environment, _) => await environment.SystemObjects.ChangeAsync(
            new SystemObjectName($"events:patient:{new string('0', 64)}"),
            _ => new SystemObjectChange("events recorded", new Dictionary<string, ReadOnlyMemory<byte>> { ["events.json"] = "{}"u8.ToArray() }),
            TestContext.Current.CancellationToken));
        Assert.Equal(["B007"], await world.RebuildEventsAsync());
    }
}
