using System.Runtime.Versioning;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>The embedded default: a repository in the data folder, under a password that the program draws.</summary>
public sealed class When_nothing_is_configured : IDisposable
{
    private readonly BackupSite _site = new();

    [Fact]
    public async Task The_first_backup_makes_the_repository_and_restic_restores_it()
    {
        (await _site.RunAsync("run")).Demand(0);
        (await BackupSite.ResticAsync(_site.Embedded, _site.DrawnPasswordFile, "check", "--read-data")).Demand(0);
        (await BackupSite.ResticAsync(_site.Embedded, _site.DrawnPasswordFile, "restore", "latest", "--target", _site["restored"])).Demand(0);
        Assert.Equal("what must not be lost", File.ReadAllText(_site["restored"] + Path.Combine(_site.Data, "archive", "record")));
    }

    [Fact]
    public async Task Every_backup_says_that_a_copy_on_the_same_disk_is_none()
    {
        foreach (string[] arguments in (string[][])[["run"], ["run", "--json"], ["run", "--quiet"]])
        {
            var ended = (await _site.RunAsync(arguments)).Demand(0);
            Assert.Contains("A copy on the same disk is no backup", ended.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("no backup", ended.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Its_password_is_strong_and_its_owners_alone()
    {
        Needs.Linux();
        (await _site.RunAsync("init")).Demand(0);
        string password = await File.ReadAllTextAsync(_site.DrawnPasswordFile, TestContext.Current.CancellationToken);
        Assert.Matches("^[a-z2-9]{5}(-[a-z2-9]{5}){7}$", password);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_site.DrawnPasswordFile));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(_site.DrawnPasswordFile) ?? ""));
        var key = Assert.Single(Json.Lines((await _site.RunAsync("key", "list", "--json")).Demand(0)));
        Assert.Equal((32768, 8, 1), (key.GetProperty("n").GetInt64(), key.GetProperty("r").GetInt64(), key.GetProperty("p").GetInt64()));
    }

    [Fact]
    public async Task The_password_that_is_there_holds_for_a_new_repository()
    {
        (await _site.RunAsync("init")).Demand(0);
        byte[] password = await File.ReadAllBytesAsync(_site.DrawnPasswordFile, TestContext.Current.CancellationToken);
        Directory.Delete(_site.Embedded, recursive: true);
        (await _site.RunAsync("run")).Demand(0);
        Assert.Equal(password, await File.ReadAllBytesAsync(_site.DrawnPasswordFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_lost_password_is_told_and_no_other_is_drawn()
    {
        (await _site.RunAsync("init")).Demand(0);
        File.Delete(_site.DrawnPasswordFile);
        var ended = (await _site.RunAsync("run")).Demand(2);
        Assert.Contains(_site.DrawnPasswordFile, ended.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_site.DrawnPasswordFile));
    }

    [Fact]
    public async Task Neither_the_password_nor_the_repository_is_in_the_backup()
    {
        (await _site.RunAsync("run")).Demand(0);
        (await _site.RunAsync("run", _site.Data)).Demand(0);
        var listed = (await BackupSite.ResticAsync(_site.Embedded, _site.DrawnPasswordFile, "ls", "latest")).Demand(0);
        Assert.Contains("/archive/record", listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("/keys", listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("/backup", listed.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("link", "")]   // /var/lib/docingest is a link to /data/docingest, and somebody backs up /data
    [InlineData("data", "up/data")]   // the other way round
    [InlineData("chain", "up/data")]
    public async Task Neither_is_in_a_backup_that_reaches_them_by_another_path(string dataFolder, string backedUp)
    {
        Needs.Linux();
        (await _site.RunAsync("run")).Demand(0);
        Link();
        (await TheProgram.RunAsync("backup", "run", _site[backedUp], "--data", _site[dataFolder])).Demand(0);
        var listed = (await BackupSite.ResticAsync(_site.Embedded, _site.DrawnPasswordFile, "ls", "latest")).Demand(0);
        Assert.Contains("/data/archive/record", listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("/keys", listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("/backup", listed.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("link/elsewhere", "data")]
    [InlineData("data/elsewhere", "chain")]
    [InlineData("up/up/data/elsewhere", "link")]
    [InlineData("beside/../link/elsewhere", "data")]
    [InlineData("into", "data")]   // a link to a folder in there
    public async Task A_repository_that_a_link_puts_into_the_data_folder_is_noticed(string repository, string dataFolder)
    {
        Needs.Linux();
        Link();
        Directory.CreateDirectory(Path.Combine(_site.Data, "deep", "inside"));
        Directory.CreateSymbolicLink(_site["into"], _site["link/deep/inside"]);
        string[] named = ["--repo", _site[repository], "--password-file", _site.PasswordFile, "--data", _site[dataFolder]];
        foreach (string command in (string[])["init", "run"])
        {
            Assert.Contains("A copy on the same disk is no backup", (await TheProgram.RunAsync(["backup", command, .. named])).Demand(0).Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_repository_that_a_link_puts_outside_is_none_in_the_data_folder()
    {
        Needs.Linux();
        Directory.CreateDirectory(_site["mount"]);
        Directory.CreateSymbolicLink(_site.Embedded, _site["mount"]);
        var ended = (await _site.RunAsync("run")).Demand(0);
        Assert.DoesNotContain("A copy on the same disk is no backup", ended.Errors, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.EnumerateFiles(_site["mount"]));
    }

    [Theory]
    [InlineData("link", "data/keys")]
    [InlineData("data", "up/data/backup/data")]
    public async Task Another_path_to_what_must_never_be_in_a_backup_is_refused(string dataFolder, string backedUp)
    {
        Needs.Linux();
        (await _site.RunAsync("init")).Demand(0);
        Link();
        var ended = (await TheProgram.RunAsync("backup", "run", _site[backedUp], "--data", _site[dataFolder])).Demand(2);
        Assert.Contains("never backed up", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_backup_that_was_killed_before_its_repository_was_one_is_made_by_the_next()
    {
        (await _site.RunAsync("init")).Demand(0);
        File.Delete(Path.Combine(_site.Embedded, "config"));
        (await _site.RunAsync("run")).Demand(0);
        (await BackupSite.ResticAsync(_site.Embedded, _site.DrawnPasswordFile, "check", "--read-data")).Demand(0);
        Assert.Single(Json.Lines((await _site.RunAsync("key", "list", "--json")).Demand(0)));
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("keys/backup-password")]
    [InlineData("backup")]
    [InlineData("backup/data")]
    public async Task What_must_never_be_in_a_backup_is_refused(string named)
    {
        (await _site.RunAsync("init")).Demand(0);
        var ended = (await _site.RunAsync("run", Path.Combine(_site.Data, named))).Demand(2);
        Assert.Contains("never backed up", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_that_has_gone_from_a_data_folder_in_use_is_told()
    {
        Directory.Delete(_site.Data, recursive: true);
        string drop = Directory.CreateDirectory(Path.Combine(_site.Data, "drop")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(drop, "a.pdf"), A.Pdf().WithTextLayer("a").ToBytes(), TestContext.Current.CancellationToken);
        (await TheProgram.RunAsync("ingest", drop, "--data", _site.Data)).Demand(0);
        (await _site.RunAsync("run")).Demand(0);

        Directory.Move(Path.Combine(_site.Data, "archive"), _site["unmounted"]);
        var ended = await _site.RunAsync("run", "--json");
        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains(Json.Document(ended).GetProperty("problems").EnumerateArray(), problem => problem.Text("kind") == "missing");
    }

    [Fact]
    public async Task A_data_folder_with_nothing_in_it_is_not_backed_up()
    {
        Directory.Delete(_site.Data, recursive: true);
        (await _site.RunAsync("run")).Demand(5);
        Assert.False(Directory.Exists(_site.Data));
    }

    [Fact]
    public async Task Only_the_repository_that_nobody_chose_is_made_by_itself()
    {
        (await _site.RunBesideAsync("run")).Demand(5);
        _site.Configure($$"""{ "repository": "{{_site.Repository}}", "password": "file:{{_site.PasswordFile}}" }""");
        var ended = (await _site.RunAsync("run")).Demand(5);
        Assert.Contains("docingest backup init", ended.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_site.Repository));
    }

    public void Dispose() => _site.Dispose();

    private void Link()
    {
        Directory.CreateSymbolicLink(_site["link"], "data");
        Directory.CreateSymbolicLink(_site["chain"], _site["link"]);
        Directory.CreateSymbolicLink(_site["up"], ".");
    }
}
