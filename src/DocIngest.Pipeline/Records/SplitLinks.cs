namespace DocIngest.Pipeline.Records;

/// <summary>One of the records that a person divided a record into.</summary>
/// <param name="Id">It.</param>
/// <param name="Pages">Which pages it got, as <c>3-5,7</c>.</param>
public sealed record SplitPart(RecordId Id, string Pages);

/// <summary>What a person made a record of.</summary>
/// <param name="Record">The record that was divided, which is withdrawn since.</param>
/// <param name="Version">Which of its versions.</param>
/// <param name="Pages">Pages of that version, as <c>3-5,7</c>.</param>
public sealed record SplitOrigin(RecordId Record, int Version, string Pages);
