using System.ComponentModel.DataAnnotations;

namespace DocIngest.Worker.Configuration;

/// <summary>What verifications and restore drills are held against, and what their reports say of whose they are.</summary>
public sealed class AssuranceOptions
{
    /// <summary>Whose archive it is, as reports name it. Default: nothing.</summary>
    public string Organisation { get; set; } = "";

    /// <summary>The policy by which it is tested.</summary>
    public PolicyOptions Policy { get; set; } = new();

    /// <summary>How much may be lost at most (RPO): a drill whose newest backup is older fails. Default 0: no objective; up to 365 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan Rpo { get; set; }

    /// <summary>Within which time work must go on after a disaster (RTO): a drill that takes longer fails. Default 0: no objective; up to 365 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan Rto { get; set; }

    /// <summary>Within which time <c>archive verify</c> reads every file of the archive again. Default 90 days; 1 day to 3 years.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "1096.00:00:00")]
    public TimeSpan ArchiveVerifiedWithin { get; set; } = TimeSpan.FromDays(90);

    /// <summary>With which confidence a sample must speak about all records, in percent. Default 95; 50 to 99.</summary>
    [Range(50, 99)]
    public int ConfidencePercent { get; set; } = 95;

    /// <summary>Below which rate of defective records a sample without one must be able to speak, in thousandths. Default 10 (1 %); 1 to 500.</summary>
    [Range(1, 500)]
    public int DefectPermille { get; set; } = 10;
}

/// <summary>The policy by which archive and backups are tested, as reports name it.</summary>
public sealed class PolicyOptions
{
    /// <summary>Its own name for it. Default <c>default</c>.</summary>
    [MinLength(1)]
    public string Id { get; set; } = "default";

    /// <summary>Its version. Default: none.</summary>
    public string Version { get; set; } = "";

    /// <summary>What it is called. Default <c>Restore drills</c>.</summary>
    public string Title { get; set; } = "Restore drills";

    /// <summary>What it answers to, for example <c>HIPAA:164.308(a)(7)(ii)(D)</c> or <c>ISO27001:A.8.13</c>.</summary>
    public IReadOnlyList<string> Frameworks { get; set; } = [];
}
