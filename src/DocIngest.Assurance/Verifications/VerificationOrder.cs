using DocIngest.Assurance.Runs;

namespace DocIngest.Assurance.Verifications;

/// <summary>What a verification of the archive is to do. All of it stands in the report.</summary>
public sealed record VerificationOrder : RunOrder
{
    /// <summary>In how many days everything must be read. Default 90 days.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long it may read; what is not reached then comes first the next time. Null for as long as it takes.</summary>
    public TimeSpan? ReadsFor { get; init; }

    /// <summary>Whether everything is read, whenever it was read last. Default: what is due.</summary>
    public bool ReadsAll { get; init; }

    /// <summary>Whether the archive is walked through, whenever that was done last. Default: where it is due.</summary>
    public bool Walks { get; init; }

    /// <summary>Whether damage is put right from a backup. Default: it is.</summary>
    public bool Heals { get; init; } = true;
}
