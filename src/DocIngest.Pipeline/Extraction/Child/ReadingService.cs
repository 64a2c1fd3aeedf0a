using System.Diagnostics;
using System.Reflection;
using DocIngest.Pipeline.Extraction.Child.BarCodes;
using DocIngest.Pipeline.Extraction.Child.Cuts;
using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Extraction.Child.Renditions;
using DocIngest.Pipeline.Extraction.Images;
using DocIngest.Pipeline.Extraction.Pdf;
using DocIngest.Pipeline.Extraction.Cleaning;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child;

/// <summary>The main loop of a worker: greet, then read one document after another.</summary>
internal sealed class ReadingService(RequestWatch requests, MessageWriter output, WorkerCell cell, string? scratchFolder)
{
    // Garbage of a large document, seen before the next one: collecting it is much cheaper than a fresh, cold worker.
    private const long CollectAbovePrivateBytes = 128L << 20;

    private static readonly ToolVersion PdfTool = Describe("PdfPig", typeof(UglyToad.PdfPig.PdfDocument).Assembly);
    private static readonly ToolVersion ImageTool = Describe("MetadataExtractor", typeof(MetadataExtractor.ImageMetadataReader).Assembly);

    private readonly PdfReader _pdf = new();
    private readonly ImageReader _images = new();
    private ScratchFolder? _scratch;   // opened when it is first needed: with it comes a library of images that takes memory and time to load
    private OcrReader? _ocr;
    private int? _madePages;           // of the request at work, where it cuts or puts together

    /// <summary>Reads until there are no more requests.</summary>
    public void Run()
    {
        output.Write(new WorkerMessage
        {
            Hello = new WorkerHello(WorkerProtocol.Version, cell.Confinement, cell.Enforced, [PdfTool, ImageTool]),
        });
        while (requests.Next() is { } request)
        {
            var result = Read(request);
            output.Write(new WorkerMessage { Result = result });
            if (result.Fate == ReadingFate.OutOfMemory)
            {
                return;   // what else was lost with the memory nobody knows
            }
        }
    }

    private WorkerResult Read(WorkerRequest request)
    {
        var pages = new PageOutput(request, output);
        _madePages = null;
        var fate = ReadGuarded(request, pages);
        bool isPdf = request.Format == FileFormat.Pdf;
        if (request.Ocr is { } task)
        {
            return new WorkerResult(fate, pages.Metadata.Entries, OcrTools.Of(task), MeasureMemory());
        }

        if (request.BarCodes is { } barCodes)
        {
            return new WorkerResult(fate, pages.Metadata.Entries, ZbarImg.Tools(barCodes.ZbarImg), MeasureMemory());
        }

        if (request.Cut is { } cut)
        {
            return new WorkerResult(fate, pages.Metadata.Entries, QpdfTool.Of(cut.Qpdf), MeasureMemory()) { CutPages = _madePages };
        }

        if (request.Collation is { } collation)
        {
            return new WorkerResult(fate, pages.Metadata.Entries, QpdfTool.Of(collation.Qpdf), MeasureMemory()) { CutPages = _madePages };
        }

        if (request.Rendition is { } rendition)
        {
            return new WorkerResult(fate, pages.Metadata.Entries, QpdfTool.Of(rendition.Qpdf), MeasureMemory());
        }

        ToolVersion[] tools = !isPdf ? [ImageTool] : pages.Metadata.Entries.Keys.Any(PdfMetadata.IsXmp) ? [PdfTool, ImageTool] : [PdfTool];
        return new WorkerResult(fate, pages.Metadata.Entries, tools, MeasureMemory());
    }

    private ReadingFate ReadGuarded(WorkerRequest request, PageOutput pages)
    {
        if (TryOpen(request.Path) is not { } opened)
        {
            return ReadingFate.Unopened;
        }

        using var file = opened;
        output.Write(new WorkerMessage { Begun = true });   // before the parser: see there
        try
        {
            if (request.Ocr is { } task)
            {
                Ocr().Read(file, request, task, pages);
                return ReadingFate.Read;
            }

            if (request.BarCodes is { } barCodes)
            {
                new BarCodeReader(Scratch()).Read(file, request, barCodes, pages);
                return ReadingFate.Read;
            }

            if (request.Rendition is { } rendition)
            {
                return new RenditionMaker(Scratch()).Make(file, request, rendition);
            }

            if (request.Cut is { } cut)
            {
                (var fate, _madePages) = new CutMaker(Scratch()).Make(file, request, cut);
                return fate;
            }

            if (request.Collation is { } collation)
            {
                (var fate, _madePages) = new CollationMaker(Scratch()).Make(file, request, collation);
                return fate;
            }

            if (request.Thumbnail is { } thumbnail)
            {
                return new ThumbnailMaker(Scratch()).Make(file, request, thumbnail);
            }

            return ReaderFor(request.Format).Read(file, request, pages);
        }
        catch (OutOfMemoryException)
        {
            return ReadingFate.OutOfMemory;
        }
        catch (TooMuchTextException)
        {
            return ReadingFate.TooMuchText;
        }
#pragma warning disable CA1031 // Edge of one scan: a parser may throw anything, and what it says quotes the document.
        catch (Exception)
        {
            return pages.FailRest() ? ReadingFate.Read : ReadingFate.Damaged;
        }
#pragma warning restore CA1031
    }

    private OcrReader Ocr() => _ocr ??= new OcrReader(Scratch());

    private ScratchFolder Scratch()
    {
        if (_scratch is null)
        {
            string folder = scratchFolder ?? throw new InvalidOperationException("A worker without a scratch folder cannot write.");
            ImageDecoder.Confine(folder);
            _scratch = new ScratchFolder(folder);
        }

        return _scratch;
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A format without a reader is a fault of the program, not of the document.
    private IDocumentReader ReaderFor(FileFormat format) => format switch
    {
        FileFormat.Pdf => _pdf,
        FileFormat.Tiff or FileFormat.Jpeg or FileFormat.Png or FileFormat.Bmp or FileFormat.Gif or FileFormat.WebP or FileFormat.Heic
            or FileFormat.Jpeg2000 => _images,
        _ => throw new UnreachableException(),
    };

    private long MeasureMemory()
    {
        long bytes = cell.PrivateBytes();
        if (bytes > CollectAbovePrivateBytes)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            bytes = cell.PrivateBytes();
        }

        return bytes;
    }

    private static ToolVersion Describe(string name, Assembly assembly)
    {
        string version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString() ?? "unknown";
        return new ToolVersion(name, version.Split('+')[0]);   // without the build's commit
    }

    /// <summary>Sends pages as they come and keeps the limits on text.</summary>
    private sealed class PageOutput(WorkerRequest request, MessageWriter output) : IPageSink, IOcrSink
    {
        private int _total = -1;
        private int _number;
        private long _textChars;

        public MetadataEntries Metadata { get; } = new();

        public void Open(int pages)
        {
            _total = pages;
            output.Write(new WorkerMessage { Opened = new WorkerOpened(pages) });
        }

        public void Add(PageFate fate, string text, TextSource source, OcrReason? reason = null) =>
            Add(new WorkerPage(++_number, fate, text, source) { OcrReason = reason });

        public void Turn(int number) => output.Write(new WorkerMessage { Turn = number });

        public void LookAgain(int number) => output.Write(new WorkerMessage { Again = number });

        public void Add(int number, PageFate fate, string text, WorkerOcr? ocr)
        {
            _number++;
            Add(new WorkerPage(number, fate, text, ocr is null ? TextSource.None : TextSource.Ocr) { Ocr = ocr });
        }

        public void AddBarCodes(int number, PageFate fate, IReadOnlyList<WorkerBarCode>? codes)
        {
            _number++;
            Add(new WorkerPage(number, fate, "", TextSource.None) { BarCodes = codes });
        }

        private void Add(WorkerPage page)
        {
            string text = page.Text;
            string clean = PlainText.Clean(text);
            if (clean.Length > request.MaxPageTextChars || _textChars + clean.Length > request.MaxTextChars)
            {
                throw new TooMuchTextException();
            }

            _textChars += clean.Length;
            output.Write(new WorkerMessage { Page = page with { Text = clean } });
        }

        /// <summary>The document broke in the middle: what was announced and did not come has failed.</summary>
        /// <returns>False where nothing was announced.</returns>
        public bool FailRest()
        {
            if (request.Asked is { } asked)
            {
                foreach (int number in asked.Skip(_number).ToList())
                {
                    Add(number, PageFate.Failed, "", null);
                }

                return true;
            }

            while (_number < Math.Min(_total, request.MaxPages))
            {
                Add(PageFate.Failed, "", TextSource.None);
            }

            return _total >= 0 && _number == _total;
        }
    }
}
