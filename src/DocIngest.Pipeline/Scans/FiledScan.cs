using DocIngest.Pipeline.Ledger;

namespace DocIngest.Pipeline.Scans;

/// <summary>A scan whose claim is closed: its source may be removed and its outcome told.</summary>
internal sealed record FiledScan(ScanInHand Scan, Closing Closing)
{
    /// <summary>Parts of a divided scan, whose claims were opened as its own was closed: they go the way of a scan now.</summary>
    public IReadOnlyList<ScanInHand> Parts { get; init; } = [];
}
