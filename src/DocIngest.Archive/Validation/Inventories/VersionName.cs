using System.Globalization;

namespace DocIngest.Archive.Validation;

/// <summary>The name of a version directory as it is spelled: <c>v</c> and a positive number, zero-padded or not.</summary>
internal readonly record struct VersionName(string Text, int Number)
{
    public bool IsPadded => Text[1] == '0';

    /// <summary>Null for anything else, and for numbers beyond two thousand million.</summary>
    public static VersionName? TryParse(string text) =>
        text is ['v', _, ..] && int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? new VersionName(text, number)
            : null;
}
