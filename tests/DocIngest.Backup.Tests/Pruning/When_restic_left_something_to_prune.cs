using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Tests.Pruning;

/// <summary>restic's own fixtures, with the verdicts of its own tests.</summary>
public sealed class When_restic_left_something_to_prune
{
    [Theory]
    [InlineData("repo-index-missing")]
    [InlineData("repo-index-missing-blob")]
    [InlineData("repo-data-missing")]
    public async Task A_repository_that_lacks_something_needed_is_left_as_it_is(string name)
    {
        var folder = ResticFixture.Folder(name);
        var files = folder.Files("");
        using var repository = await Repository.OpenAsync(new FolderStore(folder), ResticFixture.Password, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<PruneRefusedException>(() => PruneWorld.PruneAsync(repository));
        Assert.Equal(files, folder.Files(""));
    }

    [Theory]
    [InlineData(ResticFixture.Made2)]
    [InlineData("small-repo")]
    [InlineData("repo-unused-data-missing")]
    [InlineData("repo-unreferenced-data")]
    [InlineData("repo-obsolete-index")]
    [InlineData("repo-mixed")]
    [InlineData("repo-duplicates")]
    [InlineData("repo-layout-default")]
    public async Task Any_other_is_pruned_and_restic_finds_no_fault(string name)
    {
        var folder = ResticFixture.Folder(name);
        using var repository = await Repository.OpenAsync(new FolderStore(folder), ResticFixture.Password, TestContext.Current.CancellationToken);
        await PruneWorld.PruneAsync(repository, PruneWorld.Tight with { Grace = TimeSpan.Zero });
        Assert.True((await PruneWorld.PruneAsync(repository)).Done.IsIdle);
        await PruneWorld.AssertResticFindsNoFaultAsync(folder, "geheim");
    }
}
