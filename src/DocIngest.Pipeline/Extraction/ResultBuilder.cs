using System.Diagnostics;
using DocIngest.Pipeline.Extraction.Cleaning;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction;

/// <summary>Makes the result of a document out of what a worker sent: page account, status, and words for people.</summary>
internal static class ResultBuilder
{
    private const int MaxToolNameChars = 64;

    // Such an end is kept only where the other try had one as well, of the same kind or another.
    private const string TwoTries = "Two tries at reading it failed; in the better one";

    /// <summary>Builds the result of the try that counts.</summary>
    public static ExtractionResult Build(ReadingTry kept, FileFormat format)
    {
        var account = Count(kept);
        var status = Judge(kept.End, account);
        var answer = (kept.End as ReadingEnd.Answered)?.Result;
        return new ExtractionResult(
            status,
            account,
            new DocumentText([.. kept.Pages.Where(page => page.Fate != PageFate.Failed)
                .Select(page => new PageText(page.Number, page.Text, page.Source))]),
            Bound(answer?.Metadata),
            Bound(answer?.Tools ?? Guess(kept.Greeting, format)),
            status == TextStatus.Complete ? null : Explain(kept.End, status, account));
    }

    private static PageAccount Count(ReadingTry kept)
    {
        int text = kept.Pages.Count(page => page.Fate == PageFate.Text);
        int pending = kept.Pages.Count(page => page.Fate == PageFate.PendingOcr);
        int blank = kept.Pages.Count(page => page.Fate == PageFate.Blank);
        return new PageAccount(kept.TotalPages, text, pending, blank, kept.TotalPages - text - pending - blank);
    }

    private static TextStatus Judge(ReadingEnd end, PageAccount account) => end switch
    {
        ReadingEnd.TimedOut => TextStatus.Timeout,
        ReadingEnd.Crashed => TextStatus.Crashed,
        ReadingEnd.Excess => TextStatus.TooLarge,
        ReadingEnd.Answered { Result.Fate: ReadingFate.OutOfMemory } => TextStatus.Crashed,
        ReadingEnd.Answered { Result.Fate: ReadingFate.Encrypted } => TextStatus.Encrypted,
        ReadingEnd.Answered { Result.Fate: ReadingFate.Damaged } => TextStatus.Damaged,
        ReadingEnd.Answered { Result.Fate: not ReadingFate.Read } => TextStatus.TooLarge,
        ReadingEnd.Answered => JudgePages(account),
        _ => throw new UnreachableException(),
    };

    /// <summary>Waiting for OCR outranks failed pages: it is what still can be done about the document.</summary>
    private static TextStatus JudgePages(PageAccount account) => account switch
    {
        { PendingOcr: > 0 } => TextStatus.PendingOcr,
        { Failed: > 0, WithText: 0, Blank: 0 } or { Total: 0 } => TextStatus.Damaged,
        { Failed: > 0 } => TextStatus.Partial,
        { WithText: > 0 } => TextStatus.Complete,
        _ => TextStatus.None,
    };

    private static string Explain(ReadingEnd end, TextStatus status, PageAccount account) => end switch
    {
        ReadingEnd.TimedOut timedOut => $"{TwoTries} it was stopped by a time limit: {timedOut.Grant}.{Kept(account)}",
        ReadingEnd.Crashed crashed => $"{TwoTries} the reader died: {crashed.Cause}.{Kept(account)}",
        ReadingEnd.Excess excess => Explain(excess.Fate, account),
        ReadingEnd.Answered { Result.Fate: not ReadingFate.Read and var fate } => Explain(fate, account),
        _ => Explain(status, account),
    };

    private static string Explain(ReadingFate fate, PageAccount account) => fate switch
    {
        ReadingFate.Encrypted => "A password is needed to read it.",
        ReadingFate.Damaged => "It could not be opened: its structure is damaged.",
        ReadingFate.TooManyPages => $"It has more pages than the limit allows.{Kept(account)}",
        ReadingFate.TooManyPixels => $"A page has more pixels than the limit allows.{Kept(account)}",
        ReadingFate.TooMuchText => $"It has more text than the limit allows.{Kept(account)}",
        ReadingFate.TooManyBytes => "The file is longer than the reader can address.",
        ReadingFate.OutOfMemory => $"{TwoTries} the reader needed more memory than the limit allows.{Kept(account)}",
        _ => throw new UnreachableException(),
    };

    private static string Explain(TextStatus status, PageAccount account) => status switch
    {
        TextStatus.None => "Every page is blank.",
        TextStatus.Damaged => account.Total == 0 ? "It has no pages." : "No page could be read.",
        TextStatus.Partial => $"{account.Failed} of {account.Total} pages could not be read.",
        TextStatus.PendingOcr => $"{account.PendingOcr} of {account.Total} pages wait for OCR."
            + (account.Failed > 0 ? $" {account.Failed} could not be read." : ""),
        _ => throw new UnreachableException(),
    };

    private static string Kept(PageAccount account) =>
        account.Total == 0 ? "" : $" {account.Total - account.Failed} of {account.Total} pages were read before.";

    /// <summary>An honest worker sends it within bounds already; a captured one does not.</summary>
    private static IReadOnlyDictionary<string, string> Bound(IReadOnlyDictionary<string, string>? sent)
    {
        var entries = new MetadataEntries();
        foreach (var (key, value) in sent ?? new Dictionary<string, string>())
        {
            entries.Add(key, value);
        }

        return entries.Entries;
    }

    private static ToolVersion[] Bound(IEnumerable<ToolVersion> sent) =>
        [.. sent.Where(tool => Fits(tool.Name) && Fits(tool.Version)).Take(16)];

    private static bool Fits(string text) => text.Length is > 0 and <= MaxToolNameChars && PlainText.IsClean(text);

    private static IEnumerable<ToolVersion> Guess(WorkerHello? greeting, FileFormat format) =>
        (greeting?.Tools ?? []).Skip(format == FileFormat.Pdf ? 0 : 1).Take(1);
}
