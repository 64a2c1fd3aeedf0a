using DocIngest.Pipeline.People;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.People;

/// <summary>Nobody gets a right that an admin did not give, and nobody two persons' rights.</summary>
public sealed class When_people_are_registered : IDisposable
{
    private readonly Colleague _ada = new("ada");
    private readonly Colleague _ben = new("ben");
    private readonly Colleague _cleo = new("cleo");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_is_an_admin_and_only_admins_register_others()
    {
        using var world = new IngestWorld();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            Assert.Contains("the first must be one", await RefusalAsync(environment, _ada, _ada.As(PersonRole.Reader)), StringComparison.Ordinal);
            Assert.Null(await RefusalAsync(environment, _ben, _ada.As(PersonRole.Admin)));   // whoever sets the machine up
            Assert.Contains("not that of a registered admin", await RefusalAsync(environment, _ben, _ben.As(PersonRole.Admin)), StringComparison.Ordinal);
            Assert.Null(await RefusalAsync(environment, _ada, _ben.As(PersonRole.Approver)));
            Assert.Contains("not that of a registered admin", await RefusalAsync(environment, _ben, _cleo.As(PersonRole.Reader)), StringComparison.Ordinal);
            Assert.Equal(["p1", "p2"], Register(environment, _cleo).Read().People.Select(person => person.Id));
        });
    }

    [Fact]
    public async Task One_person_is_not_two()
    {
        using var world = new IngestWorld();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await RefusalAsync(environment, _ada, _ada.As(PersonRole.Admin));
            await RefusalAsync(environment, _ada, _ben.As(PersonRole.Approver));
            string?[] refusals =
            [
                await RefusalAsync(environment, _ada, _ben.As(PersonRole.Reader)),                                                          // the account again
                await RefusalAsync(environment, _ada, _cleo.As(PersonRole.Approver) with { Certificate = _ben.Certificate }),               // the certificate again
                await RefusalAsync(environment, _ada, _cleo.As(PersonRole.Approver, PersonRole.Admin)),                                     // who registers does not approve
                await RefusalAsync(environment, _ada, _cleo.As(PersonRole.Approver) with { Accounts = [], Groups = ["staff"] }),            // a group is no person
                await RefusalAsync(environment, _ada, _cleo.As(PersonRole.Approver) with { Certificate = null }),
                await RefusalAsync(environment, _ada, _cleo.As(PersonRole.Approver) with { Certificate = "no certificate" }),
                await RefusalAsync(environment, _ada, _cleo.As(PersonRole.Reader) with { Accounts = [] }),
                await RefusalAsync(environment, _ada, _cleo.As("king")),
                await RefusalAsync(environment, _ada, _cleo.As(PersonRole.Reader) with { Name = "two\nlines" }),
                await RefusalAsync(environment, _ada, new Colleague("old", validDays: 1).As(PersonRole.Approver)),
            ];
            Assert.All(refusals, Assert.NotNull);
            Assert.Equal(refusals.Length, refusals.Distinct().Count());   // each for a reason of its own
            Assert.Equal(2, Register(environment, _ada).Read().People.Count);
        });
    }

    [Fact]
    public async Task Who_ended_has_no_role_and_keeps_the_entry_and_the_last_admin_cannot_end()
    {
        using var world = new IngestWorld();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await RefusalAsync(environment, _ada, _ada.As(PersonRole.Admin));
            await RefusalAsync(environment, _ada, _ben.As(PersonRole.Approver));
            var register = Register(environment, _ada);
            Assert.Null(await register.EndAsync("p2", "left", Cancellation));
            Assert.NotNull(await register.EndAsync("p2", "left", Cancellation));
            Assert.NotNull(await register.EndAsync("p9", "left", Cancellation));
            Assert.Contains("last admin", await register.EndAsync("p1", "left", Cancellation), StringComparison.Ordinal);
            var ended = register.Read().Find("p2")!;   // entered above
            Assert.False(ended.Has(PersonRole.Approver));
            Assert.NotNull(ended.Certificate);
            Assert.Null(register.Read().OfAccount(_ben.Actor.Address));
            await RefusalAsync(environment, _ada, _ben.As(PersonRole.Reader));
            Assert.Equal("p3", register.Read().OfAccount(_ben.Actor.Address)?.Id);   // a new entry: the old one's signatures stay its own
        });
    }

    [Fact]
    public async Task Root_the_service_and_whoever_is_not_registered_cannot_sign()
    {
        using var world = new IngestWorld();
        await world.RunWithEnvironmentAsync(async (environment, _) =>
        {
            await RefusalAsync(environment, _ada, _ada.As(PersonRole.Admin));
            await RefusalAsync(environment, _ada, _ben.As(PersonRole.Approver));
            var people = Register(environment, _ada).Read();
            var now = TimeProvider.System.GetUtcNow();
            Assert.NotNull(Signatory.Of(people, _ben.Actor, isServiceOrRoot: false, [PersonRole.Approver], now).Person);
            Assert.Null(Signatory.Of(people, _ben.Actor, isServiceOrRoot: true, [PersonRole.Approver], now).Person);
            Assert.Null(Signatory.Of(people, _ben.Actor, isServiceOrRoot: false, [PersonRole.RecordsManager], now).Person);
            Assert.Null(Signatory.Of(people, _cleo.Actor, isServiceOrRoot: false, [PersonRole.Approver], now).Person);
            Assert.Null(Signatory.Of(people, _ben.Actor, isServiceOrRoot: false, [PersonRole.Approver], now.AddYears(20)).Person);
            Assert.Contains("Nobody is registered", Signatory.Of(PeopleDocument.Nobody, _ben.Actor, isServiceOrRoot: false, [PersonRole.Approver], now).Refusal, StringComparison.Ordinal);
        });
    }

    public void Dispose()
    {
        _ada.Dispose();
        _ben.Dispose();
        _cleo.Dispose();
    }

    private static PeopleRegister Register(IngestEnvironment environment, Colleague asked) => new(environment.SystemObjects, asked.Actor, TimeProvider.System);

    private static async Task<string?> RefusalAsync(IngestEnvironment environment, Colleague asks, NewPerson wanted) =>
        (await Register(environment, asks).AddAsync(wanted, Cancellation)).Refusal;
}
