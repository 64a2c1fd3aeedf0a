using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DocIngest.Backup.Chunking;

/// <summary>
/// 32 lanes in AVX2 registers. The 53 bits of each fingerprint lie, shifted left by three, in seven vectors, one for each byte: so a
/// shift by eight bits is only another name for a vector, and the bits that leave at the top are the topmost vector.
/// </summary>
/// <remarks>Both reductions are linear over GF(2), so the image of a byte is the sum of those of its halves: 16-entry tables, looked up by one shuffle.</remarks>
internal sealed class VectorFingerprints : Fingerprints
{
    private const int Lanes = 32;
    private const int TileSteps = 16;
    private const int WarmTiles = WindowBytes / TileSteps;
    private const int RingTiles = 2 * WarmTiles;
    private const int LongestLane = 33 * WindowBytes;   // no power of two: else the lanes share few lines of the cache
    private const int ShortestLane = 8 * TileSteps;
    private const int HashBytes = 7;
    private const int Alignment = (8 * HashBytes) - Polynomial.RequiredDegree;   // 3 bits
    private const int TableBytes = 32;   // 16 entries, once for each half of a vector

    // For each byte of a fingerprint: the tables for the low and high half of what leaves at the top, then of what leaves the window.
    private readonly byte[] _tables = new byte[HashBytes * 4 * TableBytes];

    // For short stretches, and for the ends of long ones.
    private readonly ScalarFingerprints _scalar;

    internal VectorFingerprints(Polynomial polynomial)
    {
        _scalar = new ScalarFingerprints(polynomial);
        for (uint i = 0; i < 16; i++)
        {
            Enter(0, i, polynomial.Shift(i, Polynomial.RequiredDegree));
            Enter(1, i, polynomial.Shift(i << 4, Polynomial.RequiredDegree));
            Enter(2, i, polynomial.Shift(i, 8 * WindowBytes));
            Enter(3, i, polynomial.Shift(i << 4, 8 * WindowBytes));
        }
    }

    internal static bool IsSupported => Avx2.IsSupported;

    private protected override int Find(ReadOnlySpan<byte> data, int from, int to)
    {
        while (from <= to)
        {
            int lane = Math.Min((to - from + 1) / Lanes / TileSteps * TileSteps, LongestLane);
            if (lane < ShortestLane)
                return _scalar.FirstCut(data, from, to);
            int cut = InLanes(data, from, lane);
            if (cut != 0)
                return cut;
            from += lane * Lanes;
        }

        return 0;
    }

    private void Enter(int table, uint entry, ulong hash)
    {
        hash <<= Alignment;
        for (int i = 0; i < HashBytes; i++)
        {
            int at = (((i * 4) + table) * TableBytes) + (int)entry;
            _tables[at] = _tables[at + (TableBytes / 2)] = (byte)(hash >> (8 * i));
        }
    }

    [SkipLocalsInit]
    private int InLanes(ReadOnlySpan<byte> data, int from, int lane)
    {
        // The bytes of each step in all lanes; the older half is what leaves the window. At first that is nothing.
        Span<Vector256<byte>> ring = stackalloc Vector256<byte>[RingTiles * TileSteps];
        ring.Clear();
        Span<Vector256<byte>> scratch = stackalloc Vector256<byte>[TileSteps];

        ref byte tables = ref MemoryMarshal.GetArrayDataReference(_tables);
        ref byte firstLane = ref Unsafe.Add(ref MemoryMarshal.GetReference(data), from - 1 - WindowBytes);
        var half = Vector256.Create((byte)0x0f);
        var (hash0, hash1, hash2, hash3) = (Vector256<byte>.Zero, Vector256<byte>.Zero, Vector256<byte>.Zero, Vector256<byte>.Zero);
        var (hash4, hash5, hash6) = (Vector256<byte>.Zero, Vector256<byte>.Zero, Vector256<byte>.Zero);
        int first = int.MaxValue;
        for (int tile = 0; tile < WarmTiles + (lane / TileSteps); tile++)
        {
            var entering = ring.Slice(tile % RingTiles * TileSteps, TileSteps);
            var leaving = ring.Slice((tile + WarmTiles) % RingTiles * TileSteps, TileSteps);
            Transpose(ref Unsafe.Add(ref firstLane, tile * TileSteps), lane, entering, scratch);
            for (int step = 0; step < TileSteps; step++)
            {
                var enters = entering[step];
                var leaves = leaving[step];
                var topLow = hash6 & half;
                var topHigh = Vector256.ShiftRightLogical(hash6.AsUInt16(), 4).AsByte() & half;
                var low = leaves & half;
                var high = Vector256.ShiftRightLogical(leaves.AsUInt16(), 4).AsByte() & half;

                hash6 = hash5 ^ Image(ref tables, 6, topLow, topHigh, low, high);
                hash5 = hash4 ^ Image(ref tables, 5, topLow, topHigh, low, high);
                hash4 = hash3 ^ Image(ref tables, 4, topLow, topHigh, low, high);
                hash3 = hash2 ^ Image(ref tables, 3, topLow, topHigh, low, high);
                hash2 = hash1 ^ Image(ref tables, 2, topLow, topHigh, low, high);

                // What enters lies three bits up, across the lowest two bytes.
                hash1 = hash0 ^ Image(ref tables, 1, topLow, topHigh, low, high)
                    ^ (Vector256.ShiftRightLogical(enters.AsUInt16(), 8 - Alignment).AsByte() & Vector256.Create((byte)0x07));
                hash0 = Image(ref tables, 0, topLow, topHigh, low, high)
                    ^ (Vector256.ShiftLeft(enters.AsUInt16(), Alignment).AsByte() & Vector256.Create((byte)0xf8));

                uint cuts = Vector256.Equals(hash0 | hash1 | (hash2 & Vector256.Create((byte)0x7f)), Vector256<byte>.Zero).ExtractMostSignificantBits();
                if (cuts != 0 && tile >= WarmTiles)
                    first = Math.Min(first, from + ((tile - WarmTiles) * TileSteps) + step + (lane * System.Numerics.BitOperations.TrailingZeroCount(cuts)));
            }

            if (first < from + lane)
                return first;   // in the first lane: nothing behind can come before it
        }

        return first == int.MaxValue ? 0 : first;
    }

    /// <summary>One byte of the fingerprints' change: by what leaves at the top and by what leaves the window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Image(
        ref byte tables, int hashByte, Vector256<byte> topLow, Vector256<byte> topHigh, Vector256<byte> low, Vector256<byte> high)
    {
        ref byte table = ref Unsafe.Add(ref tables, hashByte * 4 * TableBytes);
        return Avx2.Shuffle(Vector256.LoadUnsafe(ref table), topLow)
            ^ Avx2.Shuffle(Vector256.LoadUnsafe(ref table, TableBytes), topHigh)
            ^ Avx2.Shuffle(Vector256.LoadUnsafe(ref table, 2 * TableBytes), low)
            ^ Avx2.Shuffle(Vector256.LoadUnsafe(ref table, 3 * TableBytes), high);
    }

    /// <summary>Turns 16 bytes of each lane into one vector for each step.</summary>
    /// <remarks>
    /// A row holds a lane and the one 16 lanes on. Of the eight bits that number the bytes of a half, four for the row and four within it,
    /// one round of interleaving moves the topmost to the lowest place. After four rounds rows and columns have changed places.
    /// </remarks>
    private static void Transpose(ref byte firstLane, int lane, Span<Vector256<byte>> steps, Span<Vector256<byte>> scratch)
    {
        for (int i = 0; i < TileSteps; i++)
            steps[i] = Vector256.Create(Vector128.LoadUnsafe(ref firstLane, (nuint)(i * lane)), Vector128.LoadUnsafe(ref firstLane, (nuint)((i + TileSteps) * lane)));
        Interleave(steps, scratch);
        Interleave(scratch, steps);
        Interleave(steps, scratch);
        Interleave(scratch, steps);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(ReadOnlySpan<Vector256<byte>> rows, Span<Vector256<byte>> mixed)
    {
        for (int i = 0; i < TileSteps / 2; i++)
        {
            var (upper, lower) = (rows[i], rows[i + (TileSteps / 2)]);
            mixed[2 * i] = Avx2.UnpackLow(upper, lower);
            mixed[(2 * i) + 1] = Avx2.UnpackHigh(upper, lower);
        }
    }
}
