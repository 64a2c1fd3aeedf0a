using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DocIngest.Pipeline.Ledger;
using DocIngest.TestKit;
using DocIngest.Worker.Alarms;
using DocIngest.Worker.Alarms.Ways;
using DocIngest.Worker.Alarms.Ways.Linux;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Tests.Alarms;

/// <summary>Each way, to a real server of its kind that takes letters, refuses them, hangs, or is not there.</summary>
public sealed class WaysTests : IDisposable
{
    private const string Admin = "it@hospital.example";

    private static readonly DateTimeOffset Made = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _disk = new();

    private static AlarmLetter Letter => new(
        "0195-id", Made, "machine", [new AlarmNotice(AlarmOutbox.Raised, "disk-reserve", "data", Made, null, 1, "No space.")]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_says_what_is_wrong_and_what_to_do()
    {
        await using var server = new MailServer();
        await Mail(server.Port).SendAsync(Letter, Token);
        var mail = Assert.Single(server.Mails);
        Assert.Equal("[CRITICAL] DocIngest on machine: disk-reserve (data)", mail.Subject);
        Assert.Equal("0195-id@machine.docingest.invalid", mail.MessageId);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        foreach (string words in new[] { "No space.", "Since:    2026-03-01 08:00 UTC", "At risk:", "Scanning: STOP", "To do:", "Message 0195-id" })
        {
            Assert.Contains(words, mail.TextBody, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_that_refuses_the_address_has_not_accepted()
    {
        await using var server = new MailServer(refuses: Admin);
        var error = await Assert.ThrowsAsync<AlarmNotAcceptedException>(() => Mail(server.Port).SendAsync(Letter, Token));
        Assert.StartsWith("The mail server refused (5", error.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("@", error.Reason, StringComparison.Ordinal);
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task A_server_that_hangs_does_so_for_as_long_as_it_may()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();   // takes connections, and never says a word
        var error = await Assert.ThrowsAsync<AlarmNotAcceptedException>(() => Mail(((IPEndPoint)listener.LocalEndpoint).Port, timeout: TimeSpan.FromSeconds(1)).SendAsync(Letter, Token));
        Assert.Equal("The mail server did not answer within 1 s.", error.Reason);
    }

    [Fact]
    public async Task A_server_that_is_not_there_has_not_accepted() =>
        await Assert.ThrowsAsync<AlarmNotAcceptedException>(() => Mail(MailServer.FreePort()).SendAsync(Letter, Token));

    [Fact]
    public async Task A_server_that_does_not_encrypt_gets_neither_letter_nor_password()
    {
        await using var server = new MailServer();
        File.WriteAllText(_disk["password"], MailServer.Password);
        await Assert.ThrowsAsync<AlarmNotAcceptedException>(() => Mail(server.Port, MailSecurity.StartTls, "file:password").SendAsync(Letter, Token));
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task A_server_whose_certificate_nobody_trusts_gets_neither()
    {
        using var certificate = SelfSigned.For("localhost");
        await using var server = new MailServer(certificate);
        File.WriteAllText(_disk["password"], MailServer.Password);
        var error = await Assert.ThrowsAsync<AlarmNotAcceptedException>(() => Mail(server.Port, MailSecurity.StartTls, "file:password").SendAsync(Letter, Token));
        Assert.Contains("certificate is not trusted", error.Reason, StringComparison.Ordinal);
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task A_webhook_gets_the_document_signed()
    {
        using var server = new WebServer();
        File.WriteAllText(_disk["hmac"], "key");
        File.WriteAllText(_disk["token"], "t0ken\n");
        await new WebhookWay(new AlarmWebhookOptions { Name = "chat", Url = $"{server.Address}in", Hmac = "file:hmac", Bearer = "file:token" }, _disk.Path, TimeProvider.System)
            .SendAsync(Letter, Token);
        var call = Assert.Single(server.Calls);
        Assert.Equal(("POST", "/in", "Bearer t0ken", "0195-id"), (call.Method, call.Path, call.Headers["Authorization"], call.Headers[WebhookWay.IdHeader]));
        Assert.Equal("sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData("key"u8, call.Body)), call.Headers[WebhookWay.SignatureHeader]);
        using var document = JsonDocument.Parse(call.Body);
        var alarm = document.RootElement.GetProperty("alarms")[0];
        Assert.Equal(("docingest-alarm/1", "critical"), (document.RootElement.Text("format"), document.RootElement.Text("severity")));
        Assert.Equal(("raised", "disk-reserve", "data", "stop"), (alarm.Text("event"), alarm.Text("kind"), alarm.Text("subject"), alarm.Text("scanning")));
        Assert.NotEqual("", alarm.Text("atRisk"));
        Assert.NotEqual("", alarm.Text("whatToDo"));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(403)]
    [InlineData(302)]   // what is sent is for the address that was named, and no other
    public async Task A_webhook_that_answers_otherwise_has_not_accepted(int status)
    {
        using var server = new WebServer(_ => Task.FromResult(status));
        var error = await Assert.ThrowsAsync<AlarmNotAcceptedException>(
            () => new WebhookWay(new AlarmWebhookOptions { Url = $"{server.Address}secret" }, _disk.Path, TimeProvider.System).SendAsync(Letter, Token));
        Assert.Equal($"The web server answered {status}.", error.Message);
        Assert.Single(server.Calls);
    }

    [Fact]
    public async Task A_webhook_that_hangs_or_is_not_there_has_not_accepted()
    {
        var never = new TaskCompletionSource<int>();
        using var server = new WebServer(_ => never.Task);
        foreach (var (address, reason) in new[] { (server.Address, "did not answer within 1 s"), (new Uri($"http://127.0.0.1:{MailServer.FreePort()}/"), "cannot be reached") })
        {
            var way = new WebhookWay(new AlarmWebhookOptions { Url = address.ToString(), Timeout = TimeSpan.FromSeconds(1) }, _disk.Path, TimeProvider.System);
            var error = await Assert.ThrowsAsync<AlarmNotAcceptedException>(() => way.SendAsync(Letter, Token));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }

        never.SetResult(200);
    }

    [Fact]
    public void The_journal_gets_a_datagram_with_priority_and_kind()
    {
        Needs.Linux();
        using var journal = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        journal.Bind(new UnixDomainSocketEndPoint(_disk["journal"]));
        Journal.Send(_disk["journal"], Journal.JournalEntry(AlarmSeverity.Critical, "two\nlines", "disk-reserve"));
        byte[] datagram = new byte[4096];
        int length = journal.Receive(datagram);
        Assert.Equal("MESSAGE=two lines\nPRIORITY=2\nSYSLOG_IDENTIFIER=docingest\nDOCINGEST_ALARM=disk-reserve\n", Encoding.UTF8.GetString(datagram, 0, length));
        Assert.Equal("<28>docingest: a line", Encoding.UTF8.GetString(Journal.SyslogEntry(AlarmSeverity.Warning, "a line")));
        Assert.Throws<AlarmNotAcceptedException>(() => Journal.Send(_disk["nobody"], datagram[..length]));
    }

    public void Dispose() => _disk.Dispose();

    private MailWay Mail(int port, MailSecurity security = MailSecurity.None, string? password = null, TimeSpan? timeout = null) => new(
        new AlarmMailOptions
        {
            Host = "localhost",
            Port = port,
            Security = security,
            User = password is null ? null : MailServer.User,
            Password = password,
            From = "docingest@hospital.example",
            Timeout = timeout ?? TimeSpan.FromSeconds(30),
        },
        Admin, _disk.Path, TimeProvider.System);
}
