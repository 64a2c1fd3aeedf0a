using DocIngest.Backup.Checks;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Backup.Tests.Checks;

/// <summary>Runs checks as tests want them: without a lock, whose settling takes a fifth of a second.</summary>
internal static class Checking
{
    public static FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    public static LockTerms Terms { get; } = TermsAt(Clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static LockTerms TermsAt(TimeProvider time) => new(
        new LockOwner
        {
            HostName = "here",
            UserName = "tester",
            ProcessId = 1,
            Started = UnixTime.From(Clock.GetUtcNow()),
            StartOf = _ => default(UnixTime),
        },
        time,
        TimeSpan.Zero);

    public static async Task<CheckResult> CheckAsync(
        this Repository repository, PackReading? reading = null, VerificationTerms? verification = null, IProgress<WorkProgress>? progress = null)
    {
        var options = new CheckOptions { Reading = reading ?? new PackReading.Everything(), Verification = verification, TakesLock = false };
        var result = await RepositoryCheck.RunAsync(repository, options, Terms, progress, Cancellation);
        AddsUp(result);
        return result;
    }

    /// <summary>The codes of what a full check finds, each as often as it is found.</summary>
    public static async Task<string[]> CodesAsync(this Repository repository, PackReading? reading = null) =>
        Codes(await repository.CheckAsync(reading));

    public static string[] Codes(this CheckResult result) => [.. result.Findings.Select(finding => finding.Rule.Code).Order()];

    /// <summary>What holds for every result.</summary>
    private static void AddsUp(CheckResult result)
    {
        Assert.Equal(result.PackFiles.Total, result.PackContents.Total);
        Assert.Equal(0, result.PackFiles.Skipped);
        Assert.Equal(result.Verifications.Count(verification => verification.IsSound), result.PackContents.Sound);
        Assert.True(result.Verifications.Count <= result.PackContents.Sound + result.PackContents.Damaged);
        Assert.Equal(result.Findings.GroupBy(finding => finding.Rule.Code).ToDictionary(group => group.Key, group => group.LongCount()), result.FindingCounts);
        Assert.Equal(result.Findings.Any(finding => finding.Rule.Severity is FindingSeverity.Error), result.Verdict is CheckVerdict.Errors);
        if (result.PackFiles.Total + result.Snapshots.Total == 0)
            Assert.Equal(CheckVerdict.Errors, result.Verdict);
        if (result.Keys.Damaged + result.IndexFiles.Damaged + result.Snapshots.Damaged + result.Trees.Damaged + result.PackContents.Damaged + result.Blobs.Damaged > 0)
            Assert.Equal(CheckVerdict.Errors, result.Verdict);
        Assert.All(result.Findings, finding => Assert.DoesNotContain("secret-name", $"{finding}"));
    }
}
