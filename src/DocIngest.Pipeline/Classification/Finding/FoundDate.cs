namespace DocIngest.Pipeline.Classification;

/// <summary>A date found in a document.</summary>
/// <param name="Day">The day.</param>
/// <param name="Text">Where it stands.</param>
/// <param name="Span">At which place there.</param>
/// <param name="Words">The words it came from: what stands before it on the line, and the date as written.</param>
/// <param name="IsAmbiguous">Day and month could be the other way round: the order decided.</param>
internal sealed record FoundDate(DateOnly Day, SearchedText Text, Span Span, string Words, bool IsAmbiguous);
