using DocIngest.Assurance.Reports;
using DocIngest.Pipeline.Runs;
using DocIngest.Storage;

namespace DocIngest.Assurance.Runs;

/// <summary>What all runs of the assurance have in common: a number before anything is done, a folder, lists, and a report that is filed whatever it comes to.</summary>
/// <remarks>Killed at any moment it leaves its folder, which the next run of its kind, the next start of the service or the next destruction removes, and a run that is recorded as aborted.</remarks>
/// <param name="scene">What it works with.</param>
/// <param name="job">Its name in the register of runs.</param>
/// <param name="kind">Which others it keeps out of the way of.</param>
internal sealed class AssuranceRun(AssuranceScene scene, string job, RunKind kind)
{
    /// <summary>Carries it out.</summary>
    /// <param name="order">What is said of it.</param>
    /// <param name="begin">Makes the report to be, of the run that has its number now.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Ends it: the report says that it was aborted.</param>
    /// <returns>The report, which is filed, and what kept it from being carried through. Nothing of that is thrown.</returns>
    /// <exception cref="LockHeldException">Another one is going on. Nothing was begun.</exception>
    /// <exception cref="StorageException">The run cannot be recorded, or its report not filed.</exception>
    public async Task<(SignedReport Report, Exception? Error)> RunAsync<T>(
        RunOrder order, Func<Run, T> begin, Func<T, RunRecord, RunFolder, RunLists, Run, Task> work, CancellationToken cancellation)
        where T : RunReport
    {
        using var alone = scene.Locks.TryAcquire(kind.LockName) ?? throw new LockHeldException(kind.Busy);
        var runs = new RunRegister(scene.Data, scene.Locks, scene.Audit, scene.Database, scene.Time);
        using var signer = await new ReportKey(scene.SystemObjects, scene.Data, scene.OpenKeys, scene.Audit, scene.Locks, scene.Time).OpenAsync(cancellation);   // before anything is done that could not be signed
        using var run = order.Run is { } number
            ? runs.Adopt(number, job) ?? throw new EntryNotFoundException($"Run {number} is no {job} at work. Nothing was begun.")
            : await runs.BeginAsync(job, order.Trigger, cancellation);
        var draft = begin(run.Run);
        RunFolder? folder = null;
        RunLists? lists = null;
        try
        {
            folder = RunFolder.Make(scene, kind, run.Run.Number);
            lists = new RunLists(folder.Files);
            draft.Record = new RunRecord(lists.Items, draft.IsDrawn, run.Run.Number, scene.Time);
            await work(draft, draft.Record, folder, lists, run.Run);
        }
#pragma warning disable CA1031 // The edge of a scheduled job (STYLE 5): one that fails must leave a report that says so.
        catch (Exception error)
#pragma warning restore CA1031
        {
            draft.Fail(error, cancellation.IsCancellationRequested);
        }

        draft.WipeOf(folder, kind.Folder);   // first: what comes now may lack the space
        draft.Close(lists);
        var report = draft.Finish();
        var filing = new ReportFiling(new ReportStore(scene.SystemObjects), runs, scene.Locks, scene.Time);
        var filed = await filing.FileAsync(run, report, RunLists.Of(report, folder?.Files), signer);
        folder?.Remove();
        return (filed, draft.Error);
    }
}
