namespace DocIngest.Archive.Validation;

/// <summary>The versions of the specification that are known here. As texts they compare ordinally.</summary>
internal static class SpecVersion
{
    public static bool IsKnown(string version) => version is "1.0" or "1.1";

    /// <summary>Whether a text looks like a version: digits, dot, digits.</summary>
    public static bool IsShaped(ReadOnlySpan<char> text) =>
        text.IndexOf('.') is var dot and > 0 && dot < text.Length - 1
        && !text[..dot].ContainsAnyExceptInRange('0', '9') && !text[(dot + 1)..].ContainsAnyExceptInRange('0', '9');

    /// <summary>The version whose inventories have this type; null for any other text.</summary>
    public static string? OfInventoryType(string type) => type switch
    {
        "https://ocfl.io/1.0/spec/#inventory" => "1.0",
        Inventory.TypeUri => "1.1",
        _ => null,
    };

    public static bool IsNewer(string version, string than) => string.CompareOrdinal(version, than) > 0;
}
