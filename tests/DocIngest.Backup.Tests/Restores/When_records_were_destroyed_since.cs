using DocIngest.Backup.Restores;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Tests.Backups;
using DocIngest.Storage;
using DocIngest.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Backup.Tests.Restores;

/// <summary>A restored archive holds them again: the newest ledger is put beside it.</summary>
public sealed class When_records_were_destroyed_since : IDisposable
{
    private readonly RestoreWorld _world = new();
    private readonly MemorySource _data = new() { Paths = ["/srv"] };
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly MemoryFolder _folder = RepositoryWorld.NewFolder();

    public When_records_were_destroyed_since()
    {
        Needs.Linux();
        _data.Write("srv/data/archive/0=ocfl_1.1", "ocfl_1.1\n"u8.ToArray());
        _data.Write("srv/data/archive/aaa/scan", [1]);
        _data.Write("srv/data/receipts/day", [2]);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task The_newest_ledger_comes_to_the_archives_data_folder()
    {
        var snapshot = await BackUpAsync();
        await LedgerAsync("/srv/data", "1.json");
        var newest = await LedgerAsync("/srv/data", "1.json", "2.json", "inner/3.json");
        var ledger = Assert.Single(await RestoreAsync(snapshot));
        Assert.Equal((newest, _world["srv/data"], 3L, 0L, 0), (ledger.Snapshot, ledger.DataFolder, ledger.FilesPut, ledger.FilesEqual, ledger.SnapshotsUnread));
        Assert.NotNull(ledger.Time);
        Assert.Empty(ledger.Problems);
        Assert.Equal(["1.json", "2.json", "inner/3.json"], Ledger("srv/data"));
        Assert.Equal((0L, 3L), Assert.Single(await RestoreAsync(snapshot)) is var again ? (again.FilesPut, again.FilesEqual) : default);
    }

    [Fact]
    public async Task What_is_there_stays_where_it_is_newer_and_nothing_becomes_less()
    {
        var snapshot = await BackUpAsync();
        await LedgerAsync("/srv/data", "1.json", "holds.json", "new.json");
        await RestoreAsync(snapshot);
        File.WriteAllText(_world["srv/data/destruction/holds.json"], "newer");
        File.WriteAllText(_world["srv/data/destruction/only here.json"], "mine");
        File.WriteAllText(_world["srv/data/destruction/new.json"], "older");
        File.SetLastWriteTimeUtc(_world["srv/data/destruction/new.json"], DateTime.UnixEpoch);
        File.Delete(_world["srv/data/destruction/1.json"]);

        var ledger = Assert.Single(await RestoreAsync(snapshot));
        Assert.Empty(ledger.Problems);
        Assert.Equal(2, ledger.FilesPut);
        Assert.Equal(["1.json", "holds.json", "new.json", "only here.json"], Ledger("srv/data"));
        Assert.Equal(("newer", "new.json"), (File.ReadAllText(_world["srv/data/destruction/holds.json"]), File.ReadAllText(_world["srv/data/destruction/new.json"])));
    }

    [Theory]
    [InlineData(true, "/srv/data/archive", null)]
    [InlineData(true, null, "receipts")]
    [InlineData(false, "/srv/data/receipts", null)]
    [InlineData(false, "/srv/data/archive/aaa", null)]   // some records of it: no archive
    [InlineData(false, null, "/srv/data/archive")]
    public async Task Only_a_restored_archive_gets_it(bool gets, string? include, string? exclude)
    {
        var snapshot = await BackUpAsync();
        await LedgerAsync("/srv/data", "1.json");
        var options = new RestoreOptions { Include = include is null ? [] : [include], Exclude = exclude is null ? [] : [exclude] };
        Assert.Equal(gets, (await RestoreAsync(snapshot, options)).Count == 1);
        Assert.Equal(gets, Directory.Exists(_world["srv/data/destruction"]));
    }

    [Fact]
    public async Task Without_any_ledger_nothing_is_done()
    {
        var snapshot = await BackUpAsync();
        Assert.Empty(await RestoreAsync(snapshot));
        Assert.False(Directory.Exists(_world["srv/data/destruction"]));
    }

    [Fact]
    public async Task The_ledger_of_another_data_folder_is_not_put_there_but_told()
    {
        var snapshot = await BackUpAsync();
        await LedgerAsync("/srv/other", "1.json");
        var ledger = Assert.Single(await RestoreAsync(snapshot));
        Assert.Equal(((FileId?)null, _world["srv/data"]), (ledger.Snapshot, ledger.DataFolder));
        Assert.False(Directory.Exists(_world["srv/data/destruction"]));
    }

    [Fact]
    public async Task A_ledger_that_went_on_where_the_data_folder_was_moved_is_the_same_one()
    {
        var snapshot = await BackUpAsync();
        await LedgerAsync("/srv/data", "0.json", "1.json");
        await LedgerAsync("/elsewhere/records", "other.json");
        var moved = await LedgerAsync("/new/place", "0.json", "1.json", "2.json");
        await LedgerAsync("/third", "1.json", "3.json");
        var ledger = Assert.Single(await RestoreAsync(snapshot));
        Assert.Equal((moved, 3L), (ledger.Snapshot, ledger.FilesPut));
        Assert.Equal(["0.json", "1.json", "2.json"], Ledger("srv/data"));
        Assert.Equal(["srv"], Directory.EnumerateFileSystemEntries(_world.Target).Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_own_hosts_ledger_goes_before_a_newer_one_of_another_host()
    {
        var snapshot = await BackUpAsync();
        var own = await LedgerAsync("/srv/data", "1.json");
        await LedgerAsync("/srv/data", "another-host", "2.json");
        Assert.Equal(own, Assert.Single(await RestoreAsync(snapshot)).Snapshot);
    }

    [Fact]
    public async Task A_dry_run_writes_nothing()
    {
        var snapshot = await BackUpAsync();
        await LedgerAsync("/srv/data", "1.json");
        var ledger = Assert.Single(await RestoreAsync(snapshot, new RestoreOptions { IsDryRun = true }));
        Assert.Equal(1, ledger.FilesPut);
        Assert.False(Directory.Exists(_world.Target));
    }

    [Fact]
    public async Task What_stands_in_its_way_is_told()
    {
        var snapshot = await BackUpAsync();
        await LedgerAsync("/srv/data", "1.json");
        Directory.CreateDirectory(_world["srv/data/destruction/1.json"]);
        var problem = Assert.Single(Assert.Single(await RestoreAsync(snapshot)).Problems);
        Assert.Equal(RestoreProblemKind.Conflict, problem.Kind);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_read_may_be_a_newer_one_and_is_counted()
    {
        var snapshot = await BackUpAsync();
        await LedgerAsync("/srv/data", "1.json");
        var newer = await LedgerAsync("/srv/data", "1.json", "2.json");
        _folder.Flip($"snapshots/{newer}");
        Assert.Equal((1L, 1), Assert.Single(await RestoreAsync(snapshot)) is var ledger ? (ledger.FilesPut, ledger.SnapshotsUnread) : default);
    }

    private string[] Ledger(string dataFolder) =>
        [.. Directory.EnumerateFiles(_world[$"{dataFolder}/destruction"], "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(_world[$"{dataFolder}/destruction"], file)).Order(StringComparer.Ordinal)];

    private Task<FileId> BackUpAsync() => SnapshotAsync(_data, BackupWorld.Options);

    private Task<FileId> LedgerAsync(string dataFolder, params string[] files) =>
        files[0].Contains('.', StringComparison.Ordinal) ? LedgerAsync(dataFolder, BackupWorld.Options.HostName, files) : LedgerAsync(dataFolder, files[0], files[1..]);

    private Task<FileId> LedgerAsync(string dataFolder, string host, string[] files)
    {
        var source = new MemorySource { Paths = [$"{dataFolder}/destruction"] };
        foreach (string file in files)
            source.Write($"{dataFolder[1..]}/destruction/{file}", System.Text.Encoding.UTF8.GetBytes(file));
        return SnapshotAsync(source, BackupWorld.Options with { HostName = host, Tags = [DestructionLedger.Tag] });
    }

    private async Task<FileId> SnapshotAsync(MemorySource source, DocIngest.Backup.Backups.BackupOptions options)
    {
        if (_folder.Find("config") is null)
            (await RepositoryWorld.InitAsync(_folder)).Dispose();
        _clock.Advance(TimeSpan.FromDays(1));
        return (await BackupWorld.BackUpAsync(_folder, source, _clock, options)).Snapshot!.Value;
    }

    private async Task<IReadOnlyList<RestoredLedger>> RestoreAsync(FileId snapshot, RestoreOptions? options = null)
    {
        options ??= new RestoreOptions();
        using var repository = await RepositoryWorld.OpenAsync(_folder);
        await _world.RestoreAsync(repository, snapshot, options);
        return await new DestructionLedgerRestore(repository, "archive", "destruction", null).RunAsync(snapshot, _world.Target, options, Cancellation);
    }
}
