using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Filing;

/// <summary>What became of a group.</summary>
/// <param name="Closed">Closed in the ledger.</param>
/// <param name="Waiting">An older claim goes first: file them again after it.</param>
/// <param name="ToCollate">Their other side has been filed meanwhile: they begin anew, to be put together with it.</param>
/// <param name="Failed">Their surroundings failed; they start over from their source.</param>
internal sealed record FilingResult(
    IReadOnlyList<FiledScan> Closed,
    IReadOnlyList<ScanInHand> Waiting,
    IReadOnlyList<ScanInHand> ToCollate,
    IReadOnlyList<(ScanInHand Scan, Exception Error)> Failed);
