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
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<double>? Box = null)
{
    /// <summary>What the bar code of a patch-T sheet says.</summary>
    public const string PatchT = "PATCHT";

    /// <summary>Whether it is that of a patch-T sheet, which says nothing of what comes behind it.</summary>
    internal bool IsPatchT => Symbology is "CODE-39" or "CODE-128" && Value.Trim().Equals(PatchT, StringComparison.OrdinalIgnoreCase);
}
