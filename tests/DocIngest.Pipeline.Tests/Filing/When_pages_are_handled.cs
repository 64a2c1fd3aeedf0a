using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Tests.Classification;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Filing;

/// <summary>What was found on the pages of a scan reaches rules, its record and the people who look.</summary>
public sealed class When_pages_are_handled : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly IngestWorld _world = new();
    private readonly PagesReader _reader = new();

    public When_pages_are_handled() => _world.Reader = _reader;

    public void Dispose()
    {
        _world.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Rules_and_the_record_know_the_bar_codes()
    {
        _world.Profile.Pages = new PageOptions { BarCodes = true };
        _world.Classifier = new Classifier(
            Rules.Build(new RulesOptions { Rules = [new RuleOptions { Name = "label", RecordClass = "labelled", When = [new ConditionOptions { In = Place.BarCode, Regex = "^ENC[0-9]+$" }] }] }, _folder.Path),
            new LanguageDetector([]), TimeProvider.System);
        _reader.BarCodes = new BarCodeReading([new BarCode(2, "CODE-128", "ENC12", 200, [10, 20, 30, 40])], true, null);
        var record = await TakeAsync();
        Assert.True(_reader.Asked.ReadsBarCodes);
        Assert.Equal("labelled", record.RecordClass);
        var code = Assert.Single(record.BarCodes);
        Assert.Equal((2, "CODE-128", "ENC12", 200), (code.Page, code.Symbology, code.Value, code.Quality));
        Assert.Equal([10, 20, 30, 40], code.Box!);
        Assert.Empty(record.Flags);
    }

    [Fact]
    public async Task Bar_codes_that_were_not_read_wait_for_a_person()
    {
        _world.Profile.Pages = new PageOptions { Separators = new SeparatorOptions() };
        _reader.BarCodes = new BarCodeReading([], false, "Bar codes of 1 of 3 pages were not read.");
        var record = await TakeAsync();
        Assert.Equal(["bar-codes-unread"], record.Flags);
        Assert.Equal(["bar-codes-unread"], ReviewTable.CodesFor(record));
    }

    [Theory]
    [InlineData(BlankPages.Keep)]
    [InlineData(BlankPages.Flag)]
    [InlineData(BlankPages.Drop)]
    public async Task Blank_pages_are_named_and_flagged_where_the_profile_says(BlankPages blank)
    {
        _world.Profile.Pages = new PageOptions { Blank = blank };
        var record = await TakeAsync();
        Assert.Equal([1, 3], record.BlankPages);
        Assert.Equal(blank == BlankPages.Flag ? ["blank-pages"] : [], record.Flags);
        Assert.Equal((false, blank == BlankPages.Drop), (_reader.Asked.ReadsBarCodes, _reader.Asked.DropsBlankPages));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(WordlessPages.Flag, true)]
    [InlineData(WordlessPages.Keep, false)]
    public async Task Pages_without_words_are_named_and_flagged_unless_the_profile_says_otherwise(WordlessPages? wordless, bool isFlagged)
    {
        _world.Profile.Pages = wordless is { } said ? new PageOptions { Wordless = said } : new PageOptions();
        _reader.Other = PageContent.Wordless;
        var record = await TakeAsync();
        Assert.Equal(TextStatus.Complete, record.TextStatus);   // one page was read, and two say nothing
        Assert.Empty(record.BlankPages);
        Assert.Equal([1, 3], record.WordlessPages);
        Assert.Equal(isFlagged ? ["wordless-pages"] : [], record.Flags);
        Assert.Equal(isFlagged ? ["wordless-pages"] : [], ReviewTable.CodesFor(record));
    }

    private async Task<RecordDocument> TakeAsync()
    {
        _world.Put("letter.pdf", IngestWorld.Document("a letter"));
        await _world.RunAsync();
        return Assert.Single(_world.Records());
    }

    private sealed class PagesReader : IExtractor
    {
        public ExtractionRequest Asked { get; private set; } = null!;

        public BarCodeReading? BarCodes { get; set; }

        /// <summary>What the first and the last page are.</summary>
        public PageContent Other { get; set; } = PageContent.Blank;

        public Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
        {
            Asked = request;
            return Task.FromResult(new ExtractionResult(
                TextStatus.Complete, Other == PageContent.Blank ? new PageAccount(3, 1, 0, 2, 0) : new PageAccount(3, 1, 0, 0, 0, 2), new DocumentText([new PageText(2, "words", TextSource.Layer)]), new Dictionary<string, string>(), [], null)
            {
                BarCodes = BarCodes,
                PageFacts = [new(1, Other, []), new(2, PageContent.Text, BarCodes?.Codes ?? []), new(3, Other, [])],
            });
        }
    }
}
