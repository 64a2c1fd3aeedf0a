using System.Text.Json;
using DocIngest.Pipeline.Ledger;
using DocIngest.TestKit;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>An alarm of <c>backup run</c> stands in <c>status</c> until a run in which that path is well again.</summary>
public sealed class When_status_tells_of_backups : IDisposable
{
    private readonly BackupSite _site = new();

    private string Share => _site["share"];

    private string Larger => _site["larger"];

    [Fact]
    public async Task A_path_that_shrank_was_emptied_or_is_gone_is_an_alarm_until_it_is_well()
    {
        await BackUpTwoPathsAsync();
        (await _site.StatusAsync()).Demand(0);

        File.Delete(Path.Combine(Share, "0"));
        File.Delete(Path.Combine(Share, "1"));
        (await RunAsync()).Demand(1);
        Assert.Equal([("backup-source-shrank", To(_site.Repository))], await AlarmsAsync());
        Assert.Contains($"backup-source-shrank {To(_site.Repository)} since ", (await _site.StatusAsync()).Demand(1).Output, StringComparison.Ordinal);

        File.Delete(Path.Combine(Share, "2"));
        (await RunAsync()).Demand(1);
        Assert.Equal([("backup-source-empty", To(_site.Repository))], await AlarmsAsync());

        Directory.Move(Share, _site["unmounted"]);
        (await RunAsync()).Demand(3);
        Assert.Equal([("backup-source-missing", To(_site.Repository))], await AlarmsAsync());
        (await _site.RunBesideAsync("run", Larger)).Demand(0);   // a run that has nothing to do with it
        Assert.Equal([("backup-source-missing", To(_site.Repository))], await AlarmsAsync());

        Directory.Move(_site["unmounted"], Share);
        Fill(Share);
        (await RunAsync()).Demand(0);
        Assert.Empty(await AlarmsAsync());
        (await _site.StatusAsync()).Demand(0);
    }

    [Fact]
    public async Task Nothing_at_all_of_what_is_configured_is_an_alarm_though_no_snapshot_was_made()
    {
        await _site.TakeInAsync();
        _site.Configure($$"""{ "paths": [ {{JsonSerializer.Serialize(Share)}} ] }""");
        (await _site.RunAsync("run")).Demand(5);
        Assert.Equal([("backup-source-missing", To(_site.Embedded))], await AlarmsAsync());
        Fill(Share);
        (await _site.RunAsync("run")).Demand(0);
        Assert.Empty(await AlarmsAsync());
    }

    [Fact]
    public async Task A_good_backup_elsewhere_ends_no_alarm()
    {
        await BackUpTwoPathsAsync();
        File.Delete(Path.Combine(Share, "0"));
        File.Delete(Path.Combine(Share, "1"));
        (await RunAsync()).Demand(1);
        (await _site.RunAsync("run", Larger, Share)).Demand(0);   // into the one in the data folder, which knows of no more than there is
        Assert.Equal([("backup-source-shrank", To(_site.Repository))], await AlarmsAsync());

        Directory.Move(Share, _site["unmounted"]);
        (await RunAsync()).Demand(3);
        (await _site.RunAsync("run", Larger, Share)).Demand(3);
        Assert.Equal([("backup-source-missing", To(_site.Embedded)), ("backup-source-missing", To(_site.Repository))], (await AlarmsAsync()).Order());
        Directory.Move(_site["unmounted"], Share);
        Fill(Share);
        (await RunAsync()).Demand(0);
        Assert.Equal([("backup-source-missing", To(_site.Embedded))], await AlarmsAsync());
    }

    [Fact]
    public async Task A_path_that_was_mistyped_stands_nowhere()
    {
        await _site.TakeInAsync();
        (await _site.RunAsync("run", _site["shrae"])).Demand(5);
        Assert.Empty(await AlarmsAsync());
    }

    [Fact]
    public async Task A_damaged_repository_is_an_alarm()
    {
        await BackUpTwoPathsAsync();
        foreach (string pack in Directory.EnumerateFiles(Path.Combine(_site.Repository, "data"), "*", SearchOption.AllDirectories))
        {
            File.Delete(pack);
        }

        (await RunAsync()).Demand(1);
        Assert.Contains(("backup-repository-damaged", _site.Repository), await AlarmsAsync());
    }

    [Fact]
    public async Task What_no_run_has_looked_at_for_more_than_a_month_is_not_backed_up_any_more()
    {
        await BackUpTwoPathsAsync();
        using (var workspace = Workspace.OpenExisting(_site.Data, new DocIngestOptions()))
        {
            await workspace.Database.WriteAsync(
                (_, transaction) =>
                {
                    AlarmTable.Raise(transaction, AlarmKind.BackupSourceMissing, "/retired", "", workspace.Time.GetUtcNow().AddDays(-33));
                    AlarmTable.Raise(transaction, AlarmKind.BackupSourceMissing, "/monthly", "", workspace.Time.GetUtcNow().AddDays(-31));
                    AlarmTable.Raise(transaction, AlarmKind.SourceStuck, "default", "", workspace.Time.GetUtcNow().AddDays(-33));
                    return true;
                },
                TestContext.Current.CancellationToken);
        }

        (await RunAsync()).Demand(0);
        Assert.Equal(["/monthly", "default"], (await AlarmsAsync()).Select(alarm => alarm.Subject).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Without_an_archive_to_tell_the_status_of_nothing_is_noted_nor_said_of_it()
    {
        Fill(Larger);
        Fill(Share);
        await _site.InitBesideAsync();
        (await RunAsync()).Demand(0);
        Directory.Delete(Share, recursive: true);
        var ended = (await RunAsync()).Demand(3);
        Assert.DoesNotContain("warning", ended.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_site.Data, "catalog")));
    }

    [Fact]
    public async Task An_account_that_may_not_note_it_is_told_and_has_its_backup()
    {
        Needs.Linux();
        await BackUpTwoPathsAsync();
        File.Delete(Path.Combine(Share, "0"));
        File.Delete(Path.Combine(Share, "1"));
        string catalog = Path.Combine(_site.Data, "catalog");
        Directory.Move(catalog, _site["aside"]);
        Directory.CreateDirectory(Path.Combine(catalog, "docingest.db"));   // as unusable as one of another account, also to root
        var ended = (await RunAsync()).Demand(1);
        Assert.Contains("could not be noted", ended.Errors, StringComparison.Ordinal);
        Assert.Contains("saved", ended.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _site.Dispose();

    private string To(string repository) => $"{Share} (to {repository})";

    private async Task BackUpTwoPathsAsync()
    {
        await _site.TakeInAsync();
        Fill(Larger, 20);
        Fill(Share);
        await _site.InitBesideAsync();
        (await RunAsync()).Demand(0);
    }

    private Task<EndedProgram> RunAsync() => _site.RunBesideAsync("run", Larger, Share + Path.DirectorySeparatorChar);

    private async Task<List<(string Kind, string Subject)>> AlarmsAsync() =>
        [.. Json.Document(await _site.StatusAsync("--json")).GetProperty("alarms").EnumerateArray().Select(alarm => (alarm.Text("kind"), alarm.Text("subject")))];

    private static void Fill(string folder, int files = 3)
    {
        Directory.CreateDirectory(folder);
        for (int i = 0; i < files; i++)
        {
            File.WriteAllText(Path.Combine(folder, $"{i}"), "scan");
        }
    }
}
