namespace DocIngest.Pipeline.Extraction.Renditions;

/// <summary>How large a searchable rendition may be.</summary>
internal static class RenditionSize
{
    private const double Share = 1.15;
    private const long AllowanceBytes = 50_000;

    /// <summary>That of an original.</summary>
    public static long Most(long originalBytes) => (long)(originalBytes * Share) + AllowanceBytes;
}
