namespace DocIngest.Pipeline.Extraction.Layers;

/// <summary>Writing systems as far as they are not mixed within a word.</summary>
internal enum Script
{
    /// <summary>No letter, or one that stands among all others: Greek letters and signs of mathematics.</summary>
    None,
    Latin,
    Cyrillic,
    Hebrew,
    Arabic,
    Indic,
    EastAsian,
    Other,
}

/// <summary>Tells the script of a letter by its block.</summary>
internal static class Scripts
{
    public static Script Of(char letter) => letter switch
    {
        '\u00AA' or '\u00BA' or '\u00B5' => Script.None,
        < '\u0370' or (>= '\u1E00' and < '\u1F00') or (>= '\uFB00' and < '\uFB07') => Script.Latin,
        < '\u0400' or (>= '\u1F00' and < '\u2000') => Script.None,
        < '\u0530' => Script.Cyrillic,
        (>= '\u0590' and < '\u0600') or (>= '\uFB1D' and < '\uFB50') => Script.Hebrew,
        (>= '\u0600' and < '\u0780') or (>= '\uFB50' and < '\uFE00') or (>= '\uFE70' and < '\uFF00') => Script.Arabic,
        >= '\u0900' and < '\u1000' => Script.Indic,
        (>= '\u2000' and < '\u2C00') or (>= '\uD800' and < '\uE000') => Script.None,   // letterlike signs; halves of rarer letters
        (>= '\u1100' and < '\u1200') or (>= '\u2E80' and < '\uA000') or (>= '\uAC00' and < '\uD800') or (>= '\uF900' and < '\uFB00') or >= '\uFF00' => Script.EastAsian,
        _ => Script.Other,
    };
}
