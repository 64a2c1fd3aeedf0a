using System.Security.Cryptography;
using DocIngest.Archive;
using DocIngest.Pipeline.Runs;
using DocIngest.Storage;

namespace DocIngest.Assurance.Reports;

/// <summary>Makes a draft into a filed report: hung on the one before it, signed, in the archive, and named by the audit.</summary>
/// <remarks>
/// Order, and what a crash after each step leaves, under the lock <c>reports</c>: 1 signed and filed (an object that no run names: the run is told as aborted, and the next
/// report hangs on the one before); 2 the run's end names it.
/// </remarks>
/// <param name="store">Where reports are.</param>
/// <param name="runs">The runs.</param>
/// <param name="locks">Locks of the data folder.</param>
/// <param name="time">The clock.</param>
public sealed class ReportFiling(ReportStore store, RunRegister runs, INamedLocks locks, TimeProvider time)
{
    private const string LockName = "reports";
    private const int MostEarlier = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);   // whoever has it files one report

    /// <summary>Files a report and ends its run.</summary>
    /// <param name="run">The run; ended by this.</param>
    /// <param name="draft">All of it but what it hangs on, the runs before it and the result.</param>
    /// <param name="lists">As <see cref="ReportStore.FileAsync"/>.</param>
    /// <param name="signer">Signs.</param>
    /// <exception cref="StorageException">The surroundings fail. The run has not ended: the next one says that it was aborted.</exception>
    public async Task<SignedReport> FileAsync(StartedRun run, AssuranceReport draft, IReadOnlyDictionary<string, Func<Stream>> lists, IReportSigner signer)
    {
        using var held = await locks.AcquireAsync(LockName, Patience, CancellationToken.None);
        var before = Before();
        var complete = draft with
        {
            Earlier = Earlier(run.Run),
            Findings = before is { Id: { } lost, Sha512: null } ? [.. draft.Findings, Lost(run.Run, lost)] : draft.Findings,
            Chain = new ReportChain(before?.Id, before?.Sha512, run.Run.AuditSeq, run.Run.AuditHash),
        };
        complete = complete with { Result = ReportVerdict.Of(complete) };
        var signed = SignedReport.Create(complete, signer, time.GetUtcNow());
        await store.FileAsync(signed, lists, CancellationToken.None);   // 1
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(signed.Files[ReportFileNames.Report]));
        await runs.EndAsync(run, ReportWords.WordOf(complete.Result), complete.Result is ReportResult.Pass, (complete.ReportId, sha256));   // 2
        return signed;
    }

    // The runs say which report was before. One that cannot be read is told, and hides nothing.
    private (Guid Id, string? Sha512)? Before() => runs.WithReport(1) is [{ Report: { } id }, ..] ? (id, TryFind(id)?.Sha512) : null;

    private (AssuranceReport Report, string Sha512)? TryFind(Guid id)
    {
        try
        {
            return store.Find(id);
        }
        catch (Exception error) when (error is DamagedObjectException or FixityException)
        {
            return null;
        }
    }

    private ReportedFinding Lost(Run run, Guid report) => new(
        $"f-{run.Number}-before", "report-lost", "error",
        $"The report before this one, {report}, is not in the archive any more, or is damaged. Compare with copies that were exported; the audit has the SHA-256 of its report.json.", [], 0, time.GetUtcNow(), null, null);

    private List<EarlierRun> Earlier(Run of) =>
    [
        .. runs.Newest(of.Job, MostEarlier + 1).Where(one => one.Number < of.Number && one.EndedAt is not null).Take(MostEarlier)
            .Select(one => Summarise(one, one.Report is { } id ? TryFind(id)?.Report : null)),
    ];

    private static EarlierRun Summarise(Run run, AssuranceReport? report) => report is null
        ? new EarlierRun(run.Number, run.Report ?? Guid.Empty, run.EndedAt ?? run.StartedAt, ReportWords.ResultOf(run.Result) ?? ReportResult.Aborted, 0, null)
        : new EarlierRun(
            run.Number, report.ReportId, report.Run.EndedAt, report.Result, report.Bound?.Sampled ?? report.Checks.Sum(check => check.Passed + check.Failed), report.Rto?.AchievedSeconds);
}
