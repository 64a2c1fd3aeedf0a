namespace DocIngest.Pipeline.Records;

/// <summary>The flags a record can carry; <c>qc</c> lists them.</summary>
internal static class RecordFlag
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
