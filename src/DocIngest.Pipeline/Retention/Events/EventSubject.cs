using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Retention;

/// <summary>Whose events they are.</summary>
public enum SubjectKind
{
    /// <summary>A patient's.</summary>
    Patient,

    /// <summary>A case's, which is one stay or treatment of a patient.</summary>
    Case,
}

/// <summary>A patient or a case.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Number">As numbers are compared (letters and digits, in capitals). Personal: never in a log, a path or a message (I6).</param>
public readonly record struct EventSubject(SubjectKind Kind, string Number)
{
    private const int MostCharacters = 100;

    /// <summary>Reads a number as somebody wrote it; null where it has neither letter nor digit, or more than 100 characters.</summary>
    public static EventSubject? Of(SubjectKind kind, string? written) =>
        written is { Length: <= MostCharacters } && PatientIndex.Bare(written) is { Length: > 0 } number ? new EventSubject(kind, number) : null;

    /// <summary>Its kind in files and tables.</summary>
    public string Word => Kind == SubjectKind.Patient ? "patient" : "case";

    /// <summary>Says nothing about a person.</summary>
    public override string ToString() => $"a {Word}";
}
