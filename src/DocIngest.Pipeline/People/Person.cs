using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.People;

/// <summary>An entry of the register: a person, or the members of a group, as they are from then on.</summary>
/// <param name="Id">Names the person for good: <c>p1</c>, <c>p2</c> and so on, never used again.</param>
/// <param name="Name">As people call them.</param>
/// <param name="Accounts">Accounts of this person alone, as URIs <c>urn:docingest:account:HOST:NAME</c>.</param>
/// <param name="Groups">Groups of the system whose members have these roles; a person has none.</param>
/// <param name="Roles">Words of <see cref="PersonRole"/>.</param>
/// <param name="RegisteredAt">When it was entered, UTC.</param>
/// <param name="By">Who entered it.</param>
/// <param name="Account">The account of whoever did, as a URI.</param>
public sealed record Person(
    [property: JsonRequired] string Id, [property: JsonRequired] string Name, [property: JsonRequired] IReadOnlyList<string> Accounts,
    [property: JsonRequired] IReadOnlyList<string> Groups, [property: JsonRequired] IReadOnlyList<string> Roles,
    DateTimeOffset RegisteredAt, string By, string Account)
{
    /// <summary>The certificate that their signatures are checked with, as PEM; null where no role of theirs signs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Certificate { get; init; }

    /// <summary>Since when they have no role any more; null while they have.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PersonEnd? End { get; init; }

    /// <summary>Whether they have a role.</summary>
    public bool Has(string role) => End is null && Roles.Contains(role);

    /// <summary>Whether it is of the machine of an account: a group is of the machine on which it was entered.</summary>
    internal bool IsOfMachineOf(string address) => (Groups.Count > 0 ? [Account] : Accounts).Any(one => Actor.IsOfSameMachine(one, address));
}

/// <summary>The end of a person's roles. Their entry stays: what they signed must be verified for as long as it is kept.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Reason">Why, as whoever ended them said.</param>
/// <param name="By">Who.</param>
/// <param name="Account">The account as a URI.</param>
public sealed record PersonEnd(DateTimeOffset At, string Reason, string By, string Account);
