using DocIngest.Pipeline.Extraction.Cleaning;

namespace DocIngest.Pipeline.Extraction.BarCodes;

/// <summary>What an honest worker keeps to when it says what bar codes say; a captured one may not.</summary>
internal static class BarCodeBounds
{
    /// <summary>Codes of one page; a sheet of labels has some 65.</summary>
    public const int MaxCodes = 256;

    /// <summary>Codes of one document that are kept.</summary>
    public const int MaxDocumentCodes = 20_000;

    private const int MaxValueChars = 8_192;   // a QR code has 7,089 digits at most
    private const int MaxSymbologyChars = 32;
    private const double MaxPoints = 14_400_000;

    /// <summary>Whether all codes of a page hold to it.</summary>
    public static bool Hold(IReadOnlyList<WorkerBarCode> codes) => codes.Count <= MaxCodes
        && codes.All(code => Hold(code.Symbology, code.Value) && code.Quality >= 0
            && (code.Box is null || (code.Box.Count == 4 && code.Box.All(length => Math.Abs(length) <= MaxPoints))));

    /// <summary>Whether one code does.</summary>
    public static bool Hold(string symbology, string value) =>
        symbology.Length is > 0 and <= MaxSymbologyChars && value.Length <= MaxValueChars && PlainText.IsClean(symbology) && PlainText.IsClean(value);
}
