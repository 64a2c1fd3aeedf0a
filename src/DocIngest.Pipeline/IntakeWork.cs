using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline;

/// <summary>What the first stage is given. Closed: only the cases below exist.</summary>
internal abstract record IntakeWork
{
    private IntakeWork()
    {
    }

    /// <summary>Whose rules it follows.</summary>
    public abstract string Profile { get; }

    /// <summary>A file to claim.</summary>
    internal sealed record Settled(SettledScan Scan) : IntakeWork
    {
        public override string Profile => Scan.Folder.Profile.Name;
    }

    /// <summary>An open claim: of a process that died, or one whose surroundings failed.</summary>
    internal sealed record Again(ScanInHand Scan) : IntakeWork
    {
        public override string Profile => Scan.Claim.Profile;
    }
}
