using DocIngest.Archive;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Tests.People;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Holds;

/// <summary>What a hold covers, and that it takes two people to end it.</summary>
public sealed class When_holds_are_placed : IDisposable
{
    private readonly Colleague _admin = new("ada");
    private readonly Colleague _manager = new("ben");
    private readonly Colleague _second = new("cleo");
    private readonly RecordIdSource _ids = new(TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_covers_what_it_lists_and_a_value_or_class_what_is_yet_to_come()
    {
        var listed = _ids.Draw();
        await InWorldAsync(async environment =>
        {
            var register = Register(environment, _manager);
            await PlaceAsync(register, new WantedScope.Records([listed]));
            await PlaceAsync(register, new WantedScope.Field("patientId", "47-11a"));
            await PlaceAsync(register, new WantedScope.Class("letter"));
            await PlaceAsync(register, new WantedScope.Query("asthma", [listed, _ids.Draw()]));
            var holds = register.InForce();
            Assert.Equal([1, 4], Numbers(holds.Of(listed, "note", [])));
            Assert.Equal([2], Numbers(holds.Of(_ids.Draw(), "note", [KeyValuePair.Create("patientId", "4711 A")])));   // written otherwise
            Assert.Equal([3], Numbers(holds.Of(_ids.Draw(), "letter", [KeyValuePair.Create("caseId", "4711A")])));
            Assert.Empty(holds.Of(_ids.Draw(), "note", [KeyValuePair.Create("patientId", "4712")]));

            // Dates are kept in one form, whoever writes them; a hold may be older than that, and a scan in quarantine has them as its sidecar says.
            await PlaceAsync(register, new WantedScope.Field("documentDate", "31.12.2024"));
            Assert.Equal([5], Numbers(register.InForce().Of(_ids.Draw(), "note", [KeyValuePair.Create("documentDate", "2024-12-31")])));
            Assert.Empty(register.InForce().Of(_ids.Draw(), "note", [KeyValuePair.Create("documentDate", "2024-12-30")]));

            // Codes are kept as their vocabulary writes them, and a record may have several of one field.
            await PlaceAsync(register, new WantedScope.Field("diagnosis", "j18-9"));
            var coded = Document(_ids.Draw(), "4713") with { Codes = [new FoundCode("diagnosis", "I10", "Hypertension", 1), new FoundCode("diagnosis", "J18.9", "Pneumonia", 2)] };
            Assert.Equal([6], Numbers(register.InForce().Of([coded])));
            Assert.Empty(register.InForce().Of([coded with { Codes = [new FoundCode("diagnosis", "J18.90", "Pneumonia", 1)] }]));
        });
    }

    [Fact]
    public async Task What_a_record_ever_was_counts_and_so_does_the_scan_it_was_cut_from()
    {
        var (batch, part) = (_ids.Draw(), _ids.Draw());
        await InWorldAsync(async environment =>
        {
            var register = Register(environment, _manager);
            await PlaceAsync(register, new WantedScope.Field("patientId", "4711"));
            await PlaceAsync(register, new WantedScope.Records([part]));
            await PlaceAsync(register, new WantedScope.Records([batch]));
            var holds = register.InForce();
            var other = _ids.Draw();
            Assert.Equal([1], Numbers(holds.Of([Document(other, "4711"), Document(other, "4712")])));
            Assert.Equal([3, 2], Numbers(holds.Of([Document(batch, "") with { Batch = new BatchAccount(2, 1, [], [], [new BatchPart(part, "1-2", null)]) }])));
            Assert.Equal([2, 3], Numbers(holds.Of([Document(part, "") with { PartOf = new PartOf(batch, 1, "1-2") }])));
        });
    }

    [Fact]
    public async Task A_hold_on_many_records_is_one_version_of_the_register_and_none_of_theirs()
    {
        await InWorldAsync(async environment =>
        {
            var register = Register(environment, _manager);
            var ids = Enumerable.Range(0, 100_000).Select(_ => _ids.Draw()).ToList();
            await PlaceAsync(register, new WantedScope.Records(ids));
            Assert.Equal(1, environment.SystemObjects.Find(HoldRegister.Name)?.Head.Value);
            Assert.Equal([1], Numbers(register.InForce().Of(ids[^1], "note", [])));
            Assert.Equal(100_000, register.List()[0].Scope.Listed?.Count);
        });
    }

    [Fact]
    public async Task It_ends_only_when_another_person_has_signed_the_same_statement()
    {
        await InWorldAsync(async environment =>
        {
            var people = await RegisterPeopleAsync(environment);
            var (manager, second) = (people.OfAccount(_manager.Actor.Address)!, people.OfAccount(_second.Actor.Address)!);   // registered above
            await PlaceAsync(Register(environment, _manager), new WantedScope.Class("letter"), people);
            var (mine, theirs) = (Register(environment, _manager), Register(environment, _second));
            byte[] statement = mine.DraftRelease(1, "settled", manager)!;   // it holds
            Assert.IsType<HoldOutcome.Refused>(await theirs.AgreeReleaseAsync(1, _second.Sign(second, statement), Cancellation));                                   // nobody asked
            Assert.IsType<HoldOutcome.Refused>(await mine.AskReleaseAsync(1, statement, _second.Sign(manager, statement), Cancellation));                           // another's key
            Assert.IsType<HoldOutcome.Refused>(await mine.AskReleaseAsync(1, [.. statement, (byte)' '], _manager.Sign(manager, statement), Cancellation));         // other bytes
            Assert.IsType<HoldOutcome.Changed>(await mine.AskReleaseAsync(1, statement, _manager.Sign(manager, statement), Cancellation));
            Assert.True(mine.InForce().Any);
            Assert.IsType<HoldOutcome.Refused>(await mine.AgreeReleaseAsync(1, _manager.Sign(manager, statement), Cancellation));                                   // the same person
            Assert.IsType<HoldOutcome.Refused>(await theirs.AgreeReleaseAsync(1, _manager.Sign(second, statement), Cancellation));                                  // forged
            Assert.IsType<HoldOutcome.Changed>(await theirs.AgreeReleaseAsync(1, _second.Sign(second, theirs.StatementOf(1)!), Cancellation));   // asked for above
            Assert.False(mine.InForce().Any);
            Assert.Equal("settled", Assert.Single(mine.List()).ReleaseReason);
            Assert.IsType<HoldOutcome.Refused>(await theirs.AgreeReleaseAsync(1, _second.Sign(second, statement), Cancellation));
            Assert.IsType<HoldOutcome.Absent>(await theirs.AgreeReleaseAsync(2, _second.Sign(second, statement), Cancellation));
        });
    }

    [Fact]
    public async Task Once_people_are_registered_only_a_records_manager_places_holds()
    {
        await InWorldAsync(async environment =>
        {
            var people = await RegisterPeopleAsync(environment);
            Assert.IsType<HoldOutcome.Refused>(await Register(environment, _admin).PlaceAsync("t", "r", new WantedScope.Class("letter"), people, Cancellation));
            Assert.IsType<HoldOutcome.Refused>(await Register(environment, _manager).PlaceAsync("t", "r", new WantedScope.Records([]), people, Cancellation));   // covers nothing
            Assert.IsType<HoldOutcome.Changed>(await Register(environment, _manager).PlaceAsync("t", "r", new WantedScope.Class("letter"), people, Cancellation));
        });
    }

    [Fact]
    public async Task A_damaged_register_is_no_register_without_holds()
    {
        using var world = new IngestWorld();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await PlaceAsync(Register(environment, _manager), new WantedScope.Records([_ids.Draw()]));
            string members = environment.SystemObjects.Find(HoldRegister.Name)!.Path + "/v1/content/members/hold-1.txt";   // placed above
            environment.Data.Truncate(members, 3);
            Assert.Throws<FixityException>(() => Register(environment, _manager).InForce());
        });
    }

    public void Dispose()
    {
        _admin.Dispose();
        _manager.Dispose();
        _second.Dispose();
    }

    private static async Task InWorldAsync(Func<IngestEnvironment, Task> work)
    {
        using var world = new IngestWorld();
        await world.RunWithEnvironmentAsync((environment, _) => work(environment));
    }

    private static HoldRegister Register(IngestEnvironment environment, Colleague asks) => new(environment.SystemObjects, environment.Data, environment.Locks, asks.Actor, TimeProvider.System);

    private static async Task PlaceAsync(HoldRegister register, WantedScope scope, PeopleDocument? people = null) =>
        Assert.IsType<HoldOutcome.Changed>(await register.PlaceAsync("a matter", "a court", scope, people ?? PeopleDocument.Nobody, Cancellation));

    private async Task<PeopleDocument> RegisterPeopleAsync(IngestEnvironment environment)
    {
        var register = new PeopleRegister(environment.SystemObjects, _admin.Actor, TimeProvider.System);
        foreach (var person in new[] { _admin.As(PersonRole.Admin), _manager.As(PersonRole.RecordsManager), _second.As(PersonRole.Approver) })
        {
            Assert.Null((await register.AddAsync(person, Cancellation)).Refusal);
        }

        return register.Read();
    }

    private static IEnumerable<int> Numbers(IReadOnlyList<Hold> holds) => holds.Select(hold => hold.Number);

    private static RecordDocument Document(RecordId id, string patient) => new()
    {
        Id = id, ScanId = id, Profile = "p", ReceivedAt = TimeProvider.System.GetUtcNow(), FileName = "a.pdf", MediaType = "application/pdf", SizeBytes = 1,
        Sha512 = new string('0', 128), TextStatus = TextStatus.Complete, Pages = PageAccount.Unknown,
        Fields = new SortedDictionary<string, string> { ["patientId"] = patient },
    };
}
