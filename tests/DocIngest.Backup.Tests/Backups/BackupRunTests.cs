using DocIngest.Backup.Backups;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Sources;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Tests.Pruning;
using DocIngest.Storage;
using DocIngest.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Backup.Tests.Backups;

public sealed class BackupRunTests
{
    private readonly MemorySource _source = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_destruction_ledger_and_backups_of_the_same_paths_do_not_go_on_from_each_other()
    {
        var source = new MemorySource();
        source.Write("source/a", [1]);
        var folder = await BackupWorld.NewRepositoryAsync();
        var ledgers = BackupWorld.Options with { Tags = [DocIngest.Backup.Snapshots.DestructionLedger.Tag] };
        var backup = await BackupWorld.BackUpAsync(folder, source);
        var ledger = await BackupWorld.BackUpAsync(folder, source, ledgers);
        Assert.Null(ledger.Parent);
        Assert.Equal(backup.Snapshot, (await BackupWorld.BackUpAsync(folder, source)).Parent);
        Assert.Equal(ledger.Snapshot, (await BackupWorld.BackUpAsync(folder, source, ledgers)).Parent);
    }

    [Fact]
    public async Task A_snapshot_holds_every_file_as_it_was()
    {
        var contents = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["/source/a/empty"] = [],
            ["/source/a/one byte"] = [7],
            ["/source/b/long"] = BackupWorld.Random(9_000_000, 1),
            ["/source/b/c/d/e/deep"] = BackupWorld.Random(600_000, 2),
            ["/source/zeros"] = new byte[3_000_000],
        };
        foreach (var (path, content) in contents)
            _source.Write(path[1..], content);
        _source.CreateFolder("source/nothing in it");

        var folder = await BackupWorld.NewRepositoryAsync();
        var result = await BackupWorld.BackUpAsync(folder, _source);
        Assert.Empty(result.Problems);
        Assert.Empty(result.Alarms);
        Assert.Equal(contents, await BackupWorld.ReadAsync(folder, result.Snapshot!.Value));
        Assert.Equal(5u, result.Summary.FilesNew);
        Assert.Equal(7u, result.Summary.DirectoriesNew);
        Assert.Equal((ulong)contents.Sum(file => file.Value.LongLength), result.Summary.BytesProcessed);
        Assert.Empty(folder.Files("locks"));
    }

    [Fact]
    public async Task What_is_unchanged_is_not_read_again()
    {
        int opened = 0;
        _source.Write("source/same", 4, () =>
        {
            opened++;
            return new MemoryStream([1, 2, 3, 4]);
        });
        var folder = await BackupWorld.NewRepositoryAsync();
        var first = await BackupWorld.BackUpAsync(folder, _source);
        var second = await BackupWorld.BackUpAsync(folder, _source);

        Assert.Equal(1, opened);
        Assert.Equal(first.Snapshot, second.Parent);
        Assert.Equal((1ul, 0ul, 0L), (second.Summary.FilesUnmodified, second.Summary.FilesNew, second.Summary.DataBlobs + second.Summary.TreeBlobs));
        Assert.Equal(await BackupWorld.ReadAsync(folder, first.Snapshot!.Value), await BackupWorld.ReadAsync(folder, second.Snapshot!.Value));

        await BackupWorld.BackUpAsync(folder, _source, BackupWorld.Options with { ReadsAll = true });
        Assert.Equal(2, opened);
    }

    [Fact]
    public async Task Changed_new_and_removed_files_are_told_apart()
    {
        foreach (string name in new[] { "changed", "removed", "same" })
            _source.Write($"source/{name}", [1, 2, 3]);
        var folder = await BackupWorld.NewRepositoryAsync();
        await BackupWorld.BackUpAsync(folder, _source);

        _source.Write("source/changed", [1, 2, 4]);
        _source.Write("source/new", [9]);
        _source.Remove("source/removed");
        var result = await BackupWorld.BackUpAsync(folder, _source);
        Assert.Equal((1ul, 1ul, 1ul), (result.Summary.FilesNew, result.Summary.FilesChanged, result.Summary.FilesUnmodified));
        Assert.Equal(["/source/changed", "/source/new", "/source/same"], (await BackupWorld.ReadAsync(folder, result.Snapshot!.Value)).Keys);
    }

    [Fact]
    public async Task Equal_content_is_stored_once()
    {
        byte[] content = BackupWorld.Random(100_000, 3);
        for (int i = 0; i < 50; i++)
            _source.Write($"source/{i % 7}/{i}", content);
        var result = await BackupWorld.BackUpAsync(await BackupWorld.NewRepositoryAsync(), _source);
        Assert.Equal(1, result.Summary.DataBlobs);
        Assert.Equal(50u, result.Summary.FilesProcessed);
    }

    [Fact]
    public async Task A_change_in_the_middle_of_a_large_file_stores_little()
    {
        byte[] content = BackupWorld.Random(200_000_000, 4);
        _source.Write("source/large", content);
        var folder = await BackupWorld.NewRepositoryAsync();
        await BackupWorld.BackUpAsync(folder, _source);

        byte[] edited = [.. content[..100_000_000], 1, 2, 3, .. content[100_000_000..]];
        _source.Write("source/large", edited);
        var result = await BackupWorld.BackUpAsync(folder, _source);
        Assert.InRange(result.Summary.BytesAdded, 512u * 1024, 17u * 1024 * 1024);   // two chunks of at most 8 MiB, and the tree
        Assert.Equal(edited, (await BackupWorld.ReadAsync(folder, result.Snapshot!.Value)).Single().Value);
    }

    [Fact]
    public async Task A_file_that_grows_while_it_is_read_has_the_size_that_was_read()
    {
        _source.Write("source/growing", 3, () => new MemoryStream([1, 2, 3, 4, 5]));
        _source.Write("source/shrinking", 9, () => new MemoryStream([1, 2]));
        var folder = await BackupWorld.NewRepositoryAsync();
        var result = await BackupWorld.BackUpAsync(folder, _source);
        var files = await BackupWorld.ReadAsync(folder, result.Snapshot!.Value);   // holds sizes against content
        Assert.Equal([5, 2], files.Values.Select(content => content.Length));
    }

    [Fact]
    public async Task What_cannot_be_read_is_told_and_the_rest_is_backed_up()
    {
        _source.Write("source/unopened", 3, () => throw new StorageUnavailableException("Permission denied."));
        _source.Write("source/broken", 3_000_000, () => new BrokenStream(2_000_000));
        _source.Report("source/strange", SourceProblemKind.Unsupported);
        _source.Write("source/half/first", [1]);
        _source.FailListing("source/half");
        _source.Write("source/good", [1]);
        var folder = await BackupWorld.NewRepositoryAsync();
        var result = await BackupWorld.BackUpAsync(folder, _source);

        Assert.Equal(
            ["/source/broken", "/source/half", "/source/strange", "/source/unopened"],
            result.Problems.Select(problem => problem.Path).Order(StringComparer.Ordinal));
        Assert.Equal(["/source/good", "/source/half/first"], (await BackupWorld.ReadAsync(folder, result.Snapshot!.Value)).Keys);
    }

    [Fact]
    public async Task What_vanishes_after_it_was_listed_is_as_if_it_had_never_been()
    {
        _source.Write("source/vanishing", 3, () => throw new EntryNotFoundException("Gone."));
        _source.Write("source/good", [1]);
        var folder = await BackupWorld.NewRepositoryAsync();
        var result = await BackupWorld.BackUpAsync(folder, _source);
        Assert.Empty(result.Problems);
        Assert.Equal(["/source/good"], (await BackupWorld.ReadAsync(folder, result.Snapshot!.Value)).Keys);
    }

    [Fact]
    public async Task Without_anything_to_back_up_there_is_no_snapshot()
    {
        _source.Report("source", SourceProblemKind.Missing);
        var folder = await BackupWorld.NewRepositoryAsync();
        await Assert.ThrowsAsync<SourceMissingException>(() => BackupWorld.BackUpAsync(folder, _source));
        Assert.Empty(folder.Files("snapshots"));
        Assert.Empty(folder.Files("locks"));
    }

    [Fact]
    public async Task A_part_that_is_missing_is_a_problem_and_an_alarm()
    {
        var source = new MemorySource { Paths = ["/a", "/b"] };
        source.Write("a", [1]);
        source.Report("b", SourceProblemKind.Missing);
        var result = await BackupWorld.BackUpAsync(await BackupWorld.NewRepositoryAsync(), source);
        Assert.NotNull(result.Snapshot);
        Assert.Equal("/b", Assert.Single(result.Problems).Path);
        var alarm = Assert.Single(result.Alarms);
        Assert.Equal((BackupAlarmKind.SourceMissing, "/b"), (alarm.Kind, alarm.Source));
    }

    [Fact]
    public async Task A_path_that_lost_all_its_files_is_an_alarm_night_after_night()
    {
        var source = new MemorySource { Paths = ["/archive", "/share", "/always empty"] };
        source.CreateFolder("always empty");
        for (int i = 0; i < 20; i++)
            source.Write($"archive/{i}", [1]);
        source.Write("share/inner/scan", [2]);
        var folder = await BackupWorld.NewRepositoryAsync();
        Assert.Empty((await BackupWorld.BackUpAsync(folder, source)).Alarms);

        source.Remove("share/inner");   // as if its mount were away
        for (int night = 0; night < 3; night++)
        {
            var alarm = Assert.Single((await BackupWorld.BackUpAsync(folder, source)).Alarms);
            Assert.Equal((BackupAlarmKind.SourceEmpty, "/share"), (alarm.Kind, alarm.Source));
        }
    }

    [Fact]
    public async Task A_path_that_lost_nearly_everything_is_an_alarm_beside_a_larger_one_that_is_as_it_was()
    {
        var source = new MemorySource { Paths = ["/archive", "/file", "/share"] };
        for (int i = 0; i < 100; i++)
            source.Write($"archive/{i % 7}/{i}", [1]);
        for (int i = 0; i < 10; i++)
            source.Write($"share/{i % 3}/{i}", [2]);
        source.Write("file", BackupWorld.Random(5000, 1));
        var folder = await BackupWorld.NewRepositoryAsync();
        Assert.Empty((await BackupWorld.BackUpAsync(folder, source)).Alarms);

        source.Write("file", BackupWorld.Random(2000, 1));
        source.Remove("share/0");
        source.Remove("share/1");
        var week = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(57));
        for (int night = 0; night < 3; night++)
        {
            week.Advance(TimeSpan.FromDays(1));
            var alarms = (await BackupWorld.BackUpAsync(folder, source, week)).Alarms;
            Assert.Equal([(BackupAlarmKind.SourceShrank, "/file"), (BackupAlarmKind.SourceShrank, "/share")], alarms.Select(alarm => (alarm.Kind, alarm.Source)));
            Assert.StartsWith("3 files of 3 bytes are left", alarms[1].Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_path_whose_files_all_have_other_names_has_lost_nothing()
    {
        var source = new MemorySource { Paths = ["/archive", "/share"] };
        for (int i = 0; i < 100; i++)
            source.Write($"archive/{i}", [1]);
        for (int i = 0; i < 10; i++)
            source.Write($"share/before/{i}", [2]);
        var folder = await BackupWorld.NewRepositoryAsync();
        await BackupWorld.BackUpAsync(folder, source);
        source.Remove("share/before");
        for (int i = 0; i < 6; i++)
            source.Write($"share/after/{i}", [2, 2]);
        Assert.Empty((await BackupWorld.BackUpAsync(folder, source)).Alarms);
    }

    [Fact]
    public async Task The_root_of_all_paths_can_be_what_is_backed_up()
    {
        var source = new MemorySource { Paths = ["/"], Top = "/" };
        source.Write("a", [1]);
        source.Write("b", [1]);
        source.Write("c", [1]);
        var folder = await BackupWorld.NewRepositoryAsync();
        Assert.Empty((await BackupWorld.BackUpAsync(folder, source)).Alarms);
        source.Remove("a");
        source.Remove("b");
        Assert.Equal([(BackupAlarmKind.SourceShrank, "/")], (await BackupWorld.BackUpAsync(folder, source)).Alarms.Select(alarm => (alarm.Kind, alarm.Source)));
        source.Remove("c");
        Assert.Equal([(BackupAlarmKind.SourceEmpty, "/")], (await BackupWorld.BackUpAsync(folder, source)).Alarms.Select(alarm => (alarm.Kind, alarm.Source)));
    }

    [Fact]
    public async Task What_is_not_there_was_backed_up_before_or_was_not()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        var gone = new MemorySource();
        gone.Report("source", SourceProblemKind.Missing);
        Assert.False((await Assert.ThrowsAsync<SourceMissingException>(() => BackupWorld.BackUpAsync(folder, gone))).WasThereBefore);
        _source.Write("source/a", [1]);
        await BackupWorld.BackUpAsync(folder, _source);
        Assert.True((await Assert.ThrowsAsync<SourceMissingException>(() => BackupWorld.BackUpAsync(folder, gone))).WasThereBefore);
    }

    [Fact]
    public async Task A_source_that_shrank_is_an_alarm_until_it_is_a_week_of_backups_ago()
    {
        for (int i = 0; i < 10; i++)
            _source.Write($"source/{i}", [1]);
        var folder = await BackupWorld.NewRepositoryAsync();
        var clock = PruneWorld.Clock();
        await BackupWorld.BackUpAsync(folder, _source, clock);
        for (int i = 1; i < 10; i++)
            _source.Remove($"source/{i}");
        for (int night = 1; night <= 7; night++)
        {
            clock.Advance(TimeSpan.FromDays(1));
            Assert.Single((await BackupWorld.BackUpAsync(folder, _source, clock)).Alarms);
        }

        clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty((await BackupWorld.BackUpAsync(folder, _source, clock)).Alarms);
    }

    [Fact]
    public async Task Where_a_folder_above_all_paths_is_gone_there_is_no_snapshot()
    {
        using var temp = new TempFolder();
        var source = new LocalFolderSource([temp["nas/a"], temp["nas/b"]]);
        var folder = await BackupWorld.NewRepositoryAsync();
        await Assert.ThrowsAsync<SourceMissingException>(() => BackupWorld.BackUpAsync(folder, source));
        Assert.Empty(folder.Files("snapshots"));
    }

    [Fact]
    public async Task What_was_done_is_told_even_where_the_lock_cannot_be_removed()
    {
        _source.Write("source/a", [1]);
        var folder = await BackupWorld.NewRepositoryAsync();
        using var repository = await Repository.OpenAsync(new LockKeepingStore(folder), RepositoryWorld.Password, Cancellation);
        var result = await BackupRun.RunAsync(repository, _source, BackupWorld.Options, BackupWorld.Terms(TimeProvider.System), null, Cancellation);
        Assert.NotNull(result.Snapshot);
        Assert.NotEmpty(folder.Files("locks"));
    }

    [Fact]
    public async Task An_empty_source_is_an_alarm()
    {
        _source.CreateFolder("source");
        var result = await BackupWorld.BackUpAsync(await BackupWorld.NewRepositoryAsync(), _source);
        Assert.Equal(BackupAlarmKind.SourceEmpty, Assert.Single(result.Alarms).Kind);
    }

    [Theory]
    [InlineData(50, 5, false)]
    [InlineData(50, 4, true)]
    [InlineData(10, 9, false)]
    [InlineData(10, 8, true)]
    [InlineData(100, 1, false)]
    public async Task A_source_that_shrank_by_more_than_allowed_is_an_alarm(int mostShrinkPercent, int leftOfTen, bool alarms)
    {
        for (int i = 0; i < 10; i++)
            _source.Write($"source/{i}", [1]);
        var folder = await BackupWorld.NewRepositoryAsync();
        await BackupWorld.BackUpAsync(folder, _source);
        for (int i = leftOfTen; i < 10; i++)
            _source.Remove($"source/{i}");
        var result = await BackupWorld.BackUpAsync(folder, _source, BackupWorld.Options with { MostShrinkPercent = mostShrinkPercent });
        Assert.Equal(alarms, result.Alarms.Any(alarm => alarm.Kind is BackupAlarmKind.SourceShrank));
    }

    [Fact]
    public async Task Where_nothing_changed_a_snapshot_can_be_left_out()
    {
        _source.Write("source/a", [1]);
        var folder = await BackupWorld.NewRepositoryAsync();
        var skipping = BackupWorld.Options with { SkipsUnchanged = true };
        Assert.NotNull((await BackupWorld.BackUpAsync(folder, _source, skipping)).Snapshot);
        Assert.Null((await BackupWorld.BackUpAsync(folder, _source, skipping)).Snapshot);
        _source.Write("source/a", [2]);
        Assert.NotNull((await BackupWorld.BackUpAsync(folder, _source, skipping)).Snapshot);
        Assert.Equal(2, folder.Files("snapshots").Count);
    }

    [Fact]
    public async Task The_parent_is_the_newest_snapshot_of_the_same_host_and_paths()
    {
        _source.Write("source/a", [1]);
        var folder = await BackupWorld.NewRepositoryAsync();
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await BackupWorld.BackUpAsync(folder, _source, clock);
        clock.Advance(TimeSpan.FromDays(1));
        var second = await BackupWorld.BackUpAsync(folder, _source, clock);
        clock.Advance(TimeSpan.FromDays(1));
        await BackupWorld.BackUpAsync(folder, _source, clock, BackupWorld.Options with { HostName = "elsewhere" });
        var other = new MemorySource { Paths = ["/other"] };
        other.Write("other", [1]);
        await BackupWorld.BackUpAsync(folder, other, clock);

        Assert.Equal(second.Snapshot, (await BackupWorld.BackUpAsync(folder, _source, clock)).Parent);
    }

    [Fact]
    public async Task Two_backups_at_once_do_not_hurt_each_other()
    {
        var others = new MemorySource { Paths = ["/others"] };
        for (int i = 0; i < 40; i++)
        {
            _source.Write($"source/{i}", BackupWorld.Random(200_000, i));
            others.Write($"others/{i}", BackupWorld.Random(200_000, i + 20));
        }

        var folder = await BackupWorld.NewRepositoryAsync();
        var clock = PruneWorld.Clock();
        var results = await Task.WhenAll(
            BackupWorld.BackUpAsync(folder, _source, clock, terms: BackupWorld.Terms(clock, "one-host")),
            BackupWorld.BackUpAsync(folder, others, clock, terms: BackupWorld.Terms(clock, "other-host")));
        foreach (var result in results)
            Assert.Equal(40, (await BackupWorld.ReadAsync(folder, result.Snapshot!.Value)).Count);
    }

    [Fact]
    public async Task Progress_adds_up()
    {
        for (int i = 0; i < 20; i++)
            _source.Write($"source/{i}", new byte[1000 + i]);
        var folder = await BackupWorld.NewRepositoryAsync();
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var progress = new Highest();
        await BackupRun.RunAsync(repository, _source, BackupWorld.Options, BackupWorld.Terms(TimeProvider.System), progress, Cancellation);
        Assert.Equal((20, 20_190), (progress.Items, progress.Bytes));
    }

    /// <summary>A folder in which no lock can be removed.</summary>
    private sealed class LockKeepingStore(IDurableFolder folder) : IRepositoryStore
    {
        private readonly FolderStore _store = new(folder);

        public string DisplayName => _store.DisplayName;

        public IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellation) => _store.ListAsync(kind, cancellation);

        public Task<long?> FindAsync(FileKind kind, FileId id, CancellationToken cancellation) => _store.FindAsync(kind, id, cancellation);

        public Task ReadAsync(FileKind kind, FileId id, long offset, Memory<byte> destination, CancellationToken cancellation) =>
            _store.ReadAsync(kind, id, offset, destination, cancellation);

        public Task<byte[]> ReadAllAsync(FileKind kind, FileId id, int maxBytes, CancellationToken cancellation) => _store.ReadAllAsync(kind, id, maxBytes, cancellation);

        public Task SaveAsync(FileKind kind, FileId id, ReadOnlyMemory<byte> content, CancellationToken cancellation) => _store.SaveAsync(kind, id, content, cancellation);

        public Task DeleteAsync(FileKind kind, FileId id, CancellationToken cancellation) =>
            kind is FileKind.Lock ? throw new StorageUnavailableException("Gone.") : _store.DeleteAsync(kind, id, cancellation);

        public Task<byte[]?> ReadConfigAsync(CancellationToken cancellation) => _store.ReadConfigAsync(cancellation);

        public Task CreateConfigAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation) => _store.CreateConfigAsync(content, cancellation);
    }

    private sealed class Highest : IProgress<WorkProgress>
    {
        public long Items { get; private set; }

        public long Bytes { get; private set; }

        public void Report(WorkProgress value)
        {
            lock (this)
                (Items, Bytes) = (Math.Max(Items, value.Items), Math.Max(Bytes, value.Bytes));
        }
    }

    /// <summary>Gives zeros, and then an error.</summary>
    private sealed class BrokenStream(int goodBytes) : ReadOnlyStream
    {
        private int _given;

        public override bool CanRead => true;

        public override int Read(Span<byte> buffer)
        {
            if (_given >= goodBytes)
                throw new StorageUnavailableException("A bad sector.");
            buffer.Clear();
            _given += buffer.Length;
            return buffer.Length;
        }
    }
}
