using DocIngest.Pipeline.Ledger;

namespace DocIngest.Pipeline.Scans;

/// <summary>A scan whose claim is closed: its source may be removed and its outcome told.</summary>
internal sealed record FiledScan(ScanInHand Scan, Closing Closing);
