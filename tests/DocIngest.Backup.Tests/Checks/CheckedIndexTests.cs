using DocIngest.Backup.Checks;
using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Tests.Checks;

public sealed class CheckedIndexTests
{
    private const int Blobs = 10_000;

    private static readonly FileId Pack = new(Sha256Digest.Of("pack"u8));
    private static readonly PackedBlob[] InOrder =
        [.. Enumerable.Range(0, Blobs).Select(i => new PackedBlob(BlobType.Data, new BlobId(Sha256Digest.Of(BitConverter.GetBytes(i))), (uint)i * 100, 100, 0))];

    [Fact]
    public void Blobs_of_a_pack_come_in_the_order_they_lie_there_whatever_the_order_of_the_index()
    {
        var index = new CheckedIndex();
        index.Add(Pack, [.. InOrder.Reverse()]);
        index.Add(new FileId(Sha256Digest.Of("another"u8)), InOrder.AsSpan(..3));
        index.Arrange();

        Assert.Equal(InOrder, index.BlobsOf(0));
        Assert.Equal(InOrder[..3], index.BlobsOf(1));
    }

    [Fact]
    public void Looking_at_the_blobs_of_a_pack_copies_no_list_of_them()
    {
        var index = new CheckedIndex();
        index.Add(Pack, InOrder);
        index.Arrange();
        _ = index.BlobsOf(0).Count();

        long before = GC.GetAllocatedBytesForCurrentThread();
        int count = index.BlobsOf(0).Count(blob => blob.Length == 100);

        Assert.Equal(Blobs, count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Blobs);   // a byte a blob; a copy takes 48
    }
}
