using System.Text.RegularExpressions;

namespace DocIngest.Pipeline.Classification;

/// <summary>Finds the document key in a file name.</summary>
public sealed class DocumentKeyRule
{
    // Against patterns that never end on a hostile name: a name has at most 255 bytes, real patterns take microseconds.
    private static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(200);

    /// <summary>Most characters of a key that rules put together.</summary>
    public const int MostCharacters = 256;

    private readonly Regex? _pattern;

    /// <summary>Compiles a pattern; null for profiles without key.</summary>
    /// <exception cref="ArgumentException">No regular expression, or one without a group <c>key</c>.</exception>
    public DocumentKeyRule(string? pattern)
    {
        if (pattern is null)
        {
            return;
        }

        _pattern = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, MatchLimit);
        if (!_pattern.GetGroupNames().Contains("key"))
        {
            throw new ArgumentException("The pattern has no group named 'key', as in (?<key>[0-9]+).", nameof(pattern));
        }
    }

    /// <summary>Keys are compared as written, without outer blanks; an empty one is none.</summary>
    public static string? Normalise(string? key) => string.IsNullOrWhiteSpace(key) ? null : key.Trim();

    /// <summary>The key in a file name, or null where the pattern does not match (or took too long, as on a hostile name).</summary>
    public string? Find(string fileName)
    {
        try
        {
            return _pattern?.Match(fileName) is { Success: true } match ? Normalise(match.Groups["key"].Value) : null;
        }
        catch (RegexMatchTimeoutException)
        {
            return null;   // filed without key: nothing is lost, and nothing is versioned by mistake
        }
    }
}
