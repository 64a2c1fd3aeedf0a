using System.Security.Cryptography;

namespace DocIngest.Worker.Tests.Backups;

public sealed class PruneCommandTests : IDisposable
{
    private readonly BackupSite _site = new();

    private string Record => Path.Combine(_site.Data, "archive", "destroyed");

    private IEnumerable<string> Packs => Directory.EnumerateFiles(Path.Combine(_site.Repository, "data"), "*", SearchOption.AllDirectories);

    private long PackBytes => Packs.Sum(file => new FileInfo(file).Length);

    [Fact]
    public async Task What_was_forgotten_is_removed_and_restic_finds_the_rest_whole()
    {
        await BackUpTwiceAsync();
        (await _site.RunBesideAsync("forget", "--keep-last", "1")).Demand(0);
        long before = PackBytes;
        var dry = Json.Document((await _site.RunBesideAsync("prune", "--dry-run", "--json")).Demand(0));
        Assert.Equal(before, PackBytes);
        var done = Json.Document((await _site.RunBesideAsync("prune", "--json")).Demand(0));
        Assert.Equal(dry.GetProperty("bytesRemoved").GetInt64(), done.GetProperty("bytesRemoved").GetInt64());
        Assert.True(PackBytes < before - 500_000, $"{before} -> {PackBytes}");
        (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "check", "--read-data")).Demand(0);
    }

    [Fact]
    public async Task Forget_prunes_where_it_is_told_to()
    {
        await BackUpTwiceAsync();
        long before = PackBytes;
        var dry = Json.Document((await _site.RunBesideAsync("forget", "--keep-last", "1", "--prune", "--dry-run", "--json")).Demand(0));
        Assert.True(dry.GetProperty("pruned").GetProperty("unusedBytes").GetInt64() > 500_000, dry.ToString());
        Assert.Equal(2, (await _site.SnapshotsAsync()).Count);

        (await _site.RunBesideAsync("forget", "--keep-last", "1", "--prune")).Demand(0);
        Assert.True(PackBytes < before - 500_000, $"{before} -> {PackBytes}");
        Assert.Single(await _site.SnapshotsAsync());
    }

    [Fact]
    public async Task A_destroyed_record_really_leaves_with_the_snapshot_that_held_it()
    {
        await BackUpTwiceAsync();
        string old = (await _site.SnapshotsAsync())[0];
        var told = Json.Document((await _site.RunBesideAsync("prune", "--json", "--repack-containing", $"{old[..12]}:{Record}")).Demand(3));
        Assert.True(told.GetProperty("mustLeaveBlobsStillUsed").GetInt64() > 0, told.ToString());

        var done = Json.Document((await _site.RunBesideAsync(
            "forget", old, "--prune", "--max-unused", "unlimited", "--json", "--repack-containing", $"{old[..12]}:{Record}")).Demand(0)).GetProperty("pruned");
        Assert.Equal(0, done.GetProperty("mustLeaveBlobsStillUsed").GetInt64());
        Assert.True(done.GetProperty("mustLeaveBlobsGone").GetInt64() > 0, done.ToString());
        (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "check", "--read-data")).Demand(0);
    }

    /// <remarks>Each copy in turn, so that none of them stays because the index happens to name it first.</remarks>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Of_two_copies_the_one_that_check_found_damaged_goes(int damaged)
    {
        // Two hosts that back up the same at the same time store it twice.
        _site.MakeNoise();
        await _site.InitBesideAsync();
        Copy(_site.Repository, _site["other"]);
        (await _site.RunBesideAsync("run")).Demand(0);
        (await _site.RunAsync("run", "--repo", _site["other"], "--password-file", _site.PasswordFile)).Demand(0);
        foreach (string folder in (string[])["data", "index"])
            Copy(Path.Combine(_site["other"], folder), Path.Combine(_site.Repository, folder));

        string[] copies = [.. Packs.OrderByDescending(pack => new FileInfo(pack).Length).Take(2).Order(StringComparer.Ordinal)];
        BackupSite.Damage(copies[damaged]);
        (await _site.RunBesideAsync("check", "--read-data")).Demand(1);
        (await _site.RunBesideAsync("prune", "--max-unused", "0")).Demand(0);
        Assert.Equal((false, true), (File.Exists(copies[damaged]), File.Exists(copies[1 - damaged])));
        (await _site.RunBesideAsync("check", "--read-data")).Demand(0);
    }

    [Theory]
    [InlineData(2, "--max-unused", "much")]
    [InlineData(2, "--max-unused", "-1")]
    [InlineData(2, "--max-repack-size", "5X")]
    [InlineData(2, "--max-repack-size", "")]
    [InlineData(2, "--grace", "1m")]
    [InlineData(2, "--repack-containing", "latest")]
    [InlineData(5, "--repack-containing", "latest:/absent")]
    [InlineData(5, "--repack-containing", "0123:/absent")]
    [InlineData(0, "--max-unused", "0%", "--max-repack-size", "1G", "--grace", "1d12h")]
    public async Task How_far_it_goes_is_told_in_words_that_are_checked(int exitCode, params string[] options)
    {
        await BackUpTwiceAsync();
        (await _site.RunBesideAsync(["prune", .. options])).Demand(exitCode);
    }

    [Fact]
    public async Task Where_something_that_snapshots_need_is_missing_nothing_is_forgotten_or_pruned()
    {
        await BackUpTwiceAsync();
        foreach (string pack in Directory.EnumerateFiles(Path.Combine(_site.Repository, "data"), "*", SearchOption.AllDirectories).ToList())
        {
            File.Delete(pack);
        }

        (await _site.RunBesideAsync("prune")).Demand(1);
        (await _site.RunBesideAsync("forget", "--keep-last", "1", "--prune")).Demand(1);
        Assert.Equal(2, (await _site.SnapshotsAsync()).Count);
    }

    [Fact]
    public async Task Without_snapshots_everything_goes_only_where_that_is_allowed()
    {
        await BackUpTwiceAsync();
        (await _site.RunBesideAsync(["forget", .. await _site.SnapshotsAsync()])).Demand(0);
        (await _site.RunBesideAsync("prune")).Demand(1);
        Assert.NotEqual(0, PackBytes);
        (await _site.RunBesideAsync("prune", "--unsafe-allow-remove-all")).Demand(0);
        Assert.Equal(0, PackBytes);
    }

    [Fact]
    public async Task Limits_of_a_prune_are_of_no_use_without_one() =>
        (await _site.RunBesideAsync("forget", "--keep-last", "1", "--max-unused", "0")).Demand(2);

    public void Dispose() => _site.Dispose();

    /// <summary>Adds the files below one folder to those below another.</summary>
    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);   // every file is in a folder
            File.Copy(file, target, overwrite: true);
        }
    }

    private async Task BackUpTwiceAsync()
    {
        await _site.InitBesideAsync();
        await File.WriteAllBytesAsync(Record, RandomNumberGenerator.GetBytes(1_000_000), TestContext.Current.CancellationToken);
        (await _site.RunBesideAsync("run")).Demand(0);
        File.Delete(Record);
        (await _site.RunBesideAsync("run")).Demand(1);   // it shrank, which is an alarm
    }
}
