namespace DocIngest.Pipeline.Extraction.Child;

/// <summary>A format's reader. Runs in a worker; may throw anything but must not call what it cannot read blank.</summary>
internal interface IDocumentReader
{
    /// <summary>Reads a document.</summary>
    /// <returns>How it ended. An exception means <see cref="ReadingFate.Damaged"/> where nothing was opened.</returns>
    ReadingFate Read(WorkerRequest request, IPageSink pages);
}
