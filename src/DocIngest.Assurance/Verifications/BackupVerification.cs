using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Runs;
using DocIngest.Backup.Checks;
using DocIngest.Pipeline.Runs;
using DocIngest.Storage;

namespace DocIngest.Assurance.Verifications;

/// <summary>A verification of a repository of backups: everything that a check looks for, and of the packs those that were not read for longest, to their last byte; and a report.</summary>
/// <remarks>When each pack was read is noted as it goes: a run that is cut short has not read in vain. Nothing is changed in the repository.</remarks>
/// <param name="scene">What it works with.</param>
public sealed class BackupVerification(AssuranceScene scene)
{
    /// <summary>The job's name in the register of runs.</summary>
    public const string Job = "backup-verify";

    /// <summary>Carries it out.</summary>
    /// <param name="order">What to do.</param>
    /// <param name="progress">As <see cref="RepositoryCheck"/>.</param>
    /// <param name="cancellation">Ends it: the report says that it was aborted.</param>
    /// <returns>The report, which is filed, and what kept it from being carried through. Nothing of that is thrown.</returns>
    /// <exception cref="LockHeldException">Another one is going on. Nothing was begun.</exception>
    /// <exception cref="StorageException">The run cannot be recorded, or its report not filed.</exception>
    public Task<(SignedReport Report, Exception? Error)> RunAsync(BackupVerificationOrder order, IProgress<Backup.WorkProgress>? progress, CancellationToken cancellation) =>
        new AssuranceRun(scene, Job, RunKind.BackupVerification).RunAsync(
            order, run => new BackupVerificationReport(scene, order, run), (draft, record, _, _, run) => CarryOutAsync(draft, record, run, order, progress, cancellation), cancellation);

    private async Task CarryOutAsync(
        BackupVerificationReport draft, RunRecord record, Run run, BackupVerificationOrder order, IProgress<Backup.WorkProgress>? progress, CancellationToken cancellation)
    {
        using var backup = await scene.OpenBackup(cancellation);
        draft.Backup = backup;
        var options = new CheckOptions
        {
            Reading = order.ReadsAll ? new PackReading.Everything() : new PackReading.Due(LastRun.Before(scene, run).PaceFor(run, order.Within), order.MostBytes),
            Verification = backup.VerificationLog is { } log ? new VerificationTerms(log, order.Within) : null,
        };
        var result = await RepositoryCheck.RunAsync(backup.Repository, options, backup.Terms, progress, cancellation);
        draft.Result = result;
        Note(record, result);
    }

    private static void Note(RunRecord record, CheckResult result)
    {
        Count(record, "packs", "Every pack that was read has the bytes that its name demands, and gives each of its blobs", CheckKind.Digest, "names and index", result.PackContents);
        Count(record, "listing", "Every pack that the index names is there, and has its size", CheckKind.Completeness, "the index", result.PackFiles);
        Count(record, "snapshots", "Every snapshot can be read", CheckKind.Structure, "the list of snapshots", result.Snapshots);
        Count(record, "trees", "Every directory that a snapshot needs can be read", CheckKind.Structure, "the snapshots", result.Trees);
        Count(record, "index", "Every index file can be read", CheckKind.Structure, "the list of index files", result.IndexFiles);
        Count(record, "keys", "Every key file can be used, by whoever has its password", CheckKind.Structure, "the list of keys", result.Keys);
        foreach (var found in result.Findings.Where(finding => finding.Rule.Severity is not Backup.Checks.FindingSeverity.Hint).GroupBy(finding => finding.Rule))
        {
            string[] files = [.. found.Select(finding => finding.File?.ToString() ?? finding.Blob?.ToString() ?? "").Where(file => file.Length > 0).Distinct(StringComparer.Ordinal)];
            record.Find(found.Key.Code, $"{found.Key.Means}. {found.Key.Advice}", files, isWarning: found.Key.Severity is Backup.Checks.FindingSeverity.Warning);
        }
    }

    // What was not to be read now is told by the coverage.
    private static void Count(RunRecord record, string id, string name, CheckKind kind, string from, Tally tally) =>
        record.CloseCounted(new RunCheck(id, name, kind, from), tally.Sound, tally.Damaged);
}
