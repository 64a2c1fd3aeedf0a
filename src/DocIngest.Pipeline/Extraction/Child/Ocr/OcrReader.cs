using DocIngest.Pipeline.Extraction.Images;
using DocIngest.Pipeline.Formats;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>Reads the asked pages of a document by OCR: makes their images, prepares them, has them read, and looks twice at what was read badly.</summary>
internal sealed class OcrReader(ScratchFolder scratch)
{
    // Upright, a page that was read on its side gives words in their places: that is worth a letter or two.
    private const double AsGood = 0.95;

    /// <summary>Reads pages. One that cannot be shown or read has failed; the others are read all the same.</summary>
    public void Read(FileStream file, WorkerRequest request, OcrTask task, IOcrSink sink)
    {
        using var pages = Open(file, request, task.PdfToPpm, scratch);
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
            foreach (var page in work.Where(page => !task.LooksOnce && (page.Finding is { IsDoubtful: true } or { IsSmall: true } or { IsOnItsSide: true })))
            {
                sink.LookAgain(page.Number);
                LookAgain(page, pages, tesseract, sink);
            }

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

    /// <summary>The pages of a document as images.</summary>
    public static IPageImages Open(FileStream file, WorkerRequest request, string? pdfToPpm, ScratchFolder scratch) => request.Format == FileFormat.Pdf
        ? new PdfPages(file, request, pdfToPpm, scratch)
        : new ImageFilePages(file, request);

    private void Prepare(PageWork page, IPageImages pages)
    {
        try
        {
            using var image = pages.Load(page.Number);
            bool mayBeBlank = !image.HoldsMoreThanWhite;
            page.IsDamaged = image.IsDamaged;
            page.Prepared = PagePreparation.Prepare(image, scratch.NewName("tif"));
            page.Fate = page.Prepared is not null ? PageFate.Text : mayBeBlank ? PageFate.Blank : PageFate.Failed;
        }
        catch (PageNotShownException)
        {
            page.Fate = PageFate.PendingOcr;
        }
        catch (Exception error) when (error is TooManyPixelsException or PageTooLargeException)
        {
            page.Fate = PageFate.TooLarge;
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
            page.Fate = found is null ? PageFate.OcrDied : found.Count == 0 ? PageFate.Wordless : PageFate.Text;
        }
    }

    // A page that lies on its side reads as noise; so does print that is hardly darker than its paper.
    private void LookAgain(PageWork page, IPageImages pages, Tesseract tesseract, IOcrSink sink)
    {
        if (page.Prepared is not { } prepared)
        {
            return;
        }

        if (page.Finding is { IsSmall: true, WordPixels: var pixels })
        {
            Try((image, file) => PagePreparation.PrepareEnlarged(image, file, pixels));
        }

        if (page.Finding is { IsDoubtful: true } or { IsOnItsSide: true } && tesseract.FindTurn(prepared.File) is > 0 and { } turn)
        {
            Try((image, file) => PagePreparation.PrepareTurned(image, file, turn), page.Finding.IsOnItsSide ? AsGood : 1);
        }

        if (page.Finding is { IsDoubtful: true })
        {
            Try(PagePreparation.PrepareStrengthened);
        }

        void Try(Func<PageImage, string, PreparedPage> prepare, double shareOfYield = 1)
        {
            string file = scratch.NewName("tif");
            try
            {
                sink.LookAgain(page.Number);
                using var image = pages.Load(page.Number);
                var again = prepare(image, file);
                if (tesseract.Read([file], _ => sink.LookAgain(page.Number))[0] is { } words && new PageFinding(again, words) is var finding && finding.Yield > shareOfYield * (page.Finding?.Yield ?? 0))
                {
                    page.Finding = finding;
                    page.Fate = PageFate.Text;
                }
            }
#pragma warning disable CA1031 // What the first look found stands; what a decoder says quotes the page.
            catch (Exception error) when (error is not OutOfMemoryException)
            {
            }
#pragma warning restore CA1031
            finally
            {
                ScratchFolder.Remove(file);
            }
        }
    }

    private static void Send(PageWork page, IOcrSink sink)
    {
        if (page is { Fate: PageFate.Text, Finding: { } finding })
        {
            sink.Add(page.Number, PageFate.Text, finding.ToText(), new WorkerOcr(Math.Round(finding.ConfidencePercent, 1), finding.ToLayout(), page.IsDamaged));
        }
        else
        {
            // Nothing was seen: that is an answer only where everything could be seen.
            bool isUnknown = page is { IsDamaged: true, Fate: PageFate.Blank or PageFate.Wordless };
            sink.Add(page.Number, isUnknown ? PageFate.Failed : page.Fate, "", null);
        }
    }

    /// <summary>One page on its way.</summary>
    private sealed class PageWork(int number)
    {
        public int Number { get; } = number;

        public PageFate Fate { get; set; } = PageFate.Failed;

        public bool IsDamaged { get; set; }

        public PreparedPage? Prepared { get; set; }

        public PageFinding? Finding { get; set; }
    }
}
