using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Ledger;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Scans;

/// <summary>A file that has settled, or was named on the command line.</summary>
internal sealed record SettledScan(DropFolder Folder, string RelativePath, FileStamp Stamp, bool RemovesSource);

/// <summary>A claimed scan on its way through the stages. One stage holds it at a time.</summary>
internal sealed class ScanInHand(Claim claim, DropFolder folder)
{
    public Claim Claim { get; } = claim;

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

    // Set by classification.
    public DocumentClass? Class { get; private set; }

    /// <summary>Names one document: by sidecar, rule or file name; null where none of them gives a key.</summary>
    public string? DocumentKey => Class is { } found ? found.DocumentKey : Claim.DocumentKey;

    /// <summary>Takes over what sidecar, rules and profile say of it. The key is part of its identity.</summary>
    public void Classify(DocumentClass found)
    {
        Class = found;
        Identity = ScanIdentity.Of(Claim.Profile, DocumentKey, SidecarFields, Digest);
    }

    /// <summary>Copied anew, it is read and classified anew.</summary>
    public void Identify()
    {
        Class = null;
        Extraction = null;
        if (Claim.SidecarJson is { } json)
        {
            (Sidecar, SidecarFault) = Sidecar.Read(json);
        }

        Identity = ScanIdentity.Of(Claim.Profile, Claim.DocumentKey, SidecarFields, Digest);
    }

    /// <summary>What its text takes in memory, in characters; a word of OCR with its box takes as much as some sixty.</summary>
    public long TextCharacters => Extraction?.Text.Pages.Sum(static page => page.Text.Length + (WordCharacters * (page.Layout?.Words.Count ?? 0))) ?? 0;

    private const long WordCharacters = 64;

    public IReadOnlyDictionary<string, string> SidecarFields => Sidecar?.Fields ?? NoFields;

    private static readonly IReadOnlyDictionary<string, string> NoFields = new Dictionary<string, string>();

    /// <summary>Whether the scanner's file is still what was claimed; true where that cannot be told just now.</summary>
    public bool SourceStands()
    {
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
