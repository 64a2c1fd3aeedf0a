namespace DocIngest.Pipeline.Retention;

/// <summary>A kind of event in the life of a patient or a case.</summary>
/// <param name="Name">Letters and digits, beginning with a small letter.</param>
/// <param name="IsOnce">Whether it happens once, as a birth does.</param>
/// <param name="OfPatients">Whether patients have it.</param>
/// <param name="OfCases">Whether cases have it.</param>
public sealed record EventKind(string Name, bool IsOnce, bool OfPatients, bool OfCases)
{
    internal const string Encounter = "encounter";
    internal const string Admission = "admission";
    internal const string Discharge = "discharge";
    internal const string Birth = "birth";
    internal const string Death = "death";
    internal const string CaseClosed = "caseClosed";

    /// <summary>Those that every schedule knows.</summary>
    public static IReadOnlyList<EventKind> BuiltIn { get; } =
    [
        new(Encounter, IsOnce: false, OfPatients: true, OfCases: true),
        new(Admission, IsOnce: false, OfPatients: true, OfCases: true),
        new(Discharge, IsOnce: false, OfPatients: true, OfCases: true),
        new(Birth, IsOnce: true, OfPatients: true, OfCases: false),
        new(Death, IsOnce: true, OfPatients: true, OfCases: false),
        new(CaseClosed, IsOnce: true, OfPatients: false, OfCases: true),
    ];

    internal bool IsOf(SubjectKind subject) => subject == SubjectKind.Patient ? OfPatients : OfCases;
}
