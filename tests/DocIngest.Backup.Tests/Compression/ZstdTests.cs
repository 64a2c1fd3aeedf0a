using CsCheck;
using DocIngest.Backup.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace DocIngest.Backup.Tests.Compression;

public sealed class ZstdTests
{
    private const int Most = 100_000_000;

    public static TheoryData<int> Levels => [1, 3, 9, 19];

    /// <summary>A frame of one empty block that says there is so much content.</summary>
    internal static byte[] Declaring(long contentBytes) =>
        [0x28, 0xb5, 0x2f, 0xfd, 0b1110_0000, .. BitConverter.GetBytes(contentBytes), 1, 0, 0];

    /// <summary>A frame that truly holds so many zeros, in four bytes for each 128 KiB.</summary>
    internal static byte[] Zeros(long contentBytes)
    {
        const int Block = 128 * 1024;
        using var frame = new MemoryStream();
        frame.Write([0x28, 0xb5, 0x2f, 0xfd, 0b1100_0000, 0x38]);   // a window of 128 KiB, a size of eight bytes
        frame.Write(BitConverter.GetBytes(contentBytes));
        for (long at = 0; at < contentBytes; at += Block)
        {
            int header = (Block << 3) | (1 << 1) | (at + Block >= contentBytes ? 1 : 0);   // one byte, repeated
            frame.Write([(byte)header, (byte)(header >> 8), (byte)(header >> 16), 0]);
        }

        return frame.ToArray();
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void What_was_compressed_comes_back(int level)
    {
        using var compressor = new ZstdCompressor(level);
        Gen.Byte[0, 5].Array[0, 300_000].Sample(content =>
        {
            byte[] frame = Compress(compressor, content);
            using var again = Zstd.Decompress(frame, content.Length);
            return again.Span.SequenceEqual(content);
        }, iter: level > 3 ? 5 : 100);
    }

    /// <summary>RFC 8878, 3.1.1.1: the frame header.</summary>
    [Theory]
    [MemberData(nameof(Levels))]
    public void A_frame_has_its_size_no_checksum_no_dictionary_and_a_small_window(int level)
    {
        using var compressor = new ZstdCompressor(level);
        foreach (int length in new[] { 1, 255, 256, 65_791, 65_792, 20_000_000 })
        {
            byte[] content = new byte[length];
            Random.Shared.NextBytes(content.AsSpan(0, length / 2));
            byte[] frame = Compress(compressor, content);
            Assert.Equal([0x28, 0xb5, 0x2f, 0xfd], frame[..4]);
            bool isSingleSegment = (frame[4] & 0x20) != 0;
            Assert.True(isSingleSegment || frame[4] >> 6 != 0);   // a content size
            Assert.Equal(0, frame[4] & 0b111);   // neither checksum nor dictionary
            long window = isSingleSegment ? length : (1L << (10 + (frame[5] >> 3))) / 8 * (8 + (frame[5] & 7));
            Assert.True(window <= 8 * 1024 * 1024 || isSingleSegment, $"{window} for {length}");
            Assert.Equal(length, Zstd.ContentBound(frame));
        }
    }

    [Fact]
    public void Foreign_frames_are_read()
    {
        byte[] content = [.. Enumerable.Range(0, 500_000).Select(i => (byte)(i / 300))];
        byte[] withoutSize = Stream(content, checksum: false), withChecksum = Stream(content, checksum: true);
        Assert.True(Zstd.ContentBound(withoutSize) >= content.Length);
        foreach (byte[] frames in new[] { withoutSize, withChecksum })
        {
            using var read = Zstd.Decompress(frames, Most);
            Assert.Equal(content, read.Span);
        }

        using var several = Zstd.Decompress([.. withoutSize, 0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3, .. withChecksum], Most);
        Assert.Equal([.. content, .. content], several.Span);
        using var none = Zstd.Decompress([], Most);
        Assert.Equal(0, none.Length);
    }

    [Fact]
    public void A_checksum_that_is_wrong_is_noticed()
    {
        byte[] frame = Stream([.. Enumerable.Range(0, 1000).Select(i => (byte)i)], checksum: true);
        frame[^1] ^= 1;
        Assert.Throws<InvalidDataException>(() => Zstd.Decompress(frame, Most));
    }

    [Theory]
    [InlineData(16L << 30)]
    [InlineData(long.MaxValue)]
    [InlineData(-2)]
    [InlineData(200_000)]   // more than one empty block holds
    public void A_size_that_so_few_bytes_cannot_have_is_refused(long declared) =>
        Assert.Throws<InvalidDataException>(() => Zstd.Decompress(Declaring(declared), int.MaxValue));

    [Fact]
    public void A_size_beyond_what_the_caller_takes_is_refused()
    {
        using var compressor = new ZstdCompressor(1);
        byte[] frame = Compress(compressor, new byte[1_000_000]);
        Assert.Throws<InvalidDataException>(() => Zstd.Decompress(frame, 999_999));
        Zstd.Decompress(frame, 1_000_000).Dispose();
    }

    [Fact]
    public void Content_of_any_size_is_hashed_without_having_it()
    {
        byte[] zeros = Zeros(256 * 1024);
        var expected = Sha256Digest.Of(new byte[256 * 1024]);
        Assert.Equal(expected, Zstd.Hash(zeros, Most, out long length, TestContext.Current.CancellationToken));
        Assert.Equal(256 * 1024, length);
        Assert.Throws<InvalidDataException>(() => Zstd.Hash(zeros, length - 1, out _, TestContext.Current.CancellationToken));
        for (int cut = 1; cut < zeros.Length; cut++)
            Assert.Throws<InvalidDataException>(() => Zstd.Hash(zeros[..cut], Most, out _, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_size_that_is_not_true_is_refused()
    {
        using var compressor = new ZstdCompressor(1);
        byte[] frame = Compress(compressor, [.. Enumerable.Repeat((byte)7, 250)]);
        Assert.Equal(250, frame[5]);
        foreach (byte other in new byte[] { 0, 249, 251 })
        {
            frame[5] = other;
            Assert.Throws<InvalidDataException>(() => Zstd.Decompress(frame, Most));
        }
    }

    [Fact]
    public void Rubbish_is_refused_and_does_no_harm() => Gen.Select(Gen.Byte.Array[0, 200], Gen.Bool).Sample((bytes, looksGood) =>
    {
        byte[] frames = looksGood ? [0x28, 0xb5, 0x2f, 0xfd, .. bytes] : bytes;
        try
        {
            Zstd.Decompress(frames, Most).Dispose();
        }
        catch (InvalidDataException)
        {
            // What it should be, unless it happens to be a frame.
        }
    });

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void A_level_whose_window_is_too_large_is_refused(int level) => Assert.Throws<ArgumentOutOfRangeException>(() => new ZstdCompressor(level));

    private static byte[] Compress(ZstdCompressor compressor, byte[] content)
    {
        byte[] frame = new byte[ZstdCompressor.Bound(content.Length)];
        return frame[..compressor.Compress(content, frame)];
    }

    private static byte[] Stream(byte[] content, bool checksum)
    {
        using var output = new MemoryStream();
        using (var stream = new CompressionStream(output, 3, leaveOpen: true))
        {
            stream.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, checksum ? 1 : 0);
            stream.Write(content);
        }

        return output.ToArray();
    }
}
