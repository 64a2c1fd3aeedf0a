namespace DocIngest.Assurance.Reports;

/// <summary>Which run it was, by what program, and when.</summary>
/// <param name="Number">Of the runs of this archive, without gaps: every run that began has one, also those that came to nothing.</param>
/// <param name="Trigger"><c>schedule</c> or <c>command</c>.</param>
/// <param name="Account">Who ran it, as the system knows the account.</param>
/// <param name="Organisation">Whose archive it is, as the configuration says; empty where it says nothing.</param>
/// <param name="Host">On which machine.</param>
/// <param name="OperatingSystem">Its operating system.</param>
/// <param name="Program">Name and version of the program.</param>
/// <param name="PlannedAt">When it should have begun; null for one by command.</param>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="EndedAt">When it ended, UTC.</param>
/// <param name="Aborted">Why it was not carried through; null where it was.</param>
public sealed record ReportedRun(
    long Number, string Trigger, string Account, string Organisation, string Host, string OperatingSystem, string Program,
    DateTimeOffset? PlannedAt, DateTimeOffset StartedAt, DateTimeOffset EndedAt, string? Aborted);

/// <summary>By which rules.</summary>
/// <param name="Id">As the configuration names it.</param>
/// <param name="Version">Its version, as the configuration says.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Frameworks">What it answers to: <c>HIPAA:164.308(a)(7)(ii)(D)</c>.</param>
public sealed record ReportedPolicy(string Id, string Version, string Title, IReadOnlyList<string> Frameworks);

/// <summary>What had to be met.</summary>
/// <param name="Id">A short name.</param>
/// <param name="Text">What it asks for, for a person.</param>
/// <param name="IsMet">Whether it was; null where the run did not come so far.</param>
public sealed record AcceptanceCriterion(string Id, string Text, bool? IsMet);

/// <summary>The backup that was read.</summary>
/// <param name="Repository">As the configuration names it.</param>
/// <param name="RepositoryKind"><c>local</c>, <c>azure</c> or <c>rest</c>.</param>
/// <param name="Snapshot">Id of the snapshot; null where the whole repository was read.</param>
/// <param name="SnapshotTime">When it was made.</param>
/// <param name="KeyId">Id of the key that opened it.</param>
/// <param name="UnlockedBy">Where the password came from: <c>configuration</c> or <c>escrow</c>.</param>
/// <param name="DeletesRefused">Whether the store refused to delete a file of ours that was put there to try it; null where that was not tried.</param>
public sealed record ReportedSource(
    string Repository, string RepositoryKind, string? Snapshot, DateTimeOffset? SnapshotTime, string KeyId, string UnlockedBy, bool? DeletesRefused);

/// <summary>Where it was restored to.</summary>
/// <param name="IsIsolated">Whether it was an empty folder of its own, of which the running service uses nothing.</param>
/// <param name="IsWiped">Whether it was removed afterwards.</param>
public sealed record ReportedTarget(bool IsIsolated, bool IsWiped);

/// <summary>What it hangs on: nobody can put a report in, or take one out, unseen.</summary>
/// <param name="PreviousReportId">The report before this one, of any kind; null for the first.</param>
/// <param name="PreviousSha512">Digest of its <c>report.json</c>.</param>
/// <param name="AuditSeq">Number of the entry of the audit with which this run began.</param>
/// <param name="AuditHead">Hash of that entry.</param>
public sealed record ReportChain(Guid? PreviousReportId, string? PreviousSha512, long AuditSeq, string AuditHead);
