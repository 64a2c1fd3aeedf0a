using System.Text.Json;
using System.Text.Json.Nodes;
using DocIngest.TestKit;
using DocIngest.Worker.Tests.Backups;
using Microsoft.Data.Sqlite;

namespace DocIngest.Worker.Tests.Jobs;

/// <summary>Jobs of the real program: by hand, by the service, killed and stopped; what status and audit say of them.</summary>
public sealed class When_jobs_are_run : IDisposable
{
    private readonly IntakeSite _site = new();

    private string Repository => Path.Combine(_site.Data, "backup");

    public void Dispose() => _site.Dispose();

    [Fact]
    public async Task By_hand_they_do_what_their_command_does_and_each_run_has_its_number_in_the_audit()
    {
        await PrepareAsync(Job("nightly", "backup", "run"), Job("weekly-drill", "drill", "run"));
        Assert.Contains("Snapshot", (await _site.RunAsync("job", "run", "nightly")).Demand(0).Output, StringComparison.Ordinal);
        Assert.Contains("PASSED", (await _site.RunAsync("job", "run", "weekly-drill")).Demand(0).Output, StringComparison.Ordinal);

        var history = Json.Lines((await _site.RunAsync("job", "history", "--json")).Demand(0));
        Assert.Equal([(2, "weekly-drill", "drill", "pass"), (1, "nightly", "backup-run", "done")], history.Select(Words));
        Assert.All(history, run => Assert.Equal("command", run.Text("trigger")));
        string report = Assert.Single(Json.Lines(await _site.RunAsync("report", "list", "--json"))).Text("reportId");
        Assert.Equal(report, history[0].Text("reportId"));   // the drill is the run of its job, not another one
        Assert.Equal(2, Json.Document(await _site.RunAsync("report", "show", report, "--json")).GetProperty("run").GetProperty("number").GetInt32());

        var entries = Json.Lines(await _site.RunAsync("audit", "show", "--json")).Where(entry => entry.Text("type") == "run").ToList();
        Assert.Equal(["begin", "end", "begin", "end"], entries.Select(entry => entry.Text("subtype")));
        Assert.All(entries[..2], entry => Assert.Contains(entry.GetProperty("entities").EnumerateArray(), entity => (entity.Text("kind"), entity.Text("id")) == ("schedule", "nightly")));
        (await _site.RunAsync("audit", "verify")).Demand(0);
        Assert.Equal(["ok", "ok"], Json.Lines((await _site.RunAsync("job", "list", "--json")).Demand(0)).Select(job => job.Text("state")));
    }

    [Fact]
    public async Task One_that_fails_is_an_alarm_until_it_goes_well()
    {
        await PrepareAsync(Job("nightly", "backup", "run"));
        _site.Config["backup"] = new JsonObject { ["password"] = "file:not-there" };
        var failed = await _site.RunAsync("job", "run", "nightly");
        Assert.Equal(5, failed.ExitCode);
        var alarm = Assert.Single((await _site.StatusAsync()).GetProperty("alarms").EnumerateArray());
        Assert.Equal(("job-failed", "nightly"), (alarm.Text("kind"), alarm.Text("subject")));
        Assert.Contains("Run 1 of the job ended with 'not-found'", alarm.Text("message"), StringComparison.Ordinal);
        Assert.Equal("failing", Assert.Single(Json.Lines((await _site.RunAsync("job", "list", "--json")).Demand(1))).Text("state"));

        _site.Config.Remove("backup");
        (await _site.RunAsync("job", "run", "nightly")).Demand(0);
        Assert.Empty((await _site.StatusAsync()).GetProperty("alarms").EnumerateArray());
        (await _site.RunAsync("job", "list")).Demand(0);
    }

    [Fact]
    public async Task One_that_is_overdue_is_told_though_the_service_is_off()
    {
        await PrepareAsync(Job("yearly", "backup", "run"));
        using (var service = await _site.ServeAsync())
        {
            await Until.IsTrue(() => Ask("SELECT count(*) FROM job") == 1, "the service to know the job");
            service.Signal(LibC.Terminate);
            (await service.EndAsync()).Demand(0);
        }

        Assert.Empty((await _site.StatusAsync()).GetProperty("alarms").EnumerateArray());
        Do($"UPDATE job SET since = {TimeProvider.System.GetUtcNow().AddYears(-2).ToUnixTimeMilliseconds()}");
        var ended = (await _site.RunAsync("status", "--json")).Demand(1);
        var alarm = Assert.Single(Json.Document(ended).GetProperty("alarms").EnumerateArray());
        Assert.Equal(("job-overdue", "yearly"), (alarm.Text("kind"), alarm.Text("subject")));
        Assert.Equal("overdue", Assert.Single(Json.Document(ended).GetProperty("jobs").EnumerateArray()).Text("state"));

        // The service makes up for what was missed, and that ends it.
        using var again = await _site.ServeAsync();
        await Until.IsTrue(() => Ask("SELECT count(*) FROM run WHERE result = 'done' AND trigger = 'schedule'") == 1, "the missed run");
        await Until.IsTrue(() => Ask("SELECT count(*) FROM alarm WHERE resolved IS NULL") == 0, "the alarm to end");
    }

    [Fact]
    public async Task One_whose_service_is_killed_ends_too_and_is_told_as_aborted_and_made_up_for()
    {
        await PrepareAsync(Job("yearly", "backup", "forget", "--keep-last", "1"));
        (await _site.RunAsync("backup", "run")).Demand(0);
        await MakeMissedAsync();
        using var restic = BackupSite.StartRestic(Repository, Path.Combine(_site.Data, "keys/backup-password"), "backup", "--stdin", "--quiet");   // its lock is in the way
        await Until.IsTrue(() => Directory.GetFiles(Path.Combine(Repository, "locks")).Length > 0 || restic.HasExited, "restic to take its lock");
        using (var service = await _site.ServeAsync())
        {
            await Until.IsTrue(() => Ask("SELECT count(*) FROM run WHERE ended IS NULL") == 1, "the job to wait for the lock");
            var busy = await _site.RunAsync("job", "run", "yearly");
            Assert.Equal(4, busy.ExitCode);
            Assert.Contains("at work already", busy.Errors, StringComparison.Ordinal);
            await service.KillAsync();
        }

        await Until.IsTrue(() => !IsAtWork("forget"), "its child to end");
        var died = Assert.Single(Json.Lines((await _site.RunAsync("job", "list", "--json")).Demand(1)));
        Assert.Equal(("overdue", "aborted"), (died.Text("state"), died.GetProperty("last").Text("result")));   // no service has said so yet
        await restic.Input.WriteAsync("backed up"u8.ToArray(), Until.Limit());
        restic.CloseInput();
        await restic.EndAsync();

        using var again = await _site.ServeAsync();
        await Until.IsTrue(() => Ask("SELECT count(*) FROM run WHERE result = 'done'") == 1, "the run that makes up for it");
        Assert.Equal(["done", "aborted"], Json.Lines((await _site.RunAsync("job", "history", "--json")).Demand(0)).Select(run => run.Text("result")));
    }

    [Fact]
    public async Task One_at_work_when_the_service_is_stopped_is_stopped_and_says_so()
    {
        await PrepareAsync(Job("yearly", "backup", "forget", "--keep-last", "1"));
        (await _site.RunAsync("backup", "run")).Demand(0);
        await MakeMissedAsync();
        using var restic = BackupSite.StartRestic(Repository, Path.Combine(_site.Data, "keys/backup-password"), "backup", "--stdin", "--quiet");
        await Until.IsTrue(() => Directory.GetFiles(Path.Combine(Repository, "locks")).Length > 0 || restic.HasExited, "restic to take its lock");
        using (var service = await _site.ServeAsync())
        {
            await Until.IsTrue(() => Ask("SELECT count(*) FROM run WHERE ended IS NULL") == 1, "the job to wait for the lock");
            service.Signal(LibC.Terminate);
            (await service.EndAsync()).Demand(0);
        }

        Assert.False(IsAtWork("forget"));
        Assert.Equal(["cancelled"], Json.Lines((await _site.RunAsync("job", "history", "--json")).Demand(0)).Select(run => run.Text("result")));
        Assert.DoesNotContain((await _site.StatusAsync()).GetProperty("alarms").EnumerateArray(), alarm => alarm.Text("kind") == "job-failed");   // the next start makes up for it
    }

    [Fact]
    public async Task What_went_wrong_in_the_night_can_be_read_in_the_morning()
    {
        await PrepareAsync(Job("yearly", "backup", "run"));
        _site.Config["backup"] = new JsonObject { ["password"] = "file:not-there" };
        await MakeMissedAsync();
        using var service = await _site.ServeAsync();
        await Until.IsTrue(() => Ask("SELECT count(*) FROM run WHERE ended IS NOT NULL AND message IS NOT NULL") == 1, "the job to fail");
        var run = Assert.Single(Json.Lines((await _site.RunAsync("job", "history", "yearly", "--json")).Demand(0)));
        Assert.Equal(("not-found", "schedule"), (run.Text("result"), run.Text("trigger")));
        Assert.Contains("There is no repository", run.Text("message"), StringComparison.Ordinal);
        await Until.IsTrue(() => service.ErrorsSoFar.Contains("Job yearly, run 1, did not end well: not-found", StringComparison.Ordinal), "the log");
        Assert.DoesNotContain("There is no repository", service.ErrorsSoFar, StringComparison.Ordinal);   // what a command says may name files
    }

    [Fact]
    public async Task A_name_that_is_no_job_is_not_found_and_a_number_that_is_no_run_begins_nothing()
    {
        await PrepareAsync(Job("nightly", "backup", "run"));
        Assert.Contains("nightly", (await _site.RunAsync("job", "run", "nightli")).Demand(5).Errors, StringComparison.Ordinal);
        (await _site.RunAsync("job", "history", "nightli")).Demand(5);
        Assert.Empty(Json.Lines((await _site.RunAsync("job", "history", "nightly", "--json")).Demand(0)));
        (await _site.RunAsync("backup", "run")).Demand(0);
        _site.Variables["DOCINGEST_RUN"] = "7";
        using var drill = _site.Start("drill", "run");   // its input stays open: it goes on as long as that
        Assert.Contains("Run 7 is no drill at work", (await drill.EndAsync()).Demand(6).Errors, StringComparison.Ordinal);
        _site.Variables.Clear();
        Assert.Empty(Json.Lines((await _site.RunAsync("report", "list", "--json")).Demand(0)));
    }

    private static JsonObject Job(string name, params string[] words) =>
        new() { ["name"] = name, ["run"] = new JsonArray([.. words.Select(word => (JsonNode)word)]), ["cron"] = "0 3 1 1 *", ["timeZone"] = "Etc/UTC" };

    private async Task PrepareAsync(params JsonObject[] jobs)
    {
        _site.Config["jobs"] = new JsonArray([.. jobs]);
        _site.Put("letter.pdf", A.Pdf().WithTextLayer("a letter").ToBytes());
        (await _site.RunAsync("ingest", _site.Drop)).Demand(0);
    }

    // As if the service had known the job for two years, and been off.
    private async Task MakeMissedAsync()
    {
        await _site.StatusAsync();   // the table is there
        Do($"INSERT INTO job (name, plan, since) VALUES ('yearly', '0 3 1 1 * Etc/UTC', {TimeProvider.System.GetUtcNow().AddYears(-2).ToUnixTimeMilliseconds()})");
    }

    private bool IsAtWork(string command) => Directory.GetDirectories("/proc").Any(process =>
    {
        try
        {
            string line = File.ReadAllText(Path.Combine(process, "cmdline"));
            return line.Contains(_site.Data, StringComparison.Ordinal) && line.Contains(command, StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private long Ask(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    private void Do(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_site.Data, "catalog/docingest.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private static (int Run, string Name, string Job, string Result) Words(JsonElement run) => (run.GetProperty("run").GetInt32(), run.Text("name"), run.Text("job"), run.Text("result"));
}
