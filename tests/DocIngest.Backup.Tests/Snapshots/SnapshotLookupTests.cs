using DocIngest.Backup.Encoding;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;

namespace DocIngest.Backup.Tests.Snapshots;

public sealed class SnapshotLookupTests : IAsyncLifetime
{
    private readonly List<FileId> _made = [];
    private readonly Storage.MemoryFolder _folder = RepositoryWorld.NewFolder();
    private Repository _repository = null!;   // set before each test

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _repository = await RepositoryWorld.InitAsync(_folder);
        for (int number = 0; number < 17; number++)   // two of seventeen begin with the same digit
        {
            _made.Add(await _repository.SaveSnapshotAsync(
                new Snapshot
                {
                    Time = new ZonedTime(new UnixTime(1_700_000_000 + (number * 5 % 17), 0)),   // all differ; that of 10 is the newest
                    Tree = BlobId.Of(RepositoryWorld.Tree),
                    Paths = number % 2 == 0 ? ["/a", "/b"] : ["/b"],
                    HostName = $"host{number % 3}",
                    Tags = number % 4 == 0 ? ["x", "y"] : [],
                },
                Cancellation));
        }
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_first_digits_find_a_snapshot_in_either_case()
    {
        Assert.Equal(_made[3], await FindAsync(_made[3].ToString()[..12]));
        Assert.Equal(_made[3], await FindAsync(_made[3].ToString().ToUpperInvariant()));
    }

    [Fact]
    public async Task Digits_that_several_begin_with_find_none_of_them()
    {
        char twice = _made.GroupBy(id => id.ToString()[0]).First(group => group.Count() > 1).Key;
        await Assert.ThrowsAsync<AmbiguousNameException>(() => FindAsync($"{twice}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("xyz")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_name_of_nothing_finds_nothing(string name) => await Assert.ThrowsAsync<NameNotFoundException>(() => FindAsync(name));

    [Fact]
    public async Task Latest_is_of_the_destruction_ledger_only_where_tags_are_asked_for()
    {
        var ledger = await _repository.SaveSnapshotAsync(
            new Snapshot
            {
                Time = new ZonedTime(new UnixTime(1_800_000_000, 0)), Tree = BlobId.Of(RepositoryWorld.Tree), Paths = ["/a", "/b"], HostName = "host1", Tags = [DestructionLedger.Tag],
            },
            Cancellation);
        Assert.Equal(_made[10], await FindAsync(SnapshotLookup.Latest));
        Assert.Equal(_made[10], await FindAsync(SnapshotLookup.Latest, new SnapshotFilter { Hosts = ["host1"] }));
        Assert.Equal(ledger, await FindAsync(SnapshotLookup.Latest, new SnapshotFilter { Tags = [[DestructionLedger.Tag]] }));
        Assert.Equal(ledger, await FindAsync(ledger.ToString()));
    }

    [Fact]
    public async Task Latest_is_the_newest() => Assert.Equal(_made[10], await FindAsync(SnapshotLookup.Latest));

    [Theory]
    [InlineData("host0", 3)]
    [InlineData("host1", 10)]
    public async Task Latest_is_looked_for_among_those_of_a_host(string host, int number) =>
        Assert.Equal(_made[number], await FindAsync(SnapshotLookup.Latest, new SnapshotFilter { Hosts = [host] }));

    [Fact]
    public async Task Latest_is_looked_for_among_those_with_all_paths_and_one_list_of_tags() =>
        Assert.Equal(_made[16], await FindAsync(SnapshotLookup.Latest, new SnapshotFilter { Paths = ["/a"], Tags = [["z"], ["y", "x"]], Hosts = ["host1"] }));

    [Fact]
    public async Task Where_none_matches_there_is_no_latest() =>
        await Assert.ThrowsAsync<NameNotFoundException>(() => FindAsync(SnapshotLookup.Latest, new SnapshotFilter { Hosts = ["elsewhere"] }));

    [Fact]
    public async Task A_snapshot_that_cannot_be_read_may_be_the_latest_and_is_told()
    {
        _folder.Flip($"snapshots/{_made[2]}");
        Assert.Equal(_made[2], (await Assert.ThrowsAsync<DamagedRepositoryException>(() => FindAsync(SnapshotLookup.Latest))).File);
    }

    private Task<FileId> FindAsync(string name, SnapshotFilter? filter = null) => _repository.FindSnapshotAsync(name, filter ?? SnapshotFilter.All, Cancellation);
}
