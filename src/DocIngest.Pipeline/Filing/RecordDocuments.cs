using System.Text;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Collation;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Filing;

/// <summary>Makes <c>record.json</c> and <c>text.json</c> of a scan, and reads them back from the archive.</summary>
internal static class RecordDocuments
{
    public const string RecordFileName = "record.json";
    public const string TextFileName = "text.json";
    public const string RenditionFileName = "rendition.pdf";
    public const string SidecarFileName = "sidecar.json";

    // text.json of a document of 20 million characters and a million words with their places stays below; an object of other origin could have any size.
    private const int MaxBytes = 256 * 1024 * 1024;

    /// <summary>The record of a scan.</summary>
    public static RecordDocument Describe(ScanInHand scan, RecordId id, IReadOnlyList<string> flags, IReadOnlyList<RecordId> twins)
    {
        var claim = scan.Claim;
        var extraction = scan.Extraction ?? Unread;
        var found = scan.Class ?? throw new InvalidOperationException("A scan is classified before it is filed.");
        var fronts = scan.Other is { Stack.Side: StackSide.Fronts } other ? other.Stack : null;
        var described = new RecordDocument
        {
            Id = id,
            ScanId = claim.Id,
            DocumentKey = scan.DocumentKey,
            Profile = claim.Profile,
            ReceivedAt = claim.ClaimedAt,
            FileName = fronts?.FileName ?? claim.FileName,
            FileNameBytes = fronts is not null || claim.FileName == claim.RawFileName ? null : Convert.ToBase64String(RawName.ToBytes(claim.RawFileName)),
            Subfolder = claim.Subfolder,
            MediaType = fronts?.MediaType ?? scan.Format?.MediaType() ?? "application/octet-stream",
            SizeBytes = fronts?.SizeBytes ?? claim.Stamp.SizeBytes,
            Sha512 = fronts?.Sha512 ?? scan.Digest.Hex,
            Identity = scan.Identity,
            TextStatus = extraction.TextStatus,
            Pages = extraction.Pages,
            Twins = [.. twins.Where(twin => twin != id)],
            Batch = scan.Split?.Account,
            PartOf = scan.Part,
            Duplex = StackCollator.Account(scan),
        };
        var record = WithFindings(described, scan.Folder.Profile, extraction, found, flags);
        return record with { RuleNotes = [.. record.RuleNotes, .. scan.RefusedEvents] };
    }

    /// <summary>A record with what was read and found of its document, now or later.</summary>
    /// <param name="record">The rest.</param>
    /// <param name="profile">Gives the class where nothing else does.</param>
    /// <param name="read">What was read.</param>
    /// <param name="found">What the rules made of it.</param>
    /// <param name="flags">Besides those of the rules.</param>
    public static RecordDocument WithFindings(
        RecordDocument record, ProfileOptions profile, ExtractionResult read, DocumentClass found, IEnumerable<string> flags) => record with
    {
        RecordClass = found.RecordClass ?? profile.RecordClass,
        Title = found.Title,
        Language = found.Language,
        TextStatus = read.TextStatus,
        Pages = read.Pages,
        Fields = found.Fields,
        Evidence = found.Evidence,
        Codes = found.Codes,
        BarCodes = read.BarCodes?.Codes ?? [],
        BlankPages = [.. read.BlankPages],
        WordlessPages = [.. read.WordlessPages],
        MissingLanguages = read.MissingLanguages,
        RenditionPages = read.Rendition is null ? null : read.RenditionPages,
        Tags = found.Tags,
        Flags = [.. flags.Concat(found.Flags).Distinct().Order(StringComparer.Ordinal)],
        Metadata = new SortedDictionary<string, string>(read.Metadata.ToDictionary(), StringComparer.Ordinal),
        Tools = read.Tools,
        Note = read.Note,
        RuleNotes = found.Notes,
    };

    /// <summary>Writes both files, and the sidecar as it came, into a staged version.</summary>
    public static void Write(StagedVersion staged, RecordDocument record, DocumentText text, string? sidecarJson)
    {
        WriteRecord(staged, record);
        WriteText(staged, text);
        if (sidecarJson is null)
        {
            staged.RemoveContent(SidecarFileName);
        }
        else
        {
            staged.AddContent(SidecarFileName, Encoding.UTF8.GetBytes(sidecarJson));
        }
    }

    /// <summary>Writes <c>record.json</c> into a staged version.</summary>
    public static void WriteRecord(StagedVersion staged, RecordDocument record) =>
        staged.AddContent(RecordFileName, JsonSerializer.SerializeToUtf8Bytes(record, RecordJson.Instance.RecordDocument));

    /// <summary>Writes <c>text.json</c> into a staged version.</summary>
    public static void WriteText(StagedVersion staged, DocumentText text) =>
        staged.AddContent(TextFileName, JsonSerializer.SerializeToUtf8Bytes(text, RecordJson.Instance.DocumentText));

    /// <summary>The sidecar as it came with the head's scan; null where none did.</summary>
    /// <exception cref="DamagedObjectException">Content is missing.</exception>
    /// <exception cref="FixityException">Content does not match its digest.</exception>
    public static string? ReadSidecar(IArchive archive, OcflObject found) =>
        found.FindFile(found.Head, SidecarFileName) is null ? null : Encoding.UTF8.GetString(ReadWhole(archive, found, SidecarFileName));

    /// <summary>Reads the head of an archived record as the catalog wants it.</summary>
    /// <exception cref="DamagedObjectException">Content is missing.</exception>
    /// <exception cref="FixityException">Content does not match its digest.</exception>
    /// <exception cref="JsonException">No record of ours, or one of a newer program.</exception>
    public static CatalogEntry Read(IArchive archive, OcflObject found) =>
        new(ReadRecord(archive, found), ReadText(archive, found), [.. found.Versions.Select(version => Version(found, version))]);

    /// <summary>The record alone, of the head or another version.</summary>
    /// <inheritdoc cref="Read" path="/exception" />
    public static RecordDocument ReadRecord(IArchive archive, OcflObject found, VersionNumber? version = null)
    {
        var record = JsonSerializer.Deserialize(ReadWhole(archive, found, RecordFileName, version), RecordJson.Instance.RecordDocument)
            ?? throw new JsonException("record.json is null.");
        if (record.Format != RecordDocument.CurrentFormat)
        {
            throw new JsonException("record.json has a format that this program does not know.");
        }

        return record;
    }

    /// <summary>The text of the head; empty where it has none.</summary>
    /// <inheritdoc cref="Read" path="/exception" />
    public static DocumentText ReadText(IArchive archive, OcflObject found) => found.FindFile(found.Head, TextFileName) is null
        ? DocumentText.Empty
        : JsonSerializer.Deserialize(ReadWhole(archive, found, TextFileName), RecordJson.Instance.DocumentText) ?? DocumentText.Empty;

    /// <summary>Whether an archived object is a record of ours.</summary>
    public static bool IsRecord(OcflObject found) => RecordId.TryParse(found.Id, out _) && found.FindFile(found.Head, RecordFileName) is not null;

    public static RecordVersion Version(OcflObject found, ArchivedVersion version) => new(
        version.Number.Value,
        version.Created,
        version.Message ?? "",
        version.UserName ?? "",
        version.UserAddress,
        ArchivedOriginal.Of(found, version.Number)?.Digest ?? default);

    private static ExtractionResult Unread { get; } =
        new(TextStatus.None, PageAccount.Unknown, DocumentText.Empty, new Dictionary<string, string>(), [], "Not read: no known kind of document.");

    private static byte[] ReadWhole(IArchive archive, OcflObject found, string name, VersionNumber? version = null)
    {
        using var content = archive.OpenContent(found, version ?? found.Head, name);
        if (content.Length > MaxBytes)
        {
            throw new JsonException($"{name} has more than {MaxBytes} bytes.");
        }

        using var whole = new MemoryStream((int)content.Length);
        content.CopyTo(whole);
        return whole.ToArray();
    }
}
