using System.Numerics;
using System.Security.Cryptography;
using CsCheck;
using DocIngest.Backup.Crypto;

namespace DocIngest.Backup.Tests.Crypto;

public sealed class AesCtrTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private static readonly Gen<byte[]> Start = Gen.OneOf(
        Gen.Byte.Array[16],
        Gen.Int[0, 3000].Select(below => Block(UInt128.MaxValue - (UInt128)below)),   // wraps within the message
        Gen.Int[0, 3000].Select(below => Block(ulong.MaxValue - (ulong)below)));   // carries into the upper half

    /// <summary>Each that this machine can have.</summary>
    public static TheoryData<string> Kinds => LibCrypto.IsThere ? [nameof(FrameworkAesCtr), nameof(LibCryptoAesCtr)] : [nameof(FrameworkAesCtr)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_is_the_sum_of_the_message_and_encrypted_counters(string kind) =>
        Gen.Select(Start, Gen.Byte.Array[0, 60_000]).Sample((start, message) =>
        {
            using AesCtr cipher = kind == nameof(FrameworkAesCtr) ? new FrameworkAesCtr(Key) : new LibCryptoAesCtr(Key);
            byte[] output = new byte[message.Length];
            cipher.Transform(start, message, output);
            byte[] inPlace = [.. message];
            cipher.Transform(start, inPlace, inPlace);
            return output.AsSpan().SequenceEqual(ByTheBook(start, message)) && inPlace.AsSpan().SequenceEqual(output);
        });

    [Fact]
    public void Linux_has_the_fast_one() => Assert.Equal(OperatingSystem.IsLinux(), LibCrypto.IsThere);

    private static byte[] ByTheBook(byte[] start, byte[] message)
    {
        using var aes = Aes.Create();
        aes.Key = Key;
        var counter = new BigInteger(start, isUnsigned: true, isBigEndian: true);
        byte[] output = [.. message];
        for (int at = 0; at < output.Length; at += 16, counter = (counter + 1) % (BigInteger.One << 128))
        {
            byte[] pad = aes.EncryptEcb(Block((UInt128)counter), PaddingMode.None);
            for (int i = at; i < Math.Min(at + 16, output.Length); i++)
                output[i] ^= pad[i - at];
        }

        return output;
    }

    private static byte[] Block(UInt128 value)
    {
        byte[] block = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(block, value);
        return block;
    }
}
