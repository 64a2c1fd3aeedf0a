using System.Data.Common;

namespace DocIngest.Pipeline.Intake;

/// <summary>Tells a fault that one file brings on, and nobody expected, from those of the surroundings: the edge of one scan (STYLE 5).</summary>
internal static class OddFile
{
    /// <summary>Whether only the file in hand is to be put down. What the ledger says, even that it is damaged, is no file's fault.</summary>
    public static bool Caused(Exception error, CancellationToken stopping) =>
        !EnvironmentFailure.Is(error) && error is not DbException && ScanEndings.IsOfOneScan(error, stopping);
}
