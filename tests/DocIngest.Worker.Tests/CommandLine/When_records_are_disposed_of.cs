using System.Text;
using System.Text.Json;
using DocIngest.TestKit;
using DocIngest.TestKit.Servers;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>A destruction from the proposal to the certificate, by people with accounts of their own, verified with openssl and restic alone.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]   // its tests skip elsewhere
[Collection(Azurite.Clock)]
public sealed class When_records_are_disposed_of(Azurite azurite) : IDisposable
{
    private const string Group = "2000";
    private const int Sigkill = 9;
    private const int Service = 1500;
    private const int Admin = 1510;
    private const int Manager = 1511;
    private const int First = 1512;
    private const int Second = 1513;

    private const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const string Schedule =
        """
        { "timeZone": "UTC", "coolOffDays": 0, "foreignCopies": [ { "name": "tapes", "keptDays": 30 } ],
          "classes": [ { "id": "letter", "title": "Letters", "mandate": "Board, 2020-01-01", "action": "destroy", "expression": "lastEncounter+8y" } ] }
        """;

    private readonly IntakeSite _site = new();

    [Fact]
    public async Task Three_people_decide_and_an_auditor_verifies_it_without_this_program()
    {
        var (goes, stays) = await PrepareAsync();
        (await AsAsync(Service, "backup", "run")).Demand(0);

        // Who may not.
        (await _site.RunAsync("retention", "propose", "--reason", "due")).Demand(2);   // root
        (await AsAsync(Service, "retention", "propose", "--reason", "due")).Demand(2);
        (await AsAsync(First, "retention", "propose", "--reason", "due")).Demand(2);
        var proposed = Json.Document(await AsAsync(Manager, "retention", "propose", "--reason", "due", "--json"));
        Assert.Equal(("d-1", "proposed", 2), (proposed.Text("id"), proposed.Text("state"), proposed.GetProperty("records").GetInt32()));
        (await AsAsync(Manager, "retention", "approve", "d-1", "--key", KeyOf(Manager))).Demand(2);
        (await AsAsync(First, "retention", "approve", "d-1", "--key", KeyOf(Second))).Demand(6);   // not theirs to read
        (await AsAsync(Service, "retention", "execute", "d-1")).Demand(2);
        (await AsAsync(First, "retention", "approve", "d-1", "--key", KeyOf(First))).Demand(0);
        (await AsAsync(First, "retention", "approve", "d-1", "--key", KeyOf(First))).Demand(2);
        (await AsAsync(Service, "retention", "execute", "d-1")).Demand(2);

        // The second signs with a program of their own.
        string statement = Path.Combine(HomeOf(Second), "proposal.json");
        (await AsAsync(Second, "retention", "approve", "d-1", "--statement-out", statement)).Demand(0);
        string signature = Path.Combine(HomeOf(Second), "approval.p7s");
        await OpenSslAsync("cms", "-sign", "-binary", "-in", statement, "-signer", CertificateOf(Second), "-inkey", KeyOf(Second), "-md", "sha256", "-outform", "DER", "-out", signature);
        File.SetUnixFileMode(signature, All);
        (await AsAsync(Second, "retention", "approve", "d-1", "--signature", signature)).Demand(0);

        // A hold arrives.
        (await AsAsync(Service, "hold", "add", "--title", "t", "--reason", "r", "--record", stays)).Demand(2);
        (await AsAsync(Manager, "hold", "add", "--title", "Doe v. Hospital", "--reason", "court order", "--record", stays)).Demand(0);
        (await AsAsync(First, "retention", "execute", "d-1")).Demand(2);   // cannot sign certificates
        var executed = Json.Lines((await AsAsync(Service, "retention", "execute", "d-1", "--json")).Demand(3));
        Assert.Equal((stays, "held by hold-1"), (executed[0].Text("id"), executed[0].Text("kept")));
        Assert.Equal((1, false), (executed[1].GetProperty("destroyed").GetInt32(), executed[1].GetProperty("isGoneEverywhere").GetBoolean()));
        (await AsAsync(Service, "show", goes)).Demand(5);
        (await AsAsync(Service, "get", goes, "-o", Path.Combine(HomeOf(Service), "no.pdf"))).Demand(5);
        Assert.Equal(stays, Assert.Single(Json.Lines(await AsAsync(Service, "find", "--json"))).Text("id"));
        DemandForgotten("marker-of-the-first", except: ["archive", "backup"]);

        // Backups hold it until they do not.
        Assert.Single(Json.Lines((await AsAsync(Service, "retention", "certify", "d-1", "--json")).Demand(3)), line => line.TryGetProperty("snapshot", out _));
        (await AsAsync(Service, "backup", "run")).Demand(0);
        (await AsAsync(Service, "backup", "forget", "--keep-last", "1", "--prune")).Demand(0);
        var certified = Assert.Single(Json.Lines((await AsAsync(Service, "retention", "certify", "d-1", "--json")).Demand(0)));
        Assert.Equal((2, true), (certified.GetProperty("certificates").GetInt32(), certified.GetProperty("isGoneEverywhere").GetBoolean()));

        // The auditor.
        string folder = Path.Combine(HomeOf(Service), "audit");
        (await AsAsync(Service, "retention", "show", "d-1", "--out", folder)).Demand(0);
        using (var last = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "certificate-2.json"), TestContext.Current.CancellationToken)))
        {
            var repository = Assert.Single(last.RootElement.GetProperty("repositories").EnumerateArray());
            Assert.Equal(("pruned", false), (repository.Text("state"), Assert.Single(repository.GetProperty("held").EnumerateArray()).GetProperty("isThere").GetBoolean()));
            Assert.Equal(64, repository.Text("repositoryId").Length);
            Assert.Equal(JsonValueKind.String, repository.GetProperty("prunedAt").ValueKind);
        }

        (await AsAsync(Manager, "retention", "declare-gone", "d-1", "--repository", "nowhere", "--reason", "lost")).Demand(2);
        (await AsAsync(Service, "retention", "declare-gone", "d-1", "--repository", "nowhere", "--reason", "lost")).Demand(2);   // no person
        foreach (string command in (await File.ReadAllLinesAsync(Path.Combine(folder, "VERIFY.txt"), TestContext.Current.CancellationToken)).Where(line => line.StartsWith("  openssl cms", StringComparison.Ordinal)))
        {
            await OpenSslInAsync(folder, command.Trim()["openssl ".Length..].Split(' '), succeeds: true);
        }

        await File.AppendAllTextAsync(Path.Combine(folder, "proposal.json"), " ", TestContext.Current.CancellationToken);
        await OpenSslInAsync(folder, ["cms", "-verify", "-binary", "-purpose", "any", "-partial_chain", "-inform", "DER", "-in", "approval-1.p7s", "-content", "proposal.json", "-CAfile", "approver-1.pem", "-out", "/dev/null"], succeeds: false);
        using var proposal = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "proposal.json"), TestContext.Current.CancellationToken));
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData(await File.ReadAllBytesAsync(Path.Combine(folder, "records.jsonl"), TestContext.Current.CancellationToken))),
            proposal.RootElement.GetProperty("recordsSha512").GetString());
        Assert.DoesNotContain(OcflCheck.Validate(Path.Combine(_site.Data, "archive")), finding => finding.IsError);
        (await _site.RunAsync("audit", "verify")).Demand(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_at_any_moment_it_goes_on_and_nothing_else_is_lost(bool isInAzure)
    {
        if (isInAzure)
        {
            _site.ArchiveIn(azurite, $"azure:{Azurite.NewContainer()}:/archives/main");
        }

        var (goes, stays) = await PrepareAsync();
        (await AsAsync(Manager, "retention", "propose", "--reason", "due")).Demand(0);
        (await AsAsync(First, "retention", "approve", "d-1", "--key", KeyOf(First))).Demand(0);
        (await AsAsync(Second, "retention", "approve", "d-1", "--key", KeyOf(Second))).Demand(0);
        (await AsAsync(Manager, "hold", "add", "--title", "t", "--reason", "r", "--record", stays)).Demand(0);
        for (int milliseconds = 150; milliseconds < 1200; milliseconds += 75)
        {
            using var running = StartAs(Service, "retention", "execute", "d-1");
            running.CloseInput();
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, TestContext.Current.CancellationToken);
            _ = LibC.Kill(running.Id, Sigkill);   // it may have ended: then there is nobody to kill
            await running.EndAsync();
            if (isInAzure)
            {
                await azurite.AdvanceAsync(TimeSpan.FromSeconds(31));   // else the next one waits for the leases of the dead
            }
        }

        (await AsAsync(Service, "retention", "execute", "d-1")).Demand(3);
        (await AsAsync(Service, "show", goes)).Demand(5);
        (await AsAsync(Service, "show", stays)).Demand(0);
        await _site.BringBackAsync();
        DemandForgotten("marker-of-the-first", except: ["archive", "backup"]);
        Assert.DoesNotContain(OcflCheck.Validate(_site.ArchiveFolder), finding => finding.IsError);

        // A start takes up what writers of system objects have left.
        string nothing = Path.Combine(HomeOf(Service), "nothing");
        Directory.CreateDirectory(nothing);
        (await AsAsync(Service, "ingest", nothing)).Demand(0);
        Assert.Empty(_site.Staging());
    }

    [Fact]
    public async Task A_machine_that_was_rolled_back_destroys_nothing_until_a_registered_person_accepts_it()
    {
        var (goes, stays) = await PrepareAsync();
        string beside = Path.Combine(HomeOf(Service), "repository");
        string password = Path.Combine(HomeOf(Service), "password");
        await File.WriteAllTextAsync(password, "correct horse battery staple", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(password, All);
        _site.Config["backup"] = new System.Text.Json.Nodes.JsonObject { ["repository"] = beside, ["password"] = $"file:{password}" };
        (await AsAsync(Service, "backup", "init")).Demand(0);
        (await AsAsync(Service, "backup", "run")).Demand(0);
        (await AsAsync(Manager, "retention", "propose", "--reason", "due")).Demand(0);
        (await AsAsync(First, "retention", "approve", "d-1", "--key", KeyOf(First))).Demand(0);
        (await AsAsync(Second, "retention", "approve", "d-1", "--key", KeyOf(Second))).Demand(0);
        await RunAsync("cp", "-a", _site.Data, _site.Data + ".aside");
        (await AsAsync(Manager, "hold", "add", "--title", "t", "--reason", "court order", "--record", stays)).Demand(0);
        (await AsAsync(Service, "backup", "run")).Demand(0);

        Directory.Delete(_site.Data, recursive: true);
        await RunAsync("cp", "-a", _site.Data + ".aside", _site.Data);   // which does not know of the hold
        Assert.Contains("rolled back", (await AsAsync(Service, "retention", "execute", "d-1")).Demand(1).Errors, StringComparison.Ordinal);
        (await AsAsync(Service, "show", goes)).Demand(0);
        (await AsAsync(Service, "show", stays)).Demand(0);
        (await AsAsync(Service, "audit", "accept-rollback", "--reason", "restored")).Demand(2);   // no person
        (await AsAsync(First, "audit", "accept-rollback", "--reason", "restored")).Demand(2);     // of another role
        Assert.Contains("rolled back", (await AsAsync(Service, "retention", "execute", "d-1")).Demand(1).Errors, StringComparison.Ordinal);
        (await AsAsync(Manager, "audit", "accept-rollback", "--reason", "restored")).Demand(0);
        var entries = Json.Lines(await AsAsync(Service, "audit", "show", "--json"));
        Assert.Equal(("accepted", $"uid-{Manager}"), (entries[^1].Text("subtype"), entries[^1].GetProperty("agent").Text("account")));

        Assert.Equal(0, Destroyed(entries));
        (await AsAsync(Service, "retention", "execute", "d-1")).Demand(0);
        (await AsAsync(Service, "show", goes)).Demand(5);
        Assert.Equal(2, Destroyed(Json.Lines(await AsAsync(Service, "audit", "show", "--json"))));   // as many as the ledger has (records.md 8.7)
        string done = Assert.Single(Directory.GetFiles(Path.Combine(_site.Data, "destruction"), "d-1-*.done.json"));
        using var ledger = JsonDocument.Parse(await File.ReadAllTextAsync(done, TestContext.Current.CancellationToken));
        Assert.Equal(2, ledger.RootElement.GetProperty("records").EnumerateArray().Count(record => record.GetProperty("destroyed").GetBoolean()));
    }

    [Fact]
    public async Task A_recovery_from_the_backup_before_brings_nothing_back_and_holds_what_was_held_since()
    {
        var (goes, stays) = await PrepareAsync();
        (await AsAsync(Service, "backup", "run")).Demand(0);
        (await AsAsync(Manager, "retention", "propose", "--reason", "due")).Demand(0);
        (await AsAsync(First, "retention", "approve", "d-1", "--key", KeyOf(First))).Demand(0);
        (await AsAsync(Second, "retention", "approve", "d-1", "--key", KeyOf(Second))).Demand(0);
        (await AsAsync(Manager, "hold", "add", "--title", "Doe v. Hospital", "--reason", "court order", "--record", stays)).Demand(0);
        (await AsAsync(Service, "retention", "execute", "d-1")).Demand(3);

        string target = Path.Combine(HomeOf(Service), "recovered");
        Directory.CreateDirectory(target);
        await RunAsync("chown", $"{Service}:{Group}", target);
        File.SetUnixFileMode(target, (UnixFileMode)0b010_111_111_000);
        var result = Json.Document((await ThereAsync(
            target, Service, "recover", "--repo", Path.Combine(_site.Data, "backup"), "--password-file", Path.Combine(_site.Data, "keys", "backup-password"), "--target", target, "--json")).Demand(0));
        var records = result.GetProperty("records");
        Assert.Equal((2, 1, 1), (records.GetProperty("filed").GetInt32(), records.GetProperty("present").GetInt32(), records.GetProperty("destroyed").GetInt32()));
        Assert.True(result.GetProperty("holdsPutBack").GetBoolean());
        Assert.True(result.GetProperty("lostAuditEntries").GetInt32() > 0);
        Assert.Contains("registers", records.GetProperty("checks").EnumerateArray().Select(check => check.Text("id")));
        (await ThereAsync(target, Service, "show", goes)).Demand(5);
        Assert.Equal("Doe v. Hospital", Assert.Single(Json.Lines((await ThereAsync(target, Service, "hold", "list", "--record", stays, "--json")).Demand(0))).Text("title"));

        (await ThereAsync(target, Service, "retention", "execute", "d-1")).Demand(5);   // it knows of none
        await RunAsync("sh", "-c", "chmod -R g+rwX \"$0\" && find \"$0\" -type d -exec chmod g+s {} + && chmod -R go= \"$0/keys\"", target);
        (await ThereAsync(target, First, "recover", "accept")).Demand(2);   // of another role
        (await ThereAsync(target, Manager, "recover", "accept")).Demand(0);
        (await ThereAsync(target, Service, "retention", "replay", "--trust-ledger")).Demand(0);
        (await ThereAsync(target, Service, "get", stays, "-o", Path.Combine(HomeOf(Service), "kept.pdf"))).Demand(0);
        Assert.DoesNotContain(OcflCheck.Validate(Path.Combine(target, "archive")), finding => finding.IsError);
    }

    public void Dispose() => _site.Dispose();

    private static int Destroyed(IEnumerable<JsonElement> entries) => entries.Count(entry => (entry.Text("type"), entry.Text("subtype"), entry.Text("outcome")) == ("disposition", "destroy", "success"));

    // The second record is the one that a hold will cover.
    private async Task<(string Goes, string Stays)> PrepareAsync()
    {
        Needs.Root();
        Needs.Tool("setpriv");
        Needs.Tool("openssl");
        Needs.Tool("chgrp");
        _site.Profile["recordClass"] = "letter";
        _site.Profile["sidecar"] = "optional";
        await File.WriteAllTextAsync(Path.Combine(_site.Root, "retention.json"), Schedule, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(_site.Root, All);
        Directory.CreateDirectory(_site.Data);
        await RunAsync("chown", $"{Service}:{Group}", _site.Data);
        File.SetUnixFileMode(_site.Data, (UnixFileMode)0b010_111_111_000);   // 2770: shared with the group
        foreach (int account in new[] { Service, Admin, Manager, First, Second })
        {
            Directory.CreateDirectory(HomeOf(account));
            await RunAsync("chown", $"{account}:{Group}", HomeOf(account));
        }

        string goes = await IngestAsync("marker-of-the-first");
        string stays = await IngestAsync("marker-of-the-second");
        string events = Path.Combine(HomeOf(Service), "events.csv");
        await File.WriteAllTextAsync(events, "patientId,kind,date\n0815,encounter,2001-02-28\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(events, All);
        (await AsAsync(Service, "events", "import", events)).Demand(0);
        await RegisterAsync(Service, Admin, "admin");   // the first
        await RegisterAsync(Admin, Manager, "records-manager");
        await RegisterAsync(Admin, First, "approver");
        await RegisterAsync(Admin, Second, "approver");
        return (goes, stays);
    }

    private async Task<string> IngestAsync(string name)
    {
        string file = Path.Combine(HomeOf(Service), $"{name}.pdf");
        await File.WriteAllBytesAsync(file, A.Pdf().WithTextLayer($"a letter with {name} in it").ToBytes(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file + ".json", """{"fields": {"patientId": "0815"}}""", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(file, All);
        File.SetUnixFileMode(file + ".json", All);
        return Assert.Single(Json.Lines((await AsAsync(Service, "ingest", file, "--move", "--json")).Demand(0))).Text("id");
    }

    private async Task RegisterAsync(int by, int account, string role)
    {
        string[] certificate = [];
        if (role != "admin")
        {
            await OpenSslAsync("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", KeyOf(account), "-out", CertificateOf(account), "-subj", $"/CN=account {account}", "-days", "30");
            await RunAsync("chown", $"{account}:{Group}", KeyOf(account));
            File.SetUnixFileMode(CertificateOf(account), All);
            certificate = ["--certificate", CertificateOf(account)];
        }

        (await AsAsync(by, ["person", "add", $"Person {account}", "--account", $"uid-{account}", "--role", role, .. certificate])).Demand(0);
    }

    // In the data folder, but for what is to hold it; not in what the program wrote for somebody.
    private void DemandForgotten(string mark, string[] except)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(mark);
        string[] remembering =
        [
            .. Directory.EnumerateFiles(_site.Data, "*", SearchOption.AllDirectories)
                .Where(file => !except.Any(folder => file.StartsWith(Path.Combine(_site.Data, folder) + "/", StringComparison.Ordinal)))
                .Where(file => File.ReadAllBytes(file).AsSpan().IndexOf(wanted) >= 0),
        ];
        Assert.Empty(remembering);
        Assert.DoesNotContain(Directory.EnumerateFiles(_site.ArchiveFolder, "record.json", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains(mark, StringComparison.Ordinal));
    }

    private string HomeOf(int account) => Path.Combine(_site.Root, $"home-{account}");

    private string KeyOf(int account) => Path.Combine(HomeOf(account), "key.pem");

    private string CertificateOf(int account) => Path.Combine(HomeOf(account), "certificate.pem");

    private RunningProgram StartAs(int account, params string[] command) => TheProgram.StartAny(
        "setpriv", ["--reuid", account.ToString(System.Globalization.CultureInfo.InvariantCulture), "--regid", Group, "--clear-groups", "--", TheProgram.Executable, .. _site.Arguments(command)], _site.Variables);

    private async Task<EndedProgram> AsAsync(int account, params string[] command)
    {
        using var running = StartAs(account, command);
        running.CloseInput();
        return await running.EndAsync();
    }

    /// <summary>The same on another data folder.</summary>
    private async Task<EndedProgram> ThereAsync(string data, int account, params string[] command)
    {
        using var running = TheProgram.StartAny(
            "setpriv",
            ["--reuid", account.ToString(System.Globalization.CultureInfo.InvariantCulture), "--regid", Group, "--clear-groups", "--", TheProgram.Executable, .. command, "--data", data, "--config", _site.ConfigFile]);
        running.CloseInput();
        return await running.EndAsync();
    }

    private static Task OpenSslAsync(params string[] arguments) => RunAsync("openssl", arguments);

    private static async Task OpenSslInAsync(string folder, string[] arguments, bool succeeds)
    {
        using var running = TheProgram.StartAny("sh", ["-c", "cd \"$0\" && exec openssl \"$@\"", folder, .. arguments]);
        running.CloseInput();
        var ended = await running.EndAsync();
        Assert.True(ended.ExitCode == 0 == succeeds, $"openssl {string.Join(' ', arguments)}: exit {ended.ExitCode}\n{ended.Errors}");
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var running = TheProgram.StartAny(program, arguments);
        running.CloseInput();
        (await running.EndAsync()).Demand(0);
    }
}
