using System.Text.Json;
using System.Text.Json.Serialization;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Assurance.Reports;

/// <summary>How reports are written and read. Indented: people read them too, and what is signed is the bytes.</summary>
[JsonSerializable(typeof(AssuranceReport))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    /// <summary>What is longer is no report.</summary>
    public const int LargestBytes = 16 * 1024 * 1024;

    public static ReportJson Instance { get; } = new(CreateOptions());

    public static byte[] Write(AssuranceReport report) => [.. JsonSerializer.SerializeToUtf8Bytes(report, Instance.AssuranceReport), (byte)'\n'];

    /// <summary>Reads one; null where it is none, or of a format that this program does not know.</summary>
    public static AssuranceReport? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LargestBytes)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, Instance.AssuranceReport) is { Format: Reports.AssuranceReport.CurrentFormat } report ? report : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonSerializerOptions CreateOptions()
    {
        var options = SystemDocumentJson.CreateOptions();
        options.WriteIndented = true;
        options.NewLine = "\n";
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        return options;
    }
}
