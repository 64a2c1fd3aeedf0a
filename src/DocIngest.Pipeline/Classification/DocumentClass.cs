using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Classification;

/// <summary>What sidecar, rules and profile together say of a document.</summary>
public sealed record DocumentClass
{
    /// <summary>The record class; null where neither sidecar nor rules give one.</summary>
    public string? RecordClass { get; init; }

    /// <summary>The title; null where no rule gives one.</summary>
    public string? Title { get; init; }

    /// <summary>Words to find it by, sorted.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>What must catch the eye, sorted.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Fields by name.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where each field came from, by its name.</summary>
    public IReadOnlyDictionary<string, FieldEvidence> Evidence { get; init; } = new SortedDictionary<string, FieldEvidence>(StringComparer.Ordinal);

    /// <summary>Codes of supplied vocabularies, in the order of pages.</summary>
    public IReadOnlyList<FoundCode> Codes { get; init; } = [];

    /// <summary>False where the identity check failed: the document must not become a version of any record.</summary>
    public bool IsAssigned { get; init; } = true;

    /// <summary>Names one document; null where nothing gives a key.</summary>
    public string? DocumentKey { get; init; }

    /// <summary>The language, a BCP 47 tag; null where unknown.</summary>
    public string? Language { get; init; }

    /// <summary>Rules that took too long and were left out, and why the identity check failed, in words without anything of the document.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What each rule did, for <c>rules test</c>; empty otherwise.</summary>
    public IReadOnlyList<RuleStep> Steps { get; init; } = [];
}

/// <summary>What a rule did with a document.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Outcome">Whether it held.</param>
/// <param name="Hits">Where its conditions held; also some of a rule that did not hold as a whole.</param>
/// <param name="Said">What it said.</param>
public sealed record RuleStep(string Rule, RuleOutcome Outcome, IReadOnlyList<RuleHit> Hits, IReadOnlyList<RuleStatement> Said);

/// <summary>How a rule ended.</summary>
public enum RuleOutcome
{
    /// <summary>It held.</summary>
    Matched,

    /// <summary>It did not hold.</summary>
    NotMatched,

    /// <summary>It is for other profiles.</summary>
    OtherProfile,

    /// <summary>It took too long and was left out.</summary>
    OutOfTime,
}

/// <summary>One thing a rule said of a document.</summary>
/// <param name="What"><c>recordClass</c>, <c>title</c>, <c>documentKey</c>, <c>tag</c>, <c>flag</c> or a field's name.</param>
/// <param name="Value">What it is; null for a field that was not found, or a key that lacks one.</param>
/// <param name="Place">Where a field was found.</param>
/// <param name="Page">On which page.</param>
/// <param name="Words">By which words.</param>
/// <param name="OverriddenBy"><c>sidecar</c>, or the earlier rule that counts instead; null where this counts.</param>
public sealed record RuleStatement(string What, string? Value, Place? Place = null, int? Page = null, string? Words = null, string? OverriddenBy = null);
