using DocIngest.Backup.Checks;

namespace DocIngest.Backup.Tests.Checks;

/// <summary>Every fixture of restic's own, with the verdict of reference/backup.md section 4.</summary>
public sealed class When_restic_made_the_repository
{
    /// <summary>The codes are those that occur, whatever their number.</summary>
    [Theory]
    [InlineData(ResticFixture.Made2, CheckVerdict.Sound)]
    [InlineData("copy-unstable-json", CheckVerdict.Sound)]
    [InlineData("duplicate-packs-in-index-test-repo", CheckVerdict.Errors, "B011", "B022")]
    [InlineData("repo-data-missing", CheckVerdict.Errors, "B030", "B064")]
    [InlineData("repo-duplicates", CheckVerdict.Sound)]
    [InlineData("repo-index-missing", CheckVerdict.Errors, "B034", "B060")]
    [InlineData("repo-index-missing-blob", CheckVerdict.Errors, "B034", "B063")]
    [InlineData("repo-layout-default", CheckVerdict.Sound, "B024")]
    [InlineData("repo-mixed", CheckVerdict.Sound, "B024")]
    [InlineData("repo-obsolete-index", CheckVerdict.Sound, "B022")]
    [InlineData("repo-restore-permissions-test", CheckVerdict.Sound, "B024")]
    [InlineData("repo-same-timestamps", CheckVerdict.Sound)]
    [InlineData("repo-unreferenced-data", CheckVerdict.Sound, "B034")]
    [InlineData("repo-unused-data-missing", CheckVerdict.Errors, "B031", "B032")]
    [InlineData("small-repo", CheckVerdict.Sound, "B024")]
    public async Task Its_verdict_is_known(string name, CheckVerdict verdict, params string[] codes)
    {
        using var repository = await ResticFixture.OpenAsync(name);
        var result = await repository.CheckAsync();
        Assert.Equal(verdict, result.Verdict);
        Assert.Equal(string.Join(" ", codes), string.Join(" ", result.FindingCounts.Keys));
    }
}
