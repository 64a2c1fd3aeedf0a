using System.Text.Json;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Backups;

/// <summary><c>backup verify</c> over a real repository: what is due is read, damage is found and told in a report that is signed, and what is not read in time is an alarm.</summary>
public sealed class When_backups_are_verified : IDisposable
{
    private readonly IntakeSite _site = new();

    private string Packs => Path.Combine(_site.Data, "backup/data");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task A_sound_repository_passes_and_its_report_says_how_much_was_read()
    {
        await PrepareAsync();

        var verified = await VerifyAsync(0);

        Assert.Equal(("pass", "backup-verification"), (verified.Text("result"), verified.Text("kind")));
        var coverage = verified.GetProperty("coverage");
        Assert.Equal((30, Directory.GetFiles(Packs, "*", SearchOption.AllDirectories).Length), (coverage.GetProperty("windowDays").GetInt32(), coverage.GetProperty("read").GetInt32()));
        var shown = Json.Document((await _site.RunAsync("report", "show", verified.Text("reportId"), "--json")).Demand(0));
        Assert.Equal(["packs", "listing", "snapshots", "trees", "index", "keys"], shown.GetProperty("checks").EnumerateArray().Select(check => check.Text("id")));
        Assert.Equal("pass", (await VerifyAsync(0)).Text("result"));   // again at once: something is read all the same
        (await _site.RunAsync("audit", "verify")).Demand(0);
    }

    [Fact]
    public async Task Damage_fails_and_is_an_alarm_until_it_is_mended()
    {
        await PrepareAsync();
        string pack = Directory.GetFiles(Packs, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        byte[] was = await File.ReadAllBytesAsync(pack, Cancellation);
        byte[] damaged = [.. was];
        damaged[damaged.Length / 2] ^= 1;
        await PutAsync(pack, damaged);

        var verified = await VerifyAsync(1);

        Assert.Equal("fail", verified.Text("result"));
        Assert.Contains(verified.GetProperty("findings").EnumerateArray(), finding => finding.Text("code") == "B035" && finding.GetProperty("objects")[0].GetString() == Path.GetFileName(pack));
        Assert.Contains("backup-repository-damaged", await AlarmsAsync());
        await PutAsync(pack, was);
        Assert.Equal("pass", (await VerifyAsync(0)).Text("result"));   // what was damaged is the first to be read
        Assert.Empty(await AlarmsAsync());
    }

    [Fact]
    public async Task What_is_not_read_in_time_does_not_pass()
    {
        await PrepareAsync();

        var verified = await VerifyAsync(1, "--most", "1");   // one pack

        Assert.Equal("fail", verified.Text("result"));
        Assert.Equal((1, JsonValueKind.Null), (verified.GetProperty("coverage").GetProperty("read").GetInt32(), verified.GetProperty("coverage").GetProperty("oldestReading").ValueKind));
        Assert.Equal(["verification-overdue"], await AlarmsAsync());
        Assert.Equal("pass", (await VerifyAsync(0, "--all")).Text("result"));
        Assert.Empty(await AlarmsAsync());
    }

    [Fact]
    public async Task What_cannot_be_carried_out_has_a_number_and_a_report_too()
    {
        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);
        Assert.Equal("aborted", (await VerifyAsync(5)).Text("result"));
        (await _site.RunAsync("backup", "run")).Demand(0);
        await File.WriteAllTextAsync(Path.Combine(_site.Data, "keys/backup-password"), "another password\n", Cancellation);
        Assert.Equal("aborted", (await VerifyAsync(2)).Text("result"));
        Assert.Equal(2, Json.Lines(await _site.RunAsync("report", "list", "--json")).Count);
        (await _site.RunAsync("backup", "verify", "--most", "little")).Demand(2);
    }

    private async Task PrepareAsync()
    {
        _site.Put("letter.pdf", A.Pdf().WithTextLayer("a letter").ToBytes());
        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);
        (await _site.RunAsync("backup", "run")).Demand(0);
    }

    private static async Task PutAsync(string pack, byte[] bytes)
    {
        File.Delete(pack);   // it may be read-only
        await File.WriteAllBytesAsync(pack, bytes, Cancellation);
    }

    private async Task<JsonElement> VerifyAsync(int exitCode, params string[] arguments) =>
        Json.Document((await _site.RunAsync(["backup", "verify", .. arguments, "--json"])).Demand(exitCode));

    private async Task<IEnumerable<string>> AlarmsAsync() =>
        Json.Document(await _site.RunAsync("status", "--json")).GetProperty("alarms").EnumerateArray().Select(alarm => alarm.Text("kind"));
}
