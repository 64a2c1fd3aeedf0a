using DocIngest.TestKit;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Tests.Promises;

/// <summary>Faults in the section <c>backup</c> of the configuration.</summary>
public sealed class BackupRulesTests
{
    private const string Data = "/var/lib/docingest";

    [Fact]
    public void All_faults_are_listed_at_once() => Assert.Equal(
        [
            "backup.keep.daily", "backup.expect.maxShrinkPercent", "backup.lockWait", "backup.retryFor", "backup.colour",
            "backup.repository", "backup.password", "backup.paths[0]", "backup.paths[2]", "backup.keep.within",
        ],
        Faults(
            """
            {
              "repository": "archive/backups", "password": "correct horse", "paths": [ "", "archive", "keys/backup-password" ],
              "keep": { "daily": -2, "within": "a week" }, "expect": { "maxShrinkPercent": 101 }, "lockWait": "2.00:00:00", "retryFor": "1.00:00:01", "colour": "blue"
            }
            """).Select(fault => fault.Path));

    [Theory]
    [InlineData("\"correct-horse\"")]
    [InlineData("\"pass:correct-horse\"")]
    [InlineData("\"file:\"")]
    [InlineData("\"command:'correct-horse\"")]
    [InlineData("\"credential:../correct-horse\"")]
    [InlineData("7238")]
    public void What_stands_in_place_of_a_reference_is_never_repeated(string password)
    {
        var fault = Assert.Single(Faults($$"""{ "password": {{password}} }"""));
        Assert.Equal("backup.password", fault.Path);
        Assert.DoesNotContain("horse", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("7238", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "repository": "" }""", "backup.repository")]
    [InlineData("""{ "repository": "." }""", "backup.repository")]
    [InlineData("""{ "repository": ".." }""", "backup.repository")]
    [InlineData("""{ "repository": "keys" }""", "backup.repository")]
    [InlineData("""{ "repository": "catalog/b" }""", "backup.repository")]
    [InlineData("""{ "repository": "s3:bucket" }""", "backup.repository")]
    [InlineData("""{ "repository": "a\u0000b" }""", "backup.repository")]
    [InlineData("""{ "hostName": "" }""", "backup.hostName")]
    [InlineData("""{ "paths": [ "a\u0000b" ] }""", "backup.paths[0]")]
    public void A_setting_that_cannot_work_is_a_fault(string backup, string path) => Assert.Equal([path], Faults(backup).Select(fault => fault.Path));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "repository": "/mnt/backup/records", "password": "file:keys/mine" }""")]
    [InlineData("""{ "repository": "../repository", "password": "env:SECRET" }""")]
    [InlineData("""{ "repository": "azure:records:/backups", "password": "command:/usr/bin/pass show 'records backup'" }""")]
    [InlineData("""{ "repository": "rest:https://backup.example/records/", "password": "credential:backup" }""")]
    [InlineData("""{ "repository": null, "password": null, "hostName": null, "keep": { "within": null } }""")]
    [InlineData("""{ "keep": { "last": -1, "daily": 14, "within": "1y5m7d2h" }, "paths": [ "archive", "/etc/docingest" ], "lockWait": "00:10:00", "retryFor": "00:00:00" }""")]
    public void A_section_that_works_has_none(string backup) => Assert.Empty(Faults(backup));

    [Theory]
    [InlineData("link-to-archive", "backup.repository")]
    [InlineData("archive-elsewhere/below", "backup.repository")]
    [InlineData("link-to-all", "backup.repository")]
    [InlineData("beside")]
    public void A_link_leads_no_repository_to_a_forbidden_place(string place, params string[] faults)
    {
        Needs.Linux();
        using var disk = new TempFolder();
        disk.Folder("data");
        disk.Folder("archive-elsewhere");
        disk.Folder("beside");
        Directory.CreateSymbolicLink(disk["data/archive"], "../archive-elsewhere");   // on a larger disk
        Directory.CreateSymbolicLink(disk["link-to-archive"], "data/archive");
        Directory.CreateSymbolicLink(disk["link-to-all"], ".");
        Assert.Equal(faults, Faults($$"""{ "repository": "{{disk[place]}}" }""", disk["data"]).Select(fault => fault.Path));
    }

    [Fact]
    public void A_link_leads_no_backup_to_the_keys()
    {
        Needs.Linux();
        using var disk = new TempFolder();
        disk.Folder("data/keys");
        Directory.CreateSymbolicLink(disk["data/open"], "keys");
        Assert.Equal(["backup.paths[0]"], Faults("""{ "paths": [ "open/backup-password" ] }""", disk["data"]).Select(fault => fault.Path));
    }

    private static List<ConfigFault> Faults(string backup, string data = Data)
    {
        var options = ConfigReader.Read($$"""{ "backup": {{backup}} }""", out var faults);
        return [.. faults, .. ConfigRules.Check(options, data, faults)];
    }
}
