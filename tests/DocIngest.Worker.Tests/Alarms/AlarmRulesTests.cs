using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Tests.Alarms;

/// <summary>Faults in the section <c>alarms</c> of the configuration.</summary>
public sealed class AlarmRulesTests
{
    private const string Data = "/var/lib/docingest";

    [Fact]
    public void All_faults_are_listed_at_once() => Assert.Equal(
        [
            "alarms.routes[0].to[0]", "alarms.routes[0].to[1]", "alarms.routes[0].to[2]", "alarms.routes[0].kinds[0]", "alarms.routes[1].to",
            "alarms.webhooks[0].url", "alarms.webhooks[0].hmac", "alarms.webhooks[1].name", "alarms.webhooks[1].url", "alarms.ping.url",
        ],
        Faults(
            """
            {
              "routes": [ { "to": [ "it@hospital.example", "webhook:none", "somebody" ], "kinds": [ "moon-phase" ] }, { } ],
              "webhooks": [ { "name": "chat", "url": "http://chat.example/S3cret", "hmac": "S3cret" }, { "name": "chat", "url": "S3cret" } ],
              "ping": { "url": "ftp://S3cret" }
            }
            """));

    [Fact]
    public void Faults_of_the_mail_server_are_listed_too() => Assert.Equal(
        ["alarms.mail.host", "alarms.mail.from", "alarms.mail.security", "alarms.mail.password"],
        Faults("""{ "routes": [ { "to": [ "it@hospital.example" ] } ], "mail": { "security": "none", "user": "S3cret", "from": "S3cret" } }"""));

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("mail.hospital.example", false)]
    [InlineData("127.0.0.1.hospital.example", false)]
    public void A_connection_in_clear_stays_on_this_machine(string host, bool isFine) => Assert.Equal(
        isFine, Faults($$"""{ "mail": { "host": "{{host}}", "security": "none", "from": "docingest@hospital.example" } }""").Count == 0);

    private static List<string> Faults(string section)
    {
        var options = ConfigReader.Read($$"""{ "alarms": {{section}} }""", out var faults);
        var all = faults.Concat(ConfigRules.Check(options, Data, faults)).ToList();
        Assert.DoesNotContain(all, fault => fault.Message.Contains("S3cret", StringComparison.Ordinal));
        return all.ConvertAll(fault => fault.Path);
    }
}
