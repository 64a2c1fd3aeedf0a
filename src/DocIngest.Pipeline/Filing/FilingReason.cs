namespace DocIngest.Pipeline.Filing;

/// <summary>The messages of OCFL versions. A closed list: free text could name a patient (DESIGN 4, The record).</summary>
internal static class FilingReason
{
    public const string Filed = "Scan filed";
    public const string NewVersion = "New scan of the same document";
    public const string LateBytes = "The scan grew after it was claimed";
    public const string Collated = "The other side of the same sheets";
    public const string Accepted = "Filed from quarantine by decision of a person";
}
