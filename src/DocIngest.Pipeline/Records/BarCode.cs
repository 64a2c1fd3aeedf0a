namespace DocIngest.Pipeline.Records;

/// <summary>A bar code on a page.</summary>
/// <param name="Page">From 1.</param>
/// <param name="Symbology">Its kind, such as <c>CODE-128</c>.</param>
/// <param name="Value">What it says.</param>
public sealed record BarCode(int Page, string Symbology, string Value);
