namespace DocIngest.Pipeline.Statistics;

/// <summary>Events of one kind.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Patients">Events of patients.</param>
/// <param name="Cases">Events of cases. An event of a patient and a case is one of both.</param>
public sealed record EventCounts(string Kind, long Patients, long Cases);

/// <summary>Admissions without a discharge on their day or later, at the end of a span.</summary>
/// <param name="At">The day at whose end they were open.</param>
/// <param name="Patients">Patients whose last admission is open, and who are not known to have died since.</param>
/// <param name="Cases">Cases whose last admission is open.</param>
public sealed record OpenCounts(DateOnly At, long Patients, long Cases);

/// <summary>What happened to patients and cases within a span.</summary>
/// <param name="Kinds">A row for each kind of the schedule, also where there is none, and for each other kind that was met.</param>
/// <param name="Open">Who was in.</param>
/// <param name="Uncounted">Patients and cases of whom more may be known than is counted: recorded before events were counted, or being written.</param>
public sealed record EventStatistics(IReadOnlyList<EventCounts> Kinds, OpenCounts Open, long Uncounted);
