using CsCheck;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests.Pages;

/// <summary>
/// Scans are written as a word, a letter a page: <c>t</c> text, <c>b</c> blank, <c>f</c> failed, <c>u</c> bar codes unread, <c>S</c> a patch-T sheet,
/// <c>K</c> a cover page that is kept, with a code of its own, <c>L</c> one that is kept, with the code that all of them have, <c>X</c> a page with the code SEP, <c>F</c> a patch-T sheet that failed.
/// </summary>
public sealed class PagePlanTests
{
    private static readonly SeparatorOptions WithCovers = new() { BarCodes = [new SeparatorBarCode { Pattern = "^ENC[0-9]+$", Page = SeparatorPage.Keep }] };

    [Theory]
    [InlineData("tt", "1-2")]
    [InlineData("ttStt", "1-2|4-5")]
    [InlineData("Stt", "2-3")]
    [InlineData("ttS", "1-2")]
    [InlineData("tSSt", "1|4")]
    [InlineData("SSS", "")]
    [InlineData("StSbt", "2|5")]      // the blank back of a sheet
    [InlineData("SbbtSt", "3-4|6")]   // one back a sheet
    [InlineData("SbSbt", "5")]
    [InlineData("Sb", "")]
    [InlineData("tbt", "1-3")]
    [InlineData("KtKbt", "1-2|3-5")]  // a cover page has a back of its own
    [InlineData("tKK", "1|2|3")]
    [InlineData("SKt", "2-3")]
    [InlineData("SfSf", "2|4")]       // what could not be read is no blank back
    public void Pages_go_to_their_documents(string scan, string documents)
    {
        var plan = Make(scan);
        Assert.Equal(PlanDoubt.None, plan.Doubt);
        Assert.Equal(documents, Show(plan));
        Assert.True(plan.Sums.AddsUp);
        Assert.Equal(plan.HasSeparators && documents.Length > 0, plan.Divides);
    }

    [Theory]
    [InlineData("tSb", BlankPages.Drop, "1", "3")]
    [InlineData("tbSbbt", BlankPages.Drop, "1|6", "2,4-5")]
    [InlineData("bb", BlankPages.Drop, "", "1-2")]
    [InlineData("tSbbSt", BlankPages.Drop, "1|6", "3-4")]   // a document of nothing but blank pages is none
    [InlineData("tSbbSt", BlankPages.Keep, "1|4|6", "3")]
    [InlineData("tbSt", BlankPages.Flag, "1-2|4", "")]
    public void Blank_pages_go_where_the_profile_says(string scan, BlankPages blank, string documents, string discarded)
    {
        var plan = Make(scan, new PageOptions { Blank = blank, Separators = WithCovers });
        Assert.Equal((documents, discarded), (Show(plan), PageRanges.Of(plan.DiscardedBlanks)));
        Assert.True(plan.Sums.AddsUp);
    }

    [Fact]
    public void The_back_of_a_sheet_stays_where_the_profile_wants_it() =>
        Assert.Equal("1|3-4", Show(Make("tSbt", new PageOptions { Separators = new SeparatorOptions { BlankBack = false } })));

    [Theory]
    [InlineData("tSut", "3")]
    [InlineData("tFt", "2")]
    [InlineData("u", "1")]
    public void A_scan_of_which_a_page_was_not_looked_at_stays_whole(string scan, string unread)
    {
        var plan = Make(scan);
        Assert.Equal((PlanDoubt.BarCodesUnread, false), (plan.Doubt, plan.Divides));
        Assert.Equal(unread, PageRanges.Of(plan.UnreadPages));
        Assert.True(plan.Sums.AddsUp);
    }

    [Fact]
    public void Without_separators_nobody_asks_for_bar_codes() =>
        Assert.Equal((PlanDoubt.None, "1-2", false), Three(Make("uS", new PageOptions())));

    [Fact]
    public void Pages_that_were_never_reached_are_missing()
    {
        var plan = PagePlan.Make(5, Facts("tSt"), new PageRules(new PageOptions { Separators = WithCovers }));
        Assert.Equal((PlanDoubt.PagesMissing, false, false), (plan.Doubt, plan.Divides, plan.Sums.AddsUp));
    }

    [Fact]
    public void A_pattern_that_never_ends_leaves_the_scan_whole()
    {
        var slow = new PageOptions { Separators = new SeparatorOptions { BarCodes = [new SeparatorBarCode { Pattern = "^(a+)+$" }] } };
        PageFacts[] pages = [new(1, PageContent.Text, [new BarCode(1, "QR-Code", new string('a', 40) + "!")]), new(2, PageContent.Text, [])];
        var plan = PagePlan.Make(2, pages, new PageRules(slow));
        Assert.Equal((PlanDoubt.PatternTooSlow, "1-2", false), Three(plan));
        Assert.True(plan.Sums.AddsUp);
    }

    [Fact]
    public void A_document_knows_the_code_that_opened_it()
    {
        var plan = Make("tSKtS");
        Assert.Equal([null, "ENC3"], plan.Parts.Select(part => part.OpenedBy?.Value));
        Assert.Equal([3], plan.KeptSeparators);
        Assert.Equal([2, 5], plan.SeparatorSheets);
    }

    [Theory]
    [InlineData("XSt", BlankPages.Drop, true, "SEP")]           // patch-T right behind the sheet: its code holds
    [InlineData("XbSt", BlankPages.Drop, true, "SEP")]          // its blank back between them
    [InlineData("XbSbSt", BlankPages.Keep, true, "SEP")]
    [InlineData("XbbSt", BlankPages.Drop, true, "PATCHT")]      // a document of blank pages, left out: the next one is not its patient's
    [InlineData("XbbbbSbt", BlankPages.Drop, true, "PATCHT")]
    [InlineData("XbSt", BlankPages.Drop, false, "PATCHT")]      // sheets without backs: the blank page was a document
    [InlineData("XbbKSt", BlankPages.Drop, true, "ENC4", "PATCHT")]
    [InlineData("Xbbt", BlankPages.Drop, true, "SEP")]          // no other sheet: it is the sheet's document
    public void A_code_is_carried_over_only_to_the_sheet_right_behind(string scan, BlankPages blank, bool back, params string[] openedBy)
    {
        var plan = Make(scan, new PageOptions
        {
            Blank = blank,
            Separators = new SeparatorOptions { BlankBack = back, BarCodes = [new SeparatorBarCode { Pattern = "^SEP" }, .. WithCovers.BarCodes] },
        });
        Assert.Equal(openedBy, plan.Parts.Select(part => part.OpenedBy?.Value));
        Assert.True(plan.Sums.AddsUp);
    }

    [Theory]
    [InlineData("LLL", "1-3", "1")]
    [InlineData("tLtLL", "1|2-5", "2")]
    [InlineData("LbL", "1-3", "1")]
    [InlineData("LLKtLL", "1-2|3-4|5-6", "1,3,5")]   // another code between them
    [InlineData("LSL", "1|3", "1,3")]                // a sheet between them
    public void A_label_on_each_page_makes_one_document(string scan, string documents, string kept)
    {
        var plan = Make(scan);
        Assert.Equal((documents, kept), (Show(plan), PageRanges.Of(plan.KeptSeparators)));
        Assert.True(plan.Divides && plan.Sums.AddsUp);
    }

    [Theory]
    [InlineData("CODE-39", "PATCHT", true)]
    [InlineData("CODE-128", "PATCHT", true)]
    [InlineData("CODE-128", " patcht ", true)]
    [InlineData("QR-Code", "PATCHT", false)]
    [InlineData("CODE-39", "PATCHT2", false)]
    public void A_patch_T_sheet_is_told_by_its_code(string symbology, string value, bool isSheet)
    {
        var plan = PagePlan.Make(1, [new PageFacts(1, PageContent.Text, [new BarCode(1, symbology, value)])], new PageRules(new PageOptions { Separators = new() }));
        Assert.Equal(isSheet, plan.HasSeparators);
    }

    [Fact]
    public void A_pattern_may_be_for_one_kind_of_code()
    {
        var rules = new PageRules(new PageOptions { Separators = new SeparatorOptions { BarCodes = [new SeparatorBarCode { Pattern = "^SEP", Symbology = "code-128" }] } });
        Assert.True(Plan("CODE-128").HasSeparators);
        Assert.False(Plan("CODE-39").HasSeparators);

        PagePlan Plan(string symbology) => PagePlan.Make(1, [new PageFacts(1, PageContent.Text, [new BarCode(1, symbology, "SEP1")])], rules);
    }

    [Fact]
    public void Every_page_is_in_exactly_one_place() =>
        Gen.Select(Gen.Char["tbfuwpSKFL"].Array[0, 40], Gen.Int[0, 2], Gen.Bool, Gen.Bool).Sample((letters, blank, back, separators) =>
        {
            var options = new PageOptions
            {
                Blank = (BlankPages)blank,
                Separators = separators ? new SeparatorOptions { BlankBack = back, BarCodes = WithCovers.BarCodes } : null,
            };
            string scan = new(letters);
            var plan = Make(scan, options);
            var everywhere = plan.Parts.SelectMany(part => part.Pages).Concat(plan.SeparatorSheets).Concat(plan.DiscardedBlanks).Order();
            Assert.Equal(Enumerable.Range(1, letters.Length), everywhere);
            Assert.True(plan.Sums.AddsUp);
            Assert.All(plan.Parts, part => Assert.NotEmpty(part.Pages));
            Assert.Equal(plan.Parts.SelectMany(part => part.Pages).Order(), plan.Parts.SelectMany(part => part.Pages));
            Assert.All(plan.DiscardedBlanks, page => Assert.Equal('b', scan[page - 1]));
            Assert.All(plan.SeparatorSheets, page => Assert.Equal('S', scan[page - 1]));
            Assert.Equal(separators && scan.AsSpan().ContainsAny('u', 'F'), plan.Doubt == PlanDoubt.BarCodesUnread);
        });

    private static (PlanDoubt, string, bool) Three(PagePlan plan) => (plan.Doubt, Show(plan), plan.Divides);

    private static string Show(PagePlan plan) => string.Join('|', plan.Parts.Select(part => PageRanges.Of(part.Pages)));

    private static PagePlan Make(string scan, PageOptions? options = null) =>
        PagePlan.Make(scan.Length, Facts(scan), new PageRules(options ?? new PageOptions { Separators = WithCovers }));

    private static PageFacts[] Facts(string scan) => [.. scan.Select((letter, at) => Page(at + 1, letter))];

    private static PageFacts Page(int number, char letter) => letter switch
    {
        't' => new PageFacts(number, PageContent.Text, []),
        'b' => new PageFacts(number, PageContent.Blank, []),
        'f' => new PageFacts(number, PageContent.Failed, []),
        'w' => new PageFacts(number, PageContent.Wordless, [new BarCode(number, "EAN-13", "4006381333931")]),
        'p' => new PageFacts(number, PageContent.PendingOcr, []),
        'u' => new PageFacts(number, PageContent.Text),
        'S' => new PageFacts(number, PageContent.Wordless, [new BarCode(number, "CODE-39", "PATCHT")]),
        'K' => new PageFacts(number, PageContent.Text, [new BarCode(number, "EAN-13", "1"), new BarCode(number, "CODE-128", $"ENC{number}")]),
        'L' => new PageFacts(number, PageContent.Text, [new BarCode(number, "CODE-128", "ENC1000")]),
        'X' => new PageFacts(number, PageContent.Text, [new BarCode(number, "CODE-128", "SEP")]),
        'F' => new PageFacts(number, PageContent.Failed, [new BarCode(number, "CODE-39", "PATCHT")]),
        _ => throw new ArgumentOutOfRangeException(nameof(letter)),
    };
}
