namespace DocIngest.Assurance.Reports;

/// <summary>Data that would have been lost: from the newest version that was restored and verified to the moment of the disaster.</summary>
/// <param name="ObjectiveSeconds">What is allowed; null where nobody said.</param>
/// <param name="AchievedSeconds">What it was; null where it could not be measured.</param>
/// <param name="Method">How it was measured, for a person.</param>
public sealed record RecoveryPoint(long? ObjectiveSeconds, long? AchievedSeconds, string Method);

/// <summary>How long it took from the disaster until work could go on: acceptance checks passed, not merely copied.</summary>
/// <param name="ObjectiveSeconds">What is allowed; null where nobody said.</param>
/// <param name="AchievedSeconds">What it was; null where it could not be measured.</param>
/// <param name="IsExtrapolated">Whether it was reckoned from a part.</param>
/// <param name="Phases">What took how long, in order.</param>
public sealed record RecoveryTime(long? ObjectiveSeconds, long? AchievedSeconds, bool IsExtrapolated, IReadOnlyList<RecoveryPhase> Phases);

/// <summary>A part of a recovery.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Bytes">How much was moved; null where nothing was.</param>
public sealed record RecoveryPhase(string Name, double Seconds, long? Bytes);

/// <summary>How old the oldest reading is.</summary>
/// <param name="WindowDays">In how many days everything must be read.</param>
/// <param name="Read">How many were read in these days.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Bytes">How much was read in this run.</param>
/// <param name="OldestReading">When the one was read that was not read for longest; null where one was never read.</param>
public sealed record ReportedCoverage(int WindowDays, long Read, long Count, long Bytes, DateTimeOffset? OldestReading);

/// <summary>Where a copy is.</summary>
/// <param name="Name">As the configuration names it; <c>archive</c> for the archive itself.</param>
/// <param name="Kind"><c>archive</c>, or the kind of the repository.</param>
/// <param name="NewestAt">When what it holds was written last; null where it holds nothing.</param>
/// <param name="ReadAt">When all of it had been read and compared last, as far as this run knows; null where it does not.</param>
/// <param name="Remark">What else is known, for a person: that it is on the same disk, or that our credential cannot delete there.</param>
public sealed record ReportedCopy(string Name, string Kind, DateTimeOffset? NewestAt, DateTimeOffset? ReadAt, string Remark);

/// <summary>A run before this one, of the same kind.</summary>
/// <param name="Number">Its number.</param>
/// <param name="ReportId">Its report.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Result">What came of it.</param>
/// <param name="Checked">How many were checked.</param>
/// <param name="RtoSeconds">Its RTO, where it has one.</param>
public sealed record EarlierRun(long Number, Guid ReportId, DateTimeOffset EndedAt, ReportResult Result, long Checked, long? RtoSeconds);

/// <summary>Something that a person must see to.</summary>
/// <param name="Id">Its own: <c>f-12</c>.</param>
/// <param name="Code">What kind.</param>
/// <param name="Severity"><c>error</c> or <c>warning</c>.</param>
/// <param name="Text">What it is, and what to do, for a person.</param>
/// <param name="Objects">Ids of what it is about, the first ones.</param>
/// <param name="ObjectCount">How many those are in all.</param>
/// <param name="Since">When it was found first.</param>
/// <param name="Owner">Who sees to it; null where nobody was named.</param>
/// <param name="Due">Until when; null where nobody said.</param>
public sealed record ReportedFinding(
    string Id, string Code, string Severity, string Text, IReadOnlyList<string> Objects, long ObjectCount, DateTimeOffset Since, string? Owner, DateOnly? Due);
