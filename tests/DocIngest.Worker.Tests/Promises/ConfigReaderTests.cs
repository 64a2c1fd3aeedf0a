using DocIngest.Pipeline.Scans;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Tests.Promises;

public sealed class ConfigReaderTests
{
    [Fact]
    public void All_faults_are_listed_at_once_with_their_paths()
    {
        ConfigReader.Read(
            """
            {
              // comments are welcome
              "intake": {
                "profiles": [ { "name": "ward 7", "settleTime": "5 seconds", "subfolders": "yes", "watch": "always", "settleTim": "00:00:05" }, 7 ],
                "freeSpaceReserveBytes": -1,
                "retryDelay": "01:00:00"
              },
              "extraction": { "workers": 2.5, "maxPages": 0 },
              "storage": [],
              "colour": "blue",
            }
            """,
            out var faults);
        Assert.Equal(
            [
                "intake.profiles[0].name", "intake.profiles[0].settleTime", "intake.profiles[0].subfolders", "intake.profiles[0].watch",
                "intake.profiles[0].settleTim", "intake.profiles[1]", "intake.freeSpaceReserveBytes", "intake.retryDelay",
                "extraction.workers", "extraction.maxPages", "storage", "colour",
            ],
            faults.Select(fault => fault.Path));
        Assert.Contains("Did you mean \"settleTime\"?", faults.Single(fault => fault.Path.EndsWith("settleTim", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_JSON_is_one_fault_with_its_place()
    {
        ConfigReader.Read("{\n  \"intake\": {,}\n}", out var faults);
        Assert.Contains("line 2", Assert.Single(faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_set_arrives()
    {
        var options = ConfigReader.Read(
            """{ "intake": { "profiles": [ { "name": "w", "settleTime": "00:01:00", "watch": "polling", "include": ["*.pdf"] } ] }, "logging": { "level": "debug" } }""",
            out var faults);
        Assert.Empty(faults);
        var profile = Assert.Single(options.Intake.Profiles);
        Assert.Equal(("w", TimeSpan.FromMinutes(1), WatchMode.Polling, "*.pdf"), (profile.Name, profile.SettleTime, profile.Watch, Assert.Single(profile.Include)));
        Assert.Equal(LogThreshold.Debug, options.Logging.Level);
    }

    [Fact]
    public void Rules_across_settings_are_all_reported()
    {
        var options = ConfigReader.Read(
            """
            { "intake": { "profiles": [
              { "name": "a", "folder": "/srv/in", "documentKeyPattern": "([", "incompleteAfter": "00:00:10", "settleTime": "00:01:00" },
              { "name": "a", "folder": "/srv/in/sub", "documentKeyPattern": "^x" },
              { "name": "b", "folder": "archive", "feedbackFolder": "archive/fb" },
              { "name": "c", "folder": "/", "trustedSidecar": true } ] } }
            """,
            out var faults);
        Assert.Empty(faults);
        var paths = ConfigRules.Check(options, "/var/lib/docingest").Select(fault => fault.Path).ToList();
        Assert.Equal(
            [
                "intake.profiles[0].documentKeyPattern", "intake.profiles[0].incompleteAfter",
                "intake.profiles[1].name", "intake.profiles[1].folder", "intake.profiles[1].documentKeyPattern",
                "intake.profiles[2].folder", "intake.profiles[2].feedbackFolder",
                "intake.profiles[3].folder", "intake.profiles[3].trustedSidecar",
            ],
            paths.Distinct());
    }
}
