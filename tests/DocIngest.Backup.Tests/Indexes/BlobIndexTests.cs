using CsCheck;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Tests.Indexes;

public sealed class BlobIndexTests
{
    // Few of each, so that packs and blobs repeat.
    private static readonly Gen<PackedBlob> Blob = Gen.Select(Gen.Bool, Gen.Int[0, 40], Gen.UInt[0, 3], Gen.UInt[32, 34], Gen.UInt[0, 1]).Select(
        (isTree, id, offset, length, uncompressed) => new PackedBlob(isTree ? BlobType.Tree : BlobType.Data, Id(id), offset, length, uncompressed));

    private static readonly Gen<(int Pack, PackedBlob[] Blobs)[]> Packs = Gen.Select(Gen.Int[0, 10], Blob.Array[0, 8]).Array[0, 60];

    [Fact]
    public void It_finds_what_a_list_of_everything_finds() => Packs.Sample(packs =>
    {
        var index = new BlobIndex();
        var all = new List<(FileId Pack, PackedBlob Blob)>();
        var known = new HashSet<FileId>();
        foreach (var (number, blobs) in packs)
        {
            var pack = Pack(number);
            bool isKnown = !known.Add(pack);
            foreach (var blob in blobs)
            {
                if (!isKnown || !all.Contains((pack, blob)))
                    all.Add((pack, blob));
            }

            index.Add(pack, blobs);
        }

        Assert.Equal(packs.Select(one => one.Pack).Distinct().Count(), index.PackCount);
        Assert.Equal(all, Enumerable.Range(0, index.Count).Select(number => (index[number].Pack, index[number].Blob)));
        foreach (var type in Enum.GetValues<BlobType>())
        {
            foreach (int id in Enumerable.Range(0, 41))
            {
                var expected = all.Where(one => one.Blob.Type == type && one.Blob.Id == Id(id)).ToList();
                Assert.Equal(expected.Order(Comparer<(FileId, PackedBlob)>.Create((a, b) => $"{a}".CompareTo($"{b}"))), Found(index, type, Id(id)));
                Assert.Equal(expected.Count > 0, index.Contains(type, Id(id)));
                Assert.Equal(expected.Count > 0, index.TryFind(type, Id(id), out var first));
                Assert.Equal(expected.FirstOrDefault(), (first.Pack, first.Blob));
            }
        }
    });

    [Fact]
    public void Many_blobs_are_all_found_and_others_are_not()
    {
        var index = Filled(200_000);
        Assert.Equal(200_000, index.Count);
        for (int i = 0; i < 200_000; i++)
            Assert.True(index.TryFind(BlobType.Data, Id(i), out var entry) && entry.Blob.Offset == (uint)i && entry.Pack == Pack(i / 50));
        for (int i = 200_000; i < 210_000; i++)
            Assert.False(index.Contains(BlobType.Data, Id(i)));
        Assert.False(index.Contains(BlobType.Tree, Id(0)));
    }

    [Fact]
    public void What_is_reserved_is_stored_once()
    {
        var index = new BlobIndex();
        int won = 0;
        Parallel.For(0, 1000, i =>
        {
            if (index.TryReserve(BlobType.Data, Id(i % 100)))
                Interlocked.Increment(ref won);
        });
        Assert.Equal(100, won);
        Assert.False(index.Contains(BlobType.Data, Id(0)));   // not stored yet
        index.Release(BlobType.Data, Id(0));
        Assert.True(index.TryReserve(BlobType.Data, Id(0)));
        index.Add(Pack(0), [new PackedBlob(BlobType.Data, Id(0), 0, 40, 0)]);
        Assert.False(index.TryReserve(BlobType.Data, Id(0)));
        Assert.True(index.TryReserve(BlobType.Tree, Id(0)));
    }

    [Fact]
    public async Task Others_read_while_one_adds()
    {
        var index = new BlobIndex();
        int added = 0;
        var reading = Task.Run(() =>
        {
            for (int round = 0; Volatile.Read(ref added) < 100_000; round++)
            {
                int known = Volatile.Read(ref added);
                for (int i = round % 97; i < known; i += 97)
                    Assert.True(index.TryFind(BlobType.Data, Id(i), out var entry) && entry.Blob.Offset == (uint)i);
            }
        }, TestContext.Current.CancellationToken);
        for (int i = 0; i < 100_000; i++)
        {
            index.Add(Pack(i / 50), [Numbered(i)]);
            Volatile.Write(ref added, i + 1);
        }

        await reading;
    }

    [Fact]
    public void A_number_that_there_is_not_is_refused()
    {
        var index = Filled(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => index[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => index[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Pack(1));
    }

    private static BlobIndex Filled(int count)
    {
        var index = new BlobIndex();
        foreach (int[] numbers in Enumerable.Range(0, count).Chunk(50))
            index.Add(Pack(numbers[0] / 50), numbers.Select(Numbered).ToArray());
        return index;
    }

    private static IEnumerable<(FileId, PackedBlob)> Found(BlobIndex index, BlobType type, BlobId id) => index.FindAll(type, id)
        .Select(number => (index[number].Pack, index[number].Blob))
        .Order(Comparer<(FileId, PackedBlob)>.Create((a, b) => $"{a}".CompareTo($"{b}")));

    private static PackedBlob Numbered(int number) => new(BlobType.Data, Id(number), (uint)number, 100, 200);

    private static BlobId Id(int number) => BlobId.Of(BitConverter.GetBytes(number));

    private static FileId Pack(int number) => FileId.Of(BitConverter.GetBytes(-number));
}
