using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Runs;

namespace DocIngest.Assurance.Verifications;

/// <summary>The run before: how much is due depends on how long ago it was.</summary>
internal static class LastRun
{
    private const int Looked = 20;   // some may have come to nothing

    /// <summary>The last one of its job that was carried through; null where none of the last ones was.</summary>
    public static Run? Before(AssuranceScene scene, Run run) =>
        new RunRegister(scene.Data, scene.Locks, scene.Audit, scene.Database, scene.Time).Newest(run.Job, Looked)
            .FirstOrDefault(one => one.Number < run.Number && one.Report is not null && one.Result != RunResult.Aborted);
}
