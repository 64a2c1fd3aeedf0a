using DocIngest.Assurance.Runs;

namespace DocIngest.Assurance.Drills;

/// <summary>What a drill is to do. All of it stands in the report.</summary>
public sealed record DrillOrder : RunOrder
{
    /// <summary>Whether everything is restored, rather than a sample. Default: a sample.</summary>
    public bool IsFull { get; init; }

    /// <summary>What the auditor named, so that nobody who is examined chooses the sample; null where there was no auditor.</summary>
    public string? Nonce { get; init; }

    /// <summary>With which confidence the sample speaks about all: above 0, below 1. Default 0.95.</summary>
    public decimal Confidence { get; init; } = 0.95m;

    /// <summary>Below which rate of defective records it must be able to speak: above 0, up to 1. Default 0.01.</summary>
    public decimal DefectRate { get; init; } = 0.01m;

    /// <summary>How much may be lost at most; null where nobody said.</summary>
    public TimeSpan? RpoObjective { get; init; }

    /// <summary>How long until work may go on; null where nobody said.</summary>
    public TimeSpan? RtoObjective { get; init; }
}
