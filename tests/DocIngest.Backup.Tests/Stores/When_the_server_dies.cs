using System.Net;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.TestKit.Servers;

namespace DocIngest.Backup.Tests.Stores;

/// <summary>A real server, killed at work.</summary>
public sealed class When_the_server_dies
{
    private static readonly RetryTerms Patient = new() { FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromMilliseconds(200), TotalTime = TimeSpan.FromSeconds(60) };

    private static readonly RetryTerms Impatient = Patient with { TotalTime = TimeSpan.FromMilliseconds(200) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_comes_back_is_waited_for_and_nothing_is_missing()
    {
        using var rclone = await Rclone.StartAsync();
        using var death = new DeathOnTheWay(rclone, nth: 20);
        int told = 0;
        var restart = Task.CompletedTask;
        using var rest = new RestStore(rclone.Address, null, TimeProvider.System, death);
        var store = new RetryingStore(rest, TimeProvider.System, Patient, _ => restart = Interlocked.Increment(ref told) == 1 ? rclone.RestartAsync() : restart);
        byte[][] packs = [.. Enumerable.Range(0, 60).Select(i => Enumerable.Repeat((byte)i, 100_000).ToArray())];
        await Parallel.ForEachAsync(packs, Cancellation, async (pack, stop) => await store.SaveAsync(FileKind.Pack, FileId.Of(pack), pack, stop));
        Assert.True(told > 0);
        await restart;
        var listed = await store.ListAsync(FileKind.Pack, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(packs.Select(pack => new StoredFile(FileId.Of(pack), pack.Length)).OrderBy(file => file.Id), listed.OrderBy(file => file.Id));
        foreach (byte[] pack in packs)
            Assert.Equal(pack, await store.ReadAllAsync(FileKind.Pack, FileId.Of(pack), pack.Length, Cancellation));
    }

    [Fact]
    public async Task One_that_stays_away_is_unavailable()
    {
        using var rclone = await Rclone.StartAsync();
        using var death = new DeathOnTheWay(rclone, nth: 1);
        using var rest = new RestStore(rclone.Address, null, TimeProvider.System, death);
        var store = new RetryingStore(rest, TimeProvider.System, Impatient);
        byte[] pack = new byte[1_000_000];
        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => store.SaveAsync(FileKind.Pack, FileId.Of(pack), pack, Cancellation));
        Assert.Contains("Given up after", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.ReadConfigAsync(Cancellation));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.ListAsync(FileKind.Pack, Cancellation).CountAsync(Cancellation));
    }

    [Theory]
    [InlineData(1)]   // two packs, the index, the snapshot
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task What_was_on_the_way_is_sent_again_to_one_that_comes_back(int nth)
    {
        using var rclone = await Rclone.StartAsync();
        await InitAsync(rclone);
        int told = 0;
        var restart = Task.CompletedTask;
        using var death = new DeathOnTheWay(rclone, nth);
        using var rest = new RestStore(rclone.Address, null, TimeProvider.System, death);
        var store = new RetryingStore(rest, TimeProvider.System, Patient, _ => restart = Interlocked.Increment(ref told) == 1 ? rclone.RestartAsync() : restart);
        using (var repository = await Repository.OpenAsync(store, RepositoryWorld.Password, Cancellation))
            await RepositoryWorld.FillAsync(repository);
        await restart;
        Assert.True(told > 0);
        await AssertWholeAsync(rclone);
    }

    /// <summary>rclone itself leaves half a file under its name when it is killed; restic's own server would not.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task But_for_the_file_on_the_way_what_was_saved_is_a_repository_that_restic_finds_whole(int nth)
    {
        using var rclone = await Rclone.StartAsync();
        await InitAsync(rclone);
        using (var death = new DeathOnTheWay(rclone, nth))
        using (var rest = new RestStore(rclone.Address, null, TimeProvider.System, death))
        using (var repository = await Repository.OpenAsync(new RetryingStore(rest, TimeProvider.System, Impatient), RepositoryWorld.Password, Cancellation))
            await Assert.ThrowsAsync<StorageUnavailableException>(() => RepositoryWorld.FillAsync(repository));
        await rclone.RestartAsync();
        using (var rest = new RestStore(rclone.Address, null, TimeProvider.System))
            Assert.True(await RemoveTornAsync(rest) <= 1);
        await AssertWholeAsync(rclone);
    }

    private static async Task InitAsync(Rclone rclone)
    {
        using var rest = new RestStore(rclone.Address, null, TimeProvider.System);
        (await Repository.InitAsync(rest, RepositoryWorld.Password, RepositoryWorld.Cheap, RepositoryWorld.Origin, Cancellation)).Dispose();
    }

    private static async Task AssertWholeAsync(Rclone rclone)
    {
        Assert.Contains("no errors were found", await new ResticProgram($"rest:{rclone.Address}", "correct horse").RunAsync("check", "--read-data"));
        using var rest = new RestStore(rclone.Address, null, TimeProvider.System);
        using var repository = await Repository.OpenAsync(rest, RepositoryWorld.Password, Cancellation);
        await RepositoryWorld.FillAsync(repository);
        Assert.Contains("no errors were found", await new ResticProgram($"rest:{rclone.Address}", "correct horse").RunAsync("check", "--read-data"));
    }

    /// <returns>How many files held other bytes than their names say.</returns>
    private static async Task<int> RemoveTornAsync(RestStore store)
    {
        int torn = 0;
        foreach (var kind in RepositoryStoreContract.Kinds.Select(row => row.Data))
        {
            foreach (var file in await store.ListAsync(kind, Cancellation).ToListAsync(Cancellation))
            {
                if (FileId.Of(await store.ReadAllAsync(kind, file.Id, 10_000_000, Cancellation)) == file.Id)
                    continue;
                await store.DeleteAsync(kind, file.Id, Cancellation);
                torn++;
            }
        }

        return torn;
    }

    /// <summary>Kills the server when half of the n-th file has been sent to it.</summary>
    private sealed class DeathOnTheWay(Rclone rclone, int nth) : DelegatingHandler(new SocketsHttpHandler())
    {
        private int _sent;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Post && request.Content is { } content && Interlocked.Increment(ref _sent) == nth)
                request.Content = new DeadlyContent(content, rclone);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class DeadlyContent(HttpContent inner, Rclone rclone) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            byte[] content = await inner.ReadAsByteArrayAsync();
            await stream.WriteAsync(content.AsMemory(0, content.Length / 2));
            await stream.FlushAsync();
            rclone.Kill();
            await stream.WriteAsync(content.AsMemory(content.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = inner.Headers.ContentLength ?? 0;
            return true;
        }
    }
}
