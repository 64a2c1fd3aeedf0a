using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Filing;

/// <summary>What of a document's text and class a person should look at.</summary>
internal static class ReviewFlags
{
    /// <summary>The flags of <see cref="RecordFlag"/> that follow from what was read and found.</summary>
    /// <param name="profile">The record's.</param>
    /// <param name="rules">The rules there are.</param>
    /// <param name="status">How far it was read.</param>
    /// <param name="text">What was read.</param>
    /// <param name="found">What the rules made of it.</param>
    public static IEnumerable<string> Of(ProfileOptions profile, RuleSet rules, TextStatus status, DocumentText text, DocumentClass found)
    {
        if (text.Pages.Any(page => page.ConfidencePercent < profile.ReviewBelowConfidence))
        {
            yield return RecordFlag.LowConfidence;
        }

        // One that waits for OCR may still become known; one that could not be read is listed for that.
        bool isRead = status is TextStatus.Complete or TextStatus.Partial;
        if (isRead && found.RecordClass is null && profile.RecordClass == RecordDocument.Unclassified && rules.MayClassify(profile.Name))
        {
            yield return RecordFlag.Unclassified;
        }
    }
}
