using DocIngest.Pipeline.Extraction.Cleaning;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child;

/// <summary>Where a reader puts what it finds, in order: <see cref="Open"/> once, then each page once.</summary>
internal interface IPageSink
{
    /// <summary>Embedded metadata.</summary>
    MetadataEntries Metadata { get; }

    /// <summary>The document could be opened.</summary>
    void Open(int pages);

    /// <summary>The next page; its text is cleaned here.</summary>
    /// <param name="fate">Where it goes.</param>
    /// <param name="text">What it has itself.</param>
    /// <param name="source">Where that is from.</param>
    /// <param name="reason">Why that is not enough.</param>
    void Add(PageFate fate, string text, TextSource source, OcrReason? reason = null);
}

/// <summary>Text was added beyond the document's limit.</summary>
internal sealed class TooMuchTextException() : Exception("More text than the limit allows.");
