using System.Text.Json;

namespace DocIngest.Pipeline.Classification;

/// <summary>Something that happened to a patient or a case, as a sidecar says it: the columns of a file of events (docs/formats/retention.md). Empty where it says nothing.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Date">When.</param>
/// <param name="Replaces">The wrong date that it corrects.</param>
/// <param name="PatientId">Whose; where it names neither patient nor case, those of the sidecar's fields are meant.</param>
/// <param name="EncounterId">Of which case.</param>
public sealed record SidecarEvent(string Kind, string Date, string Replaces, string PatientId, string EncounterId)
{
    /// <summary>What it may say, for people.</summary>
    internal const string Entries = "kind, date, replaces, patientId, encounterId";

    /// <summary>Reads one; null where it is none.</summary>
    internal static SidecarEvent? Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var said = new SidecarEvent("", "", "", "", "");
        foreach (var entry in element.EnumerateObject())
        {
            string? text = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()?.Trim() : null;
            switch (entry.Name, text)
            {
                case ("kind", not null):
                    said = said with { Kind = text };
                    break;
                case ("date", not null):
                    said = said with { Date = text };
                    break;
                case ("replaces", not null):
                    said = said with { Replaces = text };
                    break;
                case ("patientId", not null):
                    said = said with { PatientId = text };
                    break;
                case ("encounterId", not null):
                    said = said with { EncounterId = text };
                    break;
                default:
                    return null;
            }
        }

        return said;
    }
}
