using System.Text.RegularExpressions;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Pages;

/// <summary>One document of a scan.</summary>
/// <param name="Pages">Its pages, ascending; at least one.</param>
/// <param name="OpenedBy">
/// The bar code of the separator before it, or on its first page; null for what stands in front of the first separator. Of several sheets in a
/// row, each right behind the other or its blank back, the last that says more than <c>PATCHT</c>.
/// </param>
public sealed record DocumentPart(IReadOnlyList<int> Pages, BarCode? OpenedBy);

/// <summary>Why a plan must not be carried out.</summary>
public enum PlanDoubt
{
    /// <summary>It may be.</summary>
    None,

    /// <summary>Bar codes of some page were not read: a separator may have been missed, and two documents would be one.</summary>
    BarCodesUnread,

    /// <summary>A pattern took too long on a bar code.</summary>
    PatternTooSlow,

    /// <summary>The scan has more pages than were looked at, or they are numbered as no scan's are.</summary>
    PagesMissing,
}

/// <summary>
/// What each page of a scan is: a page of a document, a separator sheet, or a blank page that is left out. Pages in = pages filed + separators +
/// discarded blanks, whatever the pages are. Nothing is done here.
/// </summary>
public sealed record PagePlan
{
    private PagePlan()
    {
    }

    /// <summary>Pages of the scan.</summary>
    public int PageCount { get; private init; }

    /// <summary>The documents, in the order of pages; none where every page is left out.</summary>
    public required IReadOnlyList<DocumentPart> Parts { get; init; }

    /// <summary>Separator sheets that belong to no document, ascending.</summary>
    public required IReadOnlyList<int> SeparatorSheets { get; init; }

    /// <summary>Separators that are first pages of their documents, ascending, without further pages that bear the same code; they are in <see cref="Parts"/> too.</summary>
    public required IReadOnlyList<int> KeptSeparators { get; init; }

    /// <summary>Blank pages that are left out, ascending: backs of separator sheets, and all where the profile drops them.</summary>
    public required IReadOnlyList<int> DiscardedBlanks { get; init; }

    /// <summary>Every blank page, left out or not, ascending.</summary>
    public required IReadOnlyList<int> BlankPages { get; init; }

    /// <summary>Pages of which nobody knows whether they are separators, though the profile has some: their bar codes were not read, or they failed. Ascending.</summary>
    public required IReadOnlyList<int> UnreadPages { get; init; }

    /// <summary>Whether it may be carried out. Otherwise the scan stays whole, and a person looks at it.</summary>
    public required PlanDoubt Doubt { get; init; }

    /// <summary>Whether there is any separator.</summary>
    public bool HasSeparators => SeparatorSheets.Count + KeptSeparators.Count > 0;

    /// <summary>Whether the scan is to be divided: it has separators, at least one document, and nothing is in doubt.</summary>
    public bool Divides => Doubt == PlanDoubt.None && HasSeparators && Parts.Count > 0;

    /// <summary>The account.</summary>
    public PageSums Sums => new(PageCount, Parts.Sum(part => part.Pages.Count), SeparatorSheets.Count, DiscardedBlanks.Count);

    /// <summary>Makes the plan of a scan.</summary>
    /// <param name="pageCount">Pages the scan says it has.</param>
    /// <param name="pages">What each was found to be, ascending by number.</param>
    /// <param name="rules">The profile's.</param>
    public static PagePlan Make(int pageCount, IReadOnlyList<PageFacts> pages, PageRules rules)
    {
        ArgumentNullException.ThrowIfNull(pages);
        ArgumentNullException.ThrowIfNull(rules);
        bool isWhole = pages.Count == pageCount && pages.Select((page, at) => page.Number == at + 1).All(fits => fits);
        var draft = new Draft(rules);
        try
        {
            foreach (var page in pages)
            {
                draft.Add(page);
            }
        }
        catch (RegexMatchTimeoutException)
        {
            return Whole(pageCount, pages, isWhole ? PlanDoubt.PatternTooSlow : PlanDoubt.PagesMissing);
        }

        return isWhole ? draft.Finish(pageCount) : Whole(pageCount, pages, PlanDoubt.PagesMissing);
    }

    // As one document, with every page that is known of; the account does not add up where others are missing.
    private static PagePlan Whole(int pageCount, IReadOnlyList<PageFacts> pages, PlanDoubt doubt) => new()
    {
        PageCount = pageCount,
        Parts = pages.Count == 0 ? [] : [new DocumentPart([.. pages.Select(page => page.Number)], null)],
        SeparatorSheets = [],
        KeptSeparators = [],
        DiscardedBlanks = [],
        BlankPages = [.. pages.Where(page => page.Content == PageContent.Blank).Select(page => page.Number)],
        UnreadPages = [],
        Doubt = doubt,
    };

    /// <summary>A plan in the making: one page after another.</summary>
    private sealed class Draft(PageRules rules)
    {
        private readonly List<DocumentPart> _parts = [];
        private readonly List<int> _sheets = [];
        private readonly List<int> _kept = [];
        private readonly List<int> _discarded = [];
        private readonly List<int> _blank = [];
        private readonly List<int> _unread = [];
        private List<int> _open = [];
        private BarCode? _openedBy;

        // Where the page in hand stands: nothing, or one blank back, is between it and a sheet that was left out.
        private bool _isBehindSheet;
        private bool _isBehindBack;

        public void Add(PageFacts page)
        {
            bool isBehindSheet = _isBehindSheet;
            bool isBehindBack = _isBehindBack;
            _isBehindSheet = _isBehindBack = false;
            var separator = page.BarCodes is { Count: > 0 } codes ? rules.FindSeparator(codes) : null;
            bool hasFailed = page.Content == PageContent.Failed;
            if (rules.HasSeparators && (page.BarCodes is null || (hasFailed && separator is not null)))
            {
                _unread.Add(page.Number);   // failed, but for a code that says it is a sheet: nobody can say whether that is all it is
            }

            if (separator is var (code, becomes) && !hasFailed)
            {
                var says = code.IsPatchT ? page.BarCodes?.FirstOrDefault(other => !other.IsPatchT) ?? code : code;
                Separate(page.Number, says, becomes, followsSheet: isBehindSheet || isBehindBack);
            }
            else if (page.Content == PageContent.Blank)
            {
                AddBlank(page.Number, isBehindSheet);
            }
            else
            {
                _open.Add(page.Number);
            }
        }

        public PagePlan Finish(int pageCount)
        {
            Close();
            return new PagePlan
            {
                PageCount = pageCount,
                Parts = _parts,
                SeparatorSheets = _sheets,
                KeptSeparators = _kept,
                DiscardedBlanks = _discarded,
                BlankPages = _blank,
                UnreadPages = _unread,
                Doubt = _unread.Count > 0 ? PlanDoubt.BarCodesUnread : PlanDoubt.None,
            };
        }

        private void Separate(int number, BarCode code, SeparatorPage becomes, bool followsSheet)
        {
            if (becomes == SeparatorPage.Keep && _open.Count > 0 && _openedBy is { } label && label.Symbology == code.Symbology && label.Value == code.Value)
            {
                _open.Add(number);   // the label of the document at hand, which stands on each of its pages
                return;
            }

            Close();
            _openedBy = followsSheet && code.IsPatchT ? _openedBy : code;   // a patch-T sheet says nothing: what the sheet right before it said holds
            if (becomes == SeparatorPage.Keep)
            {
                _kept.Add(number);
                _open.Add(number);
            }
            else
            {
                _sheets.Add(number);
                _isBehindSheet = true;
            }
        }

        private void AddBlank(int number, bool isBehindSheet)
        {
            _blank.Add(number);
            _isBehindBack = isBehindSheet && rules.DropsBlankBack;
            bool isLeftOut = rules.Blank == Pages.BlankPages.Drop || _isBehindBack;
            (isLeftOut ? _discarded : _open).Add(number);
        }

        private void Close()
        {
            if (_open.Count > 0)
            {
                _parts.Add(new DocumentPart(_open, _openedBy));
                _open = [];
            }
        }
    }
}
