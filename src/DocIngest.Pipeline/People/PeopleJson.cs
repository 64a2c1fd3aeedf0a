using System.Text.Json.Serialization;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.People;

/// <summary>How <c>people.json</c> is written.</summary>
[JsonSerializable(typeof(PeopleDocument))]
internal sealed partial class PeopleJson : JsonSerializerContext
{
    public static PeopleJson Instance { get; } = new(SystemDocumentJson.CreateOptions());
}
