namespace DocIngest.Pipeline.Classification;

/// <summary>Finds one thing in texts. Holds no state: one matcher serves all documents at once.</summary>
internal interface ITextMatcher
{
    /// <summary>The first hit, as it stands in the original; null where there is none.</summary>
    /// <exception cref="OutOfTimeException">It took too long.</exception>
    Span? Find(SearchedText text, Allowance allowance);
}
