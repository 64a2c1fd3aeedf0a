using DocIngest.Backup.Checks;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Checks;

/// <summary>When each pack was last read, and what follows from it.</summary>
public sealed class When_packs_were_verified_before : IAsyncLifetime
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(30);

    private readonly FileVerificationLog _log = new(RepositoryWorld.NewFolder(), "verified.jsonl");
    private readonly List<FileId> _packs = [];
    private RepositoryBuilder _world = null!;   // set before each test

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => Checking.Clock.GetUtcNow();

    private VerificationTerms Terms => new(_log, MaxAge);

    public async ValueTask InitializeAsync()
    {
        _world = await RepositoryBuilder.CreateAsync();
        var pieces = new List<BlobId>();
        for (int i = 0; i < 3; i++)
        {
            pieces.Add(_world.Data(new string('x', 1000 * (i + 1))));
            _packs.AddRange(await _world.SavePacksAsync());
        }

        var root = _world.Tree(RepositoryBuilder.File("f", 6000, [.. pieces]));
        _packs.AddRange(await _world.SavePacksAsync());
        await _world.SaveAsync(root);
    }

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Packs_that_nobody_read_are_told()
    {
        var result = await _world.Repository.CheckAsync(new PackReading.Nothing(), Terms);
        Assert.Equal(["B098"], result.Codes());
        Assert.Equal(new VerificationCoverage(0, 0, 4, null), result.Coverage);
        Assert.Equal(CheckVerdict.Warnings, result.Verdict);
    }

    [Fact]
    public async Task A_full_check_verifies_all_and_the_next_knows_it()
    {
        var result = await _world.Repository.CheckAsync(new PackReading.Everything(), Terms);
        Assert.Empty(result.Codes());
        Assert.Equal(new VerificationCoverage(4, 0, 0, Now), result.Coverage);
        Assert.Equal(_packs.Order(), (await _log.LoadAsync(Cancellation)).Keys.Order());
        Assert.Empty((await _world.Repository.CheckAsync(new PackReading.Nothing(), Terms)).Codes());
    }

    [Fact]
    public async Task Packs_that_were_read_too_long_ago_are_told()
    {
        await RecordAsync(Now - MaxAge, 0);
        await RecordAsync(Now - MaxAge - TimeSpan.FromSeconds(1), 1, 2);
        var result = await _world.Repository.CheckAsync(new PackReading.Nothing(), Terms);
        Assert.Equal(["B098"], result.Codes());
        Assert.Equal(new VerificationCoverage(1, 2, 1, Now - MaxAge - TimeSpan.FromSeconds(1)), result.Coverage);
    }

    [Fact]
    public async Task The_oldest_come_first_and_those_that_nobody_read_before_them()
    {
        await RecordAsync(Now - TimeSpan.FromDays(1), 0);
        await RecordAsync(Now - TimeSpan.FromDays(3), 1);
        await RecordAsync(Now - TimeSpan.FromDays(2), 2);
        Assert.Equal([_packs[3]], await ReadAsync(0));   // one at least
        Assert.Equal([_packs[1]], await ReadAsync(0));
        Assert.Equal([_packs[2]], await ReadAsync(3000));   // the next one is too large for what is left
        Assert.Equal(_packs.Order(), (await ReadAsync(long.MaxValue)).Order());
    }

    [Fact]
    public async Task A_reading_of_a_clock_that_was_ahead_counts_for_nothing()
    {
        await RecordAsync(Now + TimeSpan.FromDays(400), 0);
        await RecordAsync(Now, 1, 2, 3);
        Assert.Equal(new VerificationCoverage(3, 0, 1, Now), (await _world.Repository.CheckAsync(new PackReading.Nothing(), Terms)).Coverage);
        Assert.Equal([_packs[0]], await ReadAsync(0));   // the first to be read
    }

    [Fact]
    public async Task What_is_due_is_what_nobody_read_and_a_share_of_the_oldest()
    {
        for (int i = 0; i < 26; i++)
        {
            _world.Data($"more {i}");
            _packs.AddRange(await _world.SavePacksAsync());
        }

        await _world.SaveIndexAsync();
        for (int pack = 0; pack < 29; pack++)
        {
            await RecordAsync(Now - TimeSpan.FromDays(1 + (pack * 0.5)), pack);
        }

        Assert.Equal(Enumerable.Range(25, 5).Select(pack => _packs[pack]).Order(), (await ReadDueAsync(TimeSpan.FromDays(1))).Order());   // four at least
        Assert.Equal(Enumerable.Range(15, 10).Select(pack => _packs[pack]).Order(), (await ReadDueAsync(TimeSpan.FromDays(10))).Order());   // ten of thirty days, ten of thirty packs
        await RecordAsync(Now - TimeSpan.FromDays(29), 0, 1, 2, 3, 4, 5);
        Assert.Single(await ReadDueAsync(TimeSpan.FromDays(2), mostBytes: 1));
        Assert.Equal(5, (await ReadDueAsync(TimeSpan.FromDays(2))).Count());   // none of those may wait another two days
        Assert.Equal(30, (await ReadDueAsync(TimeSpan.FromDays(9999))).Count());
        Assert.Equal(4, (await ReadDueAsync(TimeSpan.FromDays(-1))).Count());
    }

    [Fact]
    public async Task A_pack_that_was_damaged_is_an_error_until_it_is_sound()
    {
        await RecordAsync(Now, 0, 1, 2, 3);
        await _log.RecordAsync([new PackVerification(_packs[2], Now, false)], Cancellation);
        var result = await _world.Repository.CheckAsync(new PackReading.Nothing(), Terms);
        Assert.Equal(["B098", "B099"], result.Codes());
        Assert.Equal(_packs[2], result.Findings[0].File);
        Assert.Equal([_packs[2]], await ReadAsync(0));
        Assert.Empty((await _world.Repository.CheckAsync(new PackReading.Nothing(), Terms)).Codes());
    }

    [Fact]
    public async Task A_record_that_cannot_be_written_does_not_end_the_check()
    {
        var volume = new MemoryVolume();
        var faulty = new FaultyFolder(volume.FolderAt(""), new FaultPlan(1, FaultKind.FailBefore));
        var result = await _world.Repository.CheckAsync(new PackReading.Everything(), new VerificationTerms(new FileVerificationLog(faulty, "v"), MaxAge));
        Assert.Equal(["B015"], result.Codes());
    }

    private Task RecordAsync(DateTimeOffset time, params int[] packs) =>
        _log.RecordAsync([.. packs.Select(pack => new PackVerification(_packs[pack], time, true))], Cancellation);

    private Task<IEnumerable<FileId>> ReadAsync(long budget) => ReadAsync(new PackReading.OldestFirst(budget));

    private Task<IEnumerable<FileId>> ReadDueAsync(TimeSpan sinceLast, long? mostBytes = null) => ReadAsync(new PackReading.Due(new ReadingPace(MaxAge, sinceLast, sinceLast), mostBytes));

    private async Task<IEnumerable<FileId>> ReadAsync(PackReading reading)
    {
        var result = await _world.Repository.CheckAsync(reading, Terms);
        return result.Verifications.Select(verification => verification.Pack);
    }
}
