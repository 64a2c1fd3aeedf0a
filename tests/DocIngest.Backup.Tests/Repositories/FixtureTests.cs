using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Tests.Repositories;

/// <summary>Repositories made by restic itself, read down to the last blob.</summary>
public sealed class FixtureTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ResticFixture.Made2, 2, 42, 6)]
    [InlineData("copy-unstable-json", 1, 2, 1)]
    [InlineData("duplicate-packs-in-index-test-repo", 0, 100, 20)]
    [InlineData("repo-data-missing", 1, 5, 1)]
    [InlineData("repo-duplicates", 1, 10, 4)]
    [InlineData("repo-index-missing-blob", 1, 4, 3)]
    [InlineData("repo-index-missing", 2, 5, 4)]
    [InlineData("repo-layout-default", 3, 6, 3)]
    [InlineData("repo-mixed", 1, 5, 1)]
    [InlineData("repo-obsolete-index", 1, 5, 2)]
    [InlineData("repo-restore-permissions-test", 1, 5, 2)]
    [InlineData("repo-same-timestamps", 3, 2, 1)]
    [InlineData("repo-unreferenced-data", 1, 5, 3)]
    [InlineData("repo-unused-data-missing", 1, 15, 2)]
    [InlineData("small-repo", 4, 10, 3)]
    public async Task Every_snapshot_and_every_blob_of_every_present_pack_is_read(string name, int expectedSnapshots, int expectedBlobs, int expectedPacks)
    {
        using var repository = await ResticFixture.OpenAsync(name);
        Assert.Equal(name == ResticFixture.Made2 ? 2 : 1, repository.Config.Version);
        int snapshots = 0;
        await foreach (var listed in repository.ListSnapshotsAsync(Cancellation))
        {
            Assert.Null(listed.Fault);
            snapshots++;
        }

        var index = await repository.LoadIndexAsync(Cancellation);
        var packs = await PacksAsync(repository);
        for (int number = 0; number < index.Count; number++)
        {
            var entry = index[number];
            if (!packs.ContainsKey(entry.Pack))
                continue;
            using var blob = await repository.LoadBlobAsync(entry, Cancellation);
            Assert.Equal(entry.Blob.Id, BlobId.Of(blob.Span));
            Assert.Equal(entry.Blob.PlaintextLength, blob.Length);
            if (entry.Blob.Type is BlobType.Tree)
                _ = TreeReader.ReadAll(blob.Memory);
        }

        Assert.Equal((expectedSnapshots, expectedBlobs, expectedPacks), (snapshots, index.Count, packs.Count));
    }

    [Theory]
    [MemberData(nameof(ResticFixture.All), MemberType = typeof(ResticFixture))]
    public async Task Every_pack_header_says_what_the_index_says(string name)
    {
        using var repository = await ResticFixture.OpenAsync(name);
        var index = await repository.LoadIndexAsync(Cancellation);
        var indexed = Enumerable.Range(0, index.Count).Select(number => index[number]).ToLookup(entry => entry.Pack, entry => entry.Blob);
        int compared = 0;
        foreach (var pack in (await PacksAsync(repository)).Values)
        {
            if (!indexed.Contains(pack.Id))
                continue;   // the faults that some fixtures are about
            var blobs = await repository.LoadPackHeaderAsync(pack, Cancellation);
            Assert.Equal(blobs.OrderBy(blob => blob.Offset), indexed[pack.Id].OrderBy(blob => blob.Offset));
            Assert.Equal(pack.SizeBytes, PackHeader.PackBytes(blobs));
            compared++;
        }

        Assert.True(compared > 0);
    }

    [Theory]
    [InlineData("geheim")]
    [InlineData("second-pass")]
    public async Task Each_password_opens_the_same_repository(string password)
    {
        using var repository = await Repository.OpenAsync(
            ResticFixture.Store(ResticFixture.Made2), System.Text.Encoding.UTF8.GetBytes(password), Cancellation);
        var index = await repository.LoadIndexAsync(Cancellation);
        Assert.Equal(42, index.Count);
        Assert.Contains(Enumerable.Range(0, index.Count), number => index[number].Blob is { IsCompressed: false, Type: BlobType.Data });
        Assert.Contains(Enumerable.Range(0, index.Count), number => index[number].Blob is { IsCompressed: true, Type: BlobType.Data });
        Assert.Contains(Enumerable.Range(0, index.Count), number => index[number].Blob is { IsCompressed: true, Type: BlobType.Tree });
    }

    private static async Task<Dictionary<FileId, Backup.Stores.StoredFile>> PacksAsync(Repository repository)
    {
        var packs = new Dictionary<FileId, Backup.Stores.StoredFile>();
        await foreach (var pack in repository.Store.ListAsync(FileKind.Pack, Cancellation))
        {
            if (pack.SizeBytes > 0)   // one fixture has an empty one, which is its fault
                packs.Add(pack.Id, pack);
        }

        return packs;
    }
}
