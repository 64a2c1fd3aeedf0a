using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests;

/// <summary>Reads any document as one page of fixed text: what extraction says is not under test where this is used.</summary>
internal sealed class PlainReader : IExtractor
{
    public Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation) => Task.FromResult(new ExtractionResult(
        TextStatus.Complete,
        new PageAccount(1, 1, 0, 0, 0),
        new DocumentText([new PageText(1, "plain words on a page", TextSource.Layer)]),
        new Dictionary<string, string> { ["pdf:title"] = "A title" },
        [new ToolVersion("plain reader", "1")],
        null));
}
