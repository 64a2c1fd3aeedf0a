using DocIngest.TestKit.Servers;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>Every command over restic's REST protocol, as <c>rclone serve restic</c> speaks it.</summary>
public sealed class When_the_repository_is_behind_a_server : IDisposable
{
    private readonly BackupSite _site = new();

    [Fact]
    public async Task A_backup_is_made_checked_restored_forgotten_and_pruned_there()
    {
        using var server = await Rclone.StartAsync();
        string name = $"rest:{server.NewRepository()}";
        foreach (string[] command in (string[][])
        [
            ["init"], ["run"], ["run"], ["check", "--read-data"], ["key", "add", "--generate", _site["second"]], ["restore", "latest", "--target", _site["restored"]],
            ["forget", "--keep-last", "1", "--prune"], ["unlock"],
        ])
        {
            (await OnServerAsync(name, command)).Demand(0);
        }

        Assert.Equal("what must not be lost", await File.ReadAllTextAsync(_site["restored"] + Path.Combine(_site.Data, "archive", "record"), Until.Limit()));
        (await BackupSite.ResticAsync(name, _site["second"], "check", "--read-data")).Demand(0);
    }

    [Fact]
    public async Task The_servers_password_comes_from_the_environment_and_is_never_told()
    {
        using var server = await Rclone.StartAsync("--user", "records", "--pass", "open sesame");
        string name = $"rest:{server.NewRepository()}";
        (await OnServerAsync(name, "init")).Demand(6);
        var credentials = new Dictionary<string, string> { ["RESTIC_REST_USERNAME"] = "records", ["RESTIC_REST_PASSWORD"] = "open sesame" };
        string[] common = ["--repo", name, "--password-file", _site.PasswordFile];
        (await _site.RunWithAsync(credentials, ["init", .. common])).Demand(0);
        var ended = (await _site.RunWithAsync(credentials, ["list", .. common])).Demand(0);
        Assert.DoesNotContain("sesame", ended.Output + ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_repository_there_exits_5()
    {
        using var server = await Rclone.StartAsync();
        (await OnServerAsync($"rest:{server.NewRepository()}", "list")).Demand(5);
    }

    public void Dispose() => _site.Dispose();

    private Task<EndedProgram> OnServerAsync(string name, params string[] command) =>
        _site.RunAsync([.. command, "--repo", name, "--password-file", _site.PasswordFile]);
}
