using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Stores;

public sealed class RetryingStoreTests
{
    private static readonly byte[] Content = "content"u8.ToArray();

    private static readonly FileId Id = FileId.Of(Content);

    private readonly JumpingClock _clock = new();
    private readonly FailingStore _inner = new(new FolderStore(new MemoryVolume().FolderAt("")));
    private readonly List<StoreRetry> _told = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RetryingStore Store => new(_inner, _clock, new RetryTerms { TotalTime = TimeSpan.FromMinutes(10) }, _told.Add);

    [Fact]
    public async Task A_failure_that_passes_is_not_seen_from_outside()
    {
        Func<Task>[] calls =
        [
            () => Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation),
            () => Store.CreateConfigAsync(Content, Cancellation),
            async () => Assert.Equal(7, await Store.FindAsync(FileKind.Pack, Id, Cancellation)),
            async () => Assert.Equal(Content, await Store.ReadAllAsync(FileKind.Pack, Id, 100, Cancellation)),
            () => Store.ReadAsync(FileKind.Pack, Id, 0, new byte[7], Cancellation),
            async () => Assert.Equal(Content, await Store.ReadConfigAsync(Cancellation)),
            async () => Assert.Single(await Store.ListAsync(FileKind.Pack, Cancellation).ToListAsync(Cancellation)),
            () => Store.DeleteAsync(FileKind.Pack, Id, Cancellation),
        ];
        foreach (var call in calls)
        {
            _told.Clear();
            _inner.Fail(new StorageUnavailableException("one"), new StorageUnavailableException("two"));
            await call();
            Assert.Equal([(1, "one"), (2, "two")], _told.Select(retry => (retry.Failures, retry.Reason)));
        }
    }

    [Fact]
    public async Task Pauses_grow_and_are_scattered_and_the_time_is_limited()
    {
        _inner.Fail([.. Enumerable.Repeat(new StorageUnavailableException("down"), 10_000)]);
        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => Store.FindAsync(FileKind.Pack, Id, Cancellation));
        Assert.Equal(TimeSpan.FromMinutes(10), _clock.Elapsed);
        Assert.InRange(_told.Count, 15, 200);
        Assert.Equal($"down Given up after {_told.Count + 1} attempts.", error.Message);
        Assert.True(_told[0].Pause < TimeSpan.FromSeconds(2));
        Assert.All(_told, retry => Assert.True(retry.Pause <= TimeSpan.FromSeconds(30)));
        Assert.True(_told.Average(retry => retry.Pause.TotalSeconds) > 3);
        Assert.True(_told.Select(retry => retry.Pause).Distinct().Count() > 4);
    }

    [Fact]
    public async Task Where_no_time_is_given_nothing_is_tried_again()
    {
        _inner.Fail(new StorageUnavailableException("down"));
        var store = new RetryingStore(_inner, _clock, new RetryTerms { TotalTime = TimeSpan.Zero }, _told.Add);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.FindAsync(FileKind.Pack, Id, Cancellation));
        Assert.Empty(_told);
    }

    [Fact]
    public async Task Time_counts_from_the_first_failure()
    {
        _inner.BeforeCall = () =>
        {
            _clock.Pass(TimeSpan.FromHours(1));
            return Task.CompletedTask;
        };
        _inner.Fail(new StorageUnavailableException("broke off at the end"));
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        Assert.Single(_told);
        _inner.Fail(new StorageUnavailableException("again"), new StorageUnavailableException("and again"));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation));
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public async Task A_store_is_left_alone_as_long_as_it_asks()
    {
        _inner.Fail(new StorageUnavailableException("busy") { RetryAfter = TimeSpan.FromSeconds(77) });
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        Assert.Equal(TimeSpan.FromSeconds(77), _told.Single().Pause);
        Assert.Equal(TimeSpan.FromSeconds(77), _clock.Elapsed);
    }

    [Fact]
    public async Task A_store_that_asks_for_more_time_than_there_is_is_given_up_at_once()
    {
        _inner.Fail(new StorageUnavailableException("closed") { RetryAfter = TimeSpan.FromHours(1) });
        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation));
        Assert.Equal("closed", error.Message);
        Assert.Empty(_told);
    }

    [Fact]
    public async Task What_does_not_pass_is_not_tried_again()
    {
        Exception[] lasting =
        [
            new DamagedRepositoryException(FileKind.Pack, Id, "damage"), new EntryNotFoundException("missing"), new StorageDeniedException("denied"),
            new StorageFullException("full"), new NameTakenException("taken"), new RefusedEntryException("refused"), new InvalidOperationException("a bug"),
        ];
        foreach (var error in lasting)
        {
            _inner.Fail(error);
            Assert.Same(error, await Record.ExceptionAsync(() => Store.ReadAllAsync(FileKind.Pack, Id, 100, Cancellation)));
        }

        Assert.Empty(_told);
    }

    [Fact]
    public async Task Who_stops_does_not_wait_for_the_pause()
    {
        using var stop = new CancellationTokenSource();
        _inner.Fail(new StorageUnavailableException("down"));
        var store = new RetryingStore(_inner, TimeProvider.System, new RetryTerms { FirstPause = TimeSpan.FromHours(1), LongestPause = TimeSpan.FromHours(1), TotalTime = TimeSpan.FromHours(9) }, _ => stop.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.FindAsync(FileKind.Pack, Id, stop.Token));
    }

    [Fact]
    public async Task A_listing_that_breaks_off_begins_again_and_tells_nothing_twice()
    {
        byte[][] contents = [[1], [2], [3]];
        foreach (byte[] content in contents)
            await _inner.SaveAsync(FileKind.Index, FileId.Of(content), content, Cancellation);
        _inner.BreakListingAfter = 2;
        var listed = await Store.ListAsync(FileKind.Index, Cancellation).ToListAsync(Cancellation);
        Assert.Single(_told);
        Assert.Equal(contents.Select(content => FileId.Of(content)).Order(), listed.Select(file => file.Id).Order());
    }

    [Fact]
    public async Task A_config_whose_answer_was_lost_is_ours()
    {
        _inner.FailAfter(new StorageUnavailableException("the answer was lost"));
        await Store.CreateConfigAsync(Content, Cancellation);
        Assert.Equal(Content, await Store.ReadConfigAsync(Cancellation));
    }

    [Fact]
    public async Task A_config_that_another_made_meanwhile_is_not_ours()
    {
        _inner.Fail(new StorageUnavailableException("down"));
        _inner.BeforeCall = async () =>
        {
            if (await _inner.Inner.ReadConfigAsync(Cancellation) is null)
                await _inner.Inner.CreateConfigAsync(new byte[3], Cancellation);
        };
        await Assert.ThrowsAsync<NameTakenException>(() => Store.CreateConfigAsync(Content, Cancellation));
    }

    [Fact]
    public async Task A_config_that_was_there_before_is_not_ours_though_it_is_equal()
    {
        await _inner.CreateConfigAsync(Content, Cancellation);
        await Assert.ThrowsAsync<NameTakenException>(() => Store.CreateConfigAsync(Content, Cancellation));
    }
}
