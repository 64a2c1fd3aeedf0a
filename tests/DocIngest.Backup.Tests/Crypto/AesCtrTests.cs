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

    [Fact]
    public void It_is_the_sum_of_the_message_and_encrypted_counters() =>
        Gen.Select(Start, Gen.Byte.Array[0, 60_000]).Sample((start, message) =>
        {
            using var cipher = new AesCtr(Key);
            byte[] output = new byte[message.Length];
            cipher.Transform(start, message, output);
            return output.AsSpan().SequenceEqual(ByTheBook(start, message));
        });

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
