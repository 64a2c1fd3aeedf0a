using DocIngest.TestKit.Servers;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>The commands on a container of a real blob server.</summary>
public sealed class When_the_repository_is_in_Azure(Azurite azurite) : IDisposable
{
    private readonly BackupSite _site = new();
    private readonly string _repository = $"azure:{Azurite.NewContainer()}:/backups/hospital";

    [Fact]
    public async Task A_backup_is_made_checked_restored_forgotten_and_pruned_there()
    {
        _site.Configure("""{ "expect": { "maxShrinkPercent": 100 } }""");
        _site.MakeNoise();
        (await RunAsync("run")).Demand(5);   // not made by itself
        (await RunAsync("init")).Demand(0);   // the container too
        (await RunAsync("init")).Demand(2);
        (await RunAsync("run")).Demand(0);
        File.Delete(_site.Noise);
        (await RunAsync("run", "--tag", "second")).Demand(0);
        Assert.Equal(2, Json.Lines((await RunAsync("list", "--json")).Demand(0)).Count);
        (await RunAsync("check", "--read-data")).Demand(0);
        (await RunAsync("key", "add", "--generate", _site["second"])).Demand(0);

        (await RunAsync("restore", "latest", "--target", _site["restored"])).Demand(0);
        Assert.Equal("what must not be lost", await File.ReadAllTextAsync(_site["restored"] + Path.Combine(_site.Data, "archive", "record"), Until.Limit()));

        var pruned = Json.Document((await RunAsync("forget", "--keep-last", "1", "--prune", "--json")).Demand(0)).GetProperty("pruned");
        Assert.True(pruned.GetProperty("bytesRemoved").GetInt64() + pruned.GetProperty("bytesRepacked").GetInt64() - pruned.GetProperty("bytesRewritten").GetInt64() > 190_000, $"{pruned}");
        Assert.Equal("second", Assert.Single(Json.Lines((await RunAsync("list", "--json")).Demand(0))).GetProperty("tags")[0].GetString());
        (await RunAsync("check", "--read-data")).Demand(0);
        (await RunAsync("unlock")).Demand(0);
    }

    [Fact]
    public async Task The_accounts_key_is_never_told()
    {
        var environment = Environment();
        environment["AZURE_ACCOUNT_KEY"] = "c2VjcmV0IGtleSBvZiBub2JvZHk=";
        var ended = (await _site.RunWithAsync(environment, "init", "--repo", _repository, "--password-file", _site.PasswordFile)).Demand(6);
        Assert.DoesNotContain("c2VjcmV0", ended.Output + ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_account_it_is_said_what_to_set()
    {
        var ended = (await _site.RunAsync("list", "--repo", _repository, "--password-file", _site.PasswordFile)).Demand(2);
        Assert.Contains("AZURE_ACCOUNT_NAME", ended.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _site.Dispose();

    private Task<EndedProgram> RunAsync(params string[] command) =>
        _site.RunWithAsync(Environment(), [.. command, "--repo", _repository, "--password-file", _site.PasswordFile, "--retry-for", "10s"]);

    private Dictionary<string, string> Environment() => new()
    {
        ["AZURE_ACCOUNT_NAME"] = azurite.Account.Name,
        ["AZURE_ACCOUNT_KEY"] = azurite.Account.Key ?? "",
        ["DOCINGEST_AZURE_ENDPOINT"] = $"{azurite.Account.Endpoint}",
    };
}
