using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Renditions;

/// <summary>What came of a searchable rendition. Closed: only the cases below exist.</summary>
internal abstract record RenditionOutcome
{
    private RenditionOutcome()
    {
    }

    /// <summary>OCR read no word, or nobody asked for one.</summary>
    internal sealed record NotNeeded : RenditionOutcome;

    /// <summary>It is in the staging folder.</summary>
    /// <param name="File">Where.</param>
    /// <param name="Tools">Those that took part.</param>
    /// <param name="Shown">The pages of the original that it shows, ascending; null: all.</param>
    internal sealed record Made(RenditionFile File, IReadOnlyList<ToolVersion> Tools, IReadOnlyList<int>? Shown) : RenditionOutcome;

    /// <summary>There is none. It can be made later from the original and <c>text.json</c>.</summary>
    /// <param name="Reason">In plain words, made by us.</param>
    internal sealed record NotMade(string Reason) : RenditionOutcome;
}
