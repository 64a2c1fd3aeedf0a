namespace DocIngest.Pipeline.Pages;

/// <summary>The account of a scan's pages: each is in exactly one place.</summary>
/// <param name="In">Pages of the scan.</param>
/// <param name="Filed">Pages of its documents.</param>
/// <param name="Separators">Separator sheets that are left out.</param>
/// <param name="DiscardedBlanks">Blank pages that are left out.</param>
public sealed record PageSums(int In, int Filed, int Separators, int DiscardedBlanks)
{
    /// <summary>Whether no page is missing, and none counted twice.</summary>
    public bool AddsUp => In == Filed + Separators + DiscardedBlanks;
}
