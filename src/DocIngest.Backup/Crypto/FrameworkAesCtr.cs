using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace DocIngest.Backup.Crypto;

/// <summary>The framework has AES but no counter mode: it encrypts blocks of counters here, many at a time.</summary>
internal sealed class FrameworkAesCtr : AesCtr
{
    /// <summary>Fits the first-level cache together with what it is combined with.</summary>
    private const int StreamBytes = 8 * 1024;

    private readonly ICryptoTransform _blocks;
    private readonly byte[] _stream = new byte[StreamBytes];

    internal FrameworkAesCtr(byte[] key) => _blocks = AesBlocks.Encryptor(key);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Transform(ReadOnlySpan<byte> start, ReadOnlySpan<byte> input, Span<byte> output)
    {
        ulong high = BinaryPrimitives.ReadUInt64BigEndian(start);
        ulong low = BinaryPrimitives.ReadUInt64BigEndian(start[8..]);
        while (!input.IsEmpty)
        {
            int length = Math.Min(input.Length, StreamBytes);
            int blocks = (length + BlockBytes - 1) / BlockBytes;
            FillCounters(blocks, ref high, ref low);
            _blocks.TransformBlock(_stream, 0, blocks * BlockBytes, _stream, 0);
            Xor(input[..length], _stream, output);
            input = input[length..];
            output = output[length..];
        }
    }

    public override void Dispose()
    {
        CryptographicOperations.ZeroMemory(_stream);
        _blocks.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // as Xor
    private void FillCounters(int blocks, ref ulong high, ref ulong low)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(_stream.AsSpan(0, blocks * BlockBytes));
        ulong highBytes = BigEndian(high);
        for (int i = 0; i + 1 < words.Length; i += 2)
        {
            words[i] = highBytes;
            words[i + 1] = BigEndian(low);
            if (++low == 0)
                highBytes = BigEndian(++high);
        }
    }

    private static ulong BigEndian(ulong value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    /// <summary>Compiled well from its first call on: a run of a second would spend half of it in the code that the runtime makes at first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Xor(ReadOnlySpan<byte> input, ReadOnlySpan<byte> stream, Span<byte> output)
    {
        int at = 0;
        for (; at <= input.Length - Vector256<byte>.Count; at += Vector256<byte>.Count)
            (Vector256.Create(input[at..]) ^ Vector256.Create(stream[at..])).CopyTo(output[at..]);
        for (; at < input.Length; at++)
            output[at] = (byte)(input[at] ^ stream[at]);
    }
}
