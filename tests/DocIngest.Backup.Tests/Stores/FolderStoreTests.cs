using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Stores;

public sealed class FolderStoreTests
{
    private static readonly byte[] Content = "content"u8.ToArray();

    private static readonly FileId Id = FileId.Of(Content);

    private static readonly string Hex = $"{Id}";

    private readonly MemoryFolder _folder = new MemoryVolume().FolderAt("");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private FolderStore Store => new(_folder);

    [Fact]
    public async Task Files_lie_where_restic_looks_for_them()
    {
        foreach (var kind in RepositoryStoreContract.Kinds.Select(row => row.Data))
            await Store.SaveAsync(kind, Id, Content, Cancellation);
        await Store.CreateConfigAsync(Content, Cancellation);
        Assert.Equal(["config", $"data/{Hex[..2]}/{Hex}", $"index/{Hex}", $"keys/{Hex}", $"locks/{Hex}", $"snapshots/{Hex}"], _folder.Files(""));
    }

    [Theory]
    [InlineData("index/readme.txt")]
    [InlineData("index/{0}-tmp-0123456789abcdef")]
    [InlineData("index/{0}.tmp")]
    [InlineData("index/0{0}")]
    [InlineData("index/{1}")]   // upper case: cannot be opened by its name
    [InlineData("index/sub/{0}")]
    [InlineData("data/{0}")]
    [InlineData("data/zz/{0}")]
    [InlineData("data/00/{0}")]   // another pack's folder: restic lists it and cannot open it
    public async Task Other_names_are_left_out(string path)
    {
        _folder.Write(string.Format(path, Hex, Hex.ToUpperInvariant()), Content);
        Assert.Empty(await Store.ListAsync(FileKind.Index, Cancellation).ToListAsync(Cancellation));
        Assert.Empty(await Store.ListAsync(FileKind.Pack, Cancellation).ToListAsync(Cancellation));
    }

    [Theory]
    [InlineData(EntryKind.Folder)]
    [InlineData(EntryKind.Link)]
    [InlineData(EntryKind.Special)]
    public async Task What_is_no_file_is_no_file_of_the_repository(EntryKind kind)
    {
        _folder.Volume.Place($"index/{Hex}", kind);
        Assert.Empty(await Store.ListAsync(FileKind.Index, Cancellation).ToListAsync(Cancellation));
        Assert.Null(await Store.FindAsync(FileKind.Index, Id, Cancellation));
        await Assert.ThrowsAsync<RefusedEntryException>(() => Store.ReadAllAsync(FileKind.Index, Id, 100, Cancellation));
    }

    [Fact]
    public async Task A_damaged_file_is_healed_by_saving_it_again()
    {
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        _folder.Flip($"data/{Hex[..2]}/{Hex}");
        await Store.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        Assert.Equal(Content, await Store.ReadAllAsync(FileKind.Pack, Id, 100, Cancellation));
    }

    [Fact]
    public async Task A_config_larger_than_any_is_not_read()
    {
        _folder.Write("config", new byte[RepositoryLayout.MaxConfigBytes + 1]);
        await Assert.ThrowsAsync<DamagedRepositoryException>(() => Store.ReadConfigAsync(Cancellation));
    }

    [Fact]
    public async Task A_missing_folder_is_no_empty_repository()
    {
        _folder.Volume.IsGone = true;
        await Assert.ThrowsAsync<StorageUnavailableException>(() => Store.ReadConfigAsync(Cancellation));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await Store.ListAsync(FileKind.Key, Cancellation).CountAsync(Cancellation));
    }
}
