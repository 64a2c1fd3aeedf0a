using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests;

/// <summary>Reads a document of <see cref="IngestWorld.Document"/> as one page of the words it was made of.</summary>
/// <param name="world">Where it lies.</param>
/// <param name="before">What to wait for before a document of these words has been read.</param>
internal sealed class WordsReader(IngestWorld world, Func<string, Task>? before = null) : IExtractor
{
    public async Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
    {
        string words = IngestWorld.ReadText(world.Data, request.FilePath[(IngestWorld.DataPath.Length + 1)..]).Split('\n')[1];
        if (before is not null)
        {
            await before(words);
        }

        return new ExtractionResult(
            TextStatus.Complete, new PageAccount(1, 1, 0, 0, 0), new DocumentText([new PageText(1, words, TextSource.Layer)]),
            new Dictionary<string, string>(), [], null);
    }
}
