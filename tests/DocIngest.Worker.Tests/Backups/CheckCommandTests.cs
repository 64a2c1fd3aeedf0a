using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Backups;

public sealed class CheckCommandTests : IDisposable
{
    private readonly BackupSite _site = new();

    [Fact]
    public async Task A_whole_repository_is_sound_and_what_was_read_is_remembered()
    {
        await BackUpAsync();
        var looked = Json.Document((await _site.RunBesideAsync("check", "--json")).Demand(0));
        Assert.Equal("warnings", looked.Text("verdict"));   // nobody has read it to the last byte yet
        var read = Json.Document((await _site.RunBesideAsync("check", "--read-data", "--json")).Demand(0));
        Assert.Equal("sound", read.Text("verdict"));
        Assert.True(read.GetProperty("bytesRead").GetInt64() > 0);
        Assert.Equal("sound", Json.Document((await _site.RunBesideAsync("check", "--json")).Demand(0)).Text("verdict"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_nothing_can_be_remembered_all_is_looked_at_and_that_is_a_warning(bool mayOpenReports)
    {
        Needs.Linux();
        await BackUpAsync();
        string reports = Path.Combine(_site.Data, "reports");
        if (mayOpenReports)
        {
            string id = Json.Document((await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "cat", "config")).Demand(0)).Text("id");
            Directory.CreateDirectory(Path.Combine(reports, $"verified-{id[..16]}.jsonl"));   // as unusable as one of another account, also to root
        }
        else
        {
            await File.WriteAllTextAsync(reports, "", TestContext.Current.CancellationToken);
        }

        var result = Json.Document((await _site.RunBesideAsync("check", "--read-data", "--json")).Demand(0));
        Assert.Equal("warnings", result.Text("verdict"));
        Assert.Contains(result.GetProperty("findings").EnumerateArray(), finding => finding.Text("code") == "B015");
        Assert.True(result.GetProperty("bytesRead").GetInt64() > 0);
        if (!mayOpenReports)
            (await _site.RunBesideAsync("prune")).Demand(0);
    }

    [Fact]
    public async Task A_flipped_bit_is_found_with_its_file_where_packs_are_read()
    {
        _site.MakeNoise();
        await BackUpAsync();
        string pack = _site.DamageLargestPack();
        (await _site.RunBesideAsync("check")).Demand(0);
        var found = Json.Document((await _site.RunBesideAsync("check", "--read-data", "--json")).Demand(1));
        Assert.Contains(found.GetProperty("findings").EnumerateArray(), finding => finding.Text("severity") == "error" && finding.Text("file") == pack);
        Assert.Contains("THERE ARE ERRORS", (await _site.RunBesideAsync("check", "--read-data")).Demand(1).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_with_nothing_in_it_is_not_sound()
    {
        await _site.InitBesideAsync();
        (await _site.RunBesideAsync("check")).Demand(1);
    }

    [Fact]
    public async Task A_repository_without_snapshots_is_not_sound()
    {
        await BackUpAsync();
        (await _site.RunBesideAsync("forget", (await _site.SnapshotsAsync())[0])).Demand(0);
        var findings = Json.Document((await _site.RunBesideAsync("check", "--json")).Demand(1)).GetProperty("findings");
        Assert.Contains(findings.EnumerateArray(), finding => finding.Text("code") == "B011");
    }

    [Fact]
    public async Task All_parts_together_are_all_packs()
    {
        await BackUpAsync();
        long all = Json.Document((await _site.RunBesideAsync("check", "--read-data", "--json")).Demand(0)).GetProperty("bytesRead").GetInt64();
        long parts = 0;
        foreach (string part in (string[])["1/2", "2/2"])
        {
            var ended = await _site.RunBesideAsync("check", "--read-data-subset", part, "--json");
            Assert.True(ended.ExitCode is 0 or 1, ended.Errors);   // 1 where the part has no pack: nothing read is no good news
            parts += Json.Document(ended).GetProperty("bytesRead").GetInt64();
        }

        Assert.Equal(all, parts);
        Assert.True(Json.Document((await _site.RunBesideAsync("check", "--read-data-subset", "1", "--json")).Demand(0)).GetProperty("bytesRead").GetInt64() < all);
    }

    [Theory]
    [InlineData("--read-data-subset", "0/2")]
    [InlineData("--read-data-subset", "3/2")]
    [InlineData("--read-data-subset", "1/257")]
    [InlineData("--read-data-subset", "some")]
    [InlineData("--read-data-subset", "1/2", "--read-data")]
    public async Task A_part_that_is_none_exits_2(params string[] options) => (await _site.RunBesideAsync(["check", .. options])).Demand(2);

    [Fact]
    public async Task From_elsewhere_it_leaves_nothing_behind()
    {
        await BackUpAsync();
        (await TheProgram.RunAsync(
            "backup", "check", "--repo", _site.Repository, "--password-file", _site.PasswordFile, "--data", _site["nowhere"])).Demand(0);
        Assert.False(Directory.Exists(_site["nowhere"]));
    }

    public void Dispose() => _site.Dispose();

    private async Task BackUpAsync()
    {
        await _site.InitBesideAsync();
        (await _site.RunBesideAsync("run")).Demand(0);
    }
}
