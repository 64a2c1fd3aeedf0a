using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Filing;

/// <summary>Events that a trusted sidecar brings: recorded with the scan, once, whatever dies; what cannot be is on the record.</summary>
public sealed class When_sidecars_bring_events : IDisposable
{
    private const string Discharge =
        """{"fields":{"patientId":"MRN-0815","encounterId":"E-77"},"events":[{"kind":"discharge","date":"2021-03-04"},{"kind":"birth","date":"1950-02-03"}]}""";

    private static readonly EventSubject Patient = new(SubjectKind.Patient, "MRN0815");
    private static readonly EventSubject Case = new(SubjectKind.Case, "E77");

    private readonly IngestWorld _world = Trusting();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task They_are_recorded_for_the_patient_and_the_case_that_the_sidecar_names()
    {
        Assert.Equal("filed", await TakeAsync("a.pdf", "letter", Discharge));
        Assert.Equal(["discharge 2021-03-04 Sidecar", "birth 1950-02-03 Sidecar"], Events(_world, Patient));
        Assert.Equal(["discharge 2021-03-04 Sidecar"], Events(_world, Case));
        Assert.Empty(_world.Records().Single().Flags);
    }

    [Fact]
    public async Task An_event_may_name_another_patient_than_the_fields_do()
    {
        await TakeAsync("a.pdf", "letter", """{"fields":{"patientId":"MRN-0815"},"events":[{"kind":"encounter","date":"2021-03-04","patientId":"4711"}]}""");
        Assert.Empty(Events(_world, Patient));
        Assert.Equal(["encounter 2021-03-04 Sidecar"], Events(_world, new EventSubject(SubjectKind.Patient, "4711")));
    }

    [Fact]
    public async Task The_same_scan_and_another_with_the_same_events_change_nothing()
    {
        await TakeAsync("a.pdf", "letter", Discharge);
        Assert.Equal("duplicate", await TakeAsync("b.pdf", "letter", Discharge));
        Assert.Equal("filed", await TakeAsync("c.pdf", "another letter", Discharge));
        Assert.Equal(2, Events(_world, Patient).Count);
        Assert.All(_world.Records(), record => Assert.Empty(record.Flags));
    }

    [Fact]
    public async Task A_duplicate_brings_the_events_that_its_former_did_not()
    {
        await TakeAsync("a.pdf", "letter", """{"fields":{"patientId":"MRN-0815","encounterId":"E-77"}}""");
        Assert.Equal("duplicate", await TakeAsync("b.pdf", "letter", Discharge));
        Assert.Equal(2, Events(_world, Patient).Count);
    }

    [Fact]
    public async Task A_scan_is_archived_with_a_flag_where_events_cannot_be_recorded_at_all()
    {
        _world.IsEventKeyDamaged = true;
        Assert.Equal("filed", await TakeAsync("a.pdf", "letter", Discharge));
        var record = _world.Records().Single();
        Assert.Equal([RecordFlag.EventRefused], record.Flags);
        Assert.Equal(2, record.RuleNotes.Count(note => note.Contains("the key that names events", StringComparison.Ordinal)));
        Assert.Empty(Events(_world, Patient));

        _world.IsEventKeyDamaged = false;
        Assert.Equal("duplicate", await TakeAsync("b.pdf", "letter", Discharge));   // the same again brings what is missing
        Assert.Equal(2, Events(_world, Patient).Count);
    }

    [Fact]
    public async Task A_correction_takes_the_place_of_the_wrong_date()
    {
        await TakeAsync("a.pdf", "letter", Discharge);
        await TakeAsync("b.pdf", "second", """{"fields":{"patientId":"MRN-0815"},"events":[{"kind":"birth","date":"1950-03-02","replaces":"1950-02-03"}]}""");
        Assert.Equal(["discharge 2021-03-04 Sidecar", "birth 1950-03-02 Sidecar"], Events(_world, Patient));
    }

    [Theory]
    [InlineData("""{"kind":"birth","date":"2999-01-02"}""", "it is in the future.")]
    [InlineData("""{"kind":"birth","date":"02.01.1950"}""", "it has a date that is no day such as 2024-01-31.")]
    [InlineData("""{"kind":"wedding","date":"1990-01-02"}""", "it has a kind that there is not.")]
    [InlineData("""{"kind":"birth","date":"1950-01-02","replaces":"1951-01-02"}""", "it replaces an event that its patient does not have.")]
    [InlineData("""{"kind":"birth","date":"1950-01-02","patientId":"---"}""", "it has a patient's number without letters and digits, or too long.")]
    public async Task What_cannot_be_is_not_recorded_and_the_record_waits_for_a_person_who_is_told_why(string wrong, string why)
    {
        string sidecar = $$$"""{"fields":{"patientId":"MRN-0815"},"events":[{{{wrong}}},{"kind":"encounter","date":"2020-01-02"}]}""";
        Assert.Equal("filed", await TakeAsync("a.pdf", "letter", sidecar));
        Assert.Equal(["encounter 2020-01-02 Sidecar"], Events(_world, Patient));
        var record = _world.Records().Single();
        Assert.Equal([RecordFlag.EventRefused], record.Flags);
        Assert.StartsWith($"Event 1 of its sidecar was not recorded: {why.TrimEnd('.')}", Assert.Single(record.RuleNotes), StringComparison.Ordinal);
        Assert.DoesNotContain("0815", record.RuleNotes[0], StringComparison.Ordinal);
        Assert.Equal(RecordFlag.EventRefused, _world.Ask(connection => ReviewTable.List(connection).Single().Code));
        var (live, rebuilt) = await _world.DumpAndRebuildAsync();
        Assert.Equal(live, rebuilt);
    }

    [Fact]
    public async Task A_duplicate_says_in_its_receipt_what_was_refused()
    {
        await TakeAsync("a.pdf", "letter", """{"fields":{"patientId":"MRN-0815"}}""");
        Assert.Equal("duplicate", await TakeAsync("b.pdf", "letter", """{"fields":{"patientId":"MRN-0815"},"events":[{"kind":"birth","date":"2999-01-02"}]}"""));
        Assert.Equal("Event 1 of its sidecar was not recorded: it is in the future.", _world.Reports.Single().Reason);
    }

    [Fact]
    public async Task An_untrusted_sidecar_records_none_and_is_invalid()
    {
        _world.Profile.TrustedSidecar = false;
        Assert.Equal("filed", await TakeAsync("a.pdf", "letter", Discharge));
        Assert.Empty(Events(_world, Patient));
        Assert.Equal([RecordFlag.SidecarInvalid], _world.Records().Single().Flags);
    }

    [Theory]
    [InlineData("""{"events":{}}""")]
    [InlineData("""{"events":[1]}""")]
    [InlineData("""{"events":[{"kind":"birth","date":19500101}]}""")]
    [InlineData("""{"events":[{"kind":"birth","day":"1950-01-01"}]}""")]
    public async Task Events_of_another_form_make_the_sidecar_invalid(string sidecar)
    {
        await TakeAsync("a.pdf", "letter", sidecar);
        Assert.Equal([RecordFlag.SidecarInvalid], _world.Records().Single().Flags);
    }

    [Fact]
    public async Task While_another_process_writes_events_the_scan_waits_and_others_are_filed()
    {
        using var world = Trusting();
        Put(world, "a.pdf", "letter", Discharge);
        Put(world, "b.pdf", "plain", """{"fields":{"patientId":"1"}}""");
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            var impatient = new SidecarEvents(
                () => RetentionSchedule.None,
                _ => Task.FromResult(new EventStore(environment.SystemObjects, environment.Database, environment.Locks, IngestWorld.EventNames, environment.Actor, environment.Time, environment.Logger)
                {
                    Patience = TimeSpan.Zero,
                }),
                environment.Time, environment.Logger);
            using var held = await environment.Locks.AcquireAsync(EventStore.LockName, TimeSpan.Zero, TestContext.Current.CancellationToken);
            await new IngestSession(environment with { SidecarEvents = impatient }).TakeInAsync(
                [IngestWorld.DropPath], world.Profile.Name, removesSource: true, _ => { }, TestContext.Current.CancellationToken);
        });
        Assert.Equal("b.pdf", world.Records().Single().FileName);
        Assert.Contains("a.pdf", world.DroppedNames());
        await world.RunAsync();
        Assert.Equal(2, Events(world, Patient).Count);
        Assert.Equal(2, world.Records().Count);
    }

    [Fact]
    public async Task Power_may_go_at_any_operation_and_a_filed_record_has_its_events_once()
    {
        int start = 0;
        foreach (var choice in PowerCutChoice.Samples(seeds: 1))
        {
            const int Stride = 3;
            int n = start++ % Stride - Stride + 1;
            for (bool fired = true; fired;)
            {
                using var world = Trusting();
                Put(world, "a.pdf", "letter", Discharge);
                var plan = new FaultPlan(n += Stride, FaultKind.PowerCut);
                await RunWhateverHappensAsync(world, plan);
                fired = plan.Fired;
                world.Volume.PowerCut(choice);
                string after = $"power cut at operation {n}, {choice}";
                Assert.True(HasEventsWhereFiled(world), $"{after}: filed without its events");
                await world.RunAsync();
                DemandOnce(world, after);
            }

            Assert.True(n > 60, $"only {n} operations were tried");
        }
    }

    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.Full)]
    [InlineData(FaultKind.TornWrite)]
    public async Task Any_operation_may_fail_and_a_filed_record_has_its_events_once(FaultKind kind)
    {
        int n = 0;
        for (bool fired = true; fired;)
        {
            using var world = Trusting();
            Put(world, "a.pdf", "letter", Discharge);
            var plan = new FaultPlan(n += 2, kind);
            await RunWhateverHappensAsync(world, plan);
            fired = plan.Fired;
            await world.RunAsync();
            DemandOnce(world, $"{kind} at operation {n}");
        }

        Assert.True(n > 60, $"only {n} operations were tried");
    }

    private static void DemandOnce(IngestWorld world, string after)
    {
        Assert.True(world.Records() is [{ Flags.Count: 0 }], $"{after}: {string.Join(" | ", world.Records().Select(record => $"{record.Id} {string.Join(',', record.Flags)}"))}");
        Assert.True(string.Join(',', Events(world, Patient)) == "discharge 2021-03-04 Sidecar,birth 1950-02-03 Sidecar", $"{after}: {string.Join(',', Events(world, Patient))}");
        Assert.True(string.Join(',', Events(world, Case)) == "discharge 2021-03-04 Sidecar", $"{after}: {string.Join(',', Events(world, Case))}");
        Assert.Equal([], OcflCheck.Validate(world.Data, DataFolder.Archive));
        Assert.Equal(0, world.Counts().GetValueOrDefault("pending"));
    }

    private static bool HasEventsWhereFiled(IngestWorld world)
    {
        try
        {
            var archive = OcflStorageRoot.Open(world.Data, DataFolder.Archive, DataFolder.Staging);
            var ids = archive.EnumerateObjects().OfType<ObjectListing.Readable>().Select(listing => listing.Object.Id).ToList();
            return !ids.Exists(id => RecordId.TryParse(id, out _)) || ids.Count == 3;   // the record, the patient's object and the case's
        }
        catch (StorageRootRefusedException)
        {
            return true;   // the archive was not made yet
        }
    }

    private static async Task RunWhateverHappensAsync(IngestWorld world, FaultPlan plan)
    {
        try
        {
            await world.RunAsync(plan);
        }
        catch (Exception error) when (error is PowerCutException or StorageException)
        {
            // The process is gone, or could not even start: the test goes on with what the disk kept.
        }
    }

    private static IReadOnlyList<string> Events(IngestWorld world, EventSubject subject)
    {
        using var database = world.OpenDatabase();
        var archive = OcflStorageRoot.Open(world.Data, DataFolder.Archive, DataFolder.Staging);
        var objects = new SystemObjectStore(archive, world.Data, world.Locks, new Actor("reader", "urn:docingest:account:test:reader"), TimeProvider.System);
        return [.. new EventReading(objects, database).Read(subject).SelectMany(read => read.Events.InForce()).Select(entry => $"{entry.Kind} {entry.Date:yyyy-MM-dd} {entry.Source}")];
    }

    private static IngestWorld Trusting()
    {
        var world = new IngestWorld();
        world.Profile.Sidecar = SidecarMode.Optional;
        world.Profile.TrustedSidecar = true;
        return world;
    }

    private static void Put(IngestWorld world, string name, string words, string sidecar)
    {
        world.Put($"{name}.json", Encoding.UTF8.GetBytes(sidecar));
        world.Put(name, IngestWorld.Document(words));
    }

    private async Task<string> TakeAsync(string name, string words, string sidecar)
    {
        Put(_world, name, words, sidecar);
        await _world.RunAsync();
        return Assert.Single(_world.Reports).Outcome;
    }
}
