namespace DocIngest.Archive;

/// <summary>Something a verification found wrong.</summary>
/// <param name="Code">An OCFL code (<c>E0xx</c> error, <c>W0xx</c> warning; https://ocfl.io/1.1/spec/validation-codes.html) or one of <see cref="FindingCodes"/>.</param>
/// <param name="Path">Where, relative to the archive's folder.</param>
/// <param name="Message">What, for an operator. Names no content.</param>
public sealed record Finding(string Code, string Path, string Message)
{
    /// <summary>Whether the object breaks a rule, as against a recommendation.</summary>
    public bool IsError => !Code.StartsWith('W');
}

/// <summary>Codes of our own, for what OCFL has no code.</summary>
public static class FindingCodes
{
    /// <summary>The archive holds no such object.</summary>
    public const string ObjectMissing = "B001";

    /// <summary>The object holds no such version.</summary>
    public const string VersionMissing = "B002";

    /// <summary>A file of an object is what it was, and no document that this program can read. B003 to B006 are the validator's.</summary>
    public const string DocumentUnreadable = "B007";

    /// <summary>Files of an object that belong to no version are not copied.</summary>
    public const string NotOfAVersion = "B100";

    /// <summary>Two archives hold the object with different histories.</summary>
    public const string OtherHistory = "B101";

    /// <summary>The archive that is copied to holds more versions of the object than the one that is copied.</summary>
    public const string TargetIsAhead = "B102";

    /// <summary>A content path has no name in blob stores.</summary>
    public const string NoBlobName = "B103";

    /// <summary>Somebody else wrote the object while it was copied.</summary>
    public const string ChangedMeanwhile = "B104";
}
