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
    void Add(PageFate fate, string text, TextSource source);
}

/// <summary>Text was added beyond the document's limit.</summary>
internal sealed class TooMuchTextException() : Exception("More text than the limit allows.");
