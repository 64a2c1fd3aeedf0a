using System.ComponentModel.DataAnnotations;
using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Retention;

/// <summary>The file of the retention schedule.</summary>
public sealed class RetentionOptions
{
    /// <summary>The time zone whose calendar counts, as <c>Europe/London</c>; on Windows by its name there, as <c>GMT Standard Time</c>. Must be given.</summary>
    public string TimeZone { get; set; } = "";

    /// <summary>The field of a record that holds its patient's number. Default <c>patientId</c>.</summary>
    [RegularExpression(FieldPattern)]
    public string PatientField { get; set; } = "patientId";

    /// <summary>The field of a record that holds the number of its case. Default <c>encounterId</c>.</summary>
    [RegularExpression(FieldPattern)]
    public string CaseField { get; set; } = "encounterId";

    /// <summary>Days after death on which events may still be dated, for letters and findings that come late. Default 0; 0 to 3650.</summary>
    [Range(0, 3650)]
    public int PosthumousDays { get; set; }

    /// <summary>Kinds of events besides encounter, admission, discharge, birth, death and caseClosed. Default none.</summary>
    public IReadOnlyList<EventKindOptions> Events { get; set; } = [];

    /// <summary>What is kept how long. A record whose class is not here is kept.</summary>
    public IReadOnlyList<RetentionClassOptions> Classes { get; set; } = [];

    /// <summary>Days between the second approval of a destruction and its execution, in which holds and second thoughts may still arrive. Default 7; 0 to 365.</summary>
    [Range(0, 365)]
    public int CoolOffDays { get; set; } = 7;

    /// <summary>Copies of records that this program does not make, such as tapes: certificates of destruction name them. Default none.</summary>
    public IReadOnlyList<ForeignCopyOptions> ForeignCopies { get; set; } = [];

    internal const string FieldPattern = "^[A-Za-z][A-Za-z0-9_.-]{0,63}$";
}

/// <summary>A copy of records that this program does not make.</summary>
public sealed class ForeignCopyOptions
{
    /// <summary>What it is, for example <c>monthly tapes</c>. Must be given.</summary>
    public string Name { get; set; } = "";

    /// <summary>Days after which nothing that was destroyed is in it any more. Default 0; 0 to 36500.</summary>
    [Range(0, 36500)]
    public int KeptDays { get; set; }
}

/// <summary>A kind of events.</summary>
public sealed class EventKindOptions
{
    /// <summary>Its name, as <c>treatment</c>: then <c>firstTreatment</c> and <c>lastTreatment</c> are triggers. Letters and digits, a small letter first.</summary>
    [RegularExpression("^[a-z][A-Za-z0-9]{0,31}$")]
    public string Kind { get; set; } = "";

    /// <summary>Whether it happens once: the trigger then has the kind's name. Default false.</summary>
    public bool Once { get; set; }

    /// <summary>Who has such events. Default <c>both</c>.</summary>
    public EventSubjects Of { get; set; } = EventSubjects.Both;
}

/// <summary>Who has events of a kind.</summary>
public enum EventSubjects
{
    /// <summary>Patients and cases.</summary>
    Both,

    /// <summary>Patients.</summary>
    Patient,

    /// <summary>Cases.</summary>
    Case,
}

/// <summary>How long the records of one class are kept, and what then.</summary>
public sealed class RetentionClassOptions
{
    /// <summary>The record class: lower-case letters, digits, <c>-</c> and <c>_</c>.</summary>
    [RegularExpression(RecordClassRule.Pattern)]
    public string Id { get; set; } = "";

    /// <summary>Its name for people. Must be given.</summary>
    public string Title { get; set; } = "";

    /// <summary>The law, rule or decision that asks for it, in words. Must be given.</summary>
    public string Mandate { get; set; } = "";

    /// <summary>What belongs to the class and what does not. Default none.</summary>
    public string? ScopeNotes { get; set; }

    /// <summary>What is done when it is due. Default <c>review</c>.</summary>
    public RetentionAction Action { get; set; } = RetentionAction.Review;

    /// <summary>Until when it is kept, as <c>max(lastEncounter+8y, birthday(25))</c>; none for <c>permanent</c>.</summary>
    public string? Expression { get; set; }

    /// <summary>Whether the class is given by sidecars or by people, so that no rule and no profile has to know it. Default false.</summary>
    public bool GivenElsewhere { get; set; }
}

/// <summary>What is done with a record that is due.</summary>
public enum RetentionAction
{
    /// <summary>A person decides.</summary>
    Review,

    /// <summary>It is proposed for destruction.</summary>
    Destroy,

    /// <summary>It is handed over to another archive.</summary>
    Transfer,

    /// <summary>Nothing, ever: it is never due.</summary>
    Permanent,
}
