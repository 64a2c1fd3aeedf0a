using DocIngest.Backup.Restores;

namespace DocIngest.Backup.Tests.Restores;

public sealed class RestoreReportTests
{
    [Fact]
    public void Problems_beyond_those_listed_are_counted_by_kind()
    {
        var report = new RestoreReport(null, (null, null));
        for (int i = 0; i < RestoreResult.MostProblemsListed; i++)
            report.Problem($"/{i}", RestoreProblemKind.IncompleteMetadata, "refused");
        report.Problem("/last", RestoreProblemKind.Damaged, "lost");
        var result = report.Finish(FileId.Of("a"u8), isDryRun: false);
        Assert.DoesNotContain(result.Problems, problem => problem.Kind is RestoreProblemKind.Damaged);
        Assert.Equal((1, 10_000), (result.ProblemCounts[RestoreProblemKind.Damaged], result.ProblemCounts[RestoreProblemKind.IncompleteMetadata]));
        Assert.Equal((10_001, RestoreVerdict.Partial), (result.ProblemCount, result.Verdict));
    }
}
