namespace DocIngest.Pipeline.Records;

/// <summary>Why a record is taken out of use. The words are a promise.</summary>
public static class WithdrawalReason
{
    /// <summary>It should never have been filed: the wrong patient's, a test page, another department's.</summary>
    public const string EnteredInError = "entered-in-error";

    /// <summary>Another record holds the same document.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>It was scanned anew because it could not be read.</summary>
    public const string Illegible = "illegible";

    /// <summary>Another record takes its place.</summary>
    public const string Superseded = "superseded";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [EnteredInError, Duplicate, Illegible, Superseded];
}
