using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Filing;

/// <summary>What of a document's pages, text and class a person should look at.</summary>
internal static class ReviewFlags
{
    /// <summary>The flags of <see cref="RecordFlag"/> that follow from what was read and found.</summary>
    /// <param name="profile">The record's.</param>
    /// <param name="rules">The rules there are.</param>
    /// <param name="read">What was read.</param>
    /// <param name="found">What the rules made of it.</param>
    public static IEnumerable<string> Of(ProfileOptions profile, RuleSet rules, ExtractionResult read, DocumentClass found)
    {
        if (read.BarCodes is { IsComplete: false })
        {
            yield return RecordFlag.BarCodesUnread;
        }

        if (profile.Pages.Blank == BlankPages.Flag && read.Pages.Blank > 0)
        {
            yield return RecordFlag.BlankPages;
        }

        if (profile.Pages.Wordless == WordlessPages.Flag && read.Pages.Wordless > 0)
        {
            yield return RecordFlag.WordlessPages;
        }

        if (read.MissingLanguages.Count > 0)
        {
            yield return RecordFlag.LanguageMissing;
        }

        if (read.Text.Pages.Any(page => page.ConfidencePercent < profile.ReviewBelowConfidence))
        {
            yield return RecordFlag.LowConfidence;
        }

        // One that waits for OCR may still become known; one that could not be read is listed for that.
        bool isRead = read.TextStatus is TextStatus.Complete or TextStatus.Partial;
        if (isRead && found.RecordClass is null && profile.RecordClass == RecordDocument.Unclassified && rules.MayClassify(profile.Name))
        {
            yield return RecordFlag.Unclassified;
        }
    }
}
