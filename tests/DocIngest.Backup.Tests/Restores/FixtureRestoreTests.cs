using DocIngest.Backup.Restores;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Restores;

/// <summary>Repositories made by restic itself, restored.</summary>
public sealed class FixtureRestoreTests : IDisposable
{
    private readonly RestoreWorld _world = new();

    public FixtureRestoreTests() => Needs.Linux();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Version_2_gives_the_bytes_that_were_backed_up()
    {
        string[] expected = Sorted(System.Text.Encoding.UTF8.GetString(ResticFixture.Bytes("expected-sha256-third-snapshot.txt")).Split('\n'));
        using var repository = await ResticFixture.OpenAsync(ResticFixture.Made2);
        var newest = await repository.ListSnapshotsAsync(Cancellation).OrderBy(listed => listed.Snapshot!.Time.Instant).LastAsync(Cancellation);
        var result = await _world.RestoreAsync(repository, newest.Id);
        Assert.Equal([], RestoreWorld.Problems(result));
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Sorted(RestoreWorld.Shell(
            _world.Target, @"find src -type f -print0 | xargs -0 sha256sum -z | sed -z 's/\n/\\n/g; s/bad\xff\xfe/bad\\xff\\xfe/' | tr '\0' '\n'").Split('\n')));
    }

    private static string[] Sorted(string[] lines) => [.. lines.Where(line => line.Length > 0).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData("copy-unstable-json", true)]
    [InlineData("repo-data-missing", false)]
    [InlineData("repo-duplicates", true)]
    [InlineData("repo-index-missing-blob", false)]
    [InlineData("repo-index-missing", false)]
    [InlineData("repo-layout-default", true)]
    [InlineData("repo-mixed", true)]
    [InlineData("repo-obsolete-index", true)]
    [InlineData("repo-restore-permissions-test", true)]
    [InlineData("repo-same-timestamps", true)]
    [InlineData("repo-unreferenced-data", true)]
    [InlineData("repo-unused-data-missing", true)]
    [InlineData("small-repo", true)]
    public async Task Version_1_is_restored_as_far_as_it_is_there(string name, bool isWhole)
    {
        using var repository = await ResticFixture.OpenAsync(name);
        int damaged = 0;
        await foreach (var listed in repository.ListSnapshotsAsync(Cancellation))
        {
            try
            {
                var result = await _world.RestoreAsync(repository, listed.Id, new RestoreOptions { ReplacesDifferent = true });
                damaged += result.Problems.Count(problem => problem.Kind is RestoreProblemKind.Damaged);
                Assert.DoesNotContain(result.Problems, problem => problem.Kind is not (RestoreProblemKind.Damaged or RestoreProblemKind.IncompleteMetadata));
            }
            catch (DamagedRepositoryException) when (!isWhole)
            {
                damaged++;   // not even the root
            }
        }

        Assert.Equal(isWhole, damaged == 0);
    }
}
