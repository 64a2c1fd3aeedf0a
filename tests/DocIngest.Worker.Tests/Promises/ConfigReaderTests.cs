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

    [Theory]
    [InlineData("""{ "name": "" }""", "name")]
    [InlineData("""{ "recordClass": "" }""", "recordClass")]
    [InlineData("""{ "keepSource": "" }""", "keepSource")]
    [InlineData("""{ "keepSource": "24:00:00" }""", "keepSource")]
    [InlineData("""{ "keepSource": "72:00" }""", "keepSource")]
    [InlineData("""{ "keepSource": "48:30:00" }""", "keepSource")]
    [InlineData("""{ "keepSource": "9999999.00:00:00" }""", "keepSource")]
    [InlineData("""{ "markerFile": "" }""", "markerFile")]
    [InlineData("""{ "markerFile": ".." }""", "markerFile")]
    [InlineData("""{ "markerFile": "/srv/share/.marker" }""", "markerFile")]
    [InlineData("""{ "markerFile": "a\u0000b" }""", "markerFile")]
    [InlineData("""{ "feedbackFolder": "" }""", "feedbackFolder")]
    [InlineData("""{ "feedbackFolder": "." }""", "feedbackFolder")]
    [InlineData("""{ "feedbackFolder": "drop" }""", "feedbackFolder")]
    [InlineData("""{ "feedbackFolder": "a\u0000b" }""", "feedbackFolder")]
    [InlineData("""{ "folder": "/srv/scans/in", "feedbackFolder": "/srv/scans" }""", "feedbackFolder")]
    [InlineData("""{ "pages": { "blank": "remove" } }""", "pages.blank")]
    [InlineData("""{ "pages": { "separators": true } }""", "pages.separators")]
    [InlineData("""{ "pages": { "separators": { "patchT": false } } }""", "pages.separators.patchT")]
    [InlineData("""{ "pages": { "separators": { "barCodes": [ { "page": "keep" } ] } } }""", "pages.separators.barCodes[0].pattern")]
    [InlineData("""{ "pages": { "separators": { "barCodes": [ { "pattern": "^A" }, { "pattern": "(" } ] } } }""", "pages.separators.barCodes[1].pattern")]
    [InlineData("""{ "pages": { "separators": { "barCodes": [ { "pattern": "^A", "symbology": "CODE128" } ] } } }""", "pages.separators.barCodes[0].symbology")]
    [InlineData("""{ "pages": { "separators": { "barCodes": [ { "pattern": "^A", "page": "drop" } ] } } }""", "pages.separators.barCodes[0].page")]
    public void A_setting_that_cannot_work_is_a_fault(string profile, string setting) =>
        Assert.Equal([$"intake.profiles[0].{setting}"], Faults(profile));

    [Theory]
    [InlineData("""{ "folder": "./in" }""")]
    [InlineData("""{ "folder": "../in", "feedbackFolder": "../in/feedback", "markerFile": ".marker" }""")]
    [InlineData("""{ "keepSource": "23:59:59" }""")]
    [InlineData("""{ "pages": { "separators": {} } }""")]
    [InlineData("""{ "pages": { "separators": { "patchT": false, "barCodes": [ { "pattern": "^ENC[0-9]{8}$", "symbology": "code-128", "page": "keep" } ] }, "blank": "drop" } }""")]
    [InlineData("""{ "keepSource": "12:30" }""")]
    [InlineData("""{ "keepSource": "99999.00:00:00" }""")]
    public void A_setting_that_works_is_none(string profile) => Assert.Empty(Faults(profile));

    [Theory]
    [InlineData("/srv/b/in")]
    [InlineData("/srv/b")]
    [InlineData("/srv/a/feedback")]
    public void A_feedback_folder_must_not_be_or_hold_anothers_folders(string feedback) => Assert.Contains(
        "intake.profiles[1].feedbackFolder",
        Faults(
            """{ "name": "a", "folder": "/srv/a/in", "feedbackFolder": "/srv/a/feedback" }""",
            $$"""{ "name": "c", "folder": "/srv/c/in", "feedbackFolder": "{{feedback}}" }""",
            """{ "name": "b", "folder": "/srv/b/in" }"""));

    // Its default stands in its place: what the rules find of that is no fault of the file's.
    [Theory]
    [InlineData("""{ "name": 7, "folder": "a" }""", """{ "name": "default", "folder": "b" }""", "intake.profiles[0].name")]
    [InlineData("""{ "name": "a", "folder": 7 }""", """{ "name": "b", "folder": "drop" }""", "intake.profiles[0].folder")]
    [InlineData("""{ "settleTime": 7, "incompleteAfter": "00:00:10" }""", """{ "name": "b", "folder": "b" }""", "intake.profiles[0].settleTime")]
    [InlineData("""{ "sidecar": 7, "trustedSidecar": true }""", """{ "name": "b", "folder": "b" }""", "intake.profiles[0].sidecar")]
    [InlineData("""{ "name": "a", "folder": "a", "feedbackFolder": "drop" }""", "7", "intake.profiles[1]")]
    [InlineData("7", """{ "name": "default", "folder": "drop" }""", "intake.profiles[0]")]
    public void A_setting_that_cannot_be_read_is_one_fault_and_no_other(string first, string second, string paths) =>
        Assert.Equal(paths, string.Join(' ', Faults(first, second)));

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
        var paths = ConfigRules.Check(options, "/var/lib/docingest", faults).Select(fault => fault.Path).ToList();
        Assert.Equal(
            [
                "intake.profiles[0].documentKeyPattern", "intake.profiles[0].incompleteAfter",
                "intake.profiles[1].name", "intake.profiles[1].folder", "intake.profiles[1].documentKeyPattern",
                "intake.profiles[2].folder", "intake.profiles[2].feedbackFolder",
                "intake.profiles[3].folder", "intake.profiles[3].trustedSidecar",
            ],
            paths.Distinct());
    }

    private static IEnumerable<string> Faults(params string[] profiles)
    {
        var options = ConfigReader.Read($$"""{ "intake": { "profiles": [ {{string.Join(',', profiles)}} ] } }""", out var faults);
        return faults.Concat(ConfigRules.Check(options, "/var/lib/docingest", faults)).Select(fault => fault.Path).Distinct();
    }
}
