using DocIngest.Assurance.Runs;

namespace DocIngest.Assurance.Verifications;

/// <summary>What a verification of a repository is to do. All of it stands in the report.</summary>
public sealed record BackupVerificationOrder : RunOrder
{
    /// <summary>In how many days every pack must be read. Default 30 days.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How many bytes of packs are read at most; one pack at least. Null for what is due.</summary>
    public long? MostBytes { get; init; }

    /// <summary>Whether all packs are read, whenever they were read last. Default: those that are due.</summary>
    public bool ReadsAll { get; init; }
}
