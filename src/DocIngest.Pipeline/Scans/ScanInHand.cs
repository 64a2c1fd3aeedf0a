using DocIngest.Archive;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Collation;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Splitting;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Scans;

/// <summary>A file that has settled, or was named on the command line.</summary>
internal sealed record SettledScan(DropFolder Folder, string RelativePath, FileStamp Stamp, bool RemovesSource);

/// <summary>A claimed scan on its way through the stages. One stage holds it at a time.</summary>
internal sealed class ScanInHand(Claim claim, DropFolder folder)
{
    private Sidecar? _ownSidecar;

    public Claim Claim { get; private set; } = claim;

    public DropFolder Folder { get; } = folder;

    public string RelativePath => Folder.Relative(Claim);

    /// <summary>Relative to the data folder: <c>staging/&lt;scan id&gt;</c>.</summary>
    public string StagingPath => DataFolder.StagingOf(Claim.Id);

    /// <summary>The private copy, relative to the data folder.</summary>
    public string CopyPath => $"{StagingPath}/{DataFolder.PrivateCopyName}";

    /// <summary>Where its searchable rendition is made, relative to the data folder.</summary>
    public string RenditionPath => $"{StagingPath}/{DataFolder.StagedRenditionName}";

    /// <summary>Which side of the sheets it shows, by its name; null for a scan that is a document of its own.</summary>
    public StackName? Stack { get; } = claim.Part is null ? folder.DuplexRule?.Find(claim.FileName) : null;

    /// <summary>What makes a later scan a duplicate of this stack alone, whatever it is put together with.</summary>
    public string StackIdentity { get; private set; } = "";

    /// <summary>The stack it is put together with; null where there is none.</summary>
    public OtherStack? Other { get; private set; }

    /// <summary>Whether it is one stack of a document of two sides: by its name, and since it can be read.</summary>
    public bool IsStack => this is { Stack: not null, Split: null, Format: not null, Extraction: not null };

    /// <summary>Why it is not put together with another stack; in plain words, made by us. Null for most.</summary>
    public string? StackFault { get; private set; }

    /// <summary>Whether it is in doubt which stack is the other one.</summary>
    public bool IsStackInDoubt { get; private set; }

    /// <summary>How often it began anew since its other side was there, or was there no more.</summary>
    public int CollationCount { get; set; }

    /// <summary>Taken before the private copy was begun: a flush that failed since may have lost a part of it.</summary>
    public FlushMark Since { get; set; }

    // Set when the copy is whole.
    public Sha512Digest Digest { get; set; }

    /// <summary>What its sidecar says, or that of the stack it is put together with.</summary>
    public Sidecar? Sidecar => _ownSidecar ?? Other?.Sidecar;

    /// <summary>That sidecar as it came; null where there is none.</summary>
    public string? SidecarJson => Claim.SidecarJson ?? Other?.SidecarJson;

    public string? SidecarFault { get; private set; }

    /// <summary>Events of its sidecar that were not recorded and why, in words without anything of a person.</summary>
    public IReadOnlyList<string> RefusedEvents { get; set; } = [];

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

    /// <summary>It is one document with the stack that waited for it.</summary>
    /// <param name="other">That stack.</param>
    /// <param name="both">What was read of both.</param>
    public void Collate(OtherStack other, ExtractionResult both)
    {
        Other = other;
        Extraction = both;
    }

    /// <summary>It is a record of its own although it shows one side of its sheets.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="own">What was read of it alone.</param>
    /// <param name="isInDoubt">Whether it is in doubt which stack is the other one.</param>
    public void StaysAlone(string fault, ExtractionResult own, bool isInDoubt)
    {
        Other = null;
        StackFault = fault;
        IsStackInDoubt = isInDoubt;
        Extraction = own;
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

    /// <summary>Takes over in which language each page is.</summary>
    public void NoteLanguages(Classifier classifier)
    {
        if (Extraction is { } read)
        {
            Extraction = read with { Text = classifier.WithLanguages(read.Text, Folder.Profile.Languages) };
        }
    }

    /// <summary>Takes over what sidecar, rules and profile say of it. The key is part of its identity.</summary>
    public void Classify(DocumentClass found)
    {
        Class = found;
        Identity = ScanIdentity.Of(Claim.Profile, DocumentKey, SidecarFields, Other is { } other && Stack is { } stack ? other.With(stack.Side, Digest) : Digest, Part?.Sheet);
    }

    /// <summary>What is known of it before it is classified.</summary>
    public DocumentFacts Facts()
    {
        var codes = Extraction?.BarCodes?.Codes ?? [];
        return new DocumentFacts
        {
            Profile = Folder.Profile.Name,
            FileName = Other is { Stack.Side: StackSide.Fronts } fronts ? fronts.Stack.FileName : Claim.FileName,
            Subfolder = Claim.Subfolder,
            Text = Extraction?.Text ?? DocumentText.Empty,
            BarCodes = Part?.WithSheet(codes) ?? codes,
            Metadata = Extraction?.Metadata ?? new Dictionary<string, string>(),
            ReceivedAt = Claim.ClaimedAt,
            Languages = Folder.Profile.Languages,
            DateOrder = Folder.Profile.DateOrder,
            Sidecar = Sidecar,
            KeyFromName = Sidecar?.DocumentKey is null ? Claim.DocumentKey ?? Other?.KeyFromName : null,
        };
    }

    /// <summary>Copied anew, it is read and classified anew.</summary>
    public void Identify()
    {
        Class = null;
        Extraction = null;
        Split = null;
        SplitFault = null;
        Other = null;
        StackFault = null;
        IsStackInDoubt = false;
        RefusedEvents = [];
        if (Claim.SidecarJson is { } json)
        {
            (_ownSidecar, SidecarFault) = Sidecar.Read(json);
        }

        Identity = ScanIdentity.Of(Claim.Profile, Claim.DocumentKey, SidecarFields, Digest, Part?.Sheet);
        StackIdentity = Identity;
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
