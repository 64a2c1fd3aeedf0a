using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Revisions;

/// <summary>The sidecar of a record that moves to another patient: as it came, but for what was wrong. The former record keeps the one that came.</summary>
internal static class CorrectedSidecar
{
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Corrects it. Only entries that it has are corrected: the others a person said, and no sidecar.</summary>
    /// <returns>Null for one that cannot be read: nobody can say what stands in it.</returns>
    public static string? Of(string json, Assignment said)
    {
        if (Sidecar.Read(json).Sidecar is not { } came)
        {
            return null;
        }

        var fields = new JsonObject();
        foreach (var (name, value) in came.Fields.Where(field => !said.Removes.Contains(field.Key)))
        {
            fields[name] = said.Fields.GetValueOrDefault(name, value);
        }

        var corrected = new JsonObject();
        if (came.DocumentKey is { } key && !said.RemovesDocumentKey)
        {
            corrected["documentKey"] = said.DocumentKey ?? key;
        }

        if ((said.RecordClass ?? came.RecordClass) is { } recordClass && came.RecordClass is not null)
        {
            corrected["recordClass"] = recordClass;
        }

        corrected["fields"] = fields;
        return corrected.ToJsonString(Unescaped);   // without addVersionTo, which may name a record of the wrong patient
    }
}
