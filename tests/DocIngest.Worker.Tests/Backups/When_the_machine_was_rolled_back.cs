using System.Text.Json;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>The head of the audit stays with the backups, where a rollback of the machine does not reach, and stops deleting.</summary>
public sealed class When_the_machine_was_rolled_back : IDisposable
{
    private readonly IntakeSite _site = new();

    private string Repository => Path.Combine(_site.Root, "repository");

    private string PasswordFile => Path.Combine(_site.Root, "password");

    private string Aside => Path.Combine(_site.Root, "aside");

    [Fact]
    public async Task It_is_noticed_at_the_start_and_nothing_is_deleted_until_somebody_accepts_it()
    {
        await PrepareAsync();
        await IngestAsync("a");
        await DemandAsync(0, "backup", "run");
        Copy(_site.Data, Aside);
        await IngestAsync("b");
        await DemandAsync(0, "backup", "run");

        SetBack();
        using (var service = await _site.ServeAsync())
        {
            await UntilAlarmAsync();
            Assert.Contains("Deleting is stopped", service.ErrorsSoFar, StringComparison.Ordinal);
            Drop("b");   // the scanner's file is there still, or comes again
            await _site.UntilAccountedAsync(2);
            await UntilGoneAsync("b.pdf");   // safe: it may be removed
            await DemandAsync(1, "backup", "forget", "--keep-last", "1");
            await DemandAsync(1, "backup", "prune");
            await DemandAsync(0, "backup", "prune", "--dry-run");
            Assert.Contains("ALARM", (await DemandAsync(1, "backup", "run")).Errors, StringComparison.Ordinal);   // made, and no head left over the later one
            Assert.Equal(2, (await HeadsAsync()).Count);
            service.Signal(LibC.Terminate);
            (await service.EndAsync()).Demand(0);
        }

        await DemandAsync(1, "status");   // with no service running too
        Assert.Equal(["A019"], await CodesAsync(1));
        Assert.Single(await _site.LinesAsync("audit", "show"), IsFound);

        // Set back once more, behind what it had found: the backups remember.
        SetBack();
        await DemandAsync(0, "status");
        await DemandAsync(1, "backup", "prune");
        await DemandAsync(1, "status");
        await DemandAsync(2, "audit", "accept-rollback", "--reason", "because");
        await DemandAsync(0, "audit", "accept-rollback", "--reason", "restored");
        await DemandAsync(5, "audit", "accept-rollback", "--reason", "restored");
        await DemandAsync(0, "status");
        Assert.Equal(["A020"], await CodesAsync(0));
        var accepted = Assert.Single(await _site.LinesAsync("audit", "show"), entry => entry.Text("subtype") == "accepted");
        Assert.Equal(("restored", "success"), (accepted.Text("reason"), accepted.Text("outcome")));
        await DemandAsync(0, "backup", "run");
        await DemandAsync(0, "backup", "forget", "--keep-last", "1", "--prune");
        await DemandAsync(0, "backup", "check", "--read-data");

        // Accepted here; whoever is set back to before that is not.
        SetBack();
        await DemandAsync(1, "backup", "prune");
    }

    [Fact]
    public async Task An_audit_that_was_replaced_is_noticed_by_host_and_path()
    {
        await PrepareAsync();
        await IngestAsync("a");
        await DemandAsync(0, "backup", "run");
        Directory.Delete(Path.Combine(_site.Data, "audit"), recursive: true);
        await IngestAsync("b");
        await DemandAsync(1, "backup", "prune");
        await DemandAsync(1, "status");
        await DemandAsync(0, "audit", "accept-rollback", "--reason", "lost");
        await DemandAsync(0, "backup", "prune");
    }

    [Fact]
    public async Task Restic_takes_heads_for_snapshots_and_forgetting_leaves_the_newest_of_each_data_folder()
    {
        await PrepareAsync();
        await IngestAsync("a");
        for (int run = 0; run < 6; run++)
        {
            await DemandAsync(0, "backup", "run");
            await DemandAsync(0, "backup", "prune");
        }

        using var other = new IntakeSite();   // another data folder, in the same repository
        Configure(other);
        string file = Path.Combine(other.Root, "o.pdf");
        await File.WriteAllBytesAsync(file, A.Pdf().WithTextLayer("other").ToBytes(), TestContext.Current.CancellationToken);
        (await other.RunAsync("ingest", file, "--move")).Demand(0);
        (await other.RunAsync("backup", "run")).Demand(0);
        await DemandAsync(0, "backup", "prune");   // heads of others are no business of this one
        Assert.Equal(14, (await HeadsAsync()).Count);

        var head = (await HeadsAsync())[0];
        (await BackupSite.ResticAsync(Repository, PasswordFile, "check", "--read-data")).Demand(0);
        var kept = BackupSite.Parse((await BackupSite.ResticAsync(Repository, PasswordFile, "dump", head.Text("short_id"), head.GetProperty("paths")[0].GetString() ?? "")).Demand(0).Output);
        Assert.Contains($"audit-seq:{kept.GetProperty("seq").GetInt64()}", head.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Contains($"audit-hash:{kept.Text("hash")}", head.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        await DemandAsync(2, "backup", "forget", head.Text("short_id"));
        await DemandAsync(2, "backup", "run", "--tag", "audit-head");
        await DemandAsync(0, "backup", "forget", "--keep-last", "1");   // and leaves one itself
        Assert.Equal((11, 1), ((await HeadsAsync()).Count(one => IsOf(one, _site)), (await HeadsAsync()).Count(one => IsOf(one, other))));
        Assert.DoesNotContain("kept-head", (await _site.RunAsync("backup", "list", "latest")).Output, StringComparison.Ordinal);
        (await other.RunAsync("backup", "prune")).Demand(0);
    }

    [Fact]
    public async Task What_could_not_be_asked_is_said_and_never_taken_for_well()
    {
        await PrepareAsync();
        await IngestAsync("a");
        await DemandAsync(0, "backup", "run");
        await File.WriteAllTextAsync(PasswordFile, "another password", TestContext.Current.CancellationToken);
        using (var service = await _site.ServeAsync())
        {
            await Until.IsTrue(() => service.ErrorsSoFar.Contains("could not be compared", StringComparison.Ordinal), "the service to say so");
            Drop("b");
            await _site.UntilAccountedAsync(2);   // intake does not wait for it
            Assert.DoesNotContain("The audit goes on from what", service.ErrorsSoFar, StringComparison.Ordinal);
            service.Signal(LibC.Terminate);
            (await service.EndAsync()).Demand(0);
        }

        await File.WriteAllTextAsync(PasswordFile, BackupSite.Password, TestContext.Current.CancellationToken);
        using (var service = await _site.ServeAsync())
        {
            await Until.IsTrue(() => service.ErrorsSoFar.Contains("The audit goes on from what 1 backup", StringComparison.Ordinal), "the service to compare");
            service.Signal(LibC.Terminate);
            (await service.EndAsync()).Demand(0);
        }

        string snapshot = Directory.GetFiles(Path.Combine(Repository, "snapshots"))[0];
        BackupSite.Damage(snapshot);   // it may be the head that speaks against this machine
        await DemandAsync(1, "backup", "prune");
    }

    [Fact]
    public async Task Without_any_repository_there_is_nothing_to_compare()
    {
        await IngestAsync("a");
        using var service = await _site.ServeAsync();
        await Until.IsTrue(() => service.ErrorsSoFar.Contains("The audit goes on from what 0 backup", StringComparison.Ordinal), "the service to compare");
        service.Signal(LibC.Terminate);
        (await service.EndAsync()).Demand(0);
        await DemandAsync(5, "audit", "accept-rollback", "--reason", "trial");
    }

    public void Dispose() => _site.Dispose();

    private static bool IsFound(JsonElement entry) => (entry.Text("type"), entry.Text("subtype"), entry.Text("outcome")) == ("break", "rolled-back", "failure");

    private static bool IsOf(JsonElement head, IntakeSite site) => head.GetProperty("paths")[0].GetString() == Path.Combine(site.Data, "audit", "kept-head.json");

    private async Task PrepareAsync()
    {
        await File.WriteAllTextAsync(PasswordFile, BackupSite.Password, TestContext.Current.CancellationToken);
        Configure(_site);
        await DemandAsync(0, "backup", "init");
    }

    private void Configure(IntakeSite site) => site.Config["backup"] = new System.Text.Json.Nodes.JsonObject { ["repository"] = Repository, ["password"] = $"file:{PasswordFile}" };

    private async Task IngestAsync(string name)
    {
        string file = Path.Combine(_site.Root, name + ".pdf");
        await File.WriteAllBytesAsync(file, A.Pdf().WithTextLayer(name).ToBytes(), TestContext.Current.CancellationToken);
        await DemandAsync(0, "ingest", file, "--move");
    }

    private void Drop(string name) => _site.Put(name + ".pdf", A.Pdf().WithTextLayer(name).ToBytes());

    private async Task<EndedProgram> DemandAsync(int exitCode, params string[] arguments) => (await _site.RunAsync(arguments)).Demand(exitCode);

    private Task UntilGoneAsync(string name) => Until.IsTrue(() => !File.Exists(_site[name]), "the scanner's file to go");

    private async Task UntilAlarmAsync()
    {
        for (var limit = Until.Limit(); !(await _site.StatusAsync()).GetProperty("alarms").EnumerateArray().Any(alarm => alarm.Text("kind") == "audit-rolled-back");)
        {
            Assert.False(limit.IsCancellationRequested, "no alarm");
        }
    }

    private async Task<List<string>> CodesAsync(int exitCode) =>
        [.. Json.Document(await DemandAsync(exitCode, "audit", "verify", "--json")).GetProperty("findings").EnumerateArray().Select(finding => finding.Text("code"))];

    private async Task<List<JsonElement>> HeadsAsync() =>
        [.. BackupSite.Parse((await BackupSite.ResticAsync(Repository, PasswordFile, "snapshots", "--tag", "audit-head", "--json")).Demand(0).Output).EnumerateArray()];

    private void SetBack()
    {
        Directory.Delete(_site.Data, recursive: true);
        Copy(Aside, _site.Data);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(to, File.GetUnixFileMode(from));
        foreach (string folder in Directory.GetDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        foreach (string file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
