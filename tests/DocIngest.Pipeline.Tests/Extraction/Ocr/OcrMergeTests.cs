using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests.Extraction.Ocr;

public sealed class OcrMergeTests
{
    private static readonly WorkerPage Stamped = new(1, PageFate.PendingOcr, "Fax 3 of 7", TextSource.Layer);

    [Fact]
    public void Words_that_OCR_found_replace_a_stamp() => Assert.Equal(
        ("A whole letter of words", TextSource.Ocr), Choose(Read(PageFate.Text, "A whole letter of words", TextSource.Ocr)));

    [Fact]
    public void A_stamp_is_better_than_no_word() => Assert.Equal(("Fax 3 of 7", TextSource.Layer), Choose(Read(PageFate.Wordless, "", TextSource.None)));

    [Fact]
    public void A_stamp_does_not_hide_that_its_page_could_not_be_read() =>
        Assert.Equal(PageFate.Failed, OcrMerge.Choose(Stamped, Outcome(Read(PageFate.Failed, "", TextSource.None))).Fate);

    [Fact]
    public void A_page_that_was_not_looked_at_goes_on_waiting() =>
        Assert.Equal(PageFate.PendingOcr, OcrMerge.Choose(Stamped, OcrOutcome.Nothing(OcrWait.NoProgram)).Fate);

    private static WorkerPage Read(PageFate fate, string text, TextSource source) => new(1, fate, text, source);

    private static OcrOutcome Outcome(WorkerPage page) =>
        new(new Dictionary<int, WorkerPage> { [1] = page }, new Dictionary<int, OcrFailure>(), [], OcrWait.None);

    private static (string, TextSource) Choose(WorkerPage read)
    {
        var chosen = OcrMerge.Choose(Stamped, Outcome(read));
        Assert.Equal(PageFate.Text, chosen.Fate);
        return (chosen.Text, chosen.Source);
    }
}
