using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests.Extraction.Ocr;

public sealed class OcrMergeTests
{
    private static readonly WorkerPage Stamped = new(1, PageFate.PendingOcr, "Fax 3 of 7", TextSource.Layer) { OcrReason = OcrReason.LittleText };
    private static readonly WorkerPage Junk = new(1, PageFate.PendingOcr, "Wkh sdwlhqw zdv dgplwwhg zlwk fkhvw sdlq dqg vkruwqhvv ri euhdwk", TextSource.Layer) { OcrReason = OcrReason.JunkText };

    [Fact]
    public void A_stamp_that_OCR_lacks_stands_behind_its_words() => Assert.Equal(
        ("A whole letter of words\n\nFax 3 of 7", TextSource.Ocr), Choose(Read(PageFate.Text, "A whole letter of words", TextSource.Ocr)));

    [Fact]
    public void A_stamp_that_OCR_read_too_stands_once() => Assert.Equal(
        ("FAX 3 of 7\nA whole letter of words", TextSource.Ocr), Choose(Read(PageFate.Text, "FAX 3 of 7\nA whole letter of words", TextSource.Ocr)));

    [Fact]
    public void Where_OCR_read_the_stamp_alone_its_exact_characters_stand() => Assert.Equal(
        ("Fax 3 of 7", TextSource.Layer), Choose(Read(PageFate.Text, "Fax 3 0f 7", TextSource.Ocr)));

    [Theory]
    [InlineData("The patient was admitted with chest pain and shortness of breath", 91, LayerUse.Replaced)]
    [InlineData("The patient was admitted with chest pain and shortness of breath", 41, LayerUse.Kept)]   // not sure of it
    [InlineData("Wkh sdwlhqw zdv dgplwwhg zlwk fkhvw sdlq dqg vkruwqhvv ri euhdwk xzqj", 91, LayerUse.Kept)]   // no better
    [InlineData("The only", 95, LayerUse.Kept)]   // of another thing
    public void Junk_gives_way_to_what_is_better(string text, double confidence, LayerUse use)
    {
        var chosen = OcrMerge.Choose(Junk, Outcome(Read(PageFate.Text, text, TextSource.Ocr) with { Ocr = new WorkerOcr(confidence, new PageLayout(595, 842, 0, [])) }));
        Assert.Equal((PageFate.Text, OcrReason.JunkText, use), (chosen.Fate, chosen.OcrReason, chosen.Layer));
        Assert.Equal(use == LayerUse.Kept ? Junk.Text : text, chosen.Text);
    }

    [Fact]
    public void Junk_that_OCR_could_not_read_stays_and_is_in_doubt()
    {
        var failed = Outcome(Read(PageFate.Failed, "", TextSource.None));
        var chosen = OcrMerge.Choose(Junk, failed);
        Assert.Equal((PageFate.Text, LayerUse.Kept), (chosen.Fate, chosen.Layer));
        Assert.Equal(new LayerDoubts(Unread: 1, Junk: 0), LayerDoubts.Of([chosen], failed));
    }

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
