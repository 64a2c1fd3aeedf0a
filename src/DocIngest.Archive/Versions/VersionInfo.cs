using System.Globalization;
using System.Text.RegularExpressions;

namespace DocIngest.Archive;

/// <summary>Who made a version, when and why. All four go into the inventory (OCFL W007 to W009), which is plain text: no personal data.</summary>
public sealed record VersionInfo
{
    /// <summary>When; written in UTC to the millisecond.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Why, from a list of reasons; free text belongs into the record.</summary>
    public required string Message { get; init; }

    /// <summary>Who, for people.</summary>
    public required string UserName { get; init; }

    /// <summary>Who, as a URI, for example <c>urn:docingest:service:filing</c>.</summary>
    public required string UserAddress { get; init; }

    /// <exception cref="ArgumentException">Something is empty, or the address is no URI.</exception>
    internal InventoryVersion ToBlock(IReadOnlyDictionary<string, Sha512Digest> state)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Message);
        ArgumentException.ThrowIfNullOrWhiteSpace(UserName);
        if (!UriShape.IsUri(UserAddress))
        {
            throw new ArgumentException("The user's address must be a URI.", nameof(UserAddress));
        }

        string created = Created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        return new InventoryVersion(created, Message, new InventoryUser(UserName, UserAddress), state);
    }
}

/// <summary>What counts as a URI in an inventory: a scheme, a colon and something (RFC 3986).</summary>
internal static partial class UriShape
{
    public static bool IsUri(string text) => Shape.IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7E]+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Shape { get; }
}
