using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.Holds;

/// <summary>A legal hold: what it covers may not be destroyed, whatever its schedule says. It has no end of its own.</summary>
/// <param name="Number">From 1, never used again.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Reason">Why it was placed: the matter, the court, the mandate.</param>
/// <param name="Scope">What it covers.</param>
/// <param name="PlacedAt">Since when, UTC.</param>
/// <param name="By">Who placed it.</param>
/// <param name="Account">The account as a URI.</param>
public sealed record Hold(
    [property: JsonRequired] int Number, [property: JsonRequired] string Title, [property: JsonRequired] string Reason, [property: JsonRequired] HoldScope Scope,
    DateTimeOffset PlacedAt, string By, string Account)
{
    /// <summary>That its release was asked for; null where it was not. It holds until somebody else has agreed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HoldSignature? Asked { get; init; }

    /// <summary>Why it is to be released, as whoever asked said; null where nobody has asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReleaseReason { get; init; }

    /// <summary>That another person agreed to the release; null while it holds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HoldSignature? Released { get; init; }

    /// <summary>Whether it holds.</summary>
    [JsonIgnore]
    public bool IsInForce => Released is null;

    /// <summary>What it is called in files and the audit.</summary>
    [JsonIgnore]
    public string Id => $"hold-{Number}";
}

/// <summary>A person's signature below the release of a hold, over the statement that is kept beside the register.</summary>
/// <param name="Person">Who, of the register of people.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Account">The account as a URI.</param>
public sealed record HoldSignature(string Person, DateTimeOffset At, string Account);

/// <summary>What a hold covers. Closed: only the cases below exist.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Records), "records")]
[JsonDerivedType(typeof(Query), "query")]
[JsonDerivedType(typeof(Field), "field")]
[JsonDerivedType(typeof(Class), "class")]
public abstract record HoldScope
{
    private HoldScope()
    {
    }

    /// <summary>Certain records.</summary>
    public sealed record Records(HoldMembers Members) : HoldScope;

    /// <summary>The records that a search found when the hold was placed, and no others.</summary>
    /// <param name="Text">What was searched for.</param>
    /// <param name="Members">What was found.</param>
    public sealed record Query(string Text, HoldMembers Members) : HoldScope;

    /// <summary>Every record that has or ever had this value, those too that are yet to come.</summary>
    /// <param name="Name">The field, such as <c>patientId</c>.</param>
    /// <param name="Value">Compared by letters and digits alone, without case: a hold covers too much rather than too little.</param>
    public sealed record Field(string Name, string Value) : HoldScope;

    /// <summary>Every record that is or ever was of this class, those too that are yet to come.</summary>
    public sealed record Class(string Name) : HoldScope;

    /// <summary>The records that were listed when the hold was placed; null where it goes by what records say.</summary>
    [JsonIgnore]
    public HoldMembers? Listed => this switch
    {
        Records records => records.Members,
        Query query => query.Members,
        _ => null,
    };
}

/// <summary>A list of records, in a file of its own: bare ids, one a line, in order.</summary>
/// <param name="File">The file.</param>
/// <param name="Count">How many.</param>
/// <param name="Sha512">Of the file.</param>
public sealed record HoldMembers([property: JsonRequired] string File, [property: JsonRequired] int Count, [property: JsonRequired] string Sha512);
