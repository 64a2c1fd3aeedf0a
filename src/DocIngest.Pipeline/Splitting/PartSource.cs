using DocIngest.Archive;
using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Recognition;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Splitting;

/// <summary>Where the parts of divided scans come from when their copies are lost: the archived batch record, which is never removed before them.</summary>
internal sealed class PartSource(IngestEnvironment environment)
{
    private const string WholeName = "whole";

    private readonly ScanSplitter _splitter = new(environment);

    /// <summary>What a part has from its batch: also the bar code that opened it, and how many documents there are.</summary>
    /// <returns>Null for a scan that is no part.</returns>
    /// <exception cref="ArchiveException">The batch record is damaged or missing.</exception>
    public PartOf? Describe(Claim claim) => claim.Part is { } part ? Describe(claim, part) : null;

    /// <summary>Cuts a part out of its batch record into its staging folder.</summary>
    /// <exception cref="ArchiveException">The batch record is damaged or missing, or cannot be cut. Staging holds nothing of the part.</exception>
    /// <exception cref="StorageException">Staging cannot be used.</exception>
    /// <exception cref="Extraction.ExtractionUnavailableException">No worker can be started. A retry may help.</exception>
    public async Task CutAsync(ScanInHand scan, CancellationToken stopping)
    {
        var part = scan.Claim.Part ?? throw new InvalidOperationException("Only parts are cut.");
        var batch = Batch(scan.Claim);
        scan.Since = environment.Data.Mark();
        environment.Data.DeleteTree(scan.StagingPath);
        environment.Data.CreateFolder(scan.StagingPath);
        string whole = $"{scan.StagingPath}/{WholeName}";
        await ArchivedOriginal.CopyOutAsync(environment, batch, new VersionNumber(part.Version), whole, stopping);
        Formats.FileFormat? format;
        using (var content = environment.Data.OpenRead(whole))
        {
            format = Recognizer.Recognize(content);
        }

        var cut = format is { } known ? await _splitter.CutAsync(whole, known, scan.Claim.Id, PageRanges.Parse(part.Pages), stopping) : null;
        environment.Data.Delete(whole);
        if (cut is CutOutcome.Refused { Reason: CutRefusal.TookTooLong or CutRefusal.Crashed } late)
        {
            throw new Extraction.ExtractionUnavailableException($"A part could not be cut: {late.Words}.");   // it could be cut when the scan was filed
        }

        if (cut is not CutOutcome.Made made)
        {
            throw Damaged(batch.Path, "Its pages cannot be cut any more as they were when it was filed.");
        }

        scan.TakeCut(made.File.Digest, made.File.SizeBytes);
        await environment.Database.WriteAsync(
            (_, transaction) =>
            {
                ScanTable.NoteSize(transaction, scan.Claim.Id, made.File.SizeBytes);
                return true;
            },
            stopping);
    }

    private PartOf Describe(Claim claim, PartOf part)
    {
        var batch = Batch(claim);
        var parts = RecordDocuments.ReadRecord(environment.Archive, batch, new VersionNumber(part.Version)).Batch?.Parts ?? [];
        var named = parts.FirstOrDefault(one => one.ScanId == claim.Id) ?? throw Damaged(batch.Path, "The batch record does not name its open part.");
        return part with { OpenedBy = named.OpenedBy, DocumentCount = parts.Count };
    }

    private OcflObject Batch(Claim claim)
    {
        string id = claim.Part?.Batch.ToString() ?? throw new InvalidOperationException("Only parts have a batch record.");
        return environment.Archive.Find(id) ?? throw Damaged(id, "The batch record of an open part is not there.");
    }

    private static DamagedObjectException Damaged(string path, string message) => new(new Finding(FindingCodes.ObjectMissing, path, message));
}
