using DocIngest.Pipeline.Ledger;
using DocIngest.TestKit;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>What an admin learns from <c>status</c>.</summary>
public sealed class When_status_is_asked : IDisposable
{
    private static readonly DateTime Written = new(2026, 1, 31, 10, 20, 30, DateTimeKind.Utc);

    private readonly IntakeSite _site = new();

    [Fact]
    public async Task Files_that_nobody_has_claimed_are_counted_with_the_oldest()
    {
        await TakeInOneAsync();
        _site.Put("b.pdf", A.Pdf().WithTextLayer("b").ToBytes());
        _site.Put("ward/c.pdf", A.Pdf().WithTextLayer("c").ToBytes());
        _site.Put("half.pdf.part", [1]);
        File.SetLastWriteTimeUtc(_site["ward/c.pdf"], Written);

        var status = await _site.StatusAsync();
        var folder = Assert.Single(status.GetProperty("folders").EnumerateArray());
        Assert.Equal(2, folder.GetProperty("waiting").GetInt64());
        Assert.Equal(Written, folder.GetProperty("oldestSince").GetDateTime());
        Assert.Equal(1, folder.GetProperty("leftAlone").GetInt64());
        Assert.Equal(2, status.GetProperty("waiting").GetProperty("files").GetInt64());
        string words = (await _site.RunAsync("status")).Demand(0).Output;
        Assert.Contains($"2 waiting in {_site.Drop}, oldest since 2026-01-31 10:20Z; 1 left alone", words, StringComparison.Ordinal);

        (await _site.RunAsync("ingest", _site.Drop, "--move")).Demand(0);
        Assert.Equal(0, (await _site.StatusAsync()).GetProperty("waiting").GetProperty("files").GetInt64());
    }

    [Fact]
    public async Task A_filed_scan_that_is_kept_in_its_folder_does_not_wait()
    {
        _site.Profile["keepSource"] = "untilBackedUp";
        await TakeInOneAsync();
        Assert.NotEmpty(_site.Dropped());
        Assert.Equal(0, (await _site.StatusAsync()).GetProperty("waiting").GetProperty("files").GetInt64());
    }

    [Fact]
    public async Task Every_profile_of_the_configuration_is_listed_and_one_without_its_folder_says_so()
    {
        await TakeInOneAsync();
        _site.Config["intake"]?["profiles"]?.AsArray().Add(new System.Text.Json.Nodes.JsonObject { ["name"] = "ward7", ["folder"] = Path.Combine(_site.Root, "absent") });
        var status = await _site.StatusAsync();
        Assert.Equal(["default", "ward7"], status.GetProperty("profiles").EnumerateArray().Select(profile => profile.Text("profile")));
        var absent = status.GetProperty("folders").EnumerateArray().Single(folder => folder.Text("profile") == "ward7");
        Assert.Contains("absent", absent.Text("problem"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drop_folder_that_the_service_has_still_to_make_is_no_problem()
    {
        _site.Profile["folder"] = "drop";
        await TakeInOneAsync();
        var folder = Assert.Single((await _site.StatusAsync()).GetProperty("folders").EnumerateArray());
        Assert.Equal((0, ""), (folder.GetProperty("waiting").GetInt64(), folder.Text("problem")));
    }

    [Fact]
    public async Task Discarded_files_are_told_apart_from_those_that_wait()
    {
        _site.Put("list.txt", "eggs\n"u8.ToArray());
        string id = Assert.Single(await _site.LinesAsync("ingest", _site.Drop, "--move")).Text("id");
        (await _site.RunAsync("quarantine", "discard", id, "--reason", "a shopping list")).Demand(0);
        Assert.Contains("0 in quarantine (1 discarded by people)", (await _site.RunAsync("status")).Demand(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_standing_alarm_exits_1()
    {
        await TakeInOneAsync();
        (await _site.RunAsync("status")).Demand(0);
        using (var workspace = Workspace.OpenExisting(_site.Data, new DocIngestOptions()))
        {
            await workspace.Database.WriteAsync(
                (_, transaction) =>
                {
                    AlarmTable.Raise(transaction, AlarmKind.SourceStuck, "default", "Delete it.", workspace.Time.GetUtcNow());
                    return true;
                },
                TestContext.Current.CancellationToken);
        }

        Assert.Contains("source-stuck default", (await _site.RunAsync("status")).Demand(1).Output, StringComparison.Ordinal);
    }

    public void Dispose() => _site.Dispose();

    private async Task TakeInOneAsync()
    {
        _site.Put("a.pdf", A.Pdf().WithTextLayer("a").ToBytes());
        (await _site.RunAsync("ingest", _site.Drop, "--move")).Demand(0);
    }
}
