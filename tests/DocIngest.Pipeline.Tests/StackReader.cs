using System.Security.Cryptography;
using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests;

/// <summary>
/// Reads a document of <see cref="IngestWorld.Document"/> as a stack: pages are divided by <c>|</c>, a page <c>[X]</c> shows the bar code X and no words, an
/// empty one is blank, and one of <c>?</c> alone has bar codes that cannot be read. Cuts it, and puts it together with another, the same way.
/// </summary>
internal sealed class StackReader(IngestWorld world) : IExtractor, IPageCutter
{
    /// <summary>Documents that were read page by page.</summary>
    public int ReadCount { get; private set; }

    /// <summary>Parts that were cut.</summary>
    public int CutCount { get; private set; }

    /// <summary>Says that nothing can be cut.</summary>
    public CutRefusal? Refusal { get; set; }

    public bool CanCut { get; set; } = true;

    /// <summary>Happens while two stacks are put together.</summary>
    public Action WhenCollating { get; set; } = () => { };

    /// <summary>Behind the words of each page.</summary>
    public string Suffix { get; set; } = "";

    public Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
    {
        string[] pages = Pages(request.FilePath);
        if (request.Known is { } known && known.Facts.Count == pages.Length)
        {
            return Task.FromResult(Result(known.Text, known.Facts) with { BarCodes = known.BarCodes });
        }

        ReadCount++;
        List<PageFacts> facts = [.. pages.Select((page, at) => new PageFacts(at + 1, ContentOf(page), CodesOf(page, at + 1)))];
        return Task.FromResult(Result(new DocumentText([.. pages.Select((page, at) => new PageText(at + 1, CodesOf(page, 0) is [] && page.Length > 0 ? page + Suffix : "", TextSource.Layer))]), facts));
    }

    public async Task<CutOutcome> CutAsync(CutRequest request, CancellationToken cancellation)
    {
        if (Refusal is { } refusal)
        {
            return new CutOutcome.Refused(refusal);
        }

        CutCount++;
        string[] whole = Pages(request.FilePath);
        return await MakeAsync(request.Place, [.. request.Pages.Select(page => whole[page - 1])], cancellation);
    }

    public async Task<CutOutcome> CollateAsync(CollationRequest request, CancellationToken cancellation)
    {
        if (Refusal is { } refusal)
        {
            return new CutOutcome.Refused(refusal);
        }

        WhenCollating();
        var (fronts, backs) = (Pages(request.FrontsPath), Pages(request.BacksPath));
        Assert.Equal((request.Sheets, request.Sheets), (fronts.Length, backs.Length));
        var ordered = request.BackOrder == BackOrder.Reversed ? backs.Reverse() : backs;
        return await MakeAsync(request.Place, [.. fronts.Zip(ordered).SelectMany(sheet => new[] { sheet.First, sheet.Second })], cancellation);
    }

    private static async Task<CutOutcome> MakeAsync(RenditionPlace place, string[] pages, CancellationToken cancellation)
    {
        byte[] content = IngestWorld.Document(string.Join('|', pages));
        var (folder, path) = (place.Folder, place.Path);
        folder.Delete(path);
        await using (var file = folder.Create(path))
        {
            await file.WriteAsync(content, cancellation);
        }

        var digest = new Sha512Digest(Convert.ToHexStringLower(SHA512.HashData(content)));
        return new CutOutcome.Made(new RenditionFile(path, digest, content.Length), pages.Length, []);
    }

    private static ExtractionResult Result(DocumentText text, IReadOnlyList<PageFacts> facts)
    {
        int blank = facts.Count(page => page.Content == PageContent.Blank);
        bool isComplete = facts.All(page => page.BarCodes is not null);
        return new ExtractionResult(
            TextStatus.Complete, new PageAccount(facts.Count, facts.Count - blank, 0, blank, 0), text, new Dictionary<string, string>(), [], null)
        {
            PageFacts = facts,
            BarCodes = new BarCodeReading([.. facts.SelectMany(page => page.BarCodes ?? [])], isComplete, isComplete ? null : "Some were not read."),
        };
    }

    private static PageContent ContentOf(string page) => page.Length == 0 ? PageContent.Blank : PageContent.Text;

    private static BarCode[]? CodesOf(string page, int number) => page switch
    {
        "?" => null,
        ['[', .. var code, ']'] => [new BarCode(number, "CODE-128", code)],
        _ => [],
    };

    private string[] Pages(string path) => IngestWorld.ReadText(world.Data, path[(IngestWorld.DataPath.Length + 1)..]).Split('\n')[1].Split('|');
}

/// <summary>Where nothing is to be cut.</summary>
internal sealed class NoCutter : IPageCutter
{
    public bool CanCut => false;

    public Task<CutOutcome> CutAsync(CutRequest request, CancellationToken cancellation) => throw new InvalidOperationException("Nobody cuts here.");

    public Task<CutOutcome> CollateAsync(CollationRequest request, CancellationToken cancellation) => throw new InvalidOperationException("Nobody collates here.");
}
