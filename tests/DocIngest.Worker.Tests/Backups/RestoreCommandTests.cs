using DocIngest.Backup;
using DocIngest.Backup.Restores;
using DocIngest.Worker.CommandLine.Backups;

namespace DocIngest.Worker.Tests.Backups;

public sealed class RestoreCommandTests : IDisposable
{
    private readonly BackupSite _site = new();

    private string Target => _site["restored"];

    private string Restored => Target + Path.Combine(_site.Data, "archive", "record");

    [Fact]
    public async Task The_latest_snapshot_comes_under_its_full_path()
    {
        await BackUpAsync();
        var result = Json.Document((await _site.RunBesideAsync("restore", "latest", "--target", Target, "--json")).Demand(0));
        Assert.Equal("complete", result.Text("verdict"));
        Assert.Equal("what must not be lost", await File.ReadAllTextAsync(Restored, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_restic_wrote_is_restored_with_the_escrowed_key_alone()
    {
        (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "init")).Demand(0);
        (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "backup", Path.Combine(_site.Data, "archive"))).Demand(0);
        string key = _site.WriteFile("master-key.json", (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "cat", "masterkey")).Demand(0).Output);
        File.Delete(_site.PasswordFile);
        (await _site.RunAsync("restore", "latest", "--target", Target, "--repo", _site.Repository, "--escrow-key", key)).Demand(0);
        Assert.Equal("what must not be lost", await File.ReadAllTextAsync(Restored, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_that_differs_stays_and_exits_3_until_it_may_be_replaced()
    {
        await BackUpAsync();
        (await _site.RunBesideAsync("restore", "latest", "--target", Target)).Demand(0);
        await File.WriteAllTextAsync(Restored, "newer work", TestContext.Current.CancellationToken);
        var refused = Json.Document((await _site.RunBesideAsync("restore", "latest", "--target", Target, "--json")).Demand(3));
        Assert.Equal("conflict", Assert.Single(refused.GetProperty("problems").EnumerateArray()).Text("kind"));
        Assert.Equal("newer work", await File.ReadAllTextAsync(Restored, TestContext.Current.CancellationToken));
        (await _site.RunBesideAsync("restore", "latest", "--target", Target, "--overwrite")).Demand(0);
        Assert.Equal("what must not be lost", await File.ReadAllTextAsync(Restored, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_damaged_file_is_listed_and_exits_1()
    {
        _site.MakeNoise();
        await BackUpAsync();
        _site.DamageLargestPack();
        (await _site.RunBesideAsync("restore", "latest", "--target", Target)).Demand(1);
        Assert.False(File.Exists(Target + _site.Noise));
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_restored()
    {
        await BackUpAsync();
        await File.WriteAllTextAsync(Path.Combine(_site.Data, "archive", "other"), "other", TestContext.Current.CancellationToken);
        (await _site.RunBesideAsync("run")).Demand(0);
        (await _site.RunBesideAsync("restore", "latest", "--target", Target, "--include", Path.Combine(_site.Data, "archive", "other"))).Demand(0);
        Assert.False(File.Exists(Restored));
        (await _site.RunBesideAsync("restore", "latest", "--target", _site["second"], "--exclude", "oth*")).Demand(0);
        Assert.Single(Directory.EnumerateFiles(_site["second"], "*", SearchOption.AllDirectories));
        (await _site.RunBesideAsync("restore", "latest", "--target", _site["third"], "--include", "absent")).Demand(5);
        (await _site.RunBesideAsync("restore", "latest", "--target", _site["third"], "--include", "../up")).Demand(2);
    }

    [Fact]
    public async Task A_dry_run_writes_nothing()
    {
        await BackUpAsync();
        (await _site.RunBesideAsync("restore", "latest", "--target", Target, "--dry-run")).Demand(0);
        Assert.False(Directory.Exists(Target));
    }

    [Theory]
    [InlineData(5, "0123456", "--target", "x")]
    [InlineData(5, "latest", "--target", "x", "--host", "elsewhere")]
    [InlineData(2, "latest", "--target", "")]
    [InlineData(2, "latest")]
    public async Task What_is_not_there_is_told_and_nothing_is_written(int exitCode, params string[] arguments)
    {
        await BackUpAsync();
        (await _site.RunBesideAsync(["restore", .. arguments])).Demand(exitCode);
        Assert.False(Directory.Exists(_site["x"]));
    }

    [Theory]
    [InlineData(RestoreProblemKind.Damaged, 1)]
    [InlineData(RestoreProblemKind.Conflict, 3)]
    public void Damage_decides_also_where_it_is_not_among_the_listed_problems(RestoreProblemKind unlisted, int exitCode)
    {
        var result = new RestoreResult
        {
            Snapshot = FileId.Of("a"u8),
            Verdict = RestoreVerdict.Partial,
            Files = default,
            Directories = default,
            Links = default,
            Specials = default,
            Problems = [new RestoreProblem("/a", RestoreProblemKind.IncompleteMetadata, "refused")],
            ProblemCounts = new Dictionary<RestoreProblemKind, long> { [RestoreProblemKind.IncompleteMetadata] = 1, [unlisted] = 1 },
        };
        Assert.Equal(exitCode, RestoreCommand.ExitCodeOf(result));
    }

    public void Dispose() => _site.Dispose();

    private async Task BackUpAsync()
    {
        await _site.InitBesideAsync();
        (await _site.RunBesideAsync("run")).Demand(0);
    }
}
