using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Storage.Tests;

/// <summary>What every blob store promises. One class derives from it per implementation.</summary>
public abstract class BlobStoreContract : IDisposable
{
    /// <summary>More than any implementation under test handles in one piece.</summary>
    protected const int LargeBytes = 4096;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddYears(60));

    protected abstract IBlobStore Store { get; }

    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Lets time pass for the store.</summary>
    protected virtual Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_was_put_is_found_and_read()
    {
        var put = await PutAsync("data/ab/abcd", "text");
        Assert.Equal(put, await Store.FindAsync("data/ab/abcd", Cancellation));
        Assert.Equal(4, put.SizeBytes);
        Assert.Equal("text", await ReadAsync("data/ab/abcd"));
    }

    [Fact]
    public async Task Nothing_is_found_where_nothing_is()
    {
        Assert.Null(await Store.FindAsync("a", Cancellation));
        Assert.Null(await Store.FindAsync("a/b", Cancellation));
        await Assert.ThrowsAsync<EntryNotFoundException>(() => Store.OpenReadAsync("a", 0, null, Cancellation));
        await Assert.ThrowsAsync<EntryNotFoundException>(() => Store.TryLeaseAsync("a", TimeSpan.FromSeconds(15), Cancellation));
        await Store.DeleteAsync("a", null, Cancellation);
        Assert.Empty(await ListAsync(""));
    }

    [Theory]
    [InlineData(0, null, "0123456789")]
    [InlineData(3, null, "3456789")]
    [InlineData(3, 4L, "3456")]
    [InlineData(8, 10L, "89")]
    [InlineData(10, 5L, "")]
    [InlineData(20, null, "")]
    public async Task A_range_is_read(long offset, long? length, string expected)
    {
        await PutAsync("a", "0123456789");
        Assert.Equal(expected, await ReadAsync("a", offset, length));
    }

    [Fact]
    public async Task What_exists_is_not_put_again()
    {
        await PutAsync("a", "old");
        await Assert.ThrowsAsync<PreconditionFailedException>(() => PutAsync("a", "new"));
        Assert.Equal("old", await ReadAsync("a"));
    }

    [Fact]
    public async Task A_put_that_was_refused_leaves_nothing_in_the_way()
    {
        var gone = await PutAsync("a", "old");
        await Store.DeleteAsync("a", null, Cancellation);
        await Assert.ThrowsAsync<PreconditionFailedException>(
            () => Store.PutIfMatchAsync("a", new MemoryStream([1]), gone.Version, lease: null, Cancellation));
        await PutAsync("a", "new");
        Assert.Equal("new", await ReadAsync("a"));
    }

    [Fact]
    public async Task Of_many_who_put_at_once_one_wins()
    {
        _ = Store;   // made before many ask for it
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            await Task.Yield();
            return await Record.ExceptionAsync(() => PutAsync("a", $"{i}"));
        }));
        Assert.Single(results, error => error is null);
        Assert.Equal(19, results.Count(error => error is PreconditionFailedException));
    }

    [Fact]
    public async Task A_replacement_needs_the_present_version()
    {
        var first = await PutAsync("a", "first");
        var second = await MatchAsync("a", "2", first.Version);
        Assert.NotEqual(first.Version, second.Version);
        await Assert.ThrowsAsync<PreconditionFailedException>(() => MatchAsync("a", "3", first.Version));
        await Assert.ThrowsAsync<PreconditionFailedException>(() => MatchAsync("b", "3", first.Version));
        Assert.Equal("2", await ReadAsync("a"));
        Assert.Null(await Store.FindAsync("b", Cancellation));
    }

    [Fact]
    public async Task Versions_differ_though_content_and_clock_are_the_same()
    {
        var versions = new HashSet<BlobVersion>();
        var last = await PutAsync("a", "same");
        for (int i = 0; i < 20; i++)
        {
            Assert.True(versions.Add(last.Version));
            last = await MatchAsync("a", "same", last.Version);
        }
    }

    [Fact]
    public async Task Of_many_who_replace_at_once_one_wins()
    {
        var first = await PutAsync("a", "");
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            await Task.Yield();
            return await Record.ExceptionAsync(() => MatchAsync("a", $"{i}", first.Version));
        }));
        Assert.Single(results, error => error is null);
    }

    [Fact]
    public async Task A_deleted_blob_can_be_put_anew()
    {
        await PutAsync("f/a", "old");
        await Store.DeleteAsync("f/a", null, Cancellation);
        Assert.Null(await Store.FindAsync("f/a", Cancellation));
        await PutAsync("f/a", "new");
        Assert.Equal("new", await ReadAsync("f/a"));
    }

    [Fact]
    public async Task A_listing_is_in_ordinal_order_and_by_prefix()
    {
        string[] names = ["a-b", "a.b", "a/b", "a/b.c", "a0", "b/a/c", "b/a-c", "B", "data/00/x", "data/0=", "_"];
        foreach (string name in names)
            await PutAsync(name, name);
        foreach (string prefix in new[] { "", "a", "a/", "a/b", "b/a", "data/0", "zzz" })
        {
            Assert.Equal(
                names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
                await ListAsync(prefix));
        }
    }

    [Fact]
    public async Task A_listing_tells_what_finding_tells()
    {
        var put = await PutAsync("f/a", "text");
        await foreach (var blob in Store.ListAsync("", Cancellation))
            Assert.Equal(put, blob);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("../a")]
    [InlineData("~part")]
    [InlineData("a b")]
    [InlineData("caf\u00e9")]
    public async Task A_name_not_every_store_carries_is_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(name, ""));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.FindAsync(name, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.DeleteAsync(name, null, Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3 * LargeBytes)]
    public async Task A_put_whose_source_fails_leaves_nothing(int bytesBefore)
    {
        var error = await Assert.ThrowsAsync<IOException>(() => Store.PutIfAbsentAsync("a", new BrokenStream(bytesBefore), Cancellation));
        Assert.Equal("The source failed.", error.Message);
        Assert.Null(await Store.FindAsync("a", Cancellation));
        Assert.Empty(await ListAsync(""));
    }

    [Theory]
    [InlineData(LargeBytes - 1)]
    [InlineData(LargeBytes)]
    [InlineData(LargeBytes + 1)]
    [InlineData(3 * LargeBytes)]
    public async Task A_blob_of_any_size_is_put_and_replaced(int size)
    {
        byte[] content = new byte[size];
        Random.Shared.NextBytes(content);
        var first = await Store.PutIfAbsentAsync("a", new MemoryStream(content), Cancellation);
        Assert.Equal(size, first.SizeBytes);
        Assert.Equal(content, await ReadBytesAsync("a"));
        await Assert.ThrowsAsync<PreconditionFailedException>(() => Store.PutIfAbsentAsync("a", new MemoryStream(content), Cancellation));
        Random.Shared.NextBytes(content);
        var second = await Store.PutIfMatchAsync("a", new OneWayStream(content), first.Version, null, Cancellation);
        Assert.Equal(second, await Store.FindAsync("a", Cancellation));
        Assert.Equal(content, await ReadBytesAsync("a"));
        await Assert.ThrowsAsync<PreconditionFailedException>(() => Store.PutIfMatchAsync("a", new OneWayStream(content), first.Version, null, Cancellation));
    }

    [Fact]
    public async Task Of_many_who_put_much_at_once_one_wins_whole()
    {
        byte[][] contents = [.. Enumerable.Range(0, 6).Select(i => Enumerable.Repeat((byte)i, 3 * LargeBytes).ToArray())];
        var results = await Task.WhenAll(contents.Select(async content =>
        {
            await Task.Yield();
            return await Record.ExceptionAsync(() => Store.PutIfAbsentAsync("a", new OneWayStream(content), Cancellation));
        }));
        int winner = Assert.Single(Enumerable.Range(0, contents.Length), i => results[i] is null);
        Assert.All(results, error => Assert.True(error is null or PreconditionFailedException, $"{error}"));
        Assert.Equal(contents[winner], await ReadBytesAsync("a"));
    }

    [Fact]
    public async Task An_empty_blob_is_a_blob()
    {
        await PutAsync("a", "");
        Assert.Equal("", await ReadAsync("a"));
        Assert.Equal("", await ReadAsync("a", 0, 10));
        Assert.Equal(0, (await Store.FindAsync("a", Cancellation))?.SizeBytes);
    }

    [Fact]
    public async Task It_stops_when_it_is_told_to()
    {
        var cancelled = new CancellationToken(canceled: true);
        await PutAsync("a", "1");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutIfAbsentAsync("b", new MemoryStream(), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.FindAsync("a", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.OpenReadAsync("a", 0, null, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.DeleteAsync("a", null, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.ListAsync("", cancelled).CountAsync(cancelled));
        Assert.Equal(["a"], await ListAsync(""));
    }

    [Fact]
    public async Task A_leased_blob_is_changed_by_its_holder_alone()
    {
        var blob = await PutAsync("a", "1");
        await using var lease = await LeaseAsync("a");
        Assert.NotNull(lease);
        Assert.Null(await LeaseAsync("a"));
        await Assert.ThrowsAsync<PreconditionFailedException>(() => MatchAsync("a", "2", blob.Version));
        await Assert.ThrowsAsync<PreconditionFailedException>(() => Store.DeleteAsync("a", null, Cancellation));
        blob = await MatchAsync("a", "3", blob.Version, lease);
        Assert.Null(await LeaseAsync("a"));
        await Store.DeleteAsync("a", lease, Cancellation);
    }

    [Fact]
    public async Task A_lease_given_up_is_free()
    {
        var blob = await PutAsync("a", "1");
        await (await LeaseAsync("a"))!.DisposeAsync();
        await MatchAsync("a", "2", blob.Version);
        Assert.NotNull(await LeaseAsync("a"));
    }

    [Fact]
    public async Task A_lease_that_ran_out_changes_nothing_more()
    {
        var blob = await PutAsync("a", "1");
        var late = await LeaseAsync("a");
        await PassAsync(TimeSpan.FromSeconds(15));
        await Assert.ThrowsAsync<PreconditionFailedException>(() => MatchAsync("a", "2", blob.Version, late));
        var next = await LeaseAsync("a");
        Assert.NotNull(next);
        await Assert.ThrowsAsync<PreconditionFailedException>(() => MatchAsync("a", "2", blob.Version, late));
        await Assert.ThrowsAsync<PreconditionFailedException>(() => late!.RenewAsync(Cancellation));
        await late!.DisposeAsync();
        Assert.Null(await LeaseAsync("a"));
        await MatchAsync("a", "3", blob.Version, next);
    }

    [Fact]
    public async Task A_renewed_lease_lasts_its_duration_again()
    {
        await PutAsync("a", "1");
        var lease = await LeaseAsync("a");
        await PassAsync(TimeSpan.FromSeconds(14));
        await lease!.RenewAsync(Cancellation);
        await PassAsync(TimeSpan.FromSeconds(14));
        Assert.Null(await LeaseAsync("a"));
    }

    [Fact]
    public async Task A_lease_is_shared_by_those_who_name_the_same_holder()
    {
        var blob = await PutAsync("a", "1");
        var (holder, another) = (Guid.NewGuid(), Guid.NewGuid());
        var first = await Store.TryShareLeaseAsync("a", holder, TimeSpan.FromSeconds(15), Cancellation);
        var second = await Store.TryShareLeaseAsync("a", holder, TimeSpan.FromSeconds(15), Cancellation);
        Assert.Null(await Store.TryShareLeaseAsync("a", another, TimeSpan.FromSeconds(15), Cancellation));
        Assert.Null(await LeaseAsync("a"));
        blob = await MatchAsync("a", "2", blob.Version, first);
        blob = await MatchAsync("a", "3", blob.Version, second);

        await PassAsync(TimeSpan.FromSeconds(10));
        await second!.RenewAsync(Cancellation);   // it was free
        await PassAsync(TimeSpan.FromSeconds(10));
        Assert.Null(await Store.TryShareLeaseAsync("a", another, TimeSpan.FromSeconds(15), Cancellation));
        await MatchAsync("a", "4", blob.Version, first);

        await PassAsync(TimeSpan.FromSeconds(16));
        Assert.NotNull(await Store.TryShareLeaseAsync("a", another, TimeSpan.FromSeconds(15), Cancellation));
        Assert.Null(await Store.TryShareLeaseAsync("a", holder, TimeSpan.FromSeconds(15), Cancellation));
    }

    [Fact]
    public async Task A_lease_ends_with_its_blob()
    {
        await PutAsync("a", "1");
        var lease = await LeaseAsync("a");
        await Store.DeleteAsync("a", lease, Cancellation);
        await Assert.ThrowsAsync<PreconditionFailedException>(() => lease!.RenewAsync(Cancellation));
        await PutAsync("a", "2");
        Assert.NotNull(await LeaseAsync("a"));
    }

    [Theory]
    [InlineData(14)]
    [InlineData(61)]
    public async Task A_lease_lasts_15_to_60_seconds(int seconds)
    {
        await PutAsync("a", "1");
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.TryLeaseAsync("a", TimeSpan.FromSeconds(seconds), Cancellation));
    }

    protected async Task<BlobInfo> PutAsync(string name, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await Store.PutIfAbsentAsync(name, content, Cancellation);
    }

    protected async Task<BlobInfo> MatchAsync(string name, string text, BlobVersion version, IBlobLease? lease = null)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await Store.PutIfMatchAsync(name, content, version, lease, Cancellation);
    }

    protected async Task<string> ReadAsync(string name, long offset = 0, long? length = null)
    {
        await using var blob = await Store.OpenReadAsync(name, offset, length, Cancellation);
        using var text = new StreamReader(blob);
        return await text.ReadToEndAsync(Cancellation);
    }

    private Task<IBlobLease?> LeaseAsync(string name) => Store.TryLeaseAsync(name, TimeSpan.FromSeconds(15), Cancellation);

    private async Task<List<string>> ListAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var blob in Store.ListAsync(prefix, Cancellation))
            names.Add(blob.Name);
        return names;
    }

    private async Task<byte[]> ReadBytesAsync(string name)
    {
        await using var blob = await Store.OpenReadAsync(name, 0, null, Cancellation);
        using var bytes = new MemoryStream();
        await blob.CopyToAsync(bytes, Cancellation);
        return bytes.ToArray();
    }

    /// <summary>A stream whose length nobody knows beforehand.</summary>
    private class OneWayStream(byte[] content) : ReadOnlyStream
    {
        private readonly MemoryStream _content = new(content);

        public override int Read(Span<byte> buffer) => _content.Read(buffer);
    }

    private sealed class BrokenStream(int bytesBefore) : OneWayStream(new byte[bytesBefore])
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer) is > 0 and int read ? read : throw new IOException("The source failed.");
    }
}
