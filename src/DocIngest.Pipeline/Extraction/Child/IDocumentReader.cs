namespace DocIngest.Pipeline.Extraction.Child;

/// <summary>A format's reader. Runs in a worker; may throw anything but must not call what it cannot read blank.</summary>
internal interface IDocumentReader
{
    /// <summary>Reads a document.</summary>
    /// <param name="file">At its begin; the caller closes it.</param>
    /// <param name="request">For its format and limits.</param>
    /// <param name="pages">Takes what is read.</param>
    /// <returns>How it ended. An exception means <see cref="ReadingFate.Damaged"/> where nothing was opened.</returns>
    ReadingFate Read(FileStream file, WorkerRequest request, IPageSink pages);
}
