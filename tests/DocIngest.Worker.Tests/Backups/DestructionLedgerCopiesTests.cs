using DocIngest.Backup;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Tests.Backups;

public sealed class DestructionLedgerCopiesTests : IDisposable
{
    private readonly BackupSite _site = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Ledger => Path.Combine(_site.Data, "destruction");

    [Fact]
    public async Task Every_repository_gets_it_and_restic_reads_it()
    {
        (await _site.RunAsync("run")).Demand(0);   // into the data folder
        await _site.InitBesideAsync();
        _site.Configure($$"""{ "repository": "{{_site.Repository}}", "password": "file:{{_site.PasswordFile}}" }""");
        Enter("1");
        var copies = await WriteAsync();
        Assert.Equal([_site.Repository, _site.Embedded], copies.Select(copy => copy.Repository));
        Assert.All(copies, copy => Assert.Equal((RepositoryReach.Done, true, null), (copy.Reach, copy.IsSafe, copy.Problem)));

        Enter("2");
        var again = await WriteAsync();
        await AssertResticHasAsync(_site.Repository, _site.PasswordFile, again[0].Snapshot, copies[0].Snapshot);
        await AssertResticHasAsync(_site.Embedded, _site.DrawnPasswordFile, again[1].Snapshot, copies[1].Snapshot);
    }

    [Fact]
    public async Task Where_no_backup_was_ever_made_there_is_nothing_to_write_to()
    {
        Enter("1");
        var copy = Assert.Single(await WriteAsync());
        Assert.Equal((_site.Embedded, RepositoryReach.NotMade, true, null), (copy.Repository, copy.Reach, copy.IsSafe, copy.Problem));
        Assert.False(Directory.Exists(_site.Embedded));
    }

    [Fact]
    public async Task A_repository_that_is_gone_is_told_from_one_that_never_was()
    {
        await _site.TakeInAsync();
        Enter("1");
        string elsewhere = _site["mount"];
        _site.Configure($$"""{ "repository": "{{elsewhere}}", "password": "file:{{_site.PasswordFile}}" }""");
        Directory.CreateDirectory(elsewhere);   // empty: nothing was ever there
        Assert.Equal(RepositoryReach.NotMade, Assert.Single(await WriteAsync()).Reach);

        (await _site.RunAsync("init")).Demand(0);
        (await _site.RunAsync("run")).Demand(0);
        Assert.Equal(RepositoryReach.Done, Assert.Single(await WriteAsync()).Reach);
        Directory.Move(elsewhere, _site["unmounted"]);
        AssertFailed(await WriteAsync(), "mounted");
        Directory.CreateDirectory(elsewhere);   // the empty mount point
        AssertFailed(await WriteAsync(), "mounted");
    }

    [Fact]
    public async Task A_check_is_a_trace_of_backups_too()
    {
        await ConfigureBesideAsync();   // a data folder without a ledger, and so without an audit
        (await _site.RunAsync("run")).Demand(0);
        (await _site.RunAsync("check", "--read-data")).Demand(0);
        Enter("1");
        Directory.Move(_site.Repository, _site["unmounted"]);
        AssertFailed(await WriteAsync(), "mounted");
    }

    [Fact]
    public async Task A_wrong_password_fails_that_repository_alone()
    {
        (await _site.RunAsync("run")).Demand(0);
        await _site.InitBesideAsync();
        _site.Configure($$"""{ "repository": "{{_site.Repository}}", "password": "file:{{_site.WriteFile("wrong", "wrong")}}" }""");
        Enter("1");
        var copies = await WriteAsync();
        Assert.Equal([RepositoryReach.Failed, RepositoryReach.Done], copies.Select(copy => copy.Reach));
        Assert.NotNull(copies[0].Problem);
        Assert.Null(copies[0].Snapshot);
    }

    [Theory]
    [InlineData("snapshots")]
    [InlineData("data")]
    [InlineData("locks")]
    public async Task A_repository_that_cannot_be_written_to_fails(string folder)
    {
        await ConfigureBesideAsync();
        Enter("1");
        string path = Path.Combine(_site.Repository, folder);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        await File.WriteAllTextAsync(path, "", Cancellation);   // where a folder should be: nobody can write there, not even root
        AssertFailed(await WriteAsync(), "");
    }

    [Fact]
    public async Task Who_works_there_alone_makes_it_busy()
    {
        await ConfigureBesideAsync();
        Enter("1");
        using var volumes = new LocalVolumes();
        using var repository = await Repository.OpenAsync(new FolderStore(volumes.Open(_site.Repository)), System.Text.Encoding.ASCII.GetBytes(BackupSite.Password), Cancellation);
        Task<IReadOnlyList<LedgerCopy>> waiting;
        await using (await RepositoryLock.AcquireAsync(repository, isExclusive: true, LockOwner.ThisProcess("another-host"), TimeProvider.System, TimeSpan.Zero, Cancellation))
        {
            var copy = Assert.Single(await WriteAsync(TimeSpan.Zero));
            Assert.Equal((RepositoryReach.Busy, false), (copy.Reach, copy.IsSafe));
            waiting = WriteAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(RepositoryReach.Done, Assert.Single(await waiting).Reach);
    }

    [Fact]
    public async Task A_ledger_that_lost_entries_is_never_taken_for_whole()
    {
        await ConfigureBesideAsync();
        Enter("1");
        Enter("2");
        string? whole = Assert.Single(await WriteAsync()).Snapshot?.ToString();
        Assert.NotNull(whole);
        File.Delete(Path.Combine(Ledger, "1.json"));
        AssertFailed(await WriteAsync(), "entries are gone");
        AssertFailed(await WriteAsync(), "entries are gone");   // not even held against the last copy
        (await _site.RunAsync("restore", whole, "--target", "/")).Demand(0);
        Assert.Equal(RepositoryReach.Done, Assert.Single(await WriteAsync()).Reach);
    }

    [Fact]
    public async Task An_empty_or_missing_ledger_is_no_copy()
    {
        await ConfigureBesideAsync();
        AssertFailed(await WriteAsync(), "");
        Directory.CreateDirectory(Ledger);
        AssertFailed(await WriteAsync(), "no file");
    }

    public void Dispose() => _site.Dispose();

    private static void AssertFailed(IReadOnlyList<LedgerCopy> copies, string why)
    {
        var copy = Assert.Single(copies);
        Assert.Equal((RepositoryReach.Failed, false, (FileId?)null), (copy.Reach, copy.IsSafe, copy.Snapshot));
        Assert.Contains(why, copy.Problem, StringComparison.Ordinal);
    }

    private void Enter(string id)
    {
        Directory.CreateDirectory(Ledger);
        File.WriteAllText(Path.Combine(Ledger, $"{id}.json"), $$"""{ "id": "{{id}}" }""");
    }

    private async Task ConfigureBesideAsync()
    {
        await _site.InitBesideAsync();
        _site.Configure($$"""{ "repository": "{{_site.Repository}}", "password": "file:{{_site.PasswordFile}}" }""");
    }

    private Task<IReadOnlyList<LedgerCopy>> WriteAsync(TimeSpan? patience = null)
    {
        var repositories = new ConfiguredRepositories(_site.Data, ConfigFile.Load(_site.Data, null)) { Patience = patience ?? TimeSpan.FromMinutes(1) };
        return new DestructionLedgerCopies(_site.Data, repositories).WriteAsync(Cancellation);
    }

    private static async Task AssertResticHasAsync(string repository, string passwordFile, params FileId?[] newestFirst)
    {
        var listed = (await BackupSite.ResticAsync(repository, passwordFile, "snapshots", "--tag", "destruction-ledger", "--json")).Demand(0);
        Assert.Equal(
            newestFirst.Select(id => id?.ToString()), BackupSite.Parse(listed.Output).EnumerateArray().Select(snapshot => (string?)snapshot.Text("id")).Reverse());
        (await BackupSite.ResticAsync(repository, passwordFile, "check", "--read-data")).Demand(0);
    }
}
