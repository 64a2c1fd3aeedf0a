using System.Buffers.Binary;
using CsCheck;
using DocIngest.Backup.Compression;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Tests.Packs;

public sealed class PackTests
{
    private static readonly MasterKey Key = MasterKey.Draw();

    private static readonly Gen<byte[]> Content = Gen.OneOf(Gen.Byte.Array[1, 3000], Gen.Byte[0, 3].Array[1, 3000]);

    private static readonly Gen<PackedBlob[]> Blobs =
        Gen.Select(Gen.Bool, Gen.Byte.Array[32], Gen.UInt[32, 1_000_000], Gen.UInt[0, 3_000_000]).Array[1, 300].Select(parts =>
        {
            uint offset = 0;
            return parts.Select(part =>
            {
                var blob = new PackedBlob(part.Item1 ? BlobType.Tree : BlobType.Data, new BlobId(new Sha256Digest(part.Item2)), offset, part.Item3, part.Item4);
                offset += part.Item3;
                return blob;
            }).ToArray();
        });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_header_comes_back_as_it_was() => Blobs.Sample(blobs =>
    {
        byte[] header = new byte[blobs.Sum(blob => PackHeader.EntryBytes(blob.IsCompressed))];
        PackHeader.Write(blobs, header);
        return PackHeader.Read(header).AsSpan().SequenceEqual(blobs);
    });

    /// <summary>The four kinds of entry, byte by byte (restic-format 6).</summary>
    [Fact]
    public void A_header_has_the_bytes_that_restic_reads()
    {
        var id = new BlobId(new Sha256Digest([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        const string Hash = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        PackedBlob[] blobs =
        [
            new(BlobType.Data, id, 0, 0x01020304, 0), new(BlobType.Tree, id, 0x01020304, 33, 0),
            new(BlobType.Data, id, 0x01020325, 100, 0x0a0b0c0d), new(BlobType.Tree, id, 0x01020389, 40, 1),
        ];
        byte[] header = new byte[(2 * 37) + (2 * 41)];
        PackHeader.Write(blobs, header);
        Assert.Equal($"0004030201{Hash}0121000000{Hash}02640000000d0c0b0a{Hash}032800000001000000{Hash}", Convert.ToHexStringLower(header));
        Assert.Equal(blobs, PackHeader.Read(header));
        Assert.Equal(36 + 0x01020304 + 33 + 100 + 40 + header.Length, PackHeader.PackBytes(blobs));
    }

    [Theory]
    [InlineData("04")]   // a kind that does not exist
    [InlineData("00")]   // ends within the entry
    [InlineData("0020000000")]
    [InlineData("001f000000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]   // shorter than its seal
    [InlineData("022000000000000000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")]   // compressed, of no content
    public void A_malformed_header_is_refused(string header) =>
        Assert.Throws<InvalidDataException>(() => PackHeader.Read(Convert.FromHexString(header)));

    [Fact]
    public void A_header_beyond_4_GiB_is_refused()
    {
        byte[] entry = Convert.FromHexString("00ffffff80000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        Assert.Single(PackHeader.Read(entry));
        Assert.Throws<InvalidDataException>(() => PackHeader.Read([.. entry, .. entry]));
    }

    [Fact]
    public void A_pack_gives_its_blobs_back() =>
        Gen.Select(Content.Array[1, 30], Gen.Enum<CompressionMode>().Where(mode => mode is not CompressionMode.Max), Gen.Enum<BlobType>(), Gen.Int[1, 2]).Sample((contents, mode, type, version) =>
        {
            using var codec = new BlobCodec(Key, mode, version);
            var pack = Build(codec, type, contents);
            var blobs = PackReader.ReadHeader(pack.Id, Key, pack.Content.Span);
            Assert.Equal(pack.Blobs, blobs);
            Assert.Equal(PackHeader.PackBytes(blobs), pack.Content.Length);
            Assert.Equal(FileId.Of(pack.Content.Span), pack.Id);
            foreach (var (blob, content) in blobs.Zip(contents))
            {
                Assert.Equal(type, blob.Type);
                Assert.Equal(content.Length, blob.PlaintextLength);
                Assert.True(version == 2 || !blob.IsCompressed);
                Assert.True(version == 1 || type is BlobType.Data || blob.IsCompressed);   // restic repacks others
                Assert.True(mode is not CompressionMode.Off || type is BlobType.Tree || !blob.IsCompressed);
                using var decoded = BlobCodec.Decode(Key, blob.Id, blob.IsCompressed, pack.Content.Span.Slice((int)blob.Offset, (int)blob.Length));
                Assert.True(decoded.Span.SequenceEqual(content));
            }
        }, iter: 100);

    [Theory]
    [InlineData(CompressionMode.Fast)]
    [InlineData(CompressionMode.Off)]
    public void A_blob_is_opened_where_it_lies(CompressionMode mode)
    {
        using var codec = new BlobCodec(Key, mode, 2);
        byte[] content = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i / 9))], output = new byte[BlobCodec.MaxSealedBytes(10_000)];
        var encoded = codec.Encode(BlobType.Data, content, output);
        var (id, isCompressed) = (BlobId.Of(content), encoded.UncompressedLength != 0);
        Memory<byte> Sealed() => output.AsSpan(0, encoded.SealedLength).ToArray();
        using (var memory = BlobCodec.DecodeInPlace(Key, id, isCompressed, Sealed(), out var plaintext))
        {
            Assert.Equal(isCompressed, memory is not null);
            Assert.True(plaintext.Span.SequenceEqual(content));
        }

        Assert.Throws<InvalidDataException>(() => BlobCodec.DecodeInPlace(Key, BlobId.Of("other"u8), isCompressed, Sealed(), out _));
        output[20] ^= 1;
        Assert.Throws<InvalidDataException>(() => BlobCodec.DecodeInPlace(Key, id, isCompressed, Sealed(), out _));
        Assert.Throws<InvalidDataException>(() => BlobCodec.DecodeInPlace(Key, id, isCompressed, output.AsMemory(0, 31), out _));
    }

    [Fact]
    public void Data_that_does_not_shrink_is_stored_as_it_is()
    {
        using var codec = new BlobCodec(Key, CompressionMode.Fast, 2);
        byte[] noise = new byte[10_000], output = new byte[BlobCodec.MaxSealedBytes(10_000)];
        Random.Shared.NextBytes(noise);
        Assert.Equal(new EncodedBlob(10_032, 0), codec.Encode(BlobType.Data, noise, output));
        Assert.True(codec.Encode(BlobType.Data, new byte[10_000], output) is { SealedLength: < 100, UncompressedLength: 10_000 });
        Assert.Throws<ArgumentOutOfRangeException>(() => codec.Encode(BlobType.Data, [], output));
    }

    [Fact]
    public void Long_data_is_compressed_where_any_of_its_samples_shrinks()
    {
        const int Length = 300_000;
        using var codec = new BlobCodec(Key, CompressionMode.Fast, 2);
        byte[] content = new byte[Length], output = new byte[BlobCodec.MaxSealedBytes(Length)];
        new Random(1).NextBytes(content);
        Assert.Equal(0, codec.Encode(BlobType.Data, content, output).UncompressedLength);
        foreach (int at in (int[])[0, (Length / 2) - 20_000, Length - 40_000])
        {
            byte[] mixed = [.. content];
            mixed.AsSpan(at, 40_000).Clear();
            var encoded = codec.Encode(BlobType.Data, mixed, output);
            Assert.Equal(Length, encoded.UncompressedLength);
            codec.Verify(mixed, encoded, output);
        }
    }

    [Fact]
    public void A_blob_that_does_not_read_as_it_was_given_is_noticed_before_anybody_relies_on_it()
    {
        using var codec = new BlobCodec(Key, CompressionMode.Fast, 2);
        foreach (bool compresses in (bool[])[true, false])
        {
            byte[] content = new byte[10_000], output = new byte[BlobCodec.MaxSealedBytes(10_000)];
            if (!compresses)
                new Random(2).NextBytes(content);
            var encoded = codec.Encode(BlobType.Data, content, output);
            codec.Verify(content, encoded, output);
            content[5_000] ^= 1;
            Assert.Throws<UnsoundEncodingException>(() => codec.Verify(content, encoded, output));
            content[5_000] ^= 1;
            Assert.Throws<UnsoundEncodingException>(() => codec.Verify(content, encoded with { UncompressedLength = compresses ? 0 : 10_000 }, output));
            output[20] ^= 1;
            Assert.Throws<UnsoundEncodingException>(() => codec.Verify(content, encoded, output));
        }
    }

    [Fact]
    public void A_blob_that_is_not_what_its_header_says_is_told_from_a_whole_one()
    {
        using var codec = new BlobCodec(Key, CompressionMode.Fast, 2);
        byte[] content = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i / 9))], output = new byte[BlobCodec.MaxSealedBytes(10_000)];
        var id = BlobId.Of(content);
        var encoded = codec.Encode(BlobType.Data, content, output);
        Assert.True(codec.IsWhole(id, encoded, output));
        Assert.False(codec.IsWhole(BlobId.Of("other"u8), encoded, output));
        Assert.False(codec.IsWhole(id, encoded with { UncompressedLength = 9_999 }, output));
        Assert.False(codec.IsWhole(id, encoded with { UncompressedLength = 0 }, output));
        output[20] ^= 1;
        Assert.False(codec.IsWhole(id, encoded, output));
    }

    [Fact]
    public void A_tiny_blob_that_claims_16_GiB_takes_no_memory()
    {
        byte[] frame = Compression.ZstdTests.Declaring(16L << 30), output = new byte[frame.Length + MasterKey.Overhead];
        Key.Seal(frame, output);
        long before = GC.GetTotalAllocatedBytes();
        Assert.Throws<InvalidDataException>(() => BlobCodec.Decode(Key, BlobId.Of([]), isCompressed: true, output));
        Assert.True(GC.GetTotalAllocatedBytes() - before < 100_000_000);
    }

    [Fact]
    public void A_builder_is_used_again()
    {
        using var codec = new BlobCodec(Key, CompressionMode.Fast, 2);
        var builder = new PackBuilder(Key, BlobType.Data, 16);   // has to grow
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i <= round; i++)
                Add(builder, codec, [(byte)round, (byte)i]);
            Assert.Equal(round + 1, builder.Count);
            long expected = builder.SizeBytes;
            var pack = builder.Finish();
            Assert.Equal(expected, pack.Content.Length);
            Assert.Equal(round + 1, PackReader.ReadHeader(pack.Id, Key, pack.Content.Span).Length);
            builder.Clear();
        }

        Assert.Throws<InvalidOperationException>(builder.Finish);
    }

    [Theory]
    [InlineData(-1)]   // the length of the header
    [InlineData(-10)]   // its authentication
    public void A_pack_whose_header_does_not_tell_its_blobs_is_noticed_before_it_is_saved(int at)
    {
        using var codec = new BlobCodec(Key, CompressionMode.Fast, 2);
        var pack = Build(codec, BlobType.Data, [[1, 2], [3]]);
        PackBuilder.Verify(pack, Key);
        byte[] faulty = pack.Content.ToArray();
        faulty[faulty.Length + at] ^= 1;
        Assert.Throws<UnsoundEncodingException>(() => PackBuilder.Verify(pack with { Content = faulty }, Key));
        Assert.Throws<UnsoundEncodingException>(() => PackBuilder.Verify(pack with { Blobs = pack.Blobs[..1] }, Key));
    }

    [Fact]
    public void A_pack_is_full_by_size_or_by_count()
    {
        using var codec = new BlobCodec(Key, CompressionMode.Off, 2);
        var builder = new PackBuilder(Key, BlobType.Data, 1000);
        Add(builder, codec, new byte[1000]);
        Assert.False(builder.IsFull(1200));
        Assert.True(builder.IsFull(1000));
        for (int i = 1; i < PackBuilder.MostBlobs; i++)
        {
            Assert.False(builder.IsFull(long.MaxValue));
            Add(builder, codec, [1]);
        }

        Assert.True(builder.IsFull(long.MaxValue));
        Assert.Equal(PackBuilder.MostBlobs, builder.Finish().Blobs.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(90)]
    [InlineData(120)]   // more than is read at first
    [InlineData(5_000)]
    public async Task A_header_of_any_length_is_fetched(int count)
    {
        var store = new FolderStore(RepositoryWorld.NewFolder());
        using var codec = new BlobCodec(Key, CompressionMode.Off, 2);
        var pack = Build(codec, BlobType.Data, [.. Enumerable.Range(0, count).Select(BitConverter.GetBytes)]);
        await store.SaveAsync(FileKind.Pack, pack.Id, pack.Content, Cancellation);
        Assert.Equal(pack.Blobs, await PackReader.ReadHeaderAsync(store, Key, new StoredFile(pack.Id, pack.Content.Length), Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(100_000)]
    [InlineData(uint.MaxValue)]
    public async Task A_length_that_the_file_cannot_hold_is_not_believed(uint length)
    {
        var store = new FolderStore(RepositoryWorld.NewFolder());
        byte[] content = new byte[10_000];
        BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(9_996), length);
        var id = FileId.Of(content);
        await store.SaveAsync(FileKind.Pack, id, content, Cancellation);
        await Assert.ThrowsAsync<DamagedRepositoryException>(() => PackReader.ReadHeaderAsync(store, Key, new StoredFile(id, 10_000), Cancellation));
        Assert.Throws<DamagedRepositoryException>(() => PackReader.ReadHeader(id, Key, content));
    }

    private static BuiltPack Build(BlobCodec codec, BlobType type, byte[][] contents)
    {
        var builder = new PackBuilder(Key, type, 1000);
        foreach (byte[] content in contents)
            Add(builder, codec, content);
        return builder.Finish();
    }

    private static void Add(PackBuilder builder, BlobCodec codec, byte[] content)
    {
        byte[] output = new byte[BlobCodec.MaxSealedBytes(content.Length)];
        builder.Add(BlobId.Of(content), codec.Encode(builder.Type, content, output), output);
    }
}
