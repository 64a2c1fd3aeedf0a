using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DocIngest.Pipeline.Ledger;

namespace DocIngest.Pipeline.Receipts;

/// <summary>The service's own receipt files: one JSON document a line (docs/formats/receipt.schema.json).</summary>
internal sealed class ReceiptJsonLines : IReceiptFormat
{
    public string Extension => "jsonl";

    public string Header => "";

    public string Line(Receipt receipt) => JsonSerializer.Serialize(receipt, ReceiptJson.Instance.Receipt);

    public long? SequenceOf(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ReceiptJson.Instance.Receipt)?.Sequence;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The receipts an operator opens in a spreadsheet: RFC 4180, every field in quotes, formulas defused.</summary>
internal sealed class ReceiptCsv : IReceiptFormat
{
    public string Extension => "csv";

    public string Header => "\"no\",\"receipt\",\"time (UTC)\",\"folder\",\"file\",\"bytes\",\"pages\",\"outcome\",\"record\",\"version\",\"text\",\"reason\",\"sha512\"\n";

    public string Line(Receipt receipt) => string.Join(',', new[]
    {
        receipt.Sequence.ToString(CultureInfo.InvariantCulture),
        receipt.ReceiptId,
        receipt.IssuedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        receipt.Subfolder,
        receipt.FileName,
        receipt.SizeBytes.ToString(CultureInfo.InvariantCulture),
        receipt.Pages?.ToString(CultureInfo.InvariantCulture),
        receipt.Outcome,
        receipt.RecordId,
        receipt.Version?.ToString(CultureInfo.InvariantCulture),
        receipt.TextStatus,
        receipt.Reason,
        receipt.Sha512,
    }.Select(Quote));

    public long? SequenceOf(string line) =>
        line.Length > 2 && line[0] == '"' && line[^1] == '"'
        && long.TryParse(line.AsSpan(1, Math.Max(0, line.IndexOf('"', 1) - 1)), NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            ? sequence
            : null;

    // A file named "=cmd()" must stay a name when the list is opened; line breaks in names are escaped by the ledger already.
    private static string Quote(string? value)
    {
        value ??= "";
        if (value.Length > 0 && "=+-@\t".Contains(value[0]))
        {
            value = "'" + value;
        }

        return $"\"{value.Replace("\"", "\"\"")}\"";
    }
}

/// <summary>How receipts are written as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Receipt))]
internal sealed partial class ReceiptJson : JsonSerializerContext
{
    public static ReceiptJson Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
