namespace DocIngest.Pipeline.Classification;

/// <summary>Where and by what words a condition held.</summary>
/// <param name="Condition">Its place in the rule, as <c>when[0]</c>; the name of the field where a field was found.</param>
/// <param name="Place">What was looked at.</param>
/// <param name="Page">The page, where there is one.</param>
/// <param name="Words">What stands there.</param>
public sealed record RuleHit(string Condition, Place Place, int? Page, string Words);

/// <summary>A condition of a rule, ready to look.</summary>
/// <param name="Path">Its place in the rule.</param>
/// <param name="Scope">The texts it looks at.</param>
/// <param name="Matchers">What it looks for.</param>
/// <param name="NeedsAll">Whether all must be found, or one.</param>
internal sealed record Condition(string Path, SearchScope Scope, IReadOnlyList<ITextMatcher> Matchers, bool NeedsAll)
{
    /// <summary>Where it holds; empty where it does not.</summary>
    /// <exception cref="OutOfTimeException">It took too long.</exception>
    public IReadOnlyList<RuleHit> Look(SearchedDocument document, Allowance allowance)
    {
        var hits = new List<RuleHit>();
        foreach (var matcher in Matchers)
        {
            if (FirstHit(matcher, document, allowance) is { } hit)
            {
                hits.Add(hit);
                if (!NeedsAll)
                {
                    return hits;
                }
            }
            else if (NeedsAll)
            {
                return [];
            }
        }

        return hits;
    }

    private RuleHit? FirstHit(ITextMatcher matcher, SearchedDocument document, Allowance allowance)
    {
        foreach (var text in Scope.Of(document))
        {
            if (matcher.Find(text, allowance) is { } span)
            {
                return new RuleHit(Path, text.Place, text.Page, text.Words(span));
            }
        }

        return null;
    }
}
