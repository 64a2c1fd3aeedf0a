using System.Text.Json.Serialization;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Holds;

/// <summary>Every hold there ever was (<c>holds.json</c>; docs/formats/holds.md).</summary>
/// <param name="Holds">By number.</param>
internal sealed record HoldsDocument([property: JsonRequired] IReadOnlyList<Hold> Holds)
{
    public const string CurrentFormat = "docingest-holds/1";
    public const string FileName = "holds.json";
    public const int MostBytes = 64 << 20;

    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = CurrentFormat;

    /// <summary>One more with each change, also where an older register was restored and brought up to date: tells which of two is newer.</summary>
    public int Revision { get; init; }

    public static HoldsDocument None { get; } = new([]);

    public HoldsDocument With(Hold changed) => this with { Holds = [.. Holds.Select(hold => hold.Number == changed.Number ? changed : hold)] };
}

/// <summary>What two people sign to release a hold (<c>release/hold-N.json</c>).</summary>
/// <param name="Hold">Which: <c>hold-1</c>.</param>
/// <param name="Title">What people call it.</param>
/// <param name="PlacedAt">Since when it holds.</param>
/// <param name="Reason">Why it is released.</param>
/// <param name="AskedBy">Who asks, of the register of people.</param>
/// <param name="AskedAt">When, UTC.</param>
internal sealed record ReleaseStatement(string Hold, string Title, DateTimeOffset PlacedAt, string Reason, string AskedBy, DateTimeOffset AskedAt)
{
    [JsonPropertyOrder(-2)]
    public string Format { get; init; } = "docingest-hold-release/1";

    [JsonPropertyOrder(-1)]
    public string Statement { get; init; } = "This legal hold ends: what it covered may be destroyed when its retention schedule says so.";
}

/// <summary>How the register is written.</summary>
[JsonSerializable(typeof(HoldsDocument))]
[JsonSerializable(typeof(HoldsCopy))]
[JsonSerializable(typeof(ReleaseStatement))]
internal sealed partial class HoldsJson : JsonSerializerContext
{
    public static HoldsJson Instance { get; } = new(SystemDocumentJson.CreateOptions());
}
