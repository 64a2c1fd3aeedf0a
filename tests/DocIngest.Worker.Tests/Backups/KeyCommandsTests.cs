using System.Runtime.Versioning;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Backups;

public sealed class KeyCommandsTests : IDisposable
{
    private readonly BackupSite _site = new();

    [Fact]
    public async Task An_added_password_opens_the_repository_for_restic_and_for_us()
    {
        await _site.InitBesideAsync();
        string second = _site.WriteFile("second", "another password");
        (await _site.RunBesideAsync("key", "add", "--new-password-file", second)).Demand(0);
        (await BackupSite.ResticAsync(_site.Repository, second, "snapshots")).Demand(0);
        var keys = Json.Lines((await _site.RunAsync("key", "list", "--json", "--repo", _site.Repository, "--password-file", second)).Demand(0));
        Assert.Equal(2, keys.Count);
        Assert.Single(keys, key => key.GetProperty("current").GetBoolean());
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_drawn_password_is_written_for_its_owner_alone_and_never_over_a_file()
    {
        Needs.Linux();
        await _site.InitBesideAsync();
        (await _site.RunBesideAsync("key", "add", "--generate", _site["drawn"])).Demand(0);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_site["drawn"]));
        (await BackupSite.ResticAsync(_site.Repository, _site["drawn"], "snapshots")).Demand(0);
        (await _site.RunBesideAsync("key", "add", "--generate", _site["drawn"])).Demand(2);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_site.Repository, "keys")).Length);
    }

    [Theory]
    [InlineData]
    [InlineData("--new-password-file", "password", "--generate", "drawn")]
    [InlineData("--new-password-file", "password", "--new-password-command", "cat password")]
    public async Task A_new_password_is_named_once(params string[] options)
    {
        await _site.InitBesideAsync();
        (await _site.RunBesideAsync(["key", "add", .. options])).Demand(2);
        Assert.False(File.Exists(_site["drawn"]));
    }

    [Fact]
    public async Task A_removed_password_opens_nothing_and_the_one_in_use_stays()
    {
        await _site.InitBesideAsync();
        string second = _site.WriteFile("second", "another password");
        (await _site.RunBesideAsync("key", "add", "--new-password-file", second)).Demand(0);
        var keys = Json.Lines((await _site.RunBesideAsync("key", "list", "--json")).Demand(0));
        string IdOf(bool current) => keys.Single(key => key.GetProperty("current").GetBoolean() == current).Text("id");

        (await _site.RunBesideAsync("key", "remove", IdOf(current: true))).Demand(2);
        (await _site.RunBesideAsync("key", "remove", IdOf(current: false)[..10])).Demand(0);
        (await _site.RunAsync("list", "--repo", _site.Repository, "--password-file", second)).Demand(2);
        (await _site.RunBesideAsync("key", "remove", "0123")).Demand(5);
    }

    public void Dispose() => _site.Dispose();
}
