namespace DocIngest.Pipeline.Filing;

/// <summary>The messages of OCFL versions. A closed list: free text could name a patient (DESIGN 4, The record).</summary>
internal static class FilingReason
{
    public const string Filed = "Scan filed";
    public const string NewVersion = "New scan of the same document";
    public const string LateBytes = "The scan grew after it was claimed";
    public const string Accepted = "Filed from quarantine by decision of a person";
}

/// <summary>The flags that filing sets; <c>qc</c> lists them.</summary>
internal static class FilingFlag
{
    /// <summary>The scan grew after it was claimed.</summary>
    public const string LateBytes = "late-bytes";

    /// <summary>The document key is known already, and the profile wants a person to look.</summary>
    public const string KeyExists = "key-exists";

    /// <summary>The sidecar could not be read.</summary>
    public const string SidecarInvalid = "sidecar-invalid";

    /// <summary>Filed though it is no document that this program knows.</summary>
    public const string Unrecognised = "unrecognised";
}
