using DocIngest.Assurance.Reports;
using DocIngest.Pipeline.Runs;

namespace DocIngest.Assurance.Runs;

/// <summary>What is said of any run of the assurance before it begins. It stands in the report.</summary>
public record RunOrder
{
    /// <summary>What began it: a word of <see cref="RunTrigger"/>.</summary>
    public string Trigger { get; init; } = RunTrigger.Command;

    /// <summary>The run that it is, begun by the process which started this one; null where it begins one itself.</summary>
    public long? Run { get; init; }

    /// <summary>Free space that is left to scans. Default 0.</summary>
    public long ReserveBytes { get; init; }

    /// <summary>When the next one is planned; null where nothing is scheduled.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>By which rules.</summary>
    public ReportedPolicy Policy { get; init; } = new("none", "", "No policy is configured", []);

    /// <summary>Whose archive it is.</summary>
    public string Organisation { get; init; } = "";
}
