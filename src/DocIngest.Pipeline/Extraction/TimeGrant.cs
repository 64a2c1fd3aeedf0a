namespace DocIngest.Pipeline.Extraction;

/// <summary>What time is granted for. The third limit, the document's, bounds every grant.</summary>
internal enum TimeLimitKind
{
    /// <summary>Without a sign of progress.</summary>
    Stall,

    /// <summary>One program called by a worker.</summary>
    ExternalCall,

    /// <summary>OCR of one page.</summary>
    OcrPage,

    /// <summary>A searchable rendition, or a picture, of a document.</summary>
    Rendition,
}

/// <summary>A time granted under one limit: the configured one, or what is left of the document's.</summary>
/// <param name="Kind">The limit it is granted under.</param>
/// <param name="Requested">As configured.</param>
/// <param name="Granted">The lesser of <paramref name="Requested"/> and what is left of the document's limit.</param>
internal readonly record struct TimeGrant(TimeLimitKind Kind, TimeSpan Requested, TimeSpan Granted)
{
    /// <summary>Grants time under a limit.</summary>
    public static TimeGrant Of(TimeLimitKind kind, TimeSpan requested, TimeSpan remaining) =>
        new(kind, requested, remaining <= TimeSpan.Zero ? TimeSpan.Zero : requested < remaining ? requested : remaining);

    /// <summary>For notes and logs: tells the administrator which knob to turn.</summary>
    public override string ToString()
    {
        string limit = Kind switch
        {
            TimeLimitKind.Stall => "stall limit",
            TimeLimitKind.ExternalCall => "external call limit",
            TimeLimitKind.OcrPage => "OCR page limit",
            TimeLimitKind.Rendition => "rendition limit",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        string bound = Granted < Requested ? ", bounded by the document limit" : "";
        return $"{limit} requested={Requested:c} granted={Granted:c}{bound}";
    }
}
