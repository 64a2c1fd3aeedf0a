using System.Data.Common;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Splitting;

/// <summary>Opens the claims of a divided scan's parts, in the transaction that closes its own: from then on none of them can be forgotten.</summary>
internal static class PartClaims
{
    private const string FileId = "part";

    /// <summary>Opens them. Safe to repeat: those that are open or closed already are left out.</summary>
    /// <param name="transaction">The one that closes the scan's claim.</param>
    /// <param name="scan">The whole scan.</param>
    /// <param name="batch">Its record; one without parts opens nothing.</param>
    /// <param name="version">The record's version that has these pages.</param>
    /// <param name="owner">The instance that works on them.</param>
    public static IReadOnlyList<ScanInHand> Open(DbTransaction transaction, ScanInHand scan, RecordDocument batch, int version, string owner)
    {
        var planned = (scan.Split?.Parts ?? []).ToDictionary(part => part.Id);
        var claims = (batch.Batch?.Parts ?? []).Select(part => Claim(scan.Claim, part, batch, version, planned.GetValueOrDefault(part.ScanId))).ToList();
        var rows = ScanTable.Open(transaction, claims, owner);
        if (claims.Exists(claim => !ScanTable.Exists(transaction, claim.Id)))
        {
            throw new InvalidOperationException("The claim of a part could not be opened.");   // rolls the whole's end back: none is forgotten
        }

        var opened = rows.Select(claim => new ScanInHand(claim, scan.Folder) { Part = claim.Part }).ToList();
        foreach (var part in opened.Where(part => planned.ContainsKey(part.Claim.Id)))
        {
            var cut = planned[part.Claim.Id].File;
            part.TakeCut(cut.Digest, cut.SizeBytes);
            ScanTable.NoteCopied(transaction, part.Claim.Id, part.Digest, part.Identity);   // it lies in staging: it need not be cut again
        }

        return opened;
    }

    // A part comes as the file came: at the same time, by the same profile, with the same fields beside it. A key in the file's name names no part; a scan whose
    // sidecar has one is not divided.
    private static Claim Claim(Claim whole, BatchPart part, RecordDocument batch, int version, PlannedPart? planned) => whole with
    {
        Id = part.ScanId,
        SourcePath = $"{whole.SourcePath}/{part.ScanId.ToBareString()}",   // scanners use the names of files again
        Stamp = new FileStamp(FileId, planned?.File.SizeBytes ?? 0, 0),
        DocumentKey = null,
        RemovesSource = false,
        LateOf = null,
        Sequence = 0,
        WholeSequence = whole.Sequence,
        Part = new PartOf(batch.Id, version, part.Pages) { OpenedBy = part.OpenedBy, DocumentCount = batch.Batch?.Parts.Count ?? 0 },
    };
}
