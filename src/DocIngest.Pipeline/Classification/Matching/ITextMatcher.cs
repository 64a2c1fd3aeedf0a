namespace DocIngest.Pipeline.Classification;

/// <summary>Finds one thing in texts. Holds no state: one matcher serves all documents at once.</summary>
internal interface ITextMatcher
{
    /// <summary>The first hit at or after a place of the original; null where there is none.</summary>
    /// <exception cref="OutOfTimeException">It took too long.</exception>
    Span? Find(SearchedText text, int from, Allowance allowance);
}
