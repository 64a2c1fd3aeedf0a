using CsCheck;
using DocIngest.Backup.Chunking;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Chunking;

public sealed class ChunkReaderTests
{
    private static readonly Chunker Known = new(new Polynomial(0x3DA3358B4DC173));
    private static readonly byte[] Portable = Content.Portable(4 * 1024 * 1024);
    private static readonly int[] Lengths = [1015968, 1087132, 693439, 1397765];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_way_to_read_a_stream_gives_the_same_chunks() =>
        await Gen.OneOf(Gen.Int[1, 100_000], Gen.Int[1, 5_000_000]).Array[1, 30].SampleAsync(
            async reads =>
            {
                var (lengths, joined) = await ReadAsync(new StutteringStream(Portable, reads));
                Assert.Equal(Lengths, lengths);
                Assert.True(joined.AsSpan().SequenceEqual(Portable));
            },
            iter: 60);

    [Fact]
    public async Task Byte_by_byte_the_chunks_are_the_same()
    {
        byte[] content = Portable[..1_100_000];
        var (lengths, joined) = await ReadAsync(new StutteringStream(content, [1]));
        Assert.Equal([Lengths[0], 1_100_000 - Lengths[0]], lengths);
        Assert.True(joined.AsSpan().SequenceEqual(content));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(512 * 1024)]
    [InlineData((512 * 1024) + 1)]
    [InlineData(1015967)]
    [InlineData(1015968)]
    [InlineData(1015969)]
    public async Task Chunks_joined_are_the_content(int length)
    {
        var (lengths, joined) = await ReadAsync(new MemoryStream(Portable[..length]));
        Assert.True(joined.AsSpan().SequenceEqual(Portable.AsSpan(0, length)));
        Assert.Equal(length, lengths.Sum());
        Assert.All(lengths, chunk => Assert.True(chunk > 0));
    }

    [Fact]
    public async Task Chunks_as_long_as_the_buffer_are_read()
    {
        byte[] content = new byte[Chunker.LongestChunk + 10];
        content.AsSpan().Fill(1);
        var (lengths, joined) = await ReadAsync(new MemoryStream(content));
        Assert.Equal([Chunker.LongestChunk, 10], lengths);
        Assert.True(joined.AsSpan().SequenceEqual(content));
    }

    [Fact]
    public async Task One_reader_reads_one_stream_after_the_other()
    {
        using var reader = new ChunkReader(Known);
        reader.Open(new MemoryStream(Portable));
        _ = await reader.ReadAsync(Cancellation);   // given up after the first chunk
        reader.Open(new MemoryStream([1, 2, 3]));
        byte[] second = (await reader.ReadAsync(Cancellation)).ToArray();
        Assert.Equal([1, 2, 3], second);
        Assert.True((await reader.ReadAsync(Cancellation)).IsEmpty);
        Assert.True((await reader.ReadAsync(Cancellation)).IsEmpty);
    }

    [Fact]
    public async Task A_reader_gives_its_memory_back_once()
    {
        var reader = new ChunkReader(Known);
        reader.Dispose();
        reader.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await reader.ReadAsync(Cancellation));
    }

    /// <summary>Content that differs only near the front shares all later chunks: what chunks are for.</summary>
    [Fact]
    public async Task An_insertion_moves_the_later_cuts_along()
    {
        var (lengths, _) = await ReadAsync(new MemoryStream([.. Portable[..1000], 42, .. Portable[1000..]]));
        Assert.Equal([Lengths[0] + 1, .. Lengths[1..]], lengths);
    }

    private static async Task<(List<int> Lengths, byte[] Joined)> ReadAsync(Stream stream)
    {
        using var reader = new ChunkReader(Known);
        reader.Open(stream);
        var lengths = new List<int>();
        var joined = new MemoryStream();
        for (var chunk = await reader.ReadAsync(Cancellation); !chunk.IsEmpty; chunk = await reader.ReadAsync(Cancellation))
        {
            lengths.Add(chunk.Length);
            joined.Write(chunk.Span);
        }

        return (lengths, joined.ToArray());
    }

    /// <summary>Gives as many bytes at a read as it is told, over and over.</summary>
    private sealed class StutteringStream(byte[] content, int[] reads) : ReadOnlyStream
    {
        private int _at;
        private int _read;

        public override int Read(Span<byte> buffer)
        {
            int length = Math.Min(Math.Min(buffer.Length, reads[_read++ % reads.Length]), content.Length - _at);
            content.AsSpan(_at, length).CopyTo(buffer);
            _at += length;
            return length;
        }
    }
}
