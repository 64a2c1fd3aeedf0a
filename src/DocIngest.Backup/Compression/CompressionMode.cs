using System.Diagnostics;

namespace DocIngest.Backup.Compression;

/// <summary>How hard a backup compresses.</summary>
public enum CompressionMode
{
    /// <summary>Nearly as fast as not at all. The default.</summary>
    Fast,

    /// <summary>Data not at all. Trees and everything else that is small still are.</summary>
    Off,

    /// <summary>What restic does by itself.</summary>
    Better,

    /// <summary>As small as the format's window allows, at a hundredth of the speed.</summary>
    Max,
}

/// <summary>The zstd levels behind the modes.</summary>
internal static class CompressionLevels
{
    private const int BetterLevel = 3;

    /// <summary>The level for data; null for none.</summary>
    internal static int? Level(this CompressionMode mode) => mode switch
    {
        CompressionMode.Off => null,
        CompressionMode.Fast => ZstdCompressor.FastestLevel,
        CompressionMode.Better => BetterLevel,
        CompressionMode.Max => ZstdCompressor.HighestLevel,
        _ => throw new UnreachableException(),
    };
}
