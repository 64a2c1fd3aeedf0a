namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>Where OCR puts what it finds.</summary>
internal interface IOcrSink
{
    /// <summary>OCR turns to a page, once more maybe. The parent gives it time from now on, and blames it for what happens.</summary>
    void Turn(int number);

    /// <summary>The same, for a page that was read already, and badly: if it is lost now, the parent asks for it with one look.</summary>
    void LookAgain(int number);

    /// <summary>A page is done, in ascending order; its text is cleaned here.</summary>
    void Add(int number, PageFate fate, string text, WorkerOcr? ocr);

    /// <summary>A page's bar codes were read, in ascending order of pages; null: they could not be, for the reason that <paramref name="fate"/> gives.</summary>
    void AddBarCodes(int number, PageFate fate, IReadOnlyList<WorkerBarCode>? codes);
}
