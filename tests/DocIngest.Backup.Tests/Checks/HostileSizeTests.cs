using DocIngest.Backup.Tests.Compression;
using DocIngest.Backup.Tests.Indexes;

namespace DocIngest.Backup.Tests.Checks;

/// <summary>A few bytes that say they are gigabytes, from somebody who has the key.</summary>
[Collection(nameof(Alone))]   // what other tests allocate would be counted
public sealed class HostileSizeTests : IAsyncLifetime
{
    private RepositoryBuilder _world = null!;   // set before each test

    public async ValueTask InitializeAsync() => _world = await RepositoryBuilder.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(31)]
    [InlineData(34)]
    public Task A_size_that_so_few_bytes_cannot_have_takes_no_memory(int bits) => DemandLittleMemoryAsync(ZstdTests.Declaring(1L << bits), "B041", "B064");

    [Fact]
    public Task A_gibibyte_of_zeros_is_hashed_piece_by_piece() => DemandLittleMemoryAsync(ZstdTests.Zeros(1L << 30), "B042", "B064");

    private async Task DemandLittleMemoryAsync(byte[] frame, params string[] codes)
    {
        var hostile = Piece.Of(_world.Repository, BlobType.Data, frame, compress: false) with { Id = BlobId.Of("big"u8), UncompressedLength = 1 << 30 };
        await _world.SaveAsync(_world.Tree(RepositoryBuilder.File("f", 1 << 30, _world.Add(hostile))));
        long before = GC.GetTotalAllocatedBytes();
        Assert.Equal(codes, await _world.Repository.CodesAsync());
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 50_000_000);
    }
}
