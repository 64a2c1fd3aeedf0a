using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace DocIngest.Backup.Crypto;

/// <summary>AES-256 in counter mode. The whole block is the counter: 128 bits, big-endian, wrapping (restic-format 2.2).</summary>
/// <remarks>
/// The framework has AES but no counter mode: it encrypts blocks of counters here, many at a time. Not for several threads.
/// Nothing is allocated after construction.
/// </remarks>
internal sealed class AesCtr : IDisposable
{
    internal const int BlockBytes = 16;

    /// <summary>Fits the first-level cache together with what it is combined with.</summary>
    private const int StreamBytes = 8 * 1024;

    private readonly ICryptoTransform _blocks;
    private readonly byte[] _stream = new byte[StreamBytes];

    internal AesCtr(byte[] key) => _blocks = AesBlocks.Encryptor(key);

    /// <summary>Encrypts or decrypts, which is the same.</summary>
    /// <param name="start">The first counter block.</param>
    /// <param name="input">Of any length.</param>
    /// <param name="output">As long; the very same memory, or apart from it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Transform(ReadOnlySpan<byte> start, ReadOnlySpan<byte> input, Span<byte> output)
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

    public void Dispose()
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
