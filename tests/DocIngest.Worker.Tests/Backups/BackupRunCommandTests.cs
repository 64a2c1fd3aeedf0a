using System.Text;
using DocIngest.Backup;
using DocIngest.Backup.Backups;
using DocIngest.Backup.Snapshots;
using DocIngest.TestKit;
using DocIngest.Worker.CommandLine.Backups;

namespace DocIngest.Worker.Tests.Backups;

public sealed class BackupRunCommandTests : IDisposable
{
    private readonly BackupSite _site = new();

    [Fact]
    public async Task Paths_of_the_configuration_are_relative_to_the_data_folder()
    {
        await _site.InitBesideAsync();
        Directory.CreateDirectory(_site["elsewhere"]);
        _site.Configure("""{ "paths": [ "../elsewhere", "archive" ], "hostName": "records" }""");
        (await _site.RunBesideAsync("run")).Demand(0);
        var snapshot = Assert.Single(Json.Lines((await _site.RunBesideAsync("list", "--json")).Demand(0)));
        Assert.Equal("records", snapshot.Text("hostName"));
        Assert.Equal([_site["elsewhere"], Path.Combine(_site.Data, "archive")], snapshot.GetProperty("paths").EnumerateArray().Select(path => path.GetString()));
    }

    [Fact]
    public async Task The_second_run_finds_its_parent_and_reads_nothing_again()
    {
        await _site.InitBesideAsync();
        string first = Json.Document((await _site.RunBesideAsync("run", "--json")).Demand(0)).Text("snapshot");
        var second = Json.Document((await _site.RunBesideAsync("run", "--json")).Demand(0));
        Assert.Equal(first, second.Text("parent"));
        Assert.Equal((0, 1), (second.GetProperty("filesNew").GetInt32(), second.GetProperty("filesUnmodified").GetInt32()));
    }

    [Theory]
    [InlineData(3, BackupAlarmKind.SourceMissing)]   // gone between its listing and its opening: no problem tells of it
    [InlineData(1, BackupAlarmKind.SourceMissing, BackupAlarmKind.SourceShrank)]
    [InlineData(0)]
    public void An_alarm_is_never_green(int exitCode, params BackupAlarmKind[] alarms) => Assert.Equal(
        exitCode,
        BackupRunCommand.ExitCodeOf(new BackupResult(default(FileId), null, new SnapshotSummary(), [], [.. alarms.Select(kind => new BackupAlarm(kind, "/a", ""))], 0)));

    [Fact]
    public async Task What_cannot_be_read_is_listed_and_exits_3()
    {
        await _site.InitBesideAsync();
        var result = (await _site.RunBesideAsync("run", "--json", _site.Data, _site["absent"])).Demand(3);
        var problem = Assert.Single(Json.Document(result).GetProperty("problems").EnumerateArray());
        Assert.Equal((_site["absent"], "missing"), (problem.Text("path"), problem.Text("kind")));
        Assert.Single(await _site.SnapshotsAsync());
    }

    [Fact]
    public async Task A_source_that_is_not_there_at_all_exits_5_and_makes_no_snapshot()
    {
        await _site.InitBesideAsync();
        (await _site.RunBesideAsync("run", _site["absent"])).Demand(5);
        Assert.Empty(await _site.SnapshotsAsync());
    }

    [Fact]
    public async Task A_source_that_shrank_or_is_empty_is_an_alarm_and_exits_1()
    {
        await _site.InitBesideAsync();
        string source = Directory.CreateDirectory(_site["source"]).FullName;
        await File.WriteAllBytesAsync(Path.Combine(source, "much"), new byte[10_000], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(source, "little"), new byte[4_000], TestContext.Current.CancellationToken);
        (await _site.RunBesideAsync("run", source)).Demand(0);

        File.Delete(Path.Combine(source, "much"));
        var shrunk = (await _site.RunBesideAsync("run", source, "--json")).Demand(1);
        Assert.Equal("source-shrank", Assert.Single(Json.Document(shrunk).GetProperty("alarms").EnumerateArray()).Text("kind"));

        File.Delete(Path.Combine(source, "little"));
        Assert.Contains("ALARM", (await _site.RunBesideAsync("run", source)).Demand(1).Errors, StringComparison.Ordinal);
        Assert.Equal(3, (await _site.SnapshotsAsync()).Count);
    }

    [Fact]
    public async Task How_far_it_may_shrink_is_configured()
    {
        await _site.InitBesideAsync();
        _site.Configure("""{ "expect": { "maxShrinkPercent": 100 } }""");
        string source = Directory.CreateDirectory(_site["source"]).FullName;
        await File.WriteAllBytesAsync(Path.Combine(source, "a"), new byte[10_000], TestContext.Current.CancellationToken);
        (await _site.RunBesideAsync("run", source)).Demand(0);
        await File.WriteAllBytesAsync(Path.Combine(source, "a"), [1], TestContext.Current.CancellationToken);
        (await _site.RunBesideAsync("run", source)).Demand(0);
    }

    [Fact]
    public async Task Tags_and_host_are_those_that_restic_finds()
    {
        await _site.InitBesideAsync();
        (await _site.RunBesideAsync("run", "--tag", "monthly,audit", "--tag", "x", "--host", "records")).Demand(0);
        var found = (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "snapshots", "--json", "--host", "records", "--tag", "audit,x")).Demand(0);
        Assert.Single(BackupSite.Parse(found.Output).EnumerateArray());
        Assert.Single(Json.Lines((await _site.RunBesideAsync("list", "--json", "--tag", "absent", "--tag", "audit,x", "--host", "records")).Demand(0)));
        Assert.Empty(Json.Lines((await _site.RunBesideAsync("list", "--json", "--host", "elsewhere")).Demand(0)));
    }

    [Fact]
    public async Task A_snapshot_names_the_account_by_its_numbers()
    {
        Needs.Linux();
        Needs.Tool("unshare");
        await _site.InitBesideAsync();
        string[] asAnother = ["--user", "--map-user=1234", "--map-group=1235"];   // whoever runs the tests
        using (var allowed = TheProgram.StartAny("unshare", [.. asAnother, "true"]))
        {
            if ((await allowed.EndAsync()).ExitCode != 0)
            {
                Needs.Lacks("user-namespaces", "This system makes no user namespaces.");
            }
        }

        using var running = TheProgram.StartAny(
            "unshare",
            [.. asAnother, TheProgram.Executable, "backup", "run", "--data", _site.Data, "--repo", _site.Repository, "--password-file", _site.PasswordFile]);
        (await running.EndAsync()).Demand(0);
        var found = (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "snapshots", "--json")).Demand(0);
        var snapshot = Assert.Single(BackupSite.Parse(found.Output).EnumerateArray());
        Assert.Equal((1234, 1235), (snapshot.GetProperty("uid").GetInt32(), snapshot.GetProperty("gid").GetInt32()));
    }

    [Fact]
    public async Task Names_that_would_move_the_cursor_are_told_without_doing_it()
    {
        Needs.Linux();
        await _site.InitBesideAsync();
        string odd = Directory.CreateDirectory(_site["odd\u001b[2Jname"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(odd, "a"), "a", Encoding.UTF8, TestContext.Current.CancellationToken);
        (await _site.RunBesideAsync("run", odd)).Demand(0);
        Assert.DoesNotContain('\u001b', (await _site.RunBesideAsync("list")).Demand(0).Output);
    }

    public void Dispose() => _site.Dispose();
}
