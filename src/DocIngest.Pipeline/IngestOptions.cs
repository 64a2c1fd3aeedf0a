using System.ComponentModel.DataAnnotations;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline;

/// <summary>Everything an admin sets about taking scans in.</summary>
public sealed class IngestOptions
{
    /// <summary>Largest number of scans that share one group of disk flushes: more adds waiting, not speed.</summary>
    public const int GroupSize = 64;

    /// <summary>The drop folders. Default: one profile <c>default</c> on <c>drop</c> in the data folder.</summary>
    [MinLength(1)]
    public IReadOnlyList<ProfileOptions> Profiles { get; set; } = [new()];

    /// <summary>Free space below which nothing more is claimed, in bytes. Default 1 GiB.</summary>
    [Range(0, long.MaxValue)]
    public long FreeSpaceReserveBytes { get; set; } = 1L << 30;

    /// <summary>How long to wait after the surroundings failed (disk full, folder gone) before a scan is tried again. Default 5 s; 100 ms to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1000000", "00:10:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(5);
}
