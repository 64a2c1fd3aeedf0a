using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DocIngest.TestKit;
using DocIngest.Worker.Alarms.Ways;

namespace DocIngest.Worker.Tests.Alarms;

/// <summary>The program as an admin has it: configured ways, a service, and commands that raise alarms without it.</summary>
public sealed class When_alarms_are_told
{
    private const string Mark = "Xanthippe-Canary";
    private const string Admin = "it@hospital.example";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_test_goes_by_every_way_and_says_which_took_it()
    {
        Needs.Linux();   // elsewhere no variable says which certificates are trusted
        using var site = new IntakeSite();
        using var certificate = SelfSigned.For("localhost");
        await using var mail = new MailServer(certificate);
        using var web = new WebServer();
        File.WriteAllText(Path.Combine(site.Root, "authority.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(site.Root, "password"), MailServer.Password);
        site.Variables["SSL_CERT_FILE"] = Path.Combine(site.Root, "authority.pem");
        site.Variables["PING"] = $"{web.Address}ping/s3cret";
        site.Config["alarms"] = new JsonObject
        {
            ["mail"] = new JsonObject
            {
                ["host"] = "localhost", ["port"] = mail.Port, ["user"] = MailServer.User, ["password"] = $"file:{Path.Combine(site.Root, "password")}", ["from"] = "docingest@hospital.example",
            },
            ["webhooks"] = new JsonArray(new JsonObject { ["name"] = "chat", ["url"] = $"{web.Address}chat" }),
            ["ping"] = new JsonObject { ["url"] = "env:PING" },
            ["routes"] = new JsonArray(new JsonObject { ["to"] = new JsonArray(Admin, "webhook:chat") }),
        };
        var lines = Json.Lines((await site.RunAsync("alarm", "test", "--json")).Demand(0));
        Assert.Equal([(Admin, true), ("webhook:chat", true), ("ping", true)], lines.Select(line => (line.Text("to"), line.GetProperty("accepted").GetBoolean())));
        Assert.StartsWith("[test]", Assert.Single(mail.Mails).Subject, StringComparison.Ordinal);
        Assert.Equal(["/chat", "/ping/s3cret"], web.Calls.Select(call => call.Path));

        File.WriteAllText(Path.Combine(site.Root, "password"), "wrong");
        var failed = (await site.RunAsync("alarm", "test", "--json")).Demand(6);
        Assert.Equal([false, true, true], Json.Lines(failed).Select(line => line.GetProperty("accepted").GetBoolean()));
        Assert.DoesNotContain("wrong", failed.Output + failed.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failed.Output + failed.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_where_nobody_is_told_says_so()
    {
        using var site = new IntakeSite();
        (await site.RunAsync("alarm", "test")).Demand(2);
    }

    [Fact]
    public async Task What_a_command_raised_is_sent_by_the_service_and_again_after_a_kill_with_the_same_id()
    {
        using var site = new IntakeSite();
        var answer = new TaskCompletionSource<int>();
        using var web = new WebServer(call => call.Path == "/chat" ? answer.Task : Task.FromResult(200));
        site.Config["alarms"] = new JsonObject
        {
            ["webhooks"] = new JsonArray(new JsonObject { ["name"] = "chat", ["url"] = $"{web.Address}chat" }),
            ["ping"] = new JsonObject { ["url"] = $"{web.Address}ping" },
            ["routes"] = new JsonArray(new JsonObject { ["to"] = new JsonArray("webhook:chat") }),
        };
        site.Put("a.pdf", A.Pdf().WithTextLayer("first").ToBytes());
        (await site.RunAsync("ingest", site.Drop)).Demand(0);
        (await site.RunAsync("backup", "run", site.Data + "/receipts", site.Root + "/away")).Demand(3);

        using (var killed = site.Start("run"))
        {
            await Until.IsTrue(() => Chats().Count == 1, "the first try");
            await killed.KillAsync();
        }

        answer.SetResult(200);
        File.CreateSymbolicLink(site[$"{Mark} link.pdf"], site["a.pdf"]);
        site.Put($"{Mark}.txt", Encoding.UTF8.GetBytes(Mark));
        using var service = await site.ServeAsync();
        await Until.IsTrue(() => Chats().Count >= 2, "the second try");
        Assert.Equal(Chats()[0].Headers[WebhookWay.IdHeader], Chats()[1].Headers[WebhookWay.IdHeader]);
        Assert.Equal(Chats()[0].Body, Chats()[1].Body);
        Assert.Equal("backup-source-missing", AlarmsOf(Chats()[0]).Single().Text("kind"));
        await Until.IsTrue(() => web.Calls.Any(call => call.Path == "/ping/fail"), "the dead man's switch to hear of it");

        // What comes of scans names none of them (I6).
        await Until.IsTrue(() => Chats().Any(call => AlarmsOf(call).Any(alarm => alarm.Text("kind") == "refused-entry")), "the alarm of a link");
        Assert.DoesNotContain(Chats(), call => Encoding.UTF8.GetString(call.Body).Contains(Mark, StringComparison.OrdinalIgnoreCase));
        var listed = await site.LinesAsync("alarm", "list");
        Assert.Equal(["backup-source-missing", "refused-entry"], listed.Select(line => line.Text("kind")));   // the worst first
        Assert.DoesNotContain(listed, line => line.ToString().Contains(Mark, StringComparison.OrdinalIgnoreCase));

        File.Delete(site[$"{Mark} link.pdf"]);
        await Until.IsTrue(
            () => Chats().Any(call => AlarmsOf(call).Any(alarm => alarm.Text("kind") == "refused-entry" && alarm.Text("event") == "resolved")), "the end of the alarm");
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);

        List<WebServer.Call> Chats() => [.. web.Calls.Where(call => call.Path == "/chat")];
    }

    private static List<JsonElement> AlarmsOf(WebServer.Call call)
    {
        using var document = JsonDocument.Parse(call.Body);
        return [.. document.RootElement.Clone().GetProperty("alarms").EnumerateArray()];
    }
}
