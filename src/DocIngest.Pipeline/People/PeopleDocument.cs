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

    /// <summary>Somebody by id; null where there is nobody.</summary>
    public Person? Find(string id) => People.FirstOrDefault(person => person.Id == id);
}
