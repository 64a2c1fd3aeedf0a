using DocIngest.Assurance.Runs;
using DocIngest.Backup.Checks;
using DocIngest.Pipeline.Runs;

namespace DocIngest.Assurance.Verifications;

/// <summary>The runs before: how much is due depends on how long ago they were.</summary>
internal sealed class LastRun
{
    private const int Looked = 20;   // some may have come to nothing

    private readonly List<Run> _newestFirst;

    private LastRun(List<Run> newestFirst) => _newestFirst = newestFirst;

    /// <summary>Whether there was none.</summary>
    public bool IsNone => _newestFirst.Count == 0;

    /// <summary>Those of its job that were carried through.</summary>
    public static LastRun Before(AssuranceScene scene, Run run) => new(
        [.. new RunRegister(scene.Data, scene.Locks, scene.Audit, scene.Database, scene.Time).Newest(run.Job, Looked).Where(one => one.Number < run.Number && one.Report is not null && one.Result != RunResult.Aborted)]);

    /// <summary>How much this one has to read.</summary>
    /// <remarks>The next one may be as late as the longest time between two that followed one another, though the last one was by hand and short ago. The first reads everything.</remarks>
    public ReadingPace PaceFor(Run run, TimeSpan within) => IsNone
        ? new ReadingPace(within, within, within)
        : new ReadingPace(within, run.StartedAt - _newestFirst[0].StartedAt, _newestFirst.Prepend(run).Zip(_newestFirst, (later, earlier) => later.StartedAt - earlier.StartedAt).Max());
}
