using System.Security.Cryptography;
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
        var before = runs.WithReport(1).Select(one => one.Report is { } id ? store.Find(id) : null).FirstOrDefault();
        var complete = draft with
        {
            Earlier = Earlier(run.Run),
            Chain = new ReportChain(before?.Report.ReportId, before?.Sha512, run.Run.AuditSeq, run.Run.AuditHash),
        };
        complete = complete with { Result = ReportVerdict.Of(complete) };
        var signed = SignedReport.Create(complete, signer, time.GetUtcNow());
        await store.FileAsync(signed, lists, CancellationToken.None);   // 1
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(signed.Files[ReportFileNames.Report]));
        await runs.EndAsync(run, ReportWords.WordOf(complete.Result), complete.Result is ReportResult.Pass, (complete.ReportId, sha256));   // 2
        return signed;
    }

    private List<EarlierRun> Earlier(Run of) =>
    [
        .. runs.Newest(of.Job, MostEarlier + 1).Where(one => one.Number < of.Number && one.Report is not null).Take(MostEarlier)
            .Select(one => (Run: one, Report: one.Report is { } id ? store.Find(id)?.Report : null))
            .Where(one => one.Report is not null)
            .Select(one => Summarise(one.Run, one.Report ?? throw new InvalidOperationException("Filtered above."))),
    ];

    private static EarlierRun Summarise(Run run, AssuranceReport report) => new(
        run.Number, report.ReportId, report.Run.EndedAt, report.Result, report.Bound?.Sampled ?? report.Checks.Sum(check => check.Passed + check.Failed), report.Rto?.AchievedSeconds);
}
