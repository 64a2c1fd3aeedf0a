using DocIngest.Pipeline.Extraction.Text;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Reading;

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

/// <summary>A format's reader. Runs in a worker; may throw anything but must not call what it cannot read blank.</summary>
internal interface IDocumentReader
{
    /// <summary>Reads a document.</summary>
    /// <returns>How it ended. An exception means <see cref="ReadingFate.Damaged"/> where nothing was opened.</returns>
    ReadingFate Read(WorkerRequest request, IPageSink pages);
}

/// <summary>Text was added beyond the document's limit.</summary>
internal sealed class TooMuchTextException() : Exception("More text than the limit allows.");
