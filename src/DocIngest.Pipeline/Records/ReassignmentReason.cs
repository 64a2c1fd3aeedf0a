namespace DocIngest.Pipeline.Records;

/// <summary>Why a record is moved. The words are a promise.</summary>
public static class ReassignmentReason
{
    /// <summary>It was filed under another patient's number.</summary>
    public const string WrongPatient = "wrong-patient";

    /// <summary>It was filed under another case of the patient.</summary>
    public const string WrongCase = "wrong-case";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [WrongPatient, WrongCase];
}
