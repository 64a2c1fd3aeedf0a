using System.Text.Json;
using DocIngest.TestKit;
using DocIngest.Worker.Tests.Backups;

namespace DocIngest.Worker.Tests.Recovery;

/// <summary><c>recover</c> with the real program, as somebody runs it who has a repository, its password and an empty folder.</summary>
public sealed class When_a_machine_is_lost : IDisposable
{
    private const int Sigkill = 9;

    private readonly IntakeSite _site = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Repository => Path.Combine(_site.Root, "repository");

    private string PasswordFile => Path.Combine(_site.Root, "password");

    private string Target => Path.Combine(_site.Root, "recovered");

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task Everything_comes_back_and_is_held_against_the_audit()
    {
        string[] ids = await PrepareAsync(count: 3);
        var result = Json.Document((await RecoverAsync()).Demand(0));

        Assert.Equal(("recovered", 0), (result.Text("result"), result.GetProperty("findings").GetArrayLength()));
        var records = result.GetProperty("records");
        Assert.Equal((3, 3, 0), (records.GetProperty("filed").GetInt32(), records.GetProperty("present").GetInt32(), records.GetProperty("destroyed").GetInt32()));
        Assert.Equal(["ocfl", "restored", "complete", "audit"], records.GetProperty("checks").EnumerateArray().Select(check => check.Text("id")));
        Assert.Equal(ids.Order(), Json.Lines((await HereAsync("find", "--json")).Demand(0)).Select(line => line.Text("id")).Order());
        Assert.Equal(Contents(Path.Combine(_site.Data, "archive")), Contents(Path.Combine(Target, "archive"), leaveOut: "report-signer"));
        Assert.DoesNotContain(OcflCheck.Validate(Path.Combine(Target, "archive")), finding => finding.IsError);
        (await HereAsync("audit", "verify")).Demand(0);
        Assert.Equal(["begin", "keys", "end"], (await EntriesAsync("recovery")).Select(entry => entry.Text("subtype")));

        // The former key of reports is gone, and that is said.
        var key = Assert.Single(await EntriesAsync("report-key"), entry => entry.Text("subtype") is "first" or "announced");
        Assert.Equal(result.GetProperty("keys").Text("reports"), Json.Lines((await HereAsync("signing-key", "show", "--json")).Demand(0))[0].Text("sha256"));
        Assert.NotEmpty(key.Text("digest"));

        // It is a data folder to work with: scans are taken in, backups made.
        string scan = Path.Combine(_site.Root, "later.pdf");
        await File.WriteAllBytesAsync(scan, A.Pdf().WithTextLayer("a later letter").ToBytes(), Cancellation);
        (await HereAsync("ingest", scan)).Demand(0);
        Assert.Equal("recovery-not-accepted", Assert.Single(Json.Document(await HereAsync("status", "--json")).GetProperty("alarms").EnumerateArray()).Text("kind"));
    }

    [Fact]
    public async Task Single_records_can_be_fetched_while_the_rest_is_not_there()
    {
        string[] ids = await PrepareAsync(count: 2);
        string before = Path.Combine(_site.Root, "before.pdf");
        (await _site.RunAsync("get", ids[0], "-o", before)).Demand(0);
        (await RecoverAsync()).Demand(0);
        await SetBackAsync("Restoring");
        Directory.Delete(IntakeSite.ObjectIn(Target, ids[0]), recursive: true);

        string fetched = Path.Combine(_site.Root, "fetched.pdf");
        (await HereAsync("get", ids[0], "-o", fetched)).Demand(0);
        Assert.Equal(await File.ReadAllBytesAsync(before, Cancellation), await File.ReadAllBytesAsync(fetched, Cancellation));
        (await HereAsync("get", "01900000-0000-7000-8000-000000000000", "-o", fetched + ".none")).Demand(5);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Target, "recovery", "fetched")));
        Assert.Contains(await EntriesAsync("read"), entry => entry.GetProperty("entities")[0].Text("id") == ids[0]);

        foreach (string[] command in (string[][])[["run"], ["ingest", _site.Drop], ["backup", "run"], ["recover", "accept"]])
        {
            Assert.Contains("has not come to its end", (await HereAsync(command)).Demand(4).Errors, StringComparison.Ordinal);
        }

        Assert.Equal("recovered", Json.Document((await RecoverAsync()).Demand(0)).Text("result"));
        Assert.True(Directory.Exists(IntakeSite.ObjectIn(Target, ids[0])));
    }

    [Fact]
    public async Task Killed_at_any_moment_the_same_command_goes_on()
    {
        await PrepareAsync(count: 12, bytesOfNoise: 400_000);
        int hits = 0;
        foreach (int milliseconds in (int[])[350, 500, 650, 800, 1000, 1300, 1700])
        {
            using var running = TheProgram.Start(Recover());
            running.CloseInput();
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, Cancellation);
            hits += LibC.Kill(running.Id, Sigkill) == 0 && !running.HasExited ? 1 : 0;
            await running.EndAsync();
        }

        Assert.NotEqual(0, hits);
        var result = Json.Document((await RecoverAsync()).Demand(0));
        Assert.Equal(12, result.GetProperty("records").GetProperty("present").GetInt32());
        Assert.Equal(Contents(Path.Combine(_site.Data, "archive")), Contents(Path.Combine(Target, "archive"), leaveOut: "report-signer"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Target, ".docingest-restore-*", SearchOption.AllDirectories));
        (await HereAsync("audit", "verify")).Demand(0);

        // Again: all is read and compared, nothing fetched.
        var again = Json.Document((await RecoverAsync()).Demand(0));
        Assert.Equal((0, 0L), (again.GetProperty("files").GetProperty("restored").GetInt32(), again.GetProperty("files").GetProperty("bytesRestored").GetInt64()));
        Assert.NotEqual(0, again.GetProperty("files").GetProperty("equal").GetInt32());
    }

    [Fact]
    public async Task What_was_destroyed_after_the_backup_does_not_come_back()
    {
        string[] ids = await PrepareAsync(count: 3);
        string older = (await SnapshotsAsync())[0];
        await WriteLedgerAsync(begun: ids[..2], ended: [(ids[0], true), (ids[1], false)]);
        (await _site.RunAsync("backup", "run")).Demand(0);

        var result = Json.Document((await RecoverAsync("--snapshot", older)).Demand(0));
        var records = result.GetProperty("records");
        Assert.Equal((3, 2, 1), (records.GetProperty("filed").GetInt32(), records.GetProperty("present").GetInt32(), records.GetProperty("destroyed").GetInt32()));
        Assert.Contains("destroyed", records.GetProperty("checks").EnumerateArray().Select(check => check.Text("id")));
        Assert.False(Path.Exists(IntakeSite.ObjectIn(Target, ids[0])));
        (await HereAsync("get", ids[0], "-o", Path.Combine(_site.Root, "no.pdf"))).Demand(5);
        Assert.Equal(ids[1..].Order(), Json.Lines(await HereAsync("find", "--json")).Select(line => line.Text("id")).Order());

        // Nor while it is fetched alone; and what had come before the ledger was known goes again.
        await SetBackAsync("Restoring");
        Assert.Contains("was destroyed", (await HereAsync("get", ids[0], "-o", Path.Combine(_site.Root, "no.pdf"))).Demand(5).Errors, StringComparison.Ordinal);
        Copy(IntakeSite.ObjectIn(_site.Data, ids[0]), IntakeSite.ObjectIn(Target, ids[0]));
        Assert.Equal(1, Json.Document((await RecoverAsync()).Demand(0)).GetProperty("removedAgain").GetInt32());
        Assert.False(Path.Exists(IntakeSite.ObjectIn(Target, ids[0])));
    }

    [Fact]
    public async Task A_destruction_that_the_disaster_stopped_is_told_and_takes_nothing()
    {
        string[] ids = await PrepareAsync(count: 2);
        await WriteLedgerAsync(begun: [ids[0]], ended: null);
        (await _site.RunAsync("backup", "run")).Demand(0);

        var result = Json.Document((await RecoverAsync()).Demand(1));
        Assert.Equal([ids[0]], result.GetProperty("records").GetProperty("undecided").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal(2, result.GetProperty("records").GetProperty("present").GetInt32());
    }

    [Fact]
    public async Task A_repository_that_lies_gives_what_it_has_and_the_rest_once_it_is_mended()
    {
        await PrepareAsync(count: 1);
        _site.Put("noise.pdf", Noisy("the one that is lost", 300_000));
        string lost = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move"), line => line.Text("outcome") == "filed").Text("id");
        (await _site.RunAsync("backup", "run")).Demand(0);
        string pack = Directory.EnumerateFiles(Path.Combine(Repository, "data"), "*", SearchOption.AllDirectories).MaxBy(file => new FileInfo(file).Length) ?? "";
        byte[] good = await File.ReadAllBytesAsync(pack, Cancellation);
        BackupSite.Damage(pack);   // in its middle, which is the noise

        var result = Json.Document((await RecoverAsync()).Demand(1));
        Assert.Equal(("findings", 1), (result.Text("result"), result.GetProperty("records").GetProperty("present").GetInt32()));
        Assert.Equal([lost], result.GetProperty("records").GetProperty("damaged").EnumerateArray().Select(id => id.GetString()));
        Assert.All(result.GetProperty("files").GetProperty("problems").EnumerateArray(), problem => Assert.Equal("damaged", problem.Text("kind")));
        (await HereAsync("get", lost, "-o", Path.Combine(_site.Root, "lost.pdf"))).Demand(1);   // it is known, and not whole

        File.Delete(pack);
        await File.WriteAllBytesAsync(pack, good, Cancellation);
        Assert.Equal(2, Json.Document((await RecoverAsync()).Demand(0)).GetProperty("records").GetProperty("present").GetInt32());
        Assert.Equal(2, Json.Lines(await HereAsync("find", "--json")).Count);
    }

    [Fact]
    public async Task Where_the_audit_is_in_a_missing_pack_nothing_passes_for_compared()
    {
        await PrepareAsync(count: 1);
        _site.Put("noise.pdf", Noisy("the one that is lost", 300_000));
        (await _site.RunAsync("ingest", _site.Drop, "--move")).Demand(0);
        (await _site.RunAsync("backup", "run")).Demand(0);
        File.Delete(Directory.EnumerateFiles(Path.Combine(Repository, "data"), "*", SearchOption.AllDirectories).MaxBy(file => new FileInfo(file).Length) ?? "");

        var result = Json.Document((await RecoverAsync()).Demand(1));
        Assert.Equal(0, result.GetProperty("records").GetProperty("filed").GetInt32());
        Assert.Contains(result.GetProperty("records").GetProperty("findings").EnumerateArray(), finding => finding.Text("code") == "nothing-compared");
        Assert.Contains(result.GetProperty("findings").EnumerateArray(), finding => finding.GetString()?.Contains("/audit/", StringComparison.Ordinal) == true);
        Assert.Single(Json.Lines(await HereAsync("find", "--json")));   // what could be restored is
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_before_anything_is_touched()
    {
        await PrepareAsync(count: 1);
        string wrong = Path.Combine(_site.Root, "wrong");
        await File.WriteAllTextAsync(wrong, "another password", Cancellation);
        (await RunAsync("recover", "--repo", Repository, "--password-file", wrong, "--target", Target)).Demand(2);
        (await RunAsync("recover", "--repo", Repository + "x", "--password-file", PasswordFile, "--target", Target)).Demand(5);
        (await RunAsync("recover", "--repo", Repository, "--password-file", PasswordFile)).Demand(2);
        (await RecoverAsync("--snapshot", "ffffffff")).Demand(5);
        string greedy = Path.Combine(_site.Root, "greedy.json");
        await File.WriteAllTextAsync(greedy, $$"""{ "intake": { "freeSpaceReserveBytes": {{long.MaxValue / 2}} } }""", Cancellation);
        Assert.Contains("too little space", (await RunAsync("recover", "--repo", Repository, "--password-file", PasswordFile, "--target", Target, "--config", greedy)).Demand(6).Errors, StringComparison.Ordinal);
        Assert.False(Path.Exists(Target));

        Directory.CreateDirectory(Target);
        string other = Path.Combine(Target, "somebody's");
        await File.WriteAllTextAsync(other, "file", Cancellation);
        Assert.Contains("not empty", (await RecoverAsync()).Demand(2).Errors, StringComparison.Ordinal);
        Assert.Equal([other], Directory.GetFileSystemEntries(Target));
        (await RunAsync("recover", "--repo", Repository, "--password-file", PasswordFile, "--target", Path.Combine(Repository, "data", "new"))).Demand(2);

        // Another snapshot than the one that was begun with.
        File.Delete(other);
        (await RecoverAsync()).Demand(0);
        (await _site.RunAsync("backup", "run")).Demand(0);
        (await RecoverAsync("--snapshot", (await SnapshotsAsync())[^1])).Demand(2);
        (await RecoverAsync()).Demand(0);
    }

    [Fact]
    public async Task A_ledger_that_was_lost_is_not_begun_anew_over_the_copies_of_it()
    {
        string[] ids = await PrepareAsync(count: 2);
        await WriteLedgerAsync(begun: [ids[0]], ended: [(ids[0], true)]);
        (await _site.RunAsync("backup", "run")).Demand(0);
        Directory.Delete(Path.Combine(_site.Data, "destruction"), recursive: true);

        Assert.Contains("LEDGER IS LOST", (await _site.RunAsync("backup", "run")).Demand(1).Errors, StringComparison.Ordinal);

        var result = Json.Document(await RecoverAsync());
        Assert.False(Directory.Exists(IntakeSite.ObjectIn(Target, ids[0])));
        Assert.Equal(1, result.GetProperty("records").GetProperty("destroyed").GetInt32());
    }

    [Fact]
    public async Task Scans_that_were_being_taken_in_are_put_aside_where_no_start_sweeps_them_away()
    {
        await PrepareAsync(count: 1);
        string scan = Path.Combine("staging", "01900000-0000-7000-8000-000000000000", "original");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_site.Data, scan)) ?? "");
        await File.WriteAllTextAsync(Path.Combine(_site.Data, scan), "a scan", Cancellation);
        (await _site.RunAsync("backup", "run")).Demand(0);

        var result = Json.Document((await RecoverAsync()).Demand(1));

        Assert.Contains("recovery/staging", Assert.Single(result.GetProperty("findings").EnumerateArray()).GetString(), StringComparison.Ordinal);
        (await HereAsync("ingest", _site.Drop)).Demand(0);   // sweeps staging
        Assert.Equal("a scan", await File.ReadAllTextAsync(Path.Combine(Target, "recovery", scan), Cancellation));
    }

    [Fact]
    public async Task Of_several_data_folders_a_person_names_one()
    {
        await PrepareAsync(count: 1);
        (await _site.RunAsync("backup", "run", "--host", "another-hospital")).Demand(0);
        string errors = (await RecoverAsync()).Demand(2).Errors;
        Assert.Contains("another-hospital", errors, StringComparison.Ordinal);
        Assert.False(Path.Exists(Target));
        (await RecoverAsync("--snapshot", (await SnapshotsAsync())[0])).Demand(0);
    }

    private async Task<string[]> PrepareAsync(int count, int bytesOfNoise = 0)
    {
        await File.WriteAllTextAsync(PasswordFile, BackupSite.Password, Cancellation);
        _site.Config["backup"] = new System.Text.Json.Nodes.JsonObject { ["repository"] = Repository, ["password"] = $"file:{PasswordFile}" };
        for (int i = 0; i < count; i++)
        {
            _site.Put($"letter-{i}.pdf", Noisy($"letter {i}", bytesOfNoise));
        }

        var filed = await _site.LinesAsync("ingest", _site.Drop, "--move");
        (await _site.RunAsync("backup", "init")).Demand(0);
        (await _site.RunAsync("backup", "run")).Demand(0);
        return [.. filed.Where(line => line.Text("outcome") == "filed").Select(line => line.Text("id"))];
    }

    // Bytes behind the end, which no reader minds, and no backup shares.
    private static byte[] Noisy(string text, int bytes)
    {
        byte[] noise = new byte[bytes];
        new Random(text.Sum(static letter => letter)).NextBytes(noise);
        return [.. A.Pdf().WithTextLayer(text).ToBytes(), .. bytes == 0 ? [] : "\n% "u8.ToArray(), .. noise.Select(one => (byte)(one % 64 + 32)), .. bytes == 0 ? [] : "\n%%EOF\n"u8.ToArray()];
    }

    private async Task WriteLedgerAsync(string[] begun, (string Id, bool Destroyed)[]? ended)
    {
        string proposal = new('a', 128);
        string folder = Directory.CreateDirectory(Path.Combine(_site.Data, "destruction")).FullName;
        await WriteAsync(".json", new { format = "docingest-destruction-ledger/1", disposition = "d-9", begunAt = DateTimeOffset.UnixEpoch, proposalSha512 = proposal, records = begun });
        if (ended is not null)
        {
            await WriteAsync(
                ".done.json",
                new
                {
                    format = "docingest-destruction-ledger/1", disposition = "d-9", endedAt = DateTimeOffset.UnixEpoch, proposalSha512 = proposal, holdsReadAt = (DateTimeOffset?)null,
                    records = ended.Select(one => new { id = one.Id, destroyed = one.Destroyed, at = DateTimeOffset.UnixEpoch, versions = 1, kept = one.Destroyed ? null : "held by hold-1" }),
                });
        }

        Task WriteAsync(string ending, object document) => File.WriteAllTextAsync(Path.Combine(folder, $"d-9-{proposal[..16]}{ending}"), JsonSerializer.Serialize(document), Cancellation);
    }

    private string[] Recover(params string[] more) =>
        ["recover", "--repo", Repository, "--password-file", PasswordFile, "--target", Target, "--config", _site.ConfigFile, "--json", .. more];

    private Task<EndedProgram> RecoverAsync(params string[] more) => RunAsync(Recover(more));

    private static Task<EndedProgram> RunAsync(params string[] arguments) => TheProgram.RunAsync(arguments);

    /// <summary>On the recovered folder.</summary>
    private Task<EndedProgram> HereAsync(params string[] arguments) => TheProgram.RunAsync([.. arguments, "--data", Target, "--config", _site.ConfigFile]);

    private async Task<List<JsonElement>> EntriesAsync(string type) =>
        [.. Json.Lines((await HereAsync("audit", "show", "--json")).Demand(0)).Where(entry => entry.Text("type") == type)];

    private async Task<string[]> SnapshotsAsync() =>
        [.. Json.Lines((await _site.RunAsync("backup", "list", "--json")).Demand(0)).Where(line => !line.GetRawText().Contains("audit-head", StringComparison.Ordinal) && !line.GetRawText().Contains("destruction-ledger", StringComparison.Ordinal)).Select(line => line.Text("id"))];

    // As if the process had died there.
    private async Task SetBackAsync(string stage)
    {
        string file = Path.Combine(Target, "recovery", "state.json");
        string state = await File.ReadAllTextAsync(file, Cancellation);
        Assert.Contains("\"stage\":\"Finished\"", state, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, state.Replace("\"stage\":\"Finished\"", $"\"stage\":\"{stage}\"", StringComparison.Ordinal), Cancellation);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy) ?? to);
            File.Copy(file, copy);
        }
    }

    // Files of objects by their paths and digests, but for those of one system object.
    private static List<string> Contents(string archive, string leaveOut = "nothing") =>
    [
        .. Directory.EnumerateFiles(archive, "*", SearchOption.AllDirectories)
            .Where(file => !file.StartsWith(IntakeSite.ObjectIn(Path.GetDirectoryName(archive) ?? "", $"urn:docingest:{leaveOut}"), StringComparison.Ordinal))
            .Select(file => $"{Path.GetRelativePath(archive, file)} {IntakeSite.HashOf(file)}").Order(StringComparer.Ordinal),
    ];
}
