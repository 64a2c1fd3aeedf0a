using System.Text.RegularExpressions;

namespace DocIngest.Pipeline.SystemObjects;

/// <summary>Names a system object: words of <c>[a-z0-9-]</c> with colons between, 1 to 80 characters, for example <c>holds</c> or <c>audit:2026</c>. Says nothing about a person (I6).</summary>
/// <remarks>Its object id is <c>urn:docingest:NAME</c>; record ids are <c>urn:uuid:…</c>, so that the two never meet.</remarks>
public readonly partial record struct SystemObjectName
{
    internal const string IdPrefix = "urn:docingest:";
    private const string StagingPrefix = "system.";
    private const int MostCharacters = 80;

    /// <exception cref="ArgumentException">No such name. It is not repeated: it may say something about a person.</exception>
    public SystemObjectName(string text)
    {
        Text = text.Length <= MostCharacters && Shape().IsMatch(text)
            ? text
            : throw new ArgumentException($"A system object's name has up to {MostCharacters} characters of [a-z0-9-], with colons between its words.", nameof(text));
    }

    /// <summary>The name.</summary>
    public string Text { get; }

    /// <summary>The id of its object in the archive.</summary>
    public string ObjectId => IdPrefix + Text;

    /// <summary>Its entry in the staging folder, the same for each of its versions.</summary>
    internal string StagingName => StagingPrefix + Text.Replace(':', '.');

    /// <summary>The object that a staging entry belongs to; null for an entry of something else.</summary>
    internal static SystemObjectName? OfStaging(string stagingName) =>
        stagingName.StartsWith(StagingPrefix, StringComparison.Ordinal) && stagingName[StagingPrefix.Length..].Replace('.', ':') is { Length: <= MostCharacters } text && Shape().IsMatch(text)
            ? new SystemObjectName(text)
            : null;

    /// <inheritdoc />
    public override string ToString() => Text;

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*(:[a-z0-9]+(-[a-z0-9]+)*)*\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Shape();
}
