using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Splitting;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Scans;

/// <summary>A file that has settled, or was named on the command line.</summary>
internal sealed record SettledScan(DropFolder Folder, string RelativePath, FileStamp Stamp, bool RemovesSource);

/// <summary>A claimed scan on its way through the stages. One stage holds it at a time.</summary>
internal sealed class ScanInHand(Claim claim, DropFolder folder)
{
    public Claim Claim { get; private set; } = claim;

    public DropFolder Folder { get; } = folder;

    public string RelativePath => Folder.Relative(Claim);

    /// <summary>Relative to the data folder: <c>staging/&lt;scan id&gt;</c>.</summary>
    public string StagingPath => DataFolder.StagingOf(Claim.Id);

    /// <summary>The private copy, relative to the data folder.</summary>
    public string CopyPath => $"{StagingPath}/{DataFolder.PrivateCopyName}";

    /// <summary>Where its searchable rendition is made, relative to the data folder.</summary>
    public string RenditionPath => $"{StagingPath}/{DataFolder.StagedRenditionName}";

    /// <summary>Taken before the private copy was begun: a flush that failed since may have lost a part of it.</summary>
    public FlushMark Since { get; set; }

    // Set when the copy is whole.
    public Sha512Digest Digest { get; set; }

    public Sidecar? Sidecar { get; private set; }

    public string? SidecarFault { get; private set; }

    public string Identity { get; private set; } = "";

    /// <summary>A person wants it archived although it is no known kind of document.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>It came from an open ledger row, not through the pipeline's front door.</summary>
    public bool HasNoPlace { get; set; }

    // Set by recognition and extraction.
    public FileFormat? Format { get; set; }

    public ExtractionResult? Extraction { get; set; }

    /// <summary>How it is divided; null for a scan that is one document.</summary>
    public SplitPlan? Split { get; private set; }

    /// <summary>Why it has separators, or may have, and stays whole all the same; in plain words, made by us. Null for most.</summary>
    public string? SplitFault { get; private set; }

    /// <summary>Of a part: where it was cut from, with the bar code that opened it, which is part of its identity. Set before it is copied.</summary>
    public PartOf? Part { get; set; }

    /// <summary>It is to be divided. Of the whole, nothing but pages and account is kept beside the original: its documents have text and rendition.</summary>
    public void Divide(SplitPlan plan)
    {
        Split = plan;
        Extraction = Extraction is { } read
            ? read with { Text = DocumentText.Empty, TextStatus = TextStatus.None, Rendition = null, RenditionPages = null, Note = $"Divided. {plan.Account}." }
            : null;
    }

    /// <summary>It is not to be divided although it has separators, or may have.</summary>
    public void StaysWhole(string fault)
    {
        SplitFault = fault;
        Extraction = Extraction is { } read ? read with { Note = $"{read.Note} It was not divided at its separators: {fault}.".TrimStart() } : null;
    }

    /// <summary>Its copy, a part's, has been cut anew.</summary>
    public void TakeCut(Sha512Digest digest, long sizeBytes)
    {
        Claim = Claim with { Stamp = Claim.Stamp with { SizeBytes = sizeBytes } };
        Digest = digest;
        Identify();
    }

    // Set by classification.
    public DocumentClass? Class { get; private set; }

    /// <summary>Names one document: by sidecar, rule or file name; null where none of them gives a key.</summary>
    public string? DocumentKey => Class is { } found ? found.DocumentKey : Claim.DocumentKey;

    /// <summary>Takes over what sidecar, rules and profile say of it. The key is part of its identity.</summary>
    public void Classify(DocumentClass found)
    {
        Class = found;
        Identity = ScanIdentity.Of(Claim.Profile, DocumentKey, SidecarFields, Digest, Part?.Sheet);
    }

    /// <summary>Copied anew, it is read and classified anew.</summary>
    public void Identify()
    {
        Class = null;
        Extraction = null;
        Split = null;
        SplitFault = null;
        if (Claim.SidecarJson is { } json)
        {
            (Sidecar, SidecarFault) = Sidecar.Read(json);
        }

        Identity = ScanIdentity.Of(Claim.Profile, Claim.DocumentKey, SidecarFields, Digest, Part?.Sheet);
    }

    /// <summary>What its text takes in memory, in characters.</summary>
    public long TextCharacters => Extraction?.Text.MemoryCharacters ?? 0;

    public IReadOnlyDictionary<string, string> SidecarFields => Sidecar?.Fields ?? NoFields;

    private static readonly IReadOnlyDictionary<string, string> NoFields = new Dictionary<string, string>();

    /// <summary>Whether the scanner's file is still what was claimed; true where that cannot be told just now.</summary>
    public bool SourceStands()
    {
        if (Claim.Part is not null)
        {
            return false;   // it never was a file; the batch record has its pages
        }

        try
        {
            return Folder.Folder.Find(RelativePath) is { Kind: EntryKind.File } source && source.Stamp == Claim.Stamp;
        }
        catch (StorageException)
        {
            return true;   // the share may only be unmounted: copying will tell, and be tried again
        }
    }
}
