using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>While the only key to the backups is on this machine, <c>status</c> says so in red.</summary>
public sealed class When_status_looks_at_the_keys : IDisposable
{
    private const string Alarm = "THE ONLY KEY TO THE BACKUPS IS ON THIS MACHINE";
    private const string Doubt = "THE ONLY KEY TO THE BACKUPS MAY BE ON THIS MACHINE";

    private readonly BackupSite _site = new();

    [Fact]
    public async Task It_is_said_until_there_is_a_second_password()
    {
        await _site.TakeInAsync();
        Assert.Contains("No backups yet", (await _site.StatusAsync()).Demand(0).Output, StringComparison.Ordinal);
        (await _site.RunAsync("run")).Demand(0);
        Assert.Contains(Alarm, (await _site.StatusAsync()).Demand(0).Output, StringComparison.Ordinal);
        (await _site.RunAsync("key", "add", "--generate", _site["second"])).Demand(0);
        Assert.DoesNotContain(Alarm, (await _site.StatusAsync()).Demand(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_said_until_there_is_an_escrow_of_this_repository()
    {
        await _site.TakeInAsync();
        (await _site.RunAsync("run")).Demand(0);
        (await BackupSite.OpenSslAsync(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", _site["owner.key"], "-out", _site["owner.pem"], "-subj", "/CN=Owner", "-days", "30")).Demand(0);
        (await _site.RunAsync("key", "escrow", "--certificate", _site["owner.pem"], "-o", _site["escrow"])).Demand(0);
        var backup = Json.Document((await _site.StatusAsync("--json")).Demand(0)).GetProperty("backup");
        Assert.Equal((1, false), (backup.GetProperty("escrows").GetInt32(), backup.GetProperty("onlyKeyIsHere").GetBoolean()));

        Directory.Delete(_site.Embedded, recursive: true);   // a new repository has a new master key
        (await _site.RunAsync("run")).Demand(0);
        Assert.True(Json.Document((await _site.StatusAsync("--json")).Demand(0)).GetProperty("backup").GetProperty("onlyKeyIsHere").GetBoolean());
    }

    [Fact]
    public async Task A_torn_line_hides_no_other_escrow()
    {
        await _site.TakeInAsync();
        (await _site.RunAsync("run")).Demand(0);
        (await BackupSite.OpenSslAsync(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", _site["owner.key"], "-out", _site["owner.pem"], "-subj", "/CN=Owner", "-days", "30")).Demand(0);
        await File.WriteAllTextAsync(Path.Combine(_site.Data, "keys", "escrows.jsonl"), """{"repository":"ab""", TestContext.Current.CancellationToken);
        (await _site.RunAsync("key", "escrow", "--certificate", _site["owner.pem"], "-o", _site["escrow"])).Demand(0);
        Assert.DoesNotContain(Alarm, (await _site.StatusAsync()).Demand(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_may_not_look_for_escrows_it_says_that_it_may_be_so()
    {
        await _site.TakeInAsync();
        (await _site.RunAsync("run")).Demand(0);
        Directory.CreateDirectory(Path.Combine(_site.Data, "keys", "escrows.jsonl"));   // as unreadable as one of another account, also to root
        Assert.Contains(Doubt, (await _site.StatusAsync()).Demand(0).Output, StringComparison.Ordinal);
        (await _site.RunAsync("key", "add", "--generate", _site["second"])).Demand(0);
        Assert.DoesNotContain(Doubt, (await _site.StatusAsync()).Demand(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_it_is_red()
    {
        Needs.Linux();
        Needs.Tool("script");
        await _site.TakeInAsync();
        (await _site.RunAsync("run")).Demand(0);
        using var running = TheProgram.StartAny(
            "script", ["-qec", $"'{TheProgram.Executable}' status --data '{_site.Data}'", "/dev/null"], new Dictionary<string, string> { ["TERM"] = "xterm-256color" });
        Assert.Matches("\u001b\\[[0-9;]+mTHE ONLY KEY", (await running.EndAsync()).Demand(0).Output);
    }

    public void Dispose() => _site.Dispose();
}
