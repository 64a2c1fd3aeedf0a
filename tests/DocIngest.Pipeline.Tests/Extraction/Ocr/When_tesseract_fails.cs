using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Extraction.Ocr;

public sealed class When_tesseract_fails
{
    private static readonly Func<OcrOptions, OcrOptions> Short = options => options with { PageLimit = TimeSpan.FromSeconds(3) };

    [Fact]
    public async Task A_page_it_hangs_on_is_given_up_and_the_next_document_is_read()
    {
        // The list of the second document is as long; so the script looks at a file that the first leaves behind: the page's own name.
        await using var workers = OcrWorkers.Faked(atPage: "case $file in *1.tif) while :; do :; done ;; esac", adjust: Short);
        var hung = await workers.ReadAsync(OcrWorkers.Tiff(1), FileFormat.Tiff);
        Assert.Equal(TextStatus.Timeout, hung.TextStatus);
        Assert.Equal(new PageAccount(1, WithText: 0, PendingOcr: 0, Blank: 0, Failed: 1), hung.Pages);
        Assert.Equal("No page could be read. OCR of 1 took longer than a page may.", hung.Note);
        Assert.Contains(workers.Workers.Logger.Lines, line => line.Text.Contains("OCR page limit requested=00:00:03 granted=00:00:03", StringComparison.Ordinal));
        Assert.Empty(Directory.GetDirectories(Directory.GetDirectories(workers.ScratchFolder).Single()));
    }

    [Fact]
    public async Task Pages_beside_one_it_hangs_on_are_read()
    {
        await using var workers = OcrWorkers.Faked(atPage: "[ $n = 2 ] && while :; do :; done", adjust: Short);
        var result = await workers.ReadAsync(OcrWorkers.Tiff(4), FileFormat.Tiff);
        Assert.Equal(TextStatus.Partial, result.TextStatus);
        Assert.Equal(new PageAccount(4, WithText: 3, PendingOcr: 0, Blank: 0, Failed: 1), result.Pages);
        Assert.Equal([1, 3, 4], result.Text.Pages.Select(page => page.Number));
    }

    [Theory]
    [InlineData("while :; do :; done")]
    [InlineData("kill -9 0")]
    public async Task What_the_first_look_read_stands_where_the_second_is_the_end_of_its_worker(string second)
    {
        // Every page is read badly; the second look begins with the question how it lies.
        await using var workers = OcrWorkers.Faked(
            atPage: FakeTesseract.Print(confidencePercent: 20) + "; continue", first: $"[ \"$4\" = 0 ] && {{ {second}; }}", adjust: Short);
        var result = await workers.ReadAsync(OcrWorkers.Tiff(3), FileFormat.Tiff);
        Assert.Equal(TextStatus.Complete, result.TextStatus);
        Assert.Equal([1, 2, 3], result.Text.Pages.Select(page => page.Number));
    }

    [Fact]
    public async Task A_page_it_dies_on_is_tried_once_more_and_the_others_are_read()
    {
        await using var workers = OcrWorkers.Faked(atPage: "[ $n = 2 ] && exit 139");
        var result = await workers.ReadAsync(OcrWorkers.Tiff(4), FileFormat.Tiff);

        // Alone the page is the first of its list, and there this one does not die.
        Assert.Equal((TextStatus.Complete, null), (result.TextStatus, result.Note));
        Assert.Equal([1, 2, 3, 4], result.Text.Pages.Select(page => page.Number));
    }

    [Fact]
    public async Task A_page_that_kills_its_worker_twice_fails_and_the_others_are_read()
    {
        await using var workers = OcrWorkers.Faked(atPage: "case $file in *2.tif) kill -9 0 ;; esac");
        var result = await workers.ReadAsync(OcrWorkers.Tiff(4), FileFormat.Tiff);

        // In a fresh worker the page is the first: its file has another name, and it is read.
        Assert.Equal(TextStatus.Complete, result.TextStatus);
        Assert.Equal(4, result.Pages.WithText);

        await using var deadly = OcrWorkers.Faked(atPage: "kill -9 0");
        var dead = await deadly.ReadAsync(OcrWorkers.Tiff(1), FileFormat.Tiff);
        Assert.Equal(TextStatus.Crashed, dead.TextStatus);
        Assert.Equal("No page could be read. OCR of 1 failed twice.", dead.Note);
    }

    [Fact]
    public async Task A_flood_of_errors_holds_up_nothing()
    {
        await using var workers = OcrWorkers.Faked(
            atPage: "i=0; while [ $i -lt 20000 ]; do echo 'Page 7 : xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' >&2; i=$((i + 1)); done");
        var result = await workers.ReadAsync(OcrWorkers.Tiff(2), FileFormat.Tiff);
        Assert.Equal(TextStatus.Complete, result.TextStatus);
    }

    [Fact]
    public async Task One_that_prints_no_table_fails_the_page()
    {
        await using var workers = OcrWorkers.Faked(atPage: "echo garbage");
        var result = await workers.ReadAsync(OcrWorkers.Tiff(1), FileFormat.Tiff);
        Assert.Equal(1, result.Pages.Failed);
        Assert.Equal((TextStatus.Crashed, "No page could be read. OCR of 1 failed twice."), (result.TextStatus, result.Note));
    }

    [Fact]
    public async Task One_that_dies_on_every_page_is_said_to_have_died_and_in_the_end_to_be_broken()
    {
        // Not the document is damaged; and of a program that dies on whatever it is given, no later document is judged by it.
        await using var workers = OcrWorkers.Faked(atPage: "exit 139");
        for (int document = 1; document <= 2; document++)
        {
            var dead = await workers.ReadAsync(OcrWorkers.Tiff(3), FileFormat.Tiff);
            Assert.Equal((TextStatus.Crashed, "No page could be read. OCR of 3 failed twice."), (dead.TextStatus, dead.Note));
        }

        var waits = await workers.ReadAsync(OcrWorkers.Tiff(2), FileFormat.Tiff);
        Assert.Equal((TextStatus.PendingOcr, 2), (waits.TextStatus, waits.Pages.PendingOcr));
    }

    [Fact]
    public async Task A_document_it_hangs_on_page_after_page_waits_after_three_of_them()
    {
        await using var workers = OcrWorkers.Faked(atPage: "while :; do :; done", adjust: options => options with { PageLimit = TimeSpan.FromSeconds(1) }, workers: 2);
        var result = await workers.ReadAsync(OcrWorkers.Tiff(12), FileFormat.Tiff);
        Assert.Equal(TextStatus.PendingOcr, result.TextStatus);
        Assert.InRange(result.Pages.Failed, 3, 4);   // the other worker has one in hand
        Assert.Equal(12, result.Pages.Failed + result.Pages.PendingOcr);
        Assert.DoesNotContain(workers.Workers.Logger.Lines, line => line.Text.Contains("next is started in", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_document_with_text_is_not_held_up_by_those_it_hangs_on()
    {
        await using var workers = OcrWorkers.Faked(atPage: "while :; do :; done", adjust: options => options with { PageLimit = TimeSpan.FromSeconds(2) }, workers: 2);
        var hanging = Enumerable.Range(0, 5).Select(_ => workers.ReadAsync(OcrWorkers.Tiff(6), FileFormat.Tiff)).ToList();
        while (!workers.Workers.Logger.Lines.Any(line => line.Text.Contains("OCR page limit", StringComparison.Ordinal)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var read = await workers.ReadAsync(A.Pdf().WithTextLayer("Discharge summary of the ward").ToBytes(), FileFormat.Pdf);

        Assert.Equal(TextStatus.Complete, read.TextStatus);
        Assert.Contains(hanging, one => !one.IsCompleted);   // the others are still at it
        Assert.All(await Task.WhenAll(hanging), one => Assert.Equal(TextStatus.PendingOcr, one.TextStatus));
    }

    [Theory]
    [InlineData("exit 1")]
    [InlineData("exit 127")]
    public async Task One_that_reads_nothing_at_all_leaves_the_pages_waiting(string first)
    {
        await using var workers = OcrWorkers.Faked(first: first);
        var result = await workers.ReadAsync(OcrWorkers.Tiff(2), FileFormat.Tiff);
        Assert.Equal(TextStatus.PendingOcr, result.TextStatus);
        Assert.Equal(new PageAccount(2, WithText: 0, PendingOcr: 2, Blank: 0, Failed: 0), result.Pages);
        Assert.Equal("2 of 2 pages wait for OCR. Tesseract is not installed, or does not work.", result.Note);
    }

    [Fact]
    public async Task A_language_that_is_not_installed_leaves_the_pages_waiting()
    {
        await using var workers = OcrWorkers.Faked(adjust: options => options with { Languages = ["tlh"] });
        var result = await workers.ReadAsync(OcrWorkers.Tiff(1), FileFormat.Tiff);
        Assert.Equal(TextStatus.PendingOcr, result.TextStatus);
        Assert.Equal("1 of 1 pages wait for OCR. Tesseract has none of the profile's languages.", result.Note);
        Assert.Contains(workers.Workers.Logger.Lines, line => line.Text.Contains("tlh", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_language_of_several_that_is_not_installed_is_left_out_and_named()
    {
        await using var workers = OcrWorkers.Faked(adjust: options => options with { Languages = ["tlh", "eng"] });
        var result = await workers.ReadAsync(OcrWorkers.Tiff(1), FileFormat.Tiff);
        Assert.Equal((TextStatus.Complete, "OCR read without tlh: tesseract has no such language pack here."), (result.TextStatus, result.Note));
        Assert.Equal(["tlh"], result.MissingLanguages);
        Assert.Equal(["tlh"], await workers.Workers.Pool.MissingLanguagesAsync([], TestContext.Current.CancellationToken));
        Assert.Empty(await workers.Workers.Pool.MissingLanguagesAsync(["en"], TestContext.Current.CancellationToken));
        Assert.Empty(await workers.Workers.Pool.MissingLanguagesAsync(["tlh"], TestContext.Current.CancellationToken));   // without any, none is read: it waits
    }

    [Fact]
    public async Task A_document_that_needs_no_OCR_lacks_no_language()
    {
        await using var workers = OcrWorkers.Faked(adjust: options => options with { Languages = ["tlh", "eng"] });
        var result = await workers.ReadAsync(A.Pdf().WithTextLayer("A page of text that it has itself").ToBytes(), FileFormat.Pdf);
        Assert.Equal((TextStatus.Complete, null), (result.TextStatus, result.Note));
        Assert.Empty(result.MissingLanguages);
    }

    [Fact]
    public async Task A_document_that_would_take_long_waits_unless_it_may()
    {
        await using var workers = OcrWorkers.Faked(adjust: options => options with { LongDocument = TimeSpan.FromSeconds(4) });
        byte[] tiff = OcrWorkers.Tiff(2);   // 2.5 s are assumed for a page
        var result = await workers.ReadAsync(tiff, FileFormat.Tiff);
        Assert.Equal(TextStatus.PendingOcr, result.TextStatus);
        Assert.Equal("2 of 2 pages wait for OCR. Reading them now would take too long.", result.Note);

        string file = Path.Combine(workers.Folder, "long.tif");
        await File.WriteAllBytesAsync(file, tiff, TestContext.Current.CancellationToken);
        var read = await workers.Workers.Pool.ExtractAsync(
            new ExtractionRequest(new RecordIdSource(TimeProvider.System).Draw(), file, FileFormat.Tiff) { MayTakeLong = true }, TestContext.Current.CancellationToken);
        Assert.Equal(TextStatus.Complete, read.TextStatus);
    }

    [Fact]
    public async Task What_a_dead_process_left_in_the_scratch_folder_is_removed()
    {
        await using var workers = OcrWorkers.Faked();
        string left = Directory.CreateDirectory(Path.Combine(workers.ScratchFolder, "dead", "1")).FullName;
        await File.WriteAllTextAsync(Path.Combine(left, "page.tif"), "a page", TestContext.Current.CancellationToken);
        using var living = ScratchSpace.Open(workers.ScratchFolder);
        string folder = living.NewFolder();
        await workers.ReadAsync(OcrWorkers.Tiff(1), FileFormat.Tiff);
        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(folder));
    }
}
