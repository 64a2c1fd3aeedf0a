using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>A record while a new version of it is made.</summary>
/// <param name="Id">The revision's; its staging entry has this name.</param>
/// <param name="Archived">The object as it was when the revision began.</param>
/// <param name="Entry">What its head holds.</param>
internal sealed record RecordInRevision(RecordId Id, OcflObject Archived, CatalogEntry Entry)
{
    /// <summary>The staging entry, relative to the data folder.</summary>
    public string StagingPath => DataFolder.StagingOf(Id);
}

/// <summary>What is to be different in the new version. Everything else stays.</summary>
/// <param name="Record">The new record.json.</param>
/// <param name="Reason">The version's message, of <see cref="RevisionReason"/>.</param>
internal sealed record RecordChange(RecordDocument Record, string Reason)
{
    /// <summary>Whether its document key is new, and must be no other record's.</summary>
    public bool TakesKey { get; init; }

    /// <summary>The new text; null where it stays.</summary>
    public DocumentText? Text { get; init; }

    /// <summary>Whether the former rendition goes; <see cref="Rendition"/> takes its place, if there is one.</summary>
    public bool ReplacesRendition { get; init; }

    /// <summary>The new rendition, in the revision's staging entry.</summary>
    public RenditionFile? Rendition { get; init; }

    /// <summary>What takes the record's place; null where the record merely changes.</summary>
    public Succession? Succession { get; init; }
}

/// <summary>What came of a revision. Closed: only the cases below exist.</summary>
internal abstract record RevisionOutcome
{
    private RevisionOutcome()
    {
    }

    /// <summary>The record has a new version.</summary>
    internal sealed record Made(int Version, RecordDocument Record) : RevisionOutcome
    {
        /// <summary>The records that took its place; none where it merely changed.</summary>
        public IReadOnlyList<RecordDocument> Successors { get; init; } = [];
    }

    /// <summary>There is nothing to change.</summary>
    internal sealed record NotNeeded : RevisionOutcome;

    /// <summary>The archive has no such record.</summary>
    internal sealed record Absent : RevisionOutcome;

    /// <summary>The record got another version meanwhile, or somebody makes one just now. Nothing changed; a retry may help.</summary>
    internal sealed record Busy : RevisionOutcome;

    /// <summary>Another record got the document key that it was to have, after that was looked up. Nothing changed.</summary>
    internal sealed record KeyTaken : RevisionOutcome;

    /// <summary>A record that was to be made would double another, which came after that was looked up. Nothing changed.</summary>
    internal sealed record Doubled(RecordId Other) : RevisionOutcome;
}

/// <summary>The messages of versions that no scan brought. A closed list, as that of filing.</summary>
internal static class RevisionReason
{
    public const string ReadLater = "Read by OCR";
    public const string Confirmed = "Confirmed by a person";
    public const string Assigned = "Assigned by a person";
    public const string Amended = "Amended by a person";
    public const string Withdrawn = "Withdrawn by a person";
    public const string Reinstated = "Reinstated by a person";
    public const string Reassigned = "Reassigned by a person";
    public const string Split = "Split by a person";

    /// <summary>How the audit calls such a version (docs/formats/audit.md).</summary>
    public static string ToAuditWord(string? reason) => reason switch
    {
        ReadLater => "read-later",
        Confirmed => "confirmed",
        Assigned => "assigned",
        Amended => "amended",
        Withdrawn => "withdrawn",
        Reinstated => "reinstated",
        Reassigned => "reassigned",
        Split => "split",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
