using System.Security.Cryptography;
using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests;

/// <summary>
/// Reads a document of <see cref="IngestWorld.Document"/> as one page that waits for OCR; where it may take long, as the words it was made of, with a
/// rendition of them.
/// </summary>
internal sealed class LaterReader(IngestWorld world) : IExtractor
{
    /// <summary>Whether there is a tesseract.</summary>
    public bool HasOcr { get; set; } = true;

    /// <summary>Whether reading later gives something.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>Mean confidence of what OCR reads.</summary>
    public double ConfidencePercent { get; set; } = 91;

    /// <summary>Behind the words that are read later.</summary>
    public string Suffix { get; set; } = "";

    /// <summary>Called with what is read later, before it is.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    /// <summary>Requests that could take long.</summary>
    public List<ExtractionRequest> Long { get; } = [];

    /// <summary>Whether a document is read at once, and not as one that waits.</summary>
    public bool ReadsAtOnce { get; set; }

    /// <summary>Languages of which there are no packs.</summary>
    public IReadOnlyList<string> Missing { get; set; } = [];

    public static byte[] Rendition(string words) => Encoding.UTF8.GetBytes($"%PDF-1.5\nrendition of {words}\n%%EOF\n");

    public Task<bool> HasOcrAsync(IReadOnlyList<string> languages, CancellationToken cancellation) => Task.FromResult(HasOcr);

    public Task<IReadOnlyList<string>> MissingLanguagesAsync(IReadOnlyList<string> languages, CancellationToken cancellation) => Task.FromResult(Missing);

    public async Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
    {
        if (!request.MayTakeLong && !ReadsAtOnce)
        {
            return Waiting;
        }

        if (request.MayTakeLong)
        {
            lock (Long)
            {
                Long.Add(request);
            }
        }

        await Before();
        string words = IngestWorld.ReadText(world.Data, request.FilePath[(IngestWorld.DataPath.Length + 1)..]).Split('\n')[1] + Suffix;
        return Reads ? await ReadAsync(request, words, cancellation) : Waiting;
    }

    private static ExtractionResult Waiting { get; } = new(
        TextStatus.PendingOcr, new PageAccount(1, 0, 1, 0, 0), DocumentText.Empty, new Dictionary<string, string>(), [], "1 of 1 pages wait for OCR.");

    private async Task<ExtractionResult> ReadAsync(ExtractionRequest request, string words, CancellationToken cancellation)
    {
        var place = request.Rendition ?? throw new InvalidOperationException("A rendition is asked for.");
        byte[] content = Rendition(words);
        await using (var file = place.Folder.Create(place.Path))
        {
            await file.WriteAsync(content, cancellation);
        }

        return new ExtractionResult(
            TextStatus.Complete, new PageAccount(1, 1, 0, 0, 0), new DocumentText([new PageText(1, words, TextSource.Ocr, ConfidencePercent)]),
            new Dictionary<string, string>(), [new ToolVersion("ocr", "1")], null)
        {
            MissingLanguages = Missing,
            Rendition = new RenditionFile(place.Path, new Sha512Digest(Convert.ToHexStringLower(SHA512.HashData(content))), content.Length),
        };
    }
}
