using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>
/// Looks for everything in a repository that could keep somebody from restoring it: what restic's <c>check</c> looks for, and what
/// that passes over (restic-format 16, 17, 20). Damage is a finding, never an exception, and never ends the check.
/// </summary>
/// <remarks>Changes nothing in the repository. In memory are the index, a few packs, and one tree for each worker.</remarks>
public sealed class RepositoryCheck
{
    private readonly Repository _repository;
    private readonly CheckOptions _options;
    private readonly LockTerms _terms;
    private readonly CheckProgress _progress;
    private readonly FindingList _findings = new();
    private readonly KeyCheck _keys;
    private readonly StrayCheck _strays;
    private readonly SnapshotCheck _snapshots;
    private readonly IndexCheck _indexFiles;

    private RepositoryCheck(Repository repository, CheckOptions options, LockTerms terms, IProgress<WorkProgress>? progress)
    {
        _repository = repository;
        _options = options;
        _terms = terms;
        _progress = new CheckProgress(progress);
        _keys = new KeyCheck(repository, _findings);
        _strays = new StrayCheck(repository, _findings);
        _snapshots = new SnapshotCheck(repository, _findings);
        _indexFiles = new IndexCheck(repository, _findings);
    }

    private CheckedIndex Index => _indexFiles.Index;

    private static int Workers => Math.Max(2, Environment.ProcessorCount);

    /// <summary>Checks a repository.</summary>
    /// <param name="repository">Opened.</param>
    /// <param name="options">What to look at.</param>
    /// <param name="terms">For the exclusive lock.</param>
    /// <param name="progress">Is told after each tree and each pack, in order, from the threads that work.</param>
    /// <param name="cancellation">Gives up. Packs read until then are recorded.</param>
    /// <exception cref="RepositoryLockedException">Somebody works there. Nothing was checked; a retry may help.</exception>
    /// <exception cref="LockLostException">The lock was lost, and the check stopped for it.</exception>
    /// <exception cref="StorageException">The store does not answer any more; a retry may help. Single files that cannot be read are findings.</exception>
    public static Task<CheckResult> RunAsync(
        Repository repository, CheckOptions options, LockTerms terms, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        // Each attempt by one of its own: what was found before the lock was beyond doubt may not count.
        Task<CheckResult> CheckAsync(Task mayRecord, CancellationToken stop) => new RepositoryCheck(repository, options, terms, progress).RunAsync(mayRecord, stop);
        return options.TakesLock ? terms.HoldAsync<CheckResult>(repository, isExclusive: true, (held, stop) => CheckAsync(held.Confirmed, stop), cancellation) : CheckAsync(Task.CompletedTask, cancellation);
    }

    private async Task<CheckResult> RunAsync(Task mayRecord, CancellationToken cancellation)
    {
        using var recorder = new VerificationRecorder(_options.Verification?.Log, _terms.Time, _findings);
        await recorder.LoadAsync(cancellation);
        await CheckSmallFilesAsync(cancellation);
        var files = new PackListCheck(_repository, Index, _findings);
        await files.RunAsync(cancellation);
        var trees = await CheckTreesAsync(files, cancellation);
        var contents = new PackContentCheck(_repository, Index, files, _findings, _progress, recorder);
        var chosen = new PackChoice(Index, files, recorder.Known, _terms.Time.GetUtcNow()).Choose(_options.Reading);
        _progress.Expect(chosen.Count, chosen.Sum(pack => files.File(pack)?.SizeBytes ?? 0));
        await mayRecord;   // from here on it is remembered which packs are whole
        await contents.RunAsync(chosen, cancellation);
        await LostContent.TellAsync(
            _repository, Index.Blobs, contents.Lost, trees.UsedData, _snapshots.Roots, _findings, Workers, cancellation);
        if (_options.Verification is not null)
            await recorder.KeepOnlyAsync(Enumerable.Range(0, Index.PackCount).Select(Index.Blobs.Pack).ToHashSet(), cancellation);
        var coverage = VerificationAge.Tell(_options.Verification, Index, recorder, _terms.Time.GetUtcNow(), _findings);
        TellNothing(chosen.Count);
        return Sum(files, trees, contents, recorder, coverage);
    }

    /// <summary>Snapshots come before the index: what a snapshot that comes meanwhile needs might not be in it (restic-format 12).</summary>
    private async Task CheckSmallFilesAsync(CancellationToken cancellation)
    {
        await new ConfigCheck(_repository, _findings).RunAsync(cancellation);
        await _keys.RunAsync(cancellation);
        await new LockCheck(_repository, _terms, _findings).RunAsync(cancellation);
        await _strays.RunAsync(cancellation);
        await _snapshots.RunAsync(cancellation);
        await _indexFiles.RunAsync(cancellation);
    }

    private async Task<TreeCheck> CheckTreesAsync(PackListCheck files, CancellationToken cancellation)
    {
        var trees = new TreeCheck(Index.Blobs, _findings, _progress);
        using var walk = new TreeWalk(_repository, Index.Blobs, trees, keepsPaths: true);
        await walk.RunAsync(_snapshots.Roots, Workers, cancellation);
        files.TellMissing(pack => IsNeeded(pack, trees, walk));
        return trees;
    }

    private bool IsNeeded(int pack, TreeCheck trees, TreeWalk walk)
    {
        foreach (int number in Index.Entries(pack).Span)
        {
            var blob = Index.Blobs[number].Blob;
            int first = Index.Blobs.Find(blob.Type, blob.Id);
            if (blob.Type is BlobType.Tree ? walk.Met[first] : trees.UsedData[first])
                return true;
        }

        return false;
    }

    /// <summary>Nothing to look at is no reason to be content.</summary>
    private void TellNothing(int chosen)
    {
        if (_snapshots.Files.Total == 0 && Index.PackCount == 0)
            _findings.Add(new CheckFinding(FindingRules.NothingChecked, "Neither the index nor the folder snapshots lists anything."));
        else if (_snapshots.Files.Total == 0)
            _findings.Add(new CheckFinding(FindingRules.NoSnapshot, $"There are {Index.PackCount} packs."));
        if (_options.Reading is not PackReading.Nothing && chosen == 0 && Index.PackCount > 0)
            _findings.Add(new CheckFinding(FindingRules.NothingRead, $"None of the {Index.PackCount} packs is there and in the part to be read."));
    }

    private CheckResult Sum(
        PackListCheck files, TreeCheck trees, PackContentCheck contents, VerificationRecorder recorder, VerificationCoverage? coverage)
    {
        var findings = _findings.ToList();
        return new CheckResult
        {
            Verdict = Judge(findings),
            Findings = findings,
            FindingCounts = _findings.Counts(),
            Keys = _keys.Files,
            IndexFiles = _indexFiles.Files,
            Snapshots = _snapshots.Files,
            Trees = trees.Trees,
            PackFiles = files.Files,
            PackContents = contents.Packs,
            Blobs = contents.Blobs(),
            OrphanPacks = files.Orphans,
            BytesRead = contents.Bytes,
            LookedForStrays = _strays.HasLooked,
            Verifications = recorder.Added,
            Coverage = coverage,
        };
    }

    private static CheckVerdict Judge(IReadOnlyList<CheckFinding> findings)
    {
        if (findings.Any(finding => finding.Rule.Severity is FindingSeverity.Error))
            return CheckVerdict.Errors;
        return findings.Any(finding => finding.Rule.Severity is FindingSeverity.Warning) ? CheckVerdict.Warnings : CheckVerdict.Sound;
    }
}
