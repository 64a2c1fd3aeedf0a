using System.Buffers;
using DocIngest.Storage;

namespace DocIngest.Archive.Validation;

/// <summary>Shapes of texts that OCFL takes from other standards.</summary>
internal static class TextShapes
{
    private const int LongestQuote = 200;

    private static readonly SearchValues<char> SchemeCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    private static readonly SearchValues<char> NeverInUris = SearchValues.Create(" \t\r\n\0<>\"");

    /// <summary>Whether a text begins as a URI does, with a scheme, and goes on without blanks (RFC 3986, 3).</summary>
    public static bool IsUri(string text)
    {
        int colon = text.IndexOf(':');
        return colon > 0
            && colon < text.Length - 1
            && char.IsAsciiLetter(text[0])
            && !text.AsSpan(0, colon).ContainsAnyExcept(SchemeCharacters)
            && !text.AsSpan(colon).ContainsAny(NeverInUris);
    }

    /// <summary>A text out of an inventory as a message may hold it: without control characters, and not longer than a line or two.</summary>
    public static string Quote(string text) =>
        RawName.ToDisplay(text.Length <= LongestQuote ? text : $"{text[..LongestQuote]}…");
}
