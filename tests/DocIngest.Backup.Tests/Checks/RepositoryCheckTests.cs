using DocIngest.Backup.Checks;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Checks;

public sealed class RepositoryCheckTests : IAsyncLifetime
{
    private RepositoryBuilder _world = null!;   // set before each test

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await RepositoryBuilder.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_empty_repository_is_never_green()
    {
        var result = await _world.Repository.CheckAsync();
        Assert.Equal(["B010"], result.Codes());
        Assert.Equal(CheckVerdict.Errors, result.Verdict);
    }

    [Fact]
    public async Task Counts_are_those_of_what_is_there()
    {
        await SaveTenPacksAsync();
        var result = await _world.Repository.CheckAsync();
        Assert.Equal(CheckVerdict.Sound, result.Verdict);
        Assert.Equal((new Tally(1, 0), new Tally(1, 0), new Tally(1, 0), new Tally(1, 0)), (result.Keys, result.IndexFiles, result.Snapshots, result.Trees));
        Assert.Equal((new Tally(11, 0), new Tally(11, 0), new Tally(11, 0)), (result.PackFiles, result.PackContents, result.Blobs));
        Assert.Equal(_world.Folder.Files("data").Sum(path => _world.Folder.Read(path).LongLength), result.BytesRead);
        Assert.True(result.LookedForStrays);
        Assert.Null(result.Coverage);
    }

    [Fact]
    public async Task Without_reading_packs_are_skipped_and_not_passed()
    {
        await SaveTenPacksAsync();
        var result = await _world.Repository.CheckAsync(new PackReading.Nothing());
        Assert.Equal((new Tally(11, 0), new Tally(0, 0, 11), new Tally(0, 0, 11)), (result.PackFiles, result.PackContents, result.Blobs));
        Assert.Equal(0, result.BytesRead);
        Assert.Empty(result.Verifications);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(256)]
    public async Task All_parts_together_read_every_pack_once(int parts)
    {
        await SaveTenPacksAsync();
        var read = new List<FileId>();
        for (int number = 1; number <= parts; number++)
        {
            var result = await _world.Repository.CheckAsync(new PackReading.Part(number, parts));
            Assert.Equal(result.Verifications.Count == 0 ? ["B012"] : [], result.Codes());
            Assert.All(result.Verifications, one => Assert.Equal(number - 1, Convert.FromHexString($"{one.Pack}")[0] % parts));
            read.AddRange(result.Verifications.Select(verification => verification.Pack));
        }

        var packs = await _world.Repository.Store.ListAsync(FileKind.Pack, Cancellation).Select(pack => pack.Id).ToListAsync(Cancellation);
        Assert.Equal(packs.Order(), read.Order());
    }

    [Theory]
    [InlineData("1/1", 1, 1)]
    [InlineData("3/256", 3, 256)]
    public void A_part_is_written_as_in_restic(string text, int number, int parts)
    {
        Assert.True(PackReading.Part.TryParse(text, out var part));
        Assert.Equal((number, parts), (part.Number, part.Parts));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("0/1")]
    [InlineData("2/1")]
    [InlineData("1/257")]
    [InlineData("-1/2")]
    [InlineData("1/2/3")]
    [InlineData(" 1/2")]
    [InlineData("5%")]
    public void What_is_no_part_is_refused(string? text) => Assert.False(PackReading.Part.TryParse(text, out _));

    [Fact]
    public async Task Progress_goes_forward_and_adds_up()
    {
        await SaveTenPacksAsync();
        var told = new List<WorkProgress>();
        var result = await _world.Repository.CheckAsync(progress: new Told(told));
        Assert.Equal(told.OrderBy(one => one.Items).ThenBy(one => one.Bytes), told);
        Assert.Equal(result.Trees.Sound + result.PackContents.Sound, told[^1].Items);
        Assert.Equal((told[^1].AllItems, told[^1].AllBytes), (told[^1].Items, told[^1].Bytes));
        Assert.True(told[^1].Bytes > result.BytesRead);
    }

    [Fact]
    public async Task A_pack_larger_than_memory_for_it_slides_through()
    {
        byte[] content = new byte[5_000_000];
        var pieces = new List<BlobId>();
        for (int i = 0; i < 16; i++)
        {
            Random.Shared.NextBytes(content);
            pieces.Add(_world.Data(content));
        }

        long size = 16 * content.Length;
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", size, [.. pieces])));
        Assert.Equal(CheckVerdict.Sound, (await _world.Repository.CheckAsync()).Verdict);
        string path = _world.Folder.Files("data").MaxBy(path => _world.Folder.Read(path).Length)!;   // there are two
        _world.Folder.Flip(path);
        Assert.Equal(["B035", "B040", "B064"], await _world.Repository.CodesAsync());
    }

    [Fact]
    public async Task A_blob_larger_than_memory_for_a_pack_is_read()
    {
        byte[] content = new byte[PackVerifier.WindowBytes + 1_000_000];
        Random.Shared.NextBytes(content);
        var first = _world.Data("before");
        var large = _world.Data(content);
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", content.Length + 11, first, large, _world.Data("after"))));
        var result = await _world.Repository.CheckAsync();
        Assert.Equal((CheckVerdict.Sound, 4), (result.Verdict, result.Blobs.Sound));
    }

    [Fact]
    public async Task A_compressed_blob_larger_than_memory_for_it_is_hashed_in_pieces()
    {
        byte[] content = new byte[PackVerifier.WindowBytes + 1_000_000];
        Random.Shared.NextBytes(content.AsSpan(0, 1_000_000));
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", content.Length, _world.Data(content, compress: true))));
        Assert.Equal(CheckVerdict.Sound, (await _world.Repository.CheckAsync()).Verdict);
    }

    [Fact]
    public async Task More_findings_than_anybody_reads_are_counted()
    {
        const string Node = """{"name":"NAME","type":"file","mode":33188,"content":[]}""";
        await _world.SaveAsync(_world.JsonTree(Enumerable.Range(0, 1500).Select(i => Node.Replace("NAME", $"{i:0000}"))));
        var result = await RepositoryCheck.RunAsync(_world.Repository, new CheckOptions { TakesLock = false }, Checking.Terms, null, Cancellation);
        Assert.Equal((1000, 1500), (result.Findings.Count, result.FindingCounts["B074"]));
    }

    [Fact]
    public async Task It_works_under_an_exclusive_lock_and_leaves_none()
    {
        await SaveTenPacksAsync();
        int locks = 0;
        var progress = new Each(() => locks = _world.Folder.Files("locks").Count);
        var terms = Checking.TermsAt(TimeProvider.System);
        var result = await RepositoryCheck.RunAsync(_world.Repository, new CheckOptions(), terms, progress, Cancellation);
        Assert.Equal((CheckVerdict.Sound, 1), (result.Verdict, locks));
        Assert.Empty(_world.Folder.Files("locks"));
    }

    [Fact]
    public async Task A_lock_of_somebody_else_is_in_the_way()
    {
        var time = new Backup.Encoding.ZonedTime(Backup.Encoding.UnixTime.From(Checking.Clock.GetUtcNow()));
        await _world.Repository.SaveUnpackedAsync(FileKind.Lock, new LockFile(time, false, "elsewhere", "somebody", 1, 0, 0).Write(), Cancellation);
        await Assert.ThrowsAsync<RepositoryLockedException>(
            () => RepositoryCheck.RunAsync(_world.Repository, new CheckOptions(), Checking.Terms, null, Cancellation));
    }

    [Fact]
    public async Task What_was_damaged_only_on_the_way_is_a_warning()
    {
        await SaveTenPacksAsync();
        using var repository = await OpenAsync(out var store);
        int reads = 0;
        store.Tamper = (_, _, bytes) => bytes.Span[0] ^= Interlocked.Increment(ref reads) == 5 ? (byte)1 : (byte)0;
        var result = await repository.CheckAsync();
        Assert.Equal(["B039"], result.Codes());
        Assert.Equal((CheckVerdict.Warnings, 11), (result.Verdict, result.PackContents.Sound));
        Assert.False(result.LookedForStrays);
    }

    [Fact]
    public async Task Two_readings_that_differ_are_told_apart_from_two_that_agree()
    {
        await SaveTenPacksAsync();
        using var repository = await OpenAsync(out var store);
        var damaged = (await repository.Store.ListAsync(FileKind.Pack, Cancellation).ToListAsync(Cancellation)).MinBy(pack => pack.SizeBytes).Id;
        byte value = 0;
        store.Tamper = (pack, _, bytes) => bytes.Span[0] ^= pack == damaged ? ++value : (byte)0;
        var result = await repository.CheckAsync();
        Assert.Equal(["B035", "B040", "B064"], result.Codes());
        Assert.Contains("other bytes", result.Findings.Single(finding => finding.Rule.Code == "B035").Message);
        store.Tamper = (pack, _, bytes) => bytes.Span[0] ^= pack == damaged ? (byte)1 : (byte)0;
        result = await repository.CheckAsync();
        Assert.Contains("the same bytes", result.Findings.Single(finding => finding.Rule.Code == "B035").Message);
        Assert.Equal([damaged], result.Verifications.Where(verification => !verification.IsSound).Select(verification => verification.Pack));
    }

    [Fact]
    public async Task A_pack_on_a_bad_sector_does_not_end_the_check()
    {
        await SaveTenPacksAsync();
        using var repository = await OpenAsync(out var store);
        var bad = (await repository.Store.ListAsync(FileKind.Pack, Cancellation).ToListAsync(Cancellation)).MinBy(pack => pack.SizeBytes).Id;
        store.Tamper = (pack, _, _) => Fail(pack == bad);
        var result = await repository.CheckAsync();
        Assert.Equal(["B038", "B064"], result.Codes());
        Assert.Equal(new Tally(10, 1), result.PackContents);
    }

    [Fact]
    public async Task A_store_that_is_gone_ends_the_check()
    {
        await SaveTenPacksAsync(count: 40);
        using var repository = await OpenAsync(out var store);
        int reads = 0;
        store.Tamper = (_, _, _) => Fail(Interlocked.Increment(ref reads) > 5);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => repository.CheckAsync());
    }

    [Fact]
    public async Task A_check_can_be_cancelled_and_what_was_read_is_recorded()
    {
        await SaveTenPacksAsync(count: 40);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var log = new FileVerificationLog(RepositoryWorld.NewFolder(), "verified.jsonl");
        var options = new CheckOptions
        {
            Reading = new PackReading.Everything(),
            TakesLock = false,
            Verification = new VerificationTerms(log, TimeSpan.FromDays(30)),
        };
        var progress = new Told([], told =>
        {
            if (told.Items >= 20)
                stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => RepositoryCheck.RunAsync(_world.Repository, options, Checking.Terms, progress, stop.Token));
        Assert.InRange((await log.LoadAsync(Cancellation)).Count, 10, 40);
    }

    private static void Fail(bool now)
    {
        if (now)
            throw new StorageUnavailableException("The device does not answer.");
    }

    /// <summary>A pack for each of some files, and one of trees.</summary>
    private async Task SaveTenPacksAsync(int count = 10)
    {
        var pieces = new List<BlobId>();
        for (int i = 0; i < count; i++)
        {
            pieces.Add(_world.Data($"content {i}"));
            await _world.SavePacksAsync();
        }

        await _world.SaveAsync(_world.Tree(pieces.Select((piece, i) => RepositoryBuilder.File($"{i:000}", $"content {i}".Length, piece))));
    }

    private Task<Repository> OpenAsync(out TamperingStore store)
    {
        store = new TamperingStore(new FolderStore(_world.Folder));
        return Repository.OpenAsync(store, RepositoryWorld.Password, Cancellation);
    }

    private sealed class Told(List<WorkProgress> told, Action<WorkProgress>? then = null) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            told.Add(value);
            then?.Invoke(value);
        }
    }

    private sealed class Each(Action then) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => then();
    }
}
