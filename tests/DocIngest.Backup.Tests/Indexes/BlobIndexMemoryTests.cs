using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Tests.Indexes;

/// <summary>Alone, since it measures the memory of the whole process.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class BlobIndexMemoryTests
{
    private const int BlobsInPack = 16;
    private const int BytesForPack = 60;

    /// <summary>48 of them for the entry, the rest for finding it.</summary>
    [Theory]
    [InlineData(700_000)]
    [InlineData(1_000_000)]
    [InlineData(1_200_000)]
    public void A_blob_takes_at_most_56_bytes(int count) => Assert.InRange(BytesPerBlob(count) - (BytesForPack / (double)BlobsInPack), 24, 56);   // what else the process frees meanwhile counts too

    [Fact]
    public void Five_million_blobs_take_at_most_400_MB()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("DOCINGEST_LONG") == "1", "DOCINGEST_LONG=1 runs it.");
        Assert.InRange(BytesPerBlob(5_000_000) * 5_000_000, 0, 400_000_000);
    }

    private static double BytesPerBlob(int count)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var index = new BlobIndex();
        var blobs = new PackedBlob[BlobsInPack];
        for (int i = 0; i < count; i++)
        {
            blobs[i % BlobsInPack] = new PackedBlob(BlobType.Data, BlobId.Of(BitConverter.GetBytes(i)), (uint)i, 100, 200);
            if (i % BlobsInPack == BlobsInPack - 1)
                index.Add(new FileId(blobs[0].Id.Digest), blobs);
        }

        long after = GC.GetTotalMemory(forceFullCollection: true);
        Assert.Equal(count, index.Count);
        return (after - before) / (double)count;
    }
}
