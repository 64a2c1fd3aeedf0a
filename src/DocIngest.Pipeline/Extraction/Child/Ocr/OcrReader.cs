using DocIngest.Pipeline.Formats;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>Reads the asked pages of a document by OCR: makes their images, prepares them, has them read, and looks twice at what was read badly.</summary>
internal sealed class OcrReader(ScratchFolder scratch)
{
    /// <summary>Reads pages. One that cannot be shown or read has failed; the others are read all the same.</summary>
    public void Read(FileStream file, WorkerRequest request, OcrTask task, IOcrSink sink)
    {
        using var pages = Open(file, request, task);
        var work = task.Pages.Select(number => new PageWork(number)).ToList();
        var tesseract = new Tesseract(task, scratch);
        try
        {
            foreach (var page in work)
            {
                sink.Turn(page.Number);
                Prepare(page, pages);
            }

            Recognise(work, tesseract, sink);
            foreach (var page in work)
            {
                Send(page, sink);
            }
        }
        finally
        {
            foreach (var page in work.Where(page => page.Prepared is not null))
            {
                ScratchFolder.Remove(page.Prepared!.File);   // filtered above
            }
        }
    }

    private IPageImages Open(FileStream file, WorkerRequest request, OcrTask task) => request.Format == FileFormat.Pdf
        ? new PdfPages(file, request, task, scratch)
        : new ImageFilePages(file, request);

    private void Prepare(PageWork page, IPageImages pages)
    {
        try
        {
            using var image = pages.Load(page.Number);
            page.Prepared = PagePreparation.Prepare(image, scratch.NewName("tif"));
            page.Fate = page.Prepared is null ? PageFate.Blank : PageFate.Text;
        }
#pragma warning disable CA1031 // One page's damage must not cost the others; what a decoder says quotes the page.
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            page.Fate = PageFate.Failed;
        }
#pragma warning restore CA1031
    }

    private static void Recognise(List<PageWork> work, Tesseract tesseract, IOcrSink sink)
    {
        var readable = work.Where(page => page.Prepared is not null).ToList();
        IReadOnlyList<TesseractWord>?[] words;
        try
        {
            words = tesseract.Read([.. readable.Select(page => page.Prepared!.File)], place => sink.Turn(readable[place].Number));
        }
        catch (TesseractFailedException)
        {
            readable.ForEach(page => page.Fate = PageFate.PendingOcr);   // that is not the pages' fault: they wait until it is mended
            return;
        }

        foreach (var (page, found) in readable.Zip(words))
        {
            page.Finding = found is null ? null : new PageFinding(page.Prepared!, found);
            page.Fate = found is null ? PageFate.Failed : found.Count == 0 ? PageFate.Wordless : PageFate.Text;
        }
    }

    private static void Send(PageWork page, IOcrSink sink)
    {
        if (page is { Fate: PageFate.Text, Finding: { } finding })
        {
            sink.Add(page.Number, PageFate.Text, finding.ToText(), new WorkerOcr(Math.Round(finding.ConfidencePercent, 1), finding.ToLayout()));
        }
        else
        {
            sink.Add(page.Number, page.Fate, "", null);
        }
    }

    /// <summary>One page on its way.</summary>
    private sealed class PageWork(int number)
    {
        public int Number { get; } = number;

        public PageFate Fate { get; set; } = PageFate.Failed;

        public PreparedPage? Prepared { get; set; }

        public PageFinding? Finding { get; set; }
    }
}
