using System.Text.RegularExpressions;

namespace DocIngest.Pipeline.Classification;

/// <summary>What a record class may be called.</summary>
internal static partial class RecordClassRule
{
    /// <summary>Lower-case letters, digits, <c>-</c> and <c>_</c>, 64 at most.</summary>
    public const string Pattern = "^[a-z0-9][a-z0-9_-]{0,63}$";

    /// <summary>Whether this is the name of a class.</summary>
    public static bool Holds(string name) => Form().Match(name) is { Success: true } match && match.Length == name.Length;   // "$" lets a line break follow

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
