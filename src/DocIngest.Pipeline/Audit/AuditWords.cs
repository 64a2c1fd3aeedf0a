namespace DocIngest.Pipeline.Audit;

/// <summary>Types of events. Closed; a promise (docs/formats/audit.md).</summary>
public static class AuditType
{
    /// <summary><c>start</c>, <c>stop</c>.</summary>
    public const string Service = "service";

    /// <summary><c>load</c>, <c>changed</c>.</summary>
    public const string Config = "config";

    /// <summary><c>filed</c>, <c>versioned</c>, <c>duplicate</c>, <c>quarantined</c>, <c>failed</c>.</summary>
    public const string Ingest = "ingest";

    /// <summary><c>original</c>, <c>text</c>, <c>rendition</c>, <c>record</c>, <c>thumbnail</c>, <c>show</c>, <c>history</c>, <c>review</c>, <c>quarantined</c>, <c>events</c>.</summary>
    public const string Read = "read";

    /// <summary><c>find</c>, <c>review-list</c>, <c>quarantine-list</c>, <c>retention-plan</c>.</summary>
    public const string Search = "search";

    /// <summary><c>confirmed</c>, <c>assigned</c>, <c>amended</c>, <c>withdrawn</c>, <c>reinstated</c>, <c>reassigned</c>, <c>split</c>, <c>read-later</c>.</summary>
    public const string Amend = "amend";

    /// <summary><c>archive-copy</c>: the whole archive went to another store; <c>disclosure</c>: records were handed out.</summary>
    public const string Export = "export";

    /// <summary><c>import</c>, <c>add</c>, <c>sidecar</c>: what happened to patients and cases was recorded.</summary>
    public const string Events = "events";

    /// <summary><c>rotate</c>, <c>announce</c>: another key signs the days of the audit.</summary>
    public const string Key = "key";

    /// <summary><c>add</c>, <c>end</c>: about to be done; what was done stands in the register. <c>refused</c>: a command, to an account without a role for it.</summary>
    public const string Person = "person";

    /// <summary><c>add</c>, <c>ask-release</c>, <c>agree-release</c>, <c>list</c>: about to be done; what was done stands in the register.</summary>
    public const string Hold = "hold";

    /// <summary><c>propose</c>, <c>approve</c>, <c>reject</c>, <c>execute</c>, <c>destroy</c>, <c>certify</c>, <c>declare-gone</c>, <c>replay</c>, <c>list</c>: about to be done; what was done stands in the destruction register.</summary>
    public const string Disposition = "disposition";

    /// <summary><c>retried</c>, <c>accepted</c>, <c>discarded</c>.</summary>
    public const string Quarantine = "quarantine";

    /// <summary><c>run</c>, <c>restore</c>, <c>forget</c>, <c>prune</c>, <c>pruned</c>, <c>init</c>, <c>list</c>, <c>check</c>, <c>unlock</c>, <c>key-list</c>, <c>key-add</c>, <c>key-remove</c>, <c>key-escrow</c>.</summary>
    public const string Backup = "backup";

    /// <summary><c>validate</c>; <c>copy</c>: another store was copied, perhaps into the archive of the data folder.</summary>
    public const string Archive = "archive";

    /// <summary><c>test</c>: a file was read as ingest would, and shown.</summary>
    public const string Rules = "rules";

    /// <summary><c>rebuild</c>.</summary>
    public const string Catalog = "catalog";

    /// <summary><c>first</c>, <c>rotated</c>, <c>announced</c>: another key signs reports.</summary>
    public const string ReportKey = "report-key";

    /// <summary><c>begin</c>, <c>end</c>, <c>aborted</c> (its process died): a run of a job, each with its number.</summary>
    public const string Run = "run";

    /// <summary><c>begin</c>, <c>no-ledger</c>, <c>accept-without-ledger</c>, <c>keys</c>, <c>end</c>, <c>refused</c>, <c>accept</c>: the data folder was recovered from a backup.</summary>
    public const string Recovery = "recovery";

    /// <summary><c>torn</c>, <c>lost</c>, <c>rolled-back</c>, <c>accepted</c>.</summary>
    public const string Break = "break";
}

/// <summary>What kind of act it was, as in DICOM and FHIR.</summary>
public static class AuditAction
{
    /// <summary>Something was made.</summary>
    public const string Create = "C";

    /// <summary>Something was read.</summary>
    public const string Read = "R";

    /// <summary>Something was changed.</summary>
    public const string Update = "U";

    /// <summary>Something was deleted.</summary>
    public const string Delete = "D";

    /// <summary>Something was carried out.</summary>
    public const string Execute = "E";
}

/// <summary>How it went.</summary>
public static class AuditOutcome
{
    /// <summary>Done, or about to be done: what hands out or destroys is recorded before.</summary>
    public const string Success = "success";

    /// <summary>Tried, and not done.</summary>
    public const string Failure = "failure";
}

/// <summary>What for.</summary>
public static class AuditPurpose
{
    /// <summary>The words there are.</summary>
    public static IReadOnlyList<string> All { get; } = ["treatment", "payment", "audit", "legal", "patient-request", "operations"];
}
