using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Catalog;

/// <summary>What to find. All conditions hold at once; without any, all records are listed.</summary>
public sealed record FindQuery
{
    /// <summary>Most records of a ranking: it is sorted in memory.</summary>
    public const int MaxRanked = 10_000;

    /// <summary>
    /// Words and quoted phrases, all of which must occur; a trailing <c>*</c> makes a word or phrase a beginning. Case and
    /// diacritics do not count. Empty or white space: any record.
    /// </summary>
    public string Text { get; init; } = "";

    /// <summary>Fields with exactly these values.</summary>
    public IReadOnlyList<FieldValue> Fields { get; init; } = [];

    /// <summary>Exactly this record class.</summary>
    public string? RecordClass { get; init; }

    /// <summary>Exactly this text status.</summary>
    public TextStatus? TextStatus { get; init; }

    /// <summary>Carries all of these flags.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Carries all of these tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Withdrawn records alone, instead of all others.</summary>
    public bool Withdrawn { get; init; }

    /// <summary>Claimed at or after this instant.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Claimed before this instant.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Most records to return, not negative; null for all. With <see cref="Rank"/> never more than <see cref="MaxRanked"/>.</summary>
    public int? Limit { get; init; }

    /// <summary>Best match (BM25) first, then newest; every match is weighed, which takes long for common words. Without text it changes nothing.</summary>
    public bool Rank { get; init; }

    /// <summary>Whether records come by rank: <see cref="Rank"/>, where there is text to rank by.</summary>
    public bool IsRanked => Rank && !string.IsNullOrWhiteSpace(Text);

    /// <summary>Most records that come: <see cref="Limit"/>, of a ranking at most <see cref="MaxRanked"/>; null for all.</summary>
    public int? MostRecords => IsRanked ? Math.Min(Limit ?? MaxRanked, MaxRanked) : Limit;

    /// <summary>How to show where the text was found; null for no snippets.</summary>
    public SnippetStyle? Snippets { get; init; } = SnippetStyle.Plain;
}

/// <summary>A field and its value; both compared exactly.</summary>
public sealed record FieldValue(string Name, string Value)
{
    /// <summary>Another value that is found too: as somebody typed it, where records of before rules named the field hold it so. Null for none.</summary>
    public string? Or { get; init; }

    internal IReadOnlyList<string> Values => Or is null ? [Value] : [Value, Or];
}

/// <summary>How a snippet looks.</summary>
/// <param name="Before">Put before each hit.</param>
/// <param name="After">Put after each hit.</param>
/// <param name="MaxLength">Most characters of text, marks not counted; 20 to 2,000.</param>
public sealed record SnippetStyle(string Before, string After, int MaxLength)
{
    /// <summary>Hits in square brackets, 160 characters: two lines of a terminal.</summary>
    public static SnippetStyle Plain { get; } = new("[", "]", 160);
}

/// <summary>A record that was found.</summary>
/// <param name="Record">The head version's <c>record.json</c>.</param>
/// <param name="Version">Number of the head version.</param>
/// <param name="Snippet">Text around the first hit on its page; the beginning of the text where the hit is in a field, the file name or the title. Null where none was asked for.</param>
/// <param name="Score">BM25 weight, larger is better; null unless ranked.</param>
public sealed record FoundRecord(RecordDocument Record, int Version, string? Snippet, double? Score)
{
    /// <summary>The record's id.</summary>
    public RecordId Id => Record.Id;
}

/// <summary>A record's head version.</summary>
/// <param name="Record">Its <c>record.json</c>.</param>
/// <param name="Head">Its version.</param>
public sealed record ShownRecord(RecordDocument Record, RecordVersion Head);

/// <summary>The text of a query cannot be searched for; the message says why, for the person who typed it, without repeating it.</summary>
public sealed class QueryTextException(string message) : Exception(message);
