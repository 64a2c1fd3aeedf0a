using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Stores;

/// <summary>What every place for a repository promises.</summary>
public abstract class RepositoryStoreContract
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    private static readonly FileId Id = FileId.Of(Content);

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract IRepositoryStore Store { get; }

    /// <summary>Puts other bytes of the same length behind a name, as no store would.</summary>
    protected abstract Task DamageAsync(FileKind kind, FileId id, byte[] content);

    public static TheoryData<FileKind> Kinds => [FileKind.Key, FileKind.Snapshot, FileKind.Index, FileKind.Lock, FileKind.Pack];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_was_saved_is_listed_found_and_read(FileKind kind)
    {
        await Store.SaveAsync(kind, Id, Content, Cancellation);
        Assert.Equal([new StoredFile(Id, Content.Length)], await ListAsync(kind));
        Assert.Equal(Content.Length, await Store.FindAsync(kind, Id, Cancellation));
        Assert.Equal(Content, await Store.ReadAllAsync(kind, Id, Content.Length, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Where_nothing_was_saved_there_is_nothing(FileKind kind)
    {
        Assert.Empty(await ListAsync(kind));
        Assert.Null(await Store.FindAsync(kind, Id, Cancellation));
        await Assert.ThrowsAsync<EntryNotFoundException>(() => Store.ReadAllAsync(kind, Id, 10, Cancellation));
        await Assert.ThrowsAsync<EntryNotFoundException>(() => Store.ReadAsync(kind, Id, 0, new byte[1], Cancellation));
        await Store.DeleteAsync(kind, Id, Cancellation);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Kinds_do_not_mix(FileKind kind)
    {
        await Store.SaveAsync(kind, Id, Content, Cancellation);
        foreach (var other in Kinds.Select(row => row.Data).Where(other => other != kind))
        {
            Assert.Empty(await ListAsync(other));
            await Store.DeleteAsync(other, Id, Cancellation);
        }

        Assert.Single(await ListAsync(kind));
    }

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(0, 1)]
    [InlineData(999, 1)]
    [InlineData(300, 400)]
    [InlineData(1000, 0)]
    public async Task A_part_is_read_as_it_was_asked_for(int offset, int length)
    {
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        byte[] part = new byte[length];
        await Store.ReadAsync(FileKind.Pack, Id, offset, part, Cancellation);
        Assert.Equal(Content[offset..(offset + length)], part);
    }

    [Theory]
    [InlineData(0, 1001)]
    [InlineData(1000, 1)]
    [InlineData(999, 2)]
    [InlineData(5000, 10)]
    public async Task A_part_beyond_the_end_is_damage(int offset, int length)
    {
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        var error = await Assert.ThrowsAsync<DamagedRepositoryException>(() => Store.ReadAsync(FileKind.Pack, Id, offset, new byte[length], Cancellation));
        Assert.Equal((FileKind.Pack, Id), (error.Kind, error.File));
    }

    [Fact]
    public async Task A_file_larger_than_the_caller_takes_is_not_read()
    {
        await Store.SaveAsync(FileKind.Index, Id, Content, Cancellation);
        await Assert.ThrowsAsync<DamagedRepositoryException>(() => Store.ReadAllAsync(FileKind.Index, Id, Content.Length - 1, Cancellation));
    }

    [Fact]
    public async Task Saving_again_is_no_error()
    {
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        Assert.Equal(Content, await Store.ReadAllAsync(FileKind.Pack, Id, 1000, Cancellation));
        Assert.Single(await ListAsync(FileKind.Pack));
    }

    [Fact]
    public async Task A_damaged_file_is_healed_by_saving_it_again()
    {
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        await DamageAsync(FileKind.Pack, Id, [.. Content[..^1], 0]);
        Assert.NotEqual(Content, await Store.ReadAllAsync(FileKind.Pack, Id, 1000, Cancellation));
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        Assert.Equal(Content, await Store.ReadAllAsync(FileKind.Pack, Id, 1000, Cancellation));
    }

    [Fact]
    public async Task The_same_file_is_saved_by_many_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation)));
        Assert.Equal([new StoredFile(Id, Content.Length)], await ListAsync(FileKind.Pack));
        Assert.Equal(Content, await Store.ReadAllAsync(FileKind.Pack, Id, 1000, Cancellation));
    }

    [Fact]
    public async Task A_large_pack_comes_back_whole_and_in_parts()
    {
        byte[] pack = new byte[20_000_001];
        Random.Shared.NextBytes(pack);
        var id = FileId.Of(pack);
        await Store.SaveAsync(FileKind.Pack, id, pack, Cancellation);
        Assert.Equal(id, FileId.Of(await Store.ReadAllAsync(FileKind.Pack, id, pack.Length, Cancellation)));
        byte[] part = new byte[5_000_000];
        await Store.ReadAsync(FileKind.Pack, id, 15_000_001, part, Cancellation);
        Assert.True(part.AsSpan().SequenceEqual(pack.AsSpan(15_000_001)));
    }

    [Fact]
    public async Task Nothing_is_read_of_no_bytes_but_the_file_must_be_there()
    {
        await Assert.ThrowsAsync<EntryNotFoundException>(() => Store.ReadAsync(FileKind.Pack, Id, 0, Memory<byte>.Empty, Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ReadAsync(FileKind.Pack, Id, -1, new byte[1], Cancellation));
    }

    [Fact]
    public async Task What_was_deleted_is_gone_and_the_others_are_not()
    {
        byte[] other = [1, 2, 3];
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        await Store.SaveAsync(FileKind.Pack, FileId.Of(other), other, Cancellation);
        await Store.DeleteAsync(FileKind.Pack, Id, Cancellation);
        Assert.Equal([new StoredFile(FileId.Of(other), 3)], await ListAsync(FileKind.Pack));
    }

    [Fact]
    public async Task An_empty_file_is_a_file()
    {
        await Store.SaveAsync(FileKind.Lock, FileId.Of([]), ReadOnlyMemory<byte>.Empty, Cancellation);
        Assert.Equal([new StoredFile(FileId.Of([]), 0)], await ListAsync(FileKind.Lock));
        Assert.Empty(await Store.ReadAllAsync(FileKind.Lock, FileId.Of([]), 10, Cancellation));
    }

    [Fact]
    public async Task Many_packs_are_saved_at_once()
    {
        byte[][] contents = [.. Enumerable.Range(0, 600).Select(BitConverter.GetBytes)];
        await Parallel.ForEachAsync(contents, Cancellation, async (content, stop) => await Store.SaveAsync(FileKind.Pack, FileId.Of(content), content, stop));
        Assert.Equal(contents.Select(content => new StoredFile(FileId.Of(content), 4)).OrderBy(file => file.Id), (await ListAsync(FileKind.Pack)).OrderBy(file => file.Id));
    }

    [Fact]
    public async Task There_is_one_config_and_it_stays()
    {
        Assert.Null(await Store.ReadConfigAsync(Cancellation));
        await Store.CreateConfigAsync(Content, Cancellation);
        Assert.Equal(Content, await Store.ReadConfigAsync(Cancellation));
        await Assert.ThrowsAsync<NameTakenException>(() => Store.CreateConfigAsync(new byte[1], Cancellation));
        Assert.Equal(Content, await Store.ReadConfigAsync(Cancellation));
    }

    [Fact]
    public async Task Config_is_no_kind_to_be_named()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => ListAsync(FileKind.Config));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.FindAsync(FileKind.Config, Id, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ReadAsync(FileKind.Config, Id, 0, new byte[1], Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ReadAllAsync(FileKind.Config, Id, 1, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.SaveAsync(FileKind.Config, Id, Content, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.DeleteAsync(FileKind.Config, Id, Cancellation));
    }

    [Fact]
    public async Task It_stops_when_it_is_told_to()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.SaveAsync(FileKind.Index, Id, Content, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadAllAsync(FileKind.Pack, Id, 1000, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.DeleteAsync(FileKind.Pack, Id, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.ListAsync(FileKind.Pack, cancelled).CountAsync(cancelled));
        Assert.Single(await ListAsync(FileKind.Pack));
        Assert.Empty(await ListAsync(FileKind.Index));
    }

    protected async Task<IReadOnlyList<StoredFile>> ListAsync(FileKind kind) => await Store.ListAsync(kind, Cancellation).ToListAsync(Cancellation);
}
