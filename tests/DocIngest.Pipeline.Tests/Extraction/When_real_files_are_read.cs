using System.Collections.Concurrent;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Recognition;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>Whole corpora through recognition and real workers. The table goes to the test's output.</summary>
public sealed class When_real_files_are_read(ITestOutputHelper output)
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("pdfpig")]
    [InlineData("py-pdf-samples")]
    [InlineData("tika")]
    [InlineData("format-corpus")]
    [InlineData("docspell")]
    [InlineData("twelvemonkeys")]
    [InlineData("exif-samples")]
    public async Task Each_is_answered_and_none_harms_the_parent(string corpus)
    {
        var counts = new ConcurrentDictionary<(string Format, string Status), int>();
        await using var workers = new RealWorkers(Corpora.Folder(corpus));
        await Parallel.ForEachAsync(Corpora.Files(corpus), new ParallelOptions { CancellationToken = Test, MaxDegreeOfParallelism = 2 }, async (file, stop) =>
        {
            var format = Recognize(file);
            var result = format is { } known ? await workers.ReadAsync(file, known, stop) : null;
            counts.AddOrUpdate((format?.ToString() ?? "no document", result?.TextStatus.ToWord() ?? ""), 1, (_, count) => count + 1);
            if (result is not null)
            {
                Check(result, Path.GetFileName(file));
            }
        });

        foreach (var ((format, status), count) in counts.OrderBy(entry => entry.Key))
        {
            output.WriteLine($"{corpus,-16}{format,-12}{status,-12}{count,5}");
        }

        Assert.NotEmpty(counts);
    }

    private static FileFormat? Recognize(string file)
    {
        using var stream = File.OpenRead(file);
        return Recognizer.Recognize(stream);
    }

    private void Check(ExtractionResult result, string file)
    {
        var pages = result.Pages;
        Assert.Equal(pages.Total, pages.WithText + pages.PendingOcr + pages.Blank + pages.Failed);
        Assert.Equal(pages.Total - pages.Failed, result.Text.Pages.Count);
        Assert.Equal(result.TextStatus == TextStatus.Complete, result.Note is null);
        Assert.All(result.Metadata.Values, value => Assert.InRange(value.Length, 1, 4096));
        if (result.TextStatus is TextStatus.Timeout or TextStatus.Crashed or TextStatus.TooLarge or TextStatus.Damaged or TextStatus.Encrypted)
        {
            output.WriteLine($"  {result.TextStatus.ToWord()}: {file}: {result.Note}");
        }

        // Nothing in these corpora brings a reader down any more; what does is a regression to look at.
        Assert.NotEqual(TextStatus.Timeout, result.TextStatus);
        Assert.NotEqual(TextStatus.Crashed, result.TextStatus);
    }
}
