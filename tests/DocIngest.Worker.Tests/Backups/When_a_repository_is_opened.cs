using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>Which repository and which password count, and what is said where they do not fit.</summary>
public sealed class When_a_repository_is_opened : IDisposable
{
    private readonly BackupSite _site = new();

    [Theory]
    [InlineData("config", "another copy")]
    [InlineData("keys", "--escrow-key")]
    [InlineData("snapshots", "backup list")]
    [InlineData("index", "backup check")]
    public async Task A_damaged_file_is_told_with_what_to_do_and_exits_1(string place, string advice)
    {
        await _site.InitBesideAsync();
        (await _site.RunBesideAsync("run")).Demand(0);
        string path = Path.Combine(_site.Repository, place);
        BackupSite.Damage(File.Exists(path) ? path : Assert.Single(Directory.GetFiles(path)));
        var refused = (await _site.RunBesideAsync("restore", "latest", "--target", _site["target"])).Demand(1);
        Assert.Contains(advice, refused.Errors, StringComparison.Ordinal);
        Assert.False(Path.Exists(_site["target"]));
    }

    [Theory]
    [InlineData("archive/repository", "archive/")]
    [InlineData("link", "archive/")]
    [InlineData("", "holds the data folder")]
    public async Task None_is_made_within_the_archive_nor_around_it(string place, string said)
    {
        Needs.Linux();
        await _site.TakeInAsync();
        Directory.CreateSymbolicLink(Path.Combine(_site.Data, "link"), "archive");
        string named = Path.Combine(_site.Data, place);
        var refused = (await _site.RunAsync("init", "--repo", named, "--password-file", _site.PasswordFile)).Demand(2);
        Assert.Contains(said, refused.Errors, StringComparison.Ordinal);
        Assert.False(Path.Exists(Path.Combine(named, "snapshots")));
    }

    [Theory]
    [InlineData("DOCINGEST_BACKUP_PASSWORD", BackupSite.Password, 0)]
    [InlineData("RESTIC_PASSWORD", BackupSite.Password, 0)]
    [InlineData("RESTIC_PASSWORD_FILE", "password", 0)]
    [InlineData("RESTIC_PASSWORD_COMMAND", "cat password", 0)]
    [InlineData("DOCINGEST_BACKUP_PASSWORD", "wrong", 2)]
    [InlineData("DOCINGEST_BACKUP_PASSWORD", " " + BackupSite.Password, 2)]   // taken as it is
    [InlineData("RESTIC_PASSWORD_FILE", "absent", 2)]
    [InlineData("RESTIC_PASSWORD_COMMAND", "false", 6)]
    [InlineData("RESTIC_PASSWORD_COMMAND", "/absent/program", 2)]
    public async Task A_password_comes_from_the_environment(string name, string value, int exitCode)
    {
        await _site.InitBesideAsync();
        (await _site.RunWithAsync(new Dictionary<string, string> { [name] = value }, "list", "--repo", _site.Repository)).Demand(exitCode);
    }

    [Theory]
    [InlineData("--password-file", "password", 0)]
    [InlineData("--password-command", "cat 'password'", 0)]
    [InlineData("--password-command", "cat 'password", 2)]
    [InlineData("--password-file", "absent", 2)]
    [InlineData("--password-file", "", 2)]
    public async Task A_password_comes_from_the_command_line_before_all_else(string option, string value, int exitCode)
    {
        await _site.InitBesideAsync();
        (await _site.RunWithAsync(
            new Dictionary<string, string> { ["DOCINGEST_BACKUP_PASSWORD"] = "wrong" }, "list", "--repo", _site.Repository, option, value)).Demand(exitCode);
    }

    [Theory]
    [InlineData("file:../password", 0)]
    [InlineData("env:ANY_NAME", 0)]
    [InlineData("command:cat password", 0)]
    [InlineData("credential:backup", 0)]
    [InlineData("env:ANOTHER_NAME", 2)]
    public async Task A_password_comes_from_where_the_configuration_says(string reference, int exitCode)
    {
        await _site.InitBesideAsync();
        _site.Configure($$"""{ "repository": "../repository", "password": "{{reference}}" }""");
        _site.WriteFile("backup", BackupSite.Password);
        var environment = new Dictionary<string, string> { ["ANY_NAME"] = BackupSite.Password, ["CREDENTIALS_DIRECTORY"] = _site.Root };
        (await _site.RunWithAsync(environment, "list")).Demand(exitCode);
    }

    [Fact]
    public async Task The_configured_password_is_not_tried_on_another_repository()
    {
        await _site.InitBesideAsync();
        _site.Configure($$"""{ "repository": "elsewhere", "password": "file:../password" }""");
        Assert.Contains("No password", (await _site.RunAsync("list", "--repo", _site.Repository)).Demand(2).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_restic_users_have_in_their_shell_does_not_choose_the_repository()
    {
        await _site.InitBesideAsync();
        (await _site.RunWithAsync(new Dictionary<string, string> { ["RESTIC_REPOSITORY"] = _site.Repository }, "list", "--password-file", _site.PasswordFile)).Demand(5);
        (await _site.RunWithAsync(new Dictionary<string, string> { ["DOCINGEST_BACKUP_REPOSITORY"] = _site.Repository }, "list", "--password-file", _site.PasswordFile)).Demand(0);
    }

    [Fact]
    public async Task A_repository_needs_no_data_folder_and_no_configuration()
    {
        await _site.InitBesideAsync();
        string[] common = ["--repo", _site.Repository, "--password-file", _site.PasswordFile, "--data", _site["nowhere"]];
        (await TheProgram.RunAsync(["backup", "run", _site.Data, .. common])).Demand(0);
        Assert.Single(Json.Lines((await TheProgram.RunAsync(["backup", "list", "--json", .. common])).Demand(0)));
        Assert.False(Directory.Exists(_site["nowhere"]));
    }

    [Theory]
    [InlineData("  correct horse battery staple \t\r\n")]
    [InlineData("\uFEFFcorrect horse battery staple\n")]
    [InlineData("\u00A0\u2003correct horse battery staple\u3000")]
    public async Task A_password_file_is_read_as_restic_reads_it(string content)
    {
        await _site.InitBesideAsync();
        string file = _site.WriteFile("written", content);
        (await BackupSite.ResticAsync(_site.Repository, file, "snapshots")).Demand(0);
        (await _site.RunAsync("list", "--repo", _site.Repository, "--password-file", file)).Demand(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t\n")]
    public async Task An_empty_password_is_none(string content)
    {
        string file = _site.WriteFile("empty", content);
        Assert.Contains("is empty", (await _site.RunAsync("init", "--repo", _site.Repository, "--password-file", file)).Demand(2).Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_site.Repository));
    }

    [Fact]
    public async Task A_wrong_password_exits_2_and_says_so()
    {
        await _site.InitBesideAsync();
        string file = _site.WriteFile("wrong", "wrong");
        var ended = (await _site.RunAsync("list", "--repo", _site.Repository, "--password-file", file)).Demand(2);
        Assert.Contains("no key opens with this password", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_init_exits_2_and_changes_nothing()
    {
        await _site.InitBesideAsync();
        byte[] config = await File.ReadAllBytesAsync(Path.Combine(_site.Repository, "config"), TestContext.Current.CancellationToken);
        (await _site.RunBesideAsync("init")).Demand(2);
        Assert.Equal(config, await File.ReadAllBytesAsync(Path.Combine(_site.Repository, "config"), TestContext.Current.CancellationToken));
        Assert.Single(Directory.GetFiles(Path.Combine(_site.Repository, "keys")));
    }

    [Fact]
    public async Task No_repository_exits_5() => (await _site.RunBesideAsync("list")).Demand(5);

    [Fact]
    public async Task A_damaged_config_exits_1()
    {
        await _site.InitBesideAsync();
        Damage(Path.Combine(_site.Repository, "config"));
        Assert.Contains("Config", (await _site.RunBesideAsync("list")).Demand(1).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_key_exits_1()
    {
        await _site.InitBesideAsync();
        Damage(Assert.Single(Directory.GetFiles(Path.Combine(_site.Repository, "keys"))));
        (await _site.RunBesideAsync("list")).Demand(1);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_told_beside_the_others_and_exits_1()
    {
        await _site.InitBesideAsync();
        (await _site.RunBesideAsync("run")).Demand(0);
        (await _site.RunBesideAsync("run")).Demand(0);
        string damaged = (await _site.SnapshotsAsync())[0];
        Damage(Path.Combine(_site.Repository, "snapshots", damaged));
        var ended = (await _site.RunBesideAsync("list", "--json")).Demand(1);
        Assert.Single(Json.Lines(ended));
        Assert.Contains(damaged, ended.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3:bucket")]
    [InlineData("rest:somewhere")]
    [InlineData("azure:container")]
    [InlineData("")]
    public async Task A_name_that_no_repository_has_exits_2(string name) =>
        (await _site.RunAsync("list", "--repo", name, "--password-file", _site.PasswordFile)).Demand(2);

    [Fact]
    public async Task Restic_opens_what_init_made_and_the_other_way_round()
    {
        await _site.InitBesideAsync();
        (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "check")).Demand(0);
        (await BackupSite.ResticAsync(_site["theirs"], _site.PasswordFile, "init")).Demand(0);
        (await _site.RunAsync("run", "--repo", _site["theirs"], "--password-file", _site.PasswordFile)).Demand(0);
        (await BackupSite.ResticAsync(_site["theirs"], _site.PasswordFile, "check", "--read-data")).Demand(0);
    }

    public void Dispose() => _site.Dispose();

    private static void Damage(string file)
    {
        byte[] content = File.ReadAllBytes(file);
        content[content.Length / 2] ^= 1;
        File.Delete(file);   // restic and we leave it write-protected
        File.WriteAllBytes(file, content);
    }
}
