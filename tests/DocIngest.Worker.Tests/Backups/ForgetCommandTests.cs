using System.Text.Json;

namespace DocIngest.Worker.Tests.Backups;

public sealed class ForgetCommandTests : IDisposable
{
    private readonly BackupSite _site = new();

    [Fact]
    public async Task The_policy_of_the_command_line_decides()
    {
        await MakeAsync("a", "a", "a", "b");
        var plan = Json.Document((await _site.RunBesideAsync("forget", "--keep-last", "2", "--json")).Demand(0));
        Assert.Equal(1, plan.GetProperty("removed").GetArrayLength());
        Assert.Equal(["a", "b"], plan.GetProperty("groups").EnumerateArray().Select(group => group.Text("host")).Order());
        Assert.Equal(3, (await _site.SnapshotsAsync()).Count);
    }

    [Fact]
    public async Task The_policy_of_the_configuration_decides_where_none_is_typed()
    {
        await MakeAsync("a", "a", "a");
        _site.Configure("""{ "keep": { "last": 1 } }""");
        (await _site.RunBesideAsync("forget", "--keep-last", "2")).Demand(0);
        Assert.Equal(2, (await _site.SnapshotsAsync()).Count);
        (await _site.RunBesideAsync("forget")).Demand(0);
        Assert.Single(await _site.SnapshotsAsync());
    }

    [Fact]
    public async Task Without_any_policy_nothing_is_forgotten()
    {
        await MakeAsync("a");
        Assert.Contains("--keep-daily", (await _site.RunBesideAsync("forget")).Demand(2).Errors, StringComparison.Ordinal);
        Assert.Single(await _site.SnapshotsAsync());
    }

    [Fact]
    public async Task Rules_that_keep_nothing_do_not_stand_for_those_of_the_configuration()
    {
        await MakeAsync("a", "a");
        _site.Configure("""{ "keep": { "last": 1 } }""");
        Assert.Contains("keep nothing", (await _site.RunBesideAsync("forget", "--keep-daily", "0")).Demand(2).Errors, StringComparison.Ordinal);
        Assert.Equal(2, (await _site.SnapshotsAsync()).Count);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_go_and_changes_nothing()
    {
        await MakeAsync("a", "a");
        var plan = Json.Document((await _site.RunBesideAsync("forget", "--keep-last", "1", "--dry-run", "--json")).Demand(0));
        Assert.Equal([(await _site.SnapshotsAsync())[0]], plan.GetProperty("removed").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal(2, (await _site.SnapshotsAsync()).Count);
    }

    [Fact]
    public async Task All_of_a_host_goes_only_where_that_is_allowed()
    {
        await MakeAsync("a");
        var refused = (await _site.RunBesideAsync("forget", "--keep-tag", "absent")).Demand(2);
        Assert.Contains("--unsafe-allow-remove-all", refused.Errors, StringComparison.Ordinal);
        Assert.Single(await _site.SnapshotsAsync());
        (await _site.RunBesideAsync("forget", "--keep-tag", "absent", "--unsafe-allow-remove-all")).Demand(0);
        Assert.Empty(await _site.SnapshotsAsync());
    }

    [Fact]
    public async Task A_named_snapshot_goes_and_no_other()
    {
        await MakeAsync("a", "a");
        var before = await _site.SnapshotsAsync();
        (await _site.RunBesideAsync("forget", before[1][..12])).Demand(0);
        Assert.Equal([before[0]], await _site.SnapshotsAsync());
        (await _site.RunBesideAsync("forget", before[1][..12])).Demand(5);
        (await _site.RunBesideAsync("forget", before[0][..12], "--keep-last", "1")).Demand(2);
        Assert.Equal([before[0]], await _site.SnapshotsAsync());
    }

    [Theory]
    [InlineData("--keep-last", "many")]
    [InlineData("--keep-last", "-2")]
    [InlineData("--keep-within", "7 days")]
    [InlineData("--keep-within", "")]
    [InlineData("--keep-daily", "0")]
    [InlineData("--keep-daily", "0", "--keep-last", "0")]
    [InlineData("--group-by", "colour", "--keep-last", "1")]
    public async Task A_rule_that_is_none_exits_2(params string[] options) => (await _site.RunBesideAsync(["forget", .. options])).Demand(2);

    [Theory]
    [InlineData("--keep-last 1")]
    [InlineData("--keep-daily 1 --keep-hourly 1")]
    [InlineData("--keep-within 1y2m3d4h")]
    [InlineData("--keep-yearly 1 --group-by host")]
    [InlineData("--keep-last 1 --host b --group-by paths")]
    public async Task Restic_would_keep_the_same(string options)
    {
        await MakeAsync("a", "a", "b", "b", "b");
        string[] words = options.Split(' ');
        var theirs = (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, ["forget", "--dry-run", "--json", .. words])).Demand(0);
        var ours = Json.Document((await _site.RunBesideAsync(["forget", "--dry-run", "--json", .. words])).Demand(0));
        Assert.Equal(
            Removed(BackupSite.Parse(theirs.Lines[0]).EnumerateArray()), ours.GetProperty("removed").EnumerateArray().Select(id => id.GetString() ?? "").Order());
    }

    public void Dispose() => _site.Dispose();

    private async Task MakeAsync(params string[] hosts)
    {
        await _site.InitBesideAsync();
        foreach (string host in hosts)
        {
            (await _site.RunBesideAsync("run", "--host", host, Path.Combine(_site.Data, "archive"))).Demand(0);
        }
    }

    private static IEnumerable<string> Removed(IEnumerable<JsonElement> groups) => groups
        .Where(group => group.GetProperty("remove").ValueKind is JsonValueKind.Array)
        .SelectMany(group => group.GetProperty("remove").EnumerateArray()).Select(snapshot => snapshot.Text("id")).Order();
}
