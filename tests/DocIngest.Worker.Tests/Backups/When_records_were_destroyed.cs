using System.Security.Cryptography;
using DocIngest.Backup.Copies;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>What the commands do about the ledger of destroyed records, and about copies of these.</summary>
public sealed class When_records_were_destroyed : IDisposable
{
    private const string Object = "949/ad3/2bd/949ad32bd";

    private readonly BackupSite _site = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Target => _site["restored"];

    private string Record => Path.Combine(_site.Data, "archive", Object);

    private IEnumerable<string> Packs => Directory.EnumerateFiles(Path.Combine(_site.Repository, "data"), "*", SearchOption.AllDirectories);

    [Theory]
    [InlineData("--keep-last", "1")]
    [InlineData("--keep-daily", "1", "--keep-hourly", "1")]
    [InlineData("--keep-within", "1h")]
    [InlineData("--keep-last", "1", "--group-by", "")]
    [InlineData("--keep-last", "1", "--group-by", "tags", "--unsafe-allow-remove-all")]
    [InlineData("--keep-tag", "absent", "--unsafe-allow-remove-all")]
    [InlineData("--keep-last", "1", "--tag", "destruction-ledger", "--unsafe-allow-remove-all")]
    public async Task No_policy_forgets_the_ledger(params string[] policy)
    {
        string[] backups = await DestroyAsync();
        string[] ledgers = [await LedgerAsync("1"), await LedgerAsync("2")];
        var plan = Json.Document((await _site.RunBesideAsync(["forget", "--dry-run", "--json", .. policy])).Demand(0));
        var kept = plan.GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("keep").EnumerateArray());
        Assert.Equal(
            ledgers.Order(), kept.Where(entry => entry.GetProperty("reasons")[0].GetString() == "destruction ledger").Select(entry => entry.Text("id")).Order());

        (await _site.RunBesideAsync(["forget", .. policy])).Demand(0);
        var left = await _site.SnapshotsAsync();
        Assert.Equal(ledgers, left.Except(backups));
        Assert.Equal(plan.GetProperty("removed").EnumerateArray().Select(id => id.GetString() ?? "").Order(), backups.Except(left).Order());
    }

    [Fact]
    public async Task The_ledger_is_not_forgotten_by_its_name_and_nobody_else_may_use_the_tag()
    {
        string[] backups = await DestroyAsync();
        string ledger = await LedgerAsync("1");
        foreach (string[] options in (string[][])[[], ["--dry-run"], ["--unsafe-allow-remove-all", "--prune"]])
        {
            string errors = (await _site.RunBesideAsync(["forget", backups[0], ledger[..12], .. options])).Demand(2).Errors;
            Assert.Contains("never forgotten", errors, StringComparison.Ordinal);
            Assert.DoesNotContain("If that is wanted", errors, StringComparison.Ordinal);
        }

        (await _site.RunBesideAsync("run", "--tag", "a,destruction-ledger")).Demand(2);
        Assert.Equal([.. backups, ledger], await _site.SnapshotsAsync());
    }

    [Fact]
    public async Task A_prune_leaves_nothing_that_no_snapshot_refers_to()
    {
        string[] backups = await DestroyAsync();
        (await _site.RunBesideAsync("forget", backups[0])).Demand(0);
        var lax = Json.Document((await _site.RunBesideAsync("prune", "--max-unused", "unlimited", "--json")).Demand(0));
        Assert.Equal((false, true), (lax.GetProperty("forDestroyedRecords").GetBoolean(), lax.GetProperty("unusedBytesKept").GetInt64() > 0));
        Assert.NotEqual(await ResticUsesAsync(), await ResticHasAsync());

        await LedgerAsync("1");
        var planned = (await _site.RunBesideAsync("prune", "--max-unused", "unlimited", "--max-repack-size", "1K", "--dry-run")).Demand(0);
        Assert.Contains("Records were destroyed", planned.Output, StringComparison.Ordinal);
        var done = Json.Document((await _site.RunBesideAsync("prune", "--max-unused", "unlimited", "--max-repack-size", "1K", "--json")).Demand(0));
        Assert.Equal((true, 0), (done.GetProperty("forDestroyedRecords").GetBoolean(), done.GetProperty("unusedBytesKept").GetInt64()));
        Assert.Equal(await ResticUsesAsync(), await ResticHasAsync());
        (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "check", "--read-data")).Demand(0);
    }

    [Fact]
    public async Task A_pack_of_no_index_that_has_to_wait_is_told()
    {
        await DestroyAsync();
        await LedgerAsync("1");
        byte[] pack = RandomNumberGenerator.GetBytes(1000);
        string id = Convert.ToHexStringLower(SHA256.HashData(pack));
        await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(_site.Repository, "data", id[..2])).FullName, id), pack, Cancellation);
        Assert.Contains("of destroyed records", (await _site.RunBesideAsync("prune")).Demand(3).Errors, StringComparison.Ordinal);
        (await _site.RunBesideAsync("prune", "--grace", "0h")).Demand(0);
        Assert.DoesNotContain(Packs, file => Path.GetFileName(file) == id);
    }

    [Fact]
    public async Task Snapshots_that_hold_a_record_are_known_until_it_is_gone()
    {
        string[] backups = await DestroyAsync();
        _site.Configure($$"""{ "repository": "{{_site.Repository}}", "password": "file:{{_site.PasswordFile}}" }""");
        string other = Path.Combine(_site.Data, "archive", "aaa/bbb/ccc/other");
        var found = Assert.Single(await FindAsync(other, Record));
        Assert.Equal((_site.Repository, RepositoryReach.Done), (found.Repository, found.Reach));
        var holding = Assert.Single(found.Value!.Found.Holding);   // done
        Assert.Equal((backups[0], 1), (holding.Snapshot.ToString(), Assert.Single(holding.Objects)));
        Assert.Empty(found.Value.Found.Unclear);

        (await _site.RunBesideAsync("forget", "--keep-last", "1", "--prune")).Demand(0);
        Assert.Empty(Assert.Single(await FindAsync(other, Record)).Value!.Found.Holding);
    }

    [Fact]
    public async Task A_restored_archive_gets_the_newest_ledger_and_says_what_follows()
    {
        string[] backups = await DestroyAsync();
        await LedgerAsync("1");
        string ledger = await LedgerAsync("2");
        var ended = (await _site.RunBesideAsync("restore", backups[0], "--target", Target, "--json")).Demand(0);
        Assert.Contains("'retention replay'", ended.Errors, StringComparison.Ordinal);
        var told = Assert.Single(Json.Document(ended).GetProperty("destructionLedgers").EnumerateArray());
        Assert.Equal((ledger, 2), (told.Text("snapshot"), told.GetProperty("filesPut").GetInt32()));
        Assert.True(File.Exists(Path.Combine(Target + Record, "scan")));
        Assert.Equal(["d-1.json", "d-2.json"], Directory.EnumerateFiles(Target + Path.Combine(_site.Data, "destruction")).Select(Path.GetFileName).Order());

        ended = (await _site.RunBesideAsync("restore", backups[0], "--target", _site["part"], "--include", "receipts", "--include", Record)).Demand(0);
        Assert.DoesNotContain("destruction", ended.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_site["part"] + Path.Combine(_site.Data, "destruction")));
    }

    [Fact]
    public async Task The_latest_snapshot_is_a_backup()
    {
        string[] backups = await DestroyAsync();
        string ledger = await LedgerAsync("1");
        var restored = Json.Document((await _site.RunBesideAsync("restore", "latest", "--target", Target, "--json")).Demand(0));
        Assert.Equal(backups[1], restored.Text("snapshot"));
        restored = Json.Document((await _site.RunBesideAsync("restore", "latest", "--tag", "destruction-ledger", "--target", _site["ledger"], "--json")).Demand(0));
        Assert.Equal(ledger, restored.Text("snapshot"));
        (await _site.RunBesideAsync("check", "--read-data")).Demand(0);
    }

    [Fact]
    public async Task Backups_go_on_from_backups()
    {
        string[] backups = await DestroyAsync();
        await LedgerAsync("1");
        var next = Json.Document((await _site.RunBesideAsync("run", "--json")).Demand(0));
        Assert.Equal(backups[1], next.Text("parent"));
        Assert.Equal(0, next.GetProperty("filesNew").GetInt32());
    }

    public void Dispose() => _site.Dispose();

    /// <summary>Two backups, of which the first alone holds a record; others share its pack.</summary>
    private async Task<string[]> DestroyAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_site.Data, "archive", "0=ocfl_1.1"), "ocfl_1.1\n", Cancellation);
        Directory.CreateDirectory(Record);
        await File.WriteAllBytesAsync(Path.Combine(Record, "scan"), RandomNumberGenerator.GetBytes(20_000), Cancellation);
        foreach (string name in (string[])["a", "b", "c"])
            await File.WriteAllBytesAsync(Path.Combine(_site.Data, "archive", name), RandomNumberGenerator.GetBytes(20_000), Cancellation);
        await _site.InitBesideAsync();
        (await _site.RunBesideAsync("run")).Demand(0);
        Directory.Delete(Record, recursive: true);
        (await _site.RunBesideAsync("run")).Demand(0);
        return [.. await _site.SnapshotsAsync()];
    }

    /// <summary>Enters a destruction, and writes the copy.</summary>
    private async Task<string> LedgerAsync(string id)
    {
        string ledger = Directory.CreateDirectory(Path.Combine(_site.Data, "destruction")).FullName;
        await File.WriteAllTextAsync(Path.Combine(ledger, $"d-{id}.json"), "{}", Cancellation);
        var configuration = new DocIngestOptions { Backup = { Repository = _site.Repository, Password = $"file:{_site.PasswordFile}" } };
        var copies = await new DestructionLedgerCopies(_site.Data, new ConfiguredRepositories(_site.Data, configuration)).WriteAsync(Cancellation);
        return Assert.Single(copies).Snapshot?.ToString() ?? "";
    }

    private Task<IReadOnlyList<RepositoryOutcome<CopiesInRepository>>> FindAsync(params string[] records) =>
        new CopiesOfRecords(_site.Data, new ConfiguredRepositories(_site.Data, ConfigFile.Load(_site.Data, null))).FindAsync(records, Cancellation);

    /// <summary>What the packs hold: restic makes the index anew from their own headers.</summary>
    private async Task<string[]> ResticHasAsync()
    {
        (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "rebuild-index", "--read-all-packs")).Demand(0);
        return [.. (await BackupSite.ResticAsync(_site.Repository, _site.PasswordFile, "list", "blobs")).Demand(0).Lines.Order(StringComparer.Ordinal)];
    }

    /// <summary>What the snapshots refer to: the same in a copy of the repository that has only that.</summary>
    private async Task<string[]> ResticUsesAsync()
    {
        string copy = _site[$"copy-{Guid.NewGuid():N}"];
        (await BackupSite.ResticAsync(copy, _site.PasswordFile, "init", "--repository-version", "2", "--copy-chunker-params", "--from-repo", _site.Repository, "--from-password-file", _site.PasswordFile)).Demand(0);
        (await BackupSite.ResticAsync(copy, _site.PasswordFile, "copy", "--from-repo", _site.Repository, "--from-password-file", _site.PasswordFile)).Demand(0);
        return [.. (await BackupSite.ResticAsync(copy, _site.PasswordFile, "list", "blobs")).Demand(0).Lines.Order(StringComparer.Ordinal)];
    }
}
