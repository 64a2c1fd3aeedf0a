namespace DocIngest.Archive;

/// <summary>What recovery found of one staged version, and did. Closed: only the cases below exist.</summary>
public abstract record RecoveryOutcome
{
    private RecoveryOutcome()
    {
    }

    /// <summary>The archive has nothing of it. What is in staging was left alone: stage it again, or discard it.</summary>
    public sealed record Absent : RecoveryOutcome;

    /// <summary>It is in the archive. Durable only after the caller's next flush.</summary>
    public sealed record Committed(VersionNumber Version) : RecoveryOutcome;

    /// <summary>Its commit was cut short after the version was durable, and has now been finished. Durable only after the caller's next flush.</summary>
    public sealed record RolledForward(VersionNumber Version) : RecoveryOutcome;

    /// <summary>Its commit was cut short and could not be finished; the version was moved back to staging. Stage it again.</summary>
    public sealed record RolledBack(Finding Reason) : RecoveryOutcome;

    /// <summary>The object breaks a rule that no crash of ours explains. Nothing was changed: a person must look.</summary>
    public sealed record Damaged(Finding Finding) : RecoveryOutcome;
}
