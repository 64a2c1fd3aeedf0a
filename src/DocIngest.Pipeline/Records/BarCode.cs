using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.Records;

/// <summary>A bar code on a page.</summary>
/// <param name="Page">From 1.</param>
/// <param name="Symbology">Its kind, such as <c>CODE-128</c>.</param>
/// <param name="Value">What it says.</param>
/// <param name="Quality">How surely it was read: of two readings of one kind, the greater is surer. 0 where that is not known.</param>
/// <param name="Box">Left, top, width, height on the page as it is shown, points (1/72 inch); null where the reader does not say.</param>
public sealed record BarCode(
    int Page,
    string Symbology,
    string Value,
    int Quality = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<double>? Box = null);
