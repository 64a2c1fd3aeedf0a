using CsCheck;
using DocIngest.Backup.Chunking;

namespace DocIngest.Backup.Tests.Chunking;

public sealed class ChunkerTests
{
    private const int Mebi = 1024 * 1024;
    private static readonly Polynomial Known = new(0x3DA3358B4DC173);
    private static readonly byte[] Portable = Content.Portable(16 * Mebi);

    /// <summary>Every way to compute fingerprints that this machine has.</summary>
    public static TheoryData<string> Ways() => VectorFingerprints.IsSupported ? ["scalar", "vector"] : ["scalar"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_portable_content_is_cut_as_the_format_notes_say(string way)
    {
        var lengths = Lengths(way, Known, Portable.AsSpan(0, 8 * Mebi));
        Assert.Equal([1015968, 1087132, 693439, 2344058, 903280, 1709091, 635640], lengths);
        Assert.Equal("f3d509f80ced030c820556a720ed8a395ba468bf124218fde1df63139d2df0ae", BlobId.Of(Portable.AsSpan(0, lengths[0])).ToString());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_stock_restic_cuts_at_the_same_places(string way) => Assert.Equal(
        [1196838, 787600, 759559, 1359148, 2079606, 897944, 2752850, 1839419, 1877348, 1680887, 1546017],
        Lengths(way, new Polynomial(0x33d0c3da8f4439), Portable));

    [Theory]
    [MemberData(nameof(Ways))]
    public void Zeros_are_cut_at_every_shortest_chunk(string way)
    {
        Assert.Equal([.. Enumerable.Repeat(512 * 1024, 6), 1], Lengths(way, Known, new byte[(3 * Mebi) + 1]));
        Assert.Equal("07854d2fef297a06ba81685e660c332de36d5d18d546927d30daad6d7fda1541", Chunker.ZeroChunk.ToString());
        Assert.True(Chunker.IsZeroChunk(new byte[512 * 1024]));
        Assert.False(Chunker.IsZeroChunk(new byte[(512 * 1024) - 1]));
        Assert.False(Chunker.IsZeroChunk([.. new byte[(512 * 1024) - 1], 1]));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Content_that_nowhere_allows_a_cut_is_cut_at_the_longest_chunk(string way)
    {
        // One byte over and over has one fingerprint, which is not zero in the twenty bits but for the byte zero.
        byte[] content = new byte[(17 * Mebi) + 5];
        content.AsSpan().Fill(1);
        Assert.Equal([8 * Mebi, 8 * Mebi, Mebi + 5], Lengths(way, Known, content));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((512 * 1024) - 1)]
    public void Less_than_the_shortest_chunk_has_no_end(int length) =>
        Assert.Equal(0, new Chunker(Known).FindEnd(new byte[length]));

    [Fact]
    public void The_first_place_looked_at_is_the_shortest_chunk()
    {
        // Zeros before the window's first byte; then the window decides, and its first byte counts.
        byte[] content = Portable[..(512 * 1024)];
        content.AsSpan(^64..).Clear();
        Assert.Equal(512 * 1024, new Chunker(Known).FindEnd(content));
        content[^64] = 1;
        Assert.Equal(0, new Chunker(Known).FindEnd(content));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Every_allowed_cut_is_found_by_its_definition(string way)
    {
        var fingerprints = Fingerprints(way, Known);
        for (int from = 65; from < 2 * Mebi; from++)
        {
            int cut = fingerprints.FirstCut(Portable, from, 2 * Mebi);
            if (cut == 0)
                break;
            Assert.Equal(0UL, Slow(Portable, cut) & 0xFFFFF);
            from = cut;
        }

        // None is left out: one by one, where the vectors say there are few.
        int[] all = [.. Enumerable.Range(65, 300_000).Where(length => (Slow(Portable, length) & 0xFFFFF) == 0)];
        Assert.Equal(all.Length > 0 ? all[0] : 0, fingerprints.FirstCut(Portable, 65, 300_064));
    }

    /// <summary>A mask of twenty bits hits once in a million bytes: nearly all errors of a lane would go unseen. So hits are planted.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public void The_first_of_many_cuts_is_found_wherever_it_lies(string way)
    {
        var fingerprints = Fingerprints(way, Known);
        Gen.Select(Gen.Int[65, 5000], Gen.Int[1, 150_000], Gen.Int[0, 200_000].Array[1, 4]).Sample((from, length, places) =>
        {
            byte[] content = Portable[..(from + length)];
            foreach (int place in places.Where(place => place + 64 <= content.Length))
                content.AsSpan(place, 64).Clear();   // a window of zeros allows a cut behind it
            int expected = SlowFirst(content, from);
            return fingerprints.FirstCut(content, from, content.Length) == expected;
        });
    }

    [Fact]
    public void The_rest_of_a_chunk_need_not_be_looked_at_again() => Gen.Int[1, 3 * Mebi].Array[0, 4].Sample(stops =>
    {
        var chunker = new Chunker(Known);
        int examined = 0;
        foreach (int stop in stops.Order())
        {
            int end = chunker.FindEnd(Portable.AsSpan(0, stop), examined);
            if (end != 0)
                return end == 1015968;
            examined = stop;
        }

        return chunker.FindEnd(Portable, examined) == 1015968;
    });

    [Theory]
    [InlineData(64, 100)]
    [InlineData(100, 101)]
    public void Places_that_have_no_window_or_no_bytes_are_refused(int from, int to)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Fingerprints("scalar", Known).FirstCut(new byte[100], from, to));
    }

    private static Fingerprints Fingerprints(string way, Polynomial polynomial) =>
        way == "vector" ? new VectorFingerprints(polynomial) : new ScalarFingerprints(polynomial);

    private static List<int> Lengths(string way, Polynomial polynomial, ReadOnlySpan<byte> content)
    {
        var chunker = new Chunker(Fingerprints(way, polynomial));
        var lengths = new List<int>();
        while (!content.IsEmpty)
        {
            int end = chunker.FindEnd(content);
            lengths.Add(end == 0 ? content.Length : end);
            content = content[lengths[^1]..];
        }

        return lengths;
    }

    /// <summary>The fingerprint by its definition: 512 bits modulo the polynomial, bit by bit.</summary>
    private static ulong Slow(ReadOnlySpan<byte> content, int length)
    {
        ulong hash = 0;
        foreach (byte b in content[(length - 64)..length])
        {
            for (int bit = 7; bit >= 0; bit--)
            {
                hash = (hash << 1) | (((uint)b >> bit) & 1);
                if ((hash >> 53) != 0)
                    hash ^= Known.Value;
            }
        }

        return hash;
    }

    /// <summary>The first cut by the plainest rolling form, at each length in turn.</summary>
    private static int SlowFirst(ReadOnlySpan<byte> content, int from)
    {
        ulong[] reduced = [.. Enumerable.Range(0, 256).Select(i => Known.Shift((ulong)i, 53))];
        ulong[] leaving = [.. Enumerable.Range(0, 256).Select(i => Known.Shift((ulong)i, 512))];
        ulong hash = Slow(content, from);
        for (int length = from; length <= content.Length; length++)
        {
            if (length > from)
                hash = (((hash << 8) & ((1UL << 53) - 1)) | content[length - 1]) ^ reduced[hash >> 45] ^ leaving[content[length - 65]];
            if ((hash & 0xFFFFF) == 0)
                return length;
        }

        return 0;
    }
}
