using System.Globalization;
using DocIngest.TestKit;
using DocIngest.Worker.Tests.Backups;

namespace DocIngest.Worker.Tests.Recovery;

/// <summary>What takes people after a recovery: real accounts, each by a process of its own, on a folder that is shared with them.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]   // its tests skip elsewhere
public sealed class When_people_accept_a_recovery : IDisposable
{
    private const string Group = "2000";
    private const int Service = 1500;
    private const int Mona = 1511;
    private const int Anna = 1512;

    private const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly IntakeSite _site = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Repository => Path.Combine(_site.Root, "repository");

    private string PasswordFile => Path.Combine(_site.Root, "password");

    private string Target => Path.Combine(_site.Root, "recovered");

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task Without_a_ledger_nothing_is_restored_until_two_people_accept_that()
    {
        await PrepareAsync();
        await RemoveLedgerAsync();
        var stopped = Json.Document((await RecoverAsync()).Demand(1));
        Assert.Equal("stopped-without-ledger", stopped.Text("result"));
        Assert.False(Directory.Exists(Path.Combine(Target, "archive")));
        await ShareAsync();

        string[] accept = ["recover", "accept-without-ledger"];
        (await _site.RunAsync(accept)).Demand(5);   // a folder that was not recovered
        (await AsAsync(0, accept)).Demand(2);
        (await AsAsync(Service, accept)).Demand(2);
        (await AsAsync(Mona, accept)).Demand(0);
        (await AsAsync(Mona, accept)).Demand(0);   // one person is one person
        Assert.Equal("stopped-without-ledger", Json.Document((await RecoverAsync()).Demand(1)).Text("result"));
        (await AsAsync(Anna, accept)).Demand(0);

        var recovered = Json.Document((await RecoverAsync()).Demand(1));   // it is a finding for ever
        Assert.Equal(("findings", 1), (recovered.Text("result"), recovered.GetProperty("records").GetProperty("present").GetInt32()));
        Assert.Equal([$"uid-{Mona}", $"uid-{Anna}"], recovered.GetProperty("ledger").GetProperty("acceptedWithout").EnumerateArray().Select(account => account.GetString()));
        Assert.Single(recovered.GetProperty("findings").EnumerateArray());
        (await AsAsync(Mona, accept)).Demand(5);
        var entries = Json.Lines((await AsAsync(Mona, "audit", "show", "--json")).Demand(0)).Where(entry => entry.Text("type") == "recovery").ToList();
        Assert.Equal(
            ["begin", "no-ledger", "refused", "refused", "accept-without-ledger", "accept-without-ledger", "accept-without-ledger", "keys", "end"], entries.Select(entry => entry.Text("subtype")));
        (await AsAsync(Service, "audit", "verify")).Demand(0);

        // Who accepts it knows of that, and no backup says from now on that nothing was ever destroyed.
        await ShareAsync();
        Assert.Contains("--with-findings 1", (await AsAsync(Mona, "recover", "accept")).Demand(1).Errors, StringComparison.Ordinal);
        (await AsAsync(Mona, "recover", "accept", "--with-findings", "1")).Demand(0);
        Assert.Contains("LEDGER IS LOST", (await AsAsync(Service, "backup", "run")).Demand(0).Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(Target, "destruction")));
    }

    [Fact]
    public async Task Nothing_is_deleted_until_a_person_accepts()
    {
        await PrepareAsync(backups: 2);   // so that one can be forgotten
        Assert.Equal("recovered", Json.Document((await RecoverAsync()).Demand(0)).Text("result"));
        await ShareAsync();

        string[] forget = ["backup", "forget", "--keep-last", "1"];
        foreach (string[] command in (string[][])[forget, ["backup", "prune"], [.. forget, "--prune"], ["quarantine", "discard", "01900000-0000-7000-8000-000000000000", "--reason", "x"]])
        {
            Assert.Contains("nobody has accepted", (await AsAsync(Service, command)).Demand(4).Errors, StringComparison.Ordinal);
        }

        (await AsAsync(Service, [.. forget, "--dry-run"])).Demand(0);   // which deletes nothing
        (await AsAsync(Service, "retention", "replay")).Demand(0);
        var status = await AsAsync(Service, "status");
        Assert.Contains("recover accept", status.Demand(1).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await SnapshotsAsync()).Length);

        (await AsAsync(0, "recover", "accept")).Demand(2);
        (await AsAsync(Service, "recover", "accept")).Demand(2);
        (await AsAsync(Mona, "recover", "accept")).Demand(0);
        (await AsAsync(Mona, "recover", "accept")).Demand(5);
        (await AsAsync(Service, forget)).Demand(0);   // nor does the audit, which lacks what came after the backup, keep it any more
        Assert.Single(await SnapshotsAsync());
        (await AsAsync(Service, "status")).Demand(0);
        (await RecoverAsync()).Demand(2);   // it is a data folder in use
        var last = Json.Lines((await AsAsync(Service, "audit", "show", "--json")).Demand(0)).Last(entry => entry.Text("type") == "recovery");
        Assert.Equal(("accept", $"uid-{Mona}"), (last.Text("subtype"), last.GetProperty("agent").Text("account")));
    }

    [Fact]
    public async Task A_state_that_cannot_be_read_keeps_everything_too()
    {
        await PrepareAsync();
        (await RecoverAsync()).Demand(0);
        await File.WriteAllTextAsync(Path.Combine(Target, "recovery", "state.json"), "{", Cancellation);
        (await AsAsync(Service, "backup", "forget", "--keep-last", "1")).Demand(1);
        (await AsAsync(Service, "run")).Demand(1);
        (await AsAsync(Mona, "recover", "accept")).Demand(1);
    }

    // As docs/operations/recovery.md says.
    private static readonly string[] Sharing = ["find \"$0\" -path \"$0/keys\" -prune -o -exec chmod g+rwX {} + -type d -exec chmod g+s {} +"];

    private Task ShareAsync() => RunAsync("sh", "-c", string.Join(" && ", Sharing), Target);

    private async Task PrepareAsync(int backups = 1)
    {
        Needs.Root();
        Needs.Tool("setpriv");
        File.SetUnixFileMode(_site.Root, All);
        await File.WriteAllTextAsync(PasswordFile, BackupSite.Password, Cancellation);
        _site.Config["backup"] = new System.Text.Json.Nodes.JsonObject { ["repository"] = Repository, ["password"] = $"file:{PasswordFile}" };
        _site.Put("letter.pdf", A.Pdf().WithTextLayer("a letter").ToBytes());
        (await _site.RunAsync("ingest", _site.Drop, "--move")).Demand(0);
        (await _site.RunAsync("backup", "init")).Demand(0);
        for (int i = 0; i < backups; i++)
        {
            (await _site.RunAsync("backup", "run")).Demand(0);
        }

        await RunAsync("chown", "-R", $"{Service}:{Group}", Repository, PasswordFile, _site.Drop);
        Directory.CreateDirectory(Target);
        await RunAsync("chown", $"{Service}:{Group}", Target);
        File.SetUnixFileMode(Target, (UnixFileMode)0b010_111_111_000);   // 2770: shared with the group
    }

    private async Task RemoveLedgerAsync()
    {
        var all = Json.Lines((await TheProgram.RunAsync("backup", "list", "--json", "--repo", Repository, "--password-file", PasswordFile)).Demand(0));
        File.Delete(Path.Combine(Repository, "snapshots", Assert.Single(all, line => line.GetRawText().Contains("destruction-ledger", StringComparison.Ordinal)).Text("id")));
    }

    private Task<EndedProgram> RecoverAsync() => AsAsync(Service, "recover", "--repo", Repository, "--password-file", PasswordFile, "--target", Target, "--json");

    private async Task<string[]> SnapshotsAsync() =>
        [.. Json.Lines((await AsAsync(Service, "backup", "list", "--json")).Demand(0)).Where(line => line.GetRawText() is var text && !text.Contains("audit-head", StringComparison.Ordinal) && !text.Contains("destruction-ledger", StringComparison.Ordinal)).Select(line => line.Text("id"))];

    /// <summary>On the recovered folder.</summary>
    private async Task<EndedProgram> AsAsync(int account, params string[] command)
    {
        _ = _site.Arguments();   // writes the configuration
        File.SetUnixFileMode(_site.ConfigFile, All);
        using var running = TheProgram.StartAny(
            "setpriv",
            ["--reuid", account.ToString(CultureInfo.InvariantCulture), "--regid", Group, "--clear-groups", "--", TheProgram.Executable, .. command, "--data", Target, "--config", _site.ConfigFile]);
        running.CloseInput();
        return await running.EndAsync();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var running = TheProgram.StartAny(program, arguments);
        running.CloseInput();
        (await running.EndAsync()).Demand(0);
    }
}
