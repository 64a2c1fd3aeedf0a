using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Tests.Stores;

public sealed class RepositoryLocationTests
{
    [Theory]
    [InlineData("/srv/backup", "/srv/backup")]
    [InlineData("/srv/./a/../backup/", "/srv/backup")]   // one place has one location
    [InlineData("/", "/")]
    [InlineData("local:/srv/backup", "/srv/backup")]
    [InlineData("/srv/a:b", "/srv/a:b")]
    public void A_path_is_a_folder(string name, string path) =>
        Assert.Equal(new RepositoryLocation.Folder(Path.GetFullPath(path)), RepositoryLocation.Parse(name));

    [Fact]
    public void A_relative_path_begins_in_the_current_folder() =>
        Assert.Equal(new RepositoryLocation.Folder(Path.Combine(Environment.CurrentDirectory, "s3")), RepositoryLocation.Parse("s3"));

    [Theory]
    [InlineData("backup", "/var/lib/docingest/backup")]
    [InlineData("local:../b", "/var/lib/b")]
    [InlineData("/srv/backup", "/srv/backup")]
    public void A_relative_path_may_begin_elsewhere(string name, string path) =>
        Assert.Equal(new RepositoryLocation.Folder(Path.GetFullPath(path)), RepositoryLocation.Parse(name, Path.GetFullPath("/var/lib/docingest")));

    [Theory]
    [InlineData("azure:backups:/", "backups", "")]
    [InlineData("azure:backups:", "backups", "")]
    [InlineData("azure:backups:/hospital", "backups", "hospital")]
    [InlineData("azure:backups:hospital/ward 3/", "backups", "hospital/ward 3")]
    [InlineData("azure:backups://a/./b/../c", "backups", "a/c")]
    [InlineData("azure:backups:/../a", "backups", "a")]
    public void A_container_has_a_prefix_as_restic_cleans_it(string name, string container, string prefix) =>
        Assert.Equal(new RepositoryLocation.Container(container, prefix), RepositoryLocation.Parse(name));

    [Theory]
    [InlineData("rest:https://backup.example", "https://backup.example/", null, null)]
    [InlineData("rest:http://127.0.0.1:8000/a", "http://127.0.0.1:8000/a/", null, null)]
    [InlineData("rest:https://anna:s%2Fe%40c%3Aret@backup.example:8443/a/b/", "https://backup.example:8443/a/b/", "anna", "s/e@c:ret")]
    [InlineData("rest:https://anna@backup.example/", "https://backup.example/", "anna", "")]
    [InlineData("rest:https://[::1]:8000/", "https://[::1]:8000/", null, null)]
    public void A_server_has_an_address_and_what_opens_it(string name, string address, string? user, string? password)
    {
        var expected = user is null ? null : new RestCredentials(user, password ?? "");
        var server = Assert.IsType<RepositoryLocation.Server>(RepositoryLocation.Parse(name));
        Assert.Equal(new Uri(address), server.Address);
        Assert.Equal(expected, server.Credentials);
        Assert.Equal($"rest:{address}", server.DisplayName);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("local:")]
    [InlineData("azure:")]
    [InlineData("azure:backups")]
    [InlineData("azure::/hospital")]
    [InlineData("rest:")]
    [InlineData("rest:backup.example")]
    [InlineData("rest:ftp://backup.example/")]
    [InlineData("rest:https://anna:secret?@backup.example/")]
    [InlineData("rest:https://anna:sec#ret@backup.example/")]
    [InlineData("rest:https://anna:sec/ret@backup.example/")]
    [InlineData("https://anna:secret@backup.example/")]
    [InlineData("s3:https://anna:secret@s3.example/bucket")]
    [InlineData("sftp:anna@backup.example:/srv")]
    [InlineData("rclone:remote:secret")]
    public void A_name_that_is_none_is_refused_and_not_repeated(string name)
    {
        var error = Assert.Throws<RepositoryLocationException>(() => RepositoryLocation.Parse(name));
        Assert.DoesNotContain("ret", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("anna", error.Message, StringComparison.Ordinal);
        Assert.Null(error.InnerException);
    }

    [Fact]
    public void What_is_printed_holds_no_password() =>
        Assert.Equal("rest:https://backup.example/", $"{RepositoryLocation.Parse("rest:https://anna:secret@backup.example/")}");
}
