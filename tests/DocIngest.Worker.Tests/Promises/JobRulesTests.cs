using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Tests.Promises;

/// <summary>Faults in the section <c>jobs</c> of the configuration.</summary>
public sealed class JobRulesTests
{
    [Fact]
    public void All_faults_are_listed_at_once() => Assert.Equal(
        [
            "jobs[0].name", "jobs[0].jitter", "jobs[1].overdueAfter", "jobs[0].timeZone", "jobs[0].cron", "jobs[0].run", "jobs[1].cron", "jobs[1].run", "jobs[2].name",
            "jobs[2].run", "jobs[2].cron", "jobs[3].name", "jobs[3].run",
        ],
        Faults(
            """
            [
              { "name": "Nightly Backup", "run": [ "retention", "execute", "D1" ], "cron": "at night", "timeZone": "Europe/Bärlin", "jitter": "2.00:00:00" },
              { "name": "a", "run": [ "backup", "check", "--read-dater" ], "cron": "0 0 30 2 *", "overdueAfter": "00:00:00" },
              { },
              { "name": "a", "run": [ "backup", "run", "--data", "/elsewhere" ], "cron": "@daily" }
            ]
            """).Select(fault => fault.Path));

    [Theory]
    [InlineData("backup", "run")]
    [InlineData("backup", "check", "--read-data-subset", "20G")]
    [InlineData("backup", "forget", "--prune")]
    [InlineData("drill", "run", "--full", "--escrow-key", "/media/key")]
    [InlineData("ocr", "--pending")]
    [InlineData("retention", "plan")]
    [InlineData("archive", "validate")]
    [InlineData("archive", "copy", "--to", "/mnt/second")]
    [InlineData("audit", "verify")]
    [InlineData("catalog", "maintain")]
    public void What_needs_nobody_at_a_keyboard_can_be_a_job(params string[] words) =>
        Assert.Empty(Faults($$"""[ { "name": "a", "run": [ {{string.Join(", ", words.Select(word => $"\"{word}\""))}} ], "cron": "@weekly", "timeZone": "America/New_York" } ]"""));

    [Theory]
    [InlineData("backup", "run", "--help")]
    [InlineData("backup", "forget", "--prune", "--dry-run")]
    [InlineData("backup", "check", "--read-data-subset", "1/30")]
    public void What_would_do_nothing_or_always_the_same_cannot(params string[] words) => Assert.Equal(
        ["jobs[0].run"], Faults($$"""[ { "name": "a", "run": [ {{string.Join(", ", words.Select(word => $"\"{word}\""))}} ], "cron": "@weekly" } ]""").Select(fault => fault.Path));

    [Theory]
    [InlineData("run")]
    [InlineData("retention", "execute", "D1")]
    [InlineData("hold", "release", "H1")]
    [InlineData("job", "run", "a")]
    [InlineData("backup")]
    [InlineData("signing-key", "rotate")]
    public void What_takes_a_person_or_a_terminal_cannot(params string[] words)
    {
        var fault = Assert.Single(Faults($$"""[ { "name": "a", "run": [ {{string.Join(", ", words.Select(word => $"\"{word}\""))}} ], "cron": "@weekly" } ]"""));
        Assert.Equal("jobs[0].run", fault.Path);
        Assert.Contains("but a job runs one of: archive copy,", fault.Message, StringComparison.Ordinal);
    }

    private static List<ConfigFault> Faults(string jobs)
    {
        var options = ConfigReader.Read($$"""{ "jobs": {{jobs}} }""", out var faults);
        return [.. faults, .. ConfigRules.Check(options, "/var/lib/docingest", faults)];
    }
}
