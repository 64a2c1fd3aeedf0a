using System.Text.Json;
using System.Text.Json.Nodes;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>Entries of commands that show no record, of what the service works by, and the key that signs.</summary>
public sealed class When_the_audit_is_looked_after : IDisposable
{
    private readonly IntakeSite _site = new();

    private string AuditFolder => Path.Combine(_site.Data, "audit");

    [Fact]
    public async Task Commands_on_backups_and_archives_have_entries()
    {
        await IngestAsync();
        string repository = Path.Combine(_site.Root, "repository");
        string password = Path.Combine(_site.Root, "password");
        await File.WriteAllTextAsync(password, "correct horse battery staple", TestContext.Current.CancellationToken);
        _site.Config["backup"] = new JsonObject { ["repository"] = repository, ["password"] = $"file:{password}" };
        await DemandAsync(0, "backup", "init");
        await DemandAsync(0, "backup", "run");
        await DemandAsync(0, "backup", "list");
        await DemandAsync(0, "backup", "check");
        await DemandAsync(0, "backup", "unlock");
        await DemandAsync(0, "backup", "key", "list");
        string key = Json.Document(await DemandAsync(0, "backup", "key", "add", "--generate", Path.Combine(_site.Root, "second"), "--json")).Text("key");
        await DemandAsync(0, "backup", "key", "remove", key);
        await DemandAsync(0, "backup", "restore", "latest", "--target", Path.Combine(_site.Root, "restored"));
        await DemandAsync(0, "archive", "validate");
        await DemandAsync(0, "archive", "validate", Path.Combine(_site.Root, "restored", _site.Data.TrimStart('/'), "archive"));   // another one
        string stranger = Path.Combine(_site.Root, "stranger.pdf");
        await File.WriteAllBytesAsync(stranger, A.Pdf().WithTextLayer("words").ToBytes(), TestContext.Current.CancellationToken);
        await DemandAsync(0, "rules", "test", stranger);
        var entries = await _site.LinesAsync("audit", "show");
        Assert.Equal(
            ["ingest filed", "backup init", "backup run", "backup list", "backup check", "backup unlock", "backup key-list", "backup key-add", "backup key-remove", "backup restore", "archive validate", "rules test"],
            entries.Select(entry => $"{entry.Text("type")} {entry.Text("subtype")}"));
        Assert.Equal(("key", key), (Entity(entries[8]).Text("kind"), Entity(entries[8]).Text("id")));
        Assert.Equal("snapshot", Entity(entries[9]).Text("kind"));

        // Where no entry can be made: what gives a way into backups, or shows what lies here, does nothing; the rest works, and says so.
        Directory.Move(AuditFolder, AuditFolder + ".aside");
        await File.WriteAllTextAsync(AuditFolder, "in the way", TestContext.Current.CancellationToken);
        string third = Path.Combine(_site.Root, "third");
        await DemandAsync(6, "backup", "key", "add", "--generate", third);
        Assert.False(File.Exists(third));
        Assert.Equal("", (await DemandAsync(6, "rules", "test", _site.Archived()[0].Path)).Output);
        foreach (string[] command in (string[][])[["backup", "list"], ["backup", "check"], ["backup", "key", "list"], ["archive", "validate"], ["rules", "test", stranger]])
        {
            Assert.Contains("not in the audit", (await DemandAsync(0, command)).Errors, StringComparison.Ordinal);
        }

        // An emergency has no data folder, and no audit.
        _site.Config.Remove("backup");
        using var bare = TheProgram.StartAny(
            TheProgram.Executable,
            ["backup", "restore", "latest", "--target", Path.Combine(_site.Root, "again"), "--repo", repository, "--password-file", password, "--data", Path.Combine(_site.Root, "none")]);
        bare.CloseInput();
        (await bare.EndAsync()).Demand(0);
    }

    [Fact]
    public async Task A_start_with_another_configuration_has_an_entry_of_that()
    {
        await ServeAsync();
        await ServeAsync();
        Assert.Empty(await ChangesAsync());
        await File.WriteAllTextAsync(Path.Combine(_site.Root, "retention.json"), """{ "timeZone": "UTC", "classes": [] }""", TestContext.Current.CancellationToken);
        await ServeAsync(changes: 1);
        Assert.Equal("retention", Entity((await ChangesAsync())[0]).Text("kind"));
        _site.Profile["settleTime"] = "00:00:02";
        await ServeAsync(changes: 2);
        await ServeAsync(changes: 2);
        Assert.Equal(2, (await ChangesAsync()).Select(entry => entry.Text("digest")).Distinct().Count());
    }

    [Fact]
    public async Task The_key_is_rotated_by_a_command_and_the_first_certificate_verifies_on()
    {
        await IngestAsync();
        var first = Json.Document(await DemandAsync(0, "audit", "rotate-key", "--json"));
        var second = Json.Document(await DemandAsync(0, "audit", "rotate-key", "--json"));
        Assert.NotEqual(first.Text("sha256"), second.Text("sha256"));
        var verified = Json.Document(await DemandAsync(0, "audit", "verify", "--json"));
        Assert.Equal(3, verified.GetProperty("signers").GetArrayLength());
        Assert.Equal(second.Text("sha256"), verified.GetProperty("signers")[2].GetString());
        string all = await File.ReadAllTextAsync(Path.Combine(AuditFolder, "signer.pem"), TestContext.Current.CancellationToken);
        string pem = Path.Combine(_site.Root, "first.pem");
        await File.WriteAllTextAsync(pem, all[..(all.IndexOf("-----END CERTIFICATE-----", StringComparison.Ordinal) + 26)], TestContext.Current.CancellationToken);
        await DemandAsync(0, "audit", "verify", "--cert", pem);
        Assert.Equal(2, (await _site.LinesAsync("audit", "show")).Count(entry => $"{entry.Text("type")} {entry.Text("subtype")}" == "key rotate"));
        Assert.False(File.Exists(Path.Combine(_site.Data, "keys", "audit-signing.next.pem")));
    }

    public void Dispose() => _site.Dispose();

    private static JsonElement Entity(JsonElement entry) => entry.GetProperty("entities").EnumerateArray().Last();

    private async Task ServeAsync(int changes = 0)
    {
        using var service = await _site.ServeAsync();
        await Until.IsTrue(() => service.ErrorsSoFar.Contains("The audit goes on from what", StringComparison.Ordinal), "the service to look around");   // comes after
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);
        Assert.Equal(changes, (await ChangesAsync()).Count);
    }

    private async Task<List<JsonElement>> ChangesAsync() =>
        [.. (await _site.LinesAsync("audit", "show")).Where(entry => (entry.Text("type"), entry.Text("subtype")) == ("config", "changed"))];

    private async Task IngestAsync()
    {
        string file = Path.Combine(_site.Root, "a.pdf");
        await File.WriteAllBytesAsync(file, A.Pdf().WithTextLayer("a").ToBytes(), TestContext.Current.CancellationToken);
        await DemandAsync(0, "ingest", file, "--move");
    }

    private async Task<EndedProgram> DemandAsync(int exitCode, params string[] arguments) => (await _site.RunAsync(arguments)).Demand(exitCode);
}
