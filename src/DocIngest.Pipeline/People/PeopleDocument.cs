using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.People;

/// <summary>Everybody who ever had a role (<c>people.json</c>; docs/formats/people.md).</summary>
/// <param name="People">In the order in which they were entered.</param>
public sealed record PeopleDocument([property: JsonRequired] IReadOnlyList<Person> People)
{
    /// <summary>The value of <see cref="Format"/> that this program writes.</summary>
    public const string CurrentFormat = "docingest-people/1";

    internal const string FileName = "people.json";
    internal const int MostBytes = 16 << 20;

    /// <summary>Format and version of this document.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = CurrentFormat;

    /// <summary>Nobody.</summary>
    public static PeopleDocument Nobody { get; } = new([]);

    /// <summary>Whether anybody is registered: until then nobody can approve, and whoever may write the data folder may register the first.</summary>
    public bool IsEmpty => People.Count == 0;

    /// <summary>Who an account belongs to; null for nobody who has a role.</summary>
    public Person? OfAccount(string address) => People.FirstOrDefault(person => person.End is null && person.Accounts.Contains(address, StringComparer.Ordinal));

    /// <summary>Who has one of some roles now on the machine of an account, groups too.</summary>
    /// <param name="address">The account, as a URI.</param>
    /// <param name="roles">Words of <see cref="PersonRole"/>.</param>
    public IReadOnlyList<Person> Having(string address, params IReadOnlyList<string> roles) =>
        [.. People.Where(person => roles.Any(person.Has) && person.IsOfMachineOf(address))];

    /// <summary>The entries that an account has roles by: its own, and those of its groups.</summary>
    /// <param name="address">The account, as a URI.</param>
    /// <param name="groups">Names of the groups that it is a member of.</param>
    public IReadOnlyList<Person> Of(string address, IReadOnlyList<string> groups) =>
    [
        .. People.Where(person => person.End is null && (person.Accounts.Contains(address, StringComparer.Ordinal)
            || (person.IsOfMachineOf(address) && person.Groups.Any(group => groups.Any(one => AccountGroups.IsSame(one, group)))))),
    ];

    /// <summary>Somebody by id; null where there is nobody.</summary>
    public Person? Find(string id) => People.FirstOrDefault(person => person.Id == id);
}
