namespace DocIngest.Archive;

/// <summary>What became of an object that was to leave the archive. Closed: only the cases below exist.</summary>
public abstract record DestroyOutcome
{
    private DestroyOutcome()
    {
    }

    /// <summary>It was there as approved, or an earlier destruction of it had been cut short; nothing of it is left, durably.</summary>
    public sealed record Destroyed : DestroyOutcome;

    /// <summary>The archive holds nothing of it, durably: what a replay of a finished destruction meets.</summary>
    public sealed record AlreadyGone : DestroyOutcome;

    /// <summary>It is not what was approved: somebody added a version since. Nothing changed.</summary>
    /// <param name="Actual">Digest of the head inventory as it is now.</param>
    public sealed record Changed(Sha512Digest Actual) : DestroyOutcome;

    /// <summary>The archive's store protects it still. Nothing changed; once it does not, the same call goes on.</summary>
    /// <param name="ImmutableUntil">Until when; null where it is not for a time.</param>
    /// <param name="IsHeld">Whether a legal hold is on it in the store.</param>
    public sealed record Protected(DateTimeOffset? ImmutableUntil, bool IsHeld) : DestroyOutcome;

    /// <summary>It cannot be told whether it is what was approved. Nothing changed: a person must look.</summary>
    public sealed record Damaged(Finding Finding) : DestroyOutcome;
}
