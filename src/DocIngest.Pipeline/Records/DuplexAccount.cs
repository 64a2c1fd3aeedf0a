using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using DocIngest.Archive;

namespace DocIngest.Pipeline.Records;

/// <summary>How a document came whose sides were scanned one after the other, by a scanner that sees one side of a sheet.</summary>
/// <param name="BackOrder">In which order the backs came.</param>
/// <param name="Stacks">
/// Fronts before backs. With both, the record's pages are front and back of the first sheet, then of the second, and so on; with one, its pages are that stack.
/// </param>
public sealed record DuplexAccount(BackOrder BackOrder, IReadOnlyList<DuplexStack> Stacks)
{
    /// <summary>Whether both are there, or the other one may still come.</summary>
    public required DuplexState State { get; init; }

    /// <summary>Why it was not put together with another stack, in plain words, made by us; null where nothing stood in the way.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Fault { get; init; }

    /// <summary>Whether both stacks are there.</summary>
    [JsonIgnore]
    public bool HasBoth => Stacks.Count == 2;

    /// <summary>The digest that stands for the originals where a record is compared with others: of both stacks, or of the one there is.</summary>
    [JsonIgnore]
    public Sha512Digest Digest => HasBoth ? Both(new(Stacks[0].Sha512), new(Stacks[1].Sha512)) : new(Stacks[0].Sha512);

    /// <summary>The digest that stands for two stacks.</summary>
    public static Sha512Digest Both(Sha512Digest fronts, Sha512Digest backs) =>
        Sha512Digest.FromBytes(SHA512.HashData(Encoding.ASCII.GetBytes($"{fronts.Hex}\n{backs.Hex}\n")));

    /// <summary>The stack that a claim brought; null where it is none of them.</summary>
    public DuplexStack? Of(RecordId scan) => Stacks.FirstOrDefault(stack => stack.ScanId == scan);

    /// <summary>The number in the record of a page of one stack.</summary>
    /// <param name="side">Which stack.</param>
    /// <param name="page">Its page, from 1.</param>
    /// <param name="sheets">Pages of either stack.</param>
    public int NumberOf(StackSide side, int page, int sheets) => side switch
    {
        StackSide.Fronts => (2 * page) - 1,
        StackSide.Backs when BackOrder == BackOrder.Same => 2 * page,
        StackSide.Backs => 2 * (sheets + 1 - page),
        _ => throw new ArgumentOutOfRangeException(nameof(side)),
    };

    /// <summary>The account as people read it.</summary>
    public override string ToString() =>
        string.Join(" and ", Stacks.Select(stack => $"{stack.Pages} {stack.Side.ToWord()}"))
        + (HasBoth ? ", put together" : Fault is null ? $": the {Stacks[0].Side.Other().ToWord()} are missing" : $", not put together with other ones: {Fault}");
}

/// <summary>One stack of a document of two sides.</summary>
/// <param name="Side">What it shows.</param>
/// <param name="Pair">What its name shares with that of the other side; empty where names do not tell pairs.</param>
/// <param name="Original">The file of the record that holds it.</param>
/// <param name="ScanId">The claim that brought it.</param>
/// <param name="FileName">The scanner's file name, fit for reading.</param>
/// <param name="MediaType">Media type found by content.</param>
/// <param name="SizeBytes">Length of the file.</param>
/// <param name="Sha512">SHA-512 of the file, hexadecimal.</param>
/// <param name="Pages">Its pages.</param>
/// <param name="Identity">What makes a later scan a duplicate of this stack alone; as in <see cref="RecordDocument.Identity"/>.</param>
public sealed record DuplexStack(
    StackSide Side, string Pair, string Original, RecordId ScanId, string FileName, string MediaType, long SizeBytes, string Sha512, int Pages, string Identity);

/// <summary>Which side of its sheets a stack shows.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StackSide>))]
public enum StackSide
{
    /// <summary>The fronts.</summary>
    [JsonStringEnumMemberName("fronts")]
    Fronts,

    /// <summary>The backs.</summary>
    [JsonStringEnumMemberName("backs")]
    Backs,
}

/// <summary>What has become of the two stacks of a document.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DuplexState>))]
public enum DuplexState
{
    /// <summary>Both are there.</summary>
    [JsonStringEnumMemberName("whole")]
    Whole,

    /// <summary>One is there, and is put together with the other when that comes.</summary>
    [JsonStringEnumMemberName("awaited")]
    Awaited,

    /// <summary>One is there, and which is the other nobody can say: until a person has looked, stacks of the same folder are in doubt, too.</summary>
    [JsonStringEnumMemberName("doubtful")]
    Doubtful,

    /// <summary>One is there, and did not go together with the other that was there: the other still waits.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,
}

/// <summary>In which order backs come.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BackOrder>))]
public enum BackOrder
{
    /// <summary>The back of the last sheet comes first: the stack was turned over as a whole.</summary>
    [JsonStringEnumMemberName("reversed")]
    Reversed,

    /// <summary>In the order of their sheets.</summary>
    [JsonStringEnumMemberName("same")]
    Same,
}

/// <summary>The words for sides.</summary>
public static class StackSides
{
    /// <summary>The written form, lower case.</summary>
    public static string ToWord(this StackSide side) => side == StackSide.Fronts ? "fronts" : "backs";

    /// <summary>The other side.</summary>
    public static StackSide Other(this StackSide side) => side == StackSide.Fronts ? StackSide.Backs : StackSide.Fronts;
}
