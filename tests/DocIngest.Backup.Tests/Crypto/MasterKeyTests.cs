using CsCheck;
using DocIngest.Backup.Crypto;

namespace DocIngest.Backup.Tests.Crypto;

public sealed class MasterKeyTests
{
    private static readonly byte[] Nonce = Range(0x40, 16);

    private static readonly MasterKey Key = new([.. Range(0x00, 32), .. Range(0x20, 16), .. Range(0x30, 16)]);

    [Fact]
    public void Sealing_gives_the_bytes_that_restic_opens()
    {
        byte[] output = new byte[30 + MasterKey.Overhead];
        Key.Seal(Nonce, "DocIngest restic AEAD vector 1"u8, output);
        Assert.Equal(
            "404142434445464748494a4b4c4d4e4f" +
            "e711bc76f93ddf9ce75b10a2fe2fd83490345bd2ecce1224e89dd2bc7067" +
            "76eb4537a50a629dd8b3d3964b08012c", Convert.ToHexStringLower(output));
    }

    [Fact]
    public void The_tag_of_nothing_is_the_pad()
    {
        byte[] output = new byte[MasterKey.Overhead];
        Key.Seal(Nonce, [], output);
        Assert.Equal("404142434445464748494a4b4c4d4e4f859469c07743c7e45b318d151d3d87e9", Convert.ToHexStringLower(output));
        Assert.True(Key.TryOpen(output, []));
    }

    [Fact]
    public void The_counter_wraps_at_128_bits()
    {
        byte[] output = new byte[40 + MasterKey.Overhead];
        Key.Seal(Range(0xff, 16, step: 0), new byte[40], output);
        Assert.Equal(
            "e999e41d4ca770da5387117b5d8f57eef29000b62a499fd0a9f39a6add2e7780f05d76ae4ab99fe5",
            Convert.ToHexStringLower(output.AsSpan(16, 40)));
    }

    [Fact]
    public void Whatever_is_sealed_opens_to_the_same() => Gen.Byte.Array[0, 40_000].Sample(plaintext =>
    {
        byte[] output = new byte[plaintext.Length + MasterKey.Overhead];
        Key.Seal(plaintext, output);
        byte[] opened = new byte[plaintext.Length];
        return Key.TryOpen(output, opened) && opened.AsSpan().SequenceEqual(plaintext);
    });

    [Fact]
    public void It_seals_and_opens_in_place() => Gen.Byte.Array[0, 40_000].Sample(plaintext =>
    {
        byte[] memory = new byte[plaintext.Length + MasterKey.Overhead];
        plaintext.CopyTo(memory, 16);
        Key.Seal(memory.AsSpan(16, plaintext.Length), memory);
        return Key.TryOpen(memory, memory.AsSpan(16, plaintext.Length)) && memory.AsSpan(16, plaintext.Length).SequenceEqual(plaintext);
    });

    [Fact]
    public void A_change_of_any_bit_is_noticed_and_nothing_is_given_out()
    {
        byte[] output = new byte[20 + MasterKey.Overhead];
        Key.Seal(new byte[20], output);
        byte[] opened = Range(7, 20, step: 0);
        for (int bit = 0; bit < output.Length * 8; bit++)
        {
            output[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Key.TryOpen(output, opened));
            Assert.All(opened, b => Assert.Equal(7, b));
            output[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(Key.TryOpen(output, opened));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(31)]
    public void What_is_shorter_than_a_seal_does_not_open(int length) => Assert.False(Key.TryOpen(new byte[length], []));

    [Fact]
    public void A_nonce_of_zeros_does_not_open()
    {
        byte[] output = new byte[MasterKey.Overhead];
        Key.Seal(Nonce, [], output);
        output.AsSpan(0, 16).Clear();
        Assert.False(Key.TryOpen(output, []));
        Assert.Throws<System.Security.Cryptography.CryptographicException>(() => Key.Seal(new byte[16], [], output));
    }

    [Fact]
    public void Every_sealing_has_its_own_nonce()
    {
        byte[] output = new byte[MasterKey.Overhead];
        var nonces = new HashSet<string>();
        for (int i = 0; i < 100; i++)
        {
            Key.Seal([], output);
            Assert.True(nonces.Add(Convert.ToHexString(output.AsSpan(0, 16))));
        }
    }

    [Theory]
    [InlineData(0, 32)]
    [InlineData(32, 16)]
    [InlineData(48, 16)]
    public void A_key_with_a_part_of_zeros_is_none(int start, int length)
    {
        byte[] key = Range(1, 64);
        key.AsSpan(start, length).Clear();
        Assert.Throws<ArgumentException>(() => new MasterKey(key));
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        byte[] plaintext = new byte[100_000], output = new byte[100_000 + MasterKey.Overhead];
        Use();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Use();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Use()
        {
            Key.Seal(plaintext, output);
            Key.TryOpen(output, plaintext);
        }
    }

    [Fact]
    public void Several_threads_share_a_key() => Parallel.For(0, 64, thread =>
    {
        byte[] plaintext = Range((byte)thread, 10_000, step: 3), output = new byte[10_000 + MasterKey.Overhead], opened = new byte[10_000];
        for (int i = 0; i < 20; i++)
        {
            Key.Seal(plaintext, output);
            Assert.True(Key.TryOpen(output, opened));
            Assert.Equal(plaintext, opened);
        }
    });

    [Fact]
    public void A_disposed_key_is_gone()
    {
        var key = MasterKey.Draw();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Seal([], new byte[MasterKey.Overhead]));
    }

    private static byte[] Range(byte first, int count, int step = 1) => [.. Enumerable.Range(0, count).Select(i => (byte)(first + (i * step)))];
}
