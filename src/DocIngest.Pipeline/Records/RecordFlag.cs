namespace DocIngest.Pipeline.Records;

/// <summary>The flags that intake itself gives; <c>qc</c> lists them. Rules give others, which only catch the eye.</summary>
internal static class RecordFlag
{
    /// <summary>The scan grew after it was claimed.</summary>
    public const string LateBytes = "late-bytes";

    /// <summary>The document key is known already, and the profile wants a person to look.</summary>
    public const string KeyExists = "key-exists";

    /// <summary>The sidecar could not be read.</summary>
    public const string SidecarInvalid = "sidecar-invalid";

    /// <summary>Filed though it is no document that this program knows.</summary>
    public const string Unrecognised = "unrecognised";

    /// <summary>Some rules took too long and were left out: a flag or field may be missing.</summary>
    public const string RulesIncomplete = "rules-incomplete";

    /// <summary>The patient's number is not in the patient index, nothing else on the document agrees with it, or two patients are named: it is assigned to nobody.</summary>
    public const string IdentityMismatch = "identity-mismatch";

    /// <summary>OCR read a page with less confidence than the profile asks for.</summary>
    public const string LowConfidence = "low-confidence";

    /// <summary>There are rules that say what documents of its profile are, and none of them knows it.</summary>
    public const string Unclassified = "unclassified";

    /// <summary>The profile has bar codes read, and those of some page were not: a key, a field or a separator may have been missed.</summary>
    public const string BarCodesUnread = "bar-codes-unread";

    /// <summary>Some pages are blank, and the profile wants a person to look.</summary>
    public const string BlankPages = "blank-pages";

    /// <summary>Some pages show something, and OCR found no word on them: nobody finds them by their text.</summary>
    public const string WordlessPages = "wordless-pages";

    /// <summary>OCR read it without a language of its profile, whose pack was not installed: words of that language may be wrong, and are not found.</summary>
    public const string LanguageMissing = "language-missing";

    /// <summary>The scan has separator sheets, or may have, and could not be divided: it is filed whole.</summary>
    public const string SplitStopped = "split-stopped";

    /// <summary>Its fields stood in a sidecar beside a stack of several documents, in a profile that does not trust its sidecars: whether they are this document's nobody has said.</summary>
    public const string SidecarShared = "sidecar-shared";

    /// <summary>Fronts without backs, or backs without fronts: they have not come, or it is in doubt which they are.</summary>
    public const string OtherSideMissing = "other-side-missing";

    /// <summary>Another scan became its newest version, in which what a person had corrected before does not stand.</summary>
    public const string CorrectionSuperseded = "correction-superseded";

    /// <summary>Its sidecar brought an event of a patient or case that could not be recorded.</summary>
    public const string EventRefused = "event-refused";

    // What follows from the document: it comes and goes with what is read.
    private static readonly string[] OfReading = [RulesIncomplete, IdentityMismatch, LowConfidence, Unclassified, BarCodesUnread, BlankPages, WordlessPages, LanguageMissing];

    // What happened to a scan, or came with it, and no other scan of the document mends.
    private static readonly string[] OfArrival = [LateBytes, KeyExists, SidecarInvalid, SplitStopped, SidecarShared, CorrectionSuperseded, EventRefused];

    private static readonly string[] OfIntake = [.. OfArrival, Unrecognised, OtherSideMissing, .. OfReading];

    /// <summary>Whether a flag is one of intake's own, for which a person must look at the record.</summary>
    public static bool IsOfIntake(string flag) => OfIntake.Contains(flag);

    /// <summary>Whether a flag stays when a record is read again.</summary>
    public static bool OutlastsReading(string flag) => OfIntake.Contains(flag) && !OfReading.Contains(flag);

    /// <summary>
    /// Whether a flag that nobody has settled stays when another scan makes the next version. What was wrong with the document (unread, faint, of no
    /// known kind) is not, since the new scan stands in its place.
    /// </summary>
    public static bool OutlastsScan(string flag) => OfArrival.Contains(flag);
}
