namespace DocIngest.Backup.Chunking;

/// <summary>Four lanes of plain integers: one alone would wait for its table look-up at every byte.</summary>
internal sealed class ScalarFingerprints : Fingerprints
{
    private const int Lanes = 4;
    private const int LongestLane = 2048;   // long, since each begins with a window; short, since what lies behind a cut is for nothing
    private const int ShortestLane = 256;
    private const int TopBits = Polynomial.RequiredDegree - 8;   // the eight bits above leave at the next byte

    // By the bits that leave at the top, and by the byte that leaves the window.
    private readonly ulong[] _reduced = new ulong[256];
    private readonly ulong[] _leaving = new ulong[256];

    internal ScalarFingerprints(Polynomial polynomial)
    {
        for (uint i = 0; i < 256; i++)
        {
            _reduced[i] = polynomial.Shift(i, Polynomial.RequiredDegree) | ((ulong)i << Polynomial.RequiredDegree);
            _leaving[i] = polynomial.Shift(i, 8 * WindowBytes);
        }
    }

    private protected override int Find(ReadOnlySpan<byte> data, int from, int to)
    {
        while (from <= to)
        {
            int lane = Math.Min((to - from + 1) / Lanes, LongestLane);
            int cut = lane >= ShortestLane ? InLanes(data, from, lane) : InOneLane(data, from, to);
            if (cut != 0)
                return cut;
            from = lane >= ShortestLane ? from + (lane * Lanes) : to + 1;
        }

        return 0;
    }

    private int InOneLane(ReadOnlySpan<byte> data, int from, int to)
    {
        ulong hash = Before(data, from);
        for (int at = from; at <= to; at++)
        {
            hash = Next(hash, data[at - 1], data[at - 1 - WindowBytes]);
            if ((hash & CutMask) == 0)
                return at;
        }

        return 0;
    }

    private int InLanes(ReadOnlySpan<byte> data, int from, int lane)
    {
        var (hash0, hash1) = (Before(data, from), Before(data, from + lane));
        var (hash2, hash3) = (Before(data, from + (2 * lane)), Before(data, from + (3 * lane)));
        int first = int.MaxValue;

        // The bytes that leave and enter at each length, lane by lane.
        var out0 = data.Slice(from - 1 - WindowBytes, lane + WindowBytes);
        var out1 = data.Slice(from - 1 - WindowBytes + lane, lane + WindowBytes);
        var out2 = data.Slice(from - 1 - WindowBytes + (2 * lane), lane + WindowBytes);
        var out3 = data.Slice(from - 1 - WindowBytes + (3 * lane), lane + WindowBytes);
        for (int i = 0; i < lane; i++)
        {
            hash0 = Next(hash0, out0[i + WindowBytes], out0[i]);
            hash1 = Next(hash1, out1[i + WindowBytes], out1[i]);
            hash2 = Next(hash2, out2[i + WindowBytes], out2[i]);
            hash3 = Next(hash3, out3[i + WindowBytes], out3[i]);
            if ((hash0 & CutMask) == 0)
                return from + i;   // nothing behind can come before it
            if ((hash1 & CutMask) == 0)
                first = Math.Min(first, from + lane + i);
            if ((hash2 & CutMask) == 0)
                first = Math.Min(first, from + (2 * lane) + i);
            if ((hash3 & CutMask) == 0)
                first = Math.Min(first, from + (3 * lane) + i);
        }

        return first == int.MaxValue ? 0 : first;
    }

    /// <summary>The fingerprint one byte before a length: what <see cref="Next"/> then makes the fingerprint of that length.</summary>
    private ulong Before(ReadOnlySpan<byte> data, int length)
    {
        ulong hash = 0;
        foreach (byte entering in data.Slice(length - 1 - WindowBytes, WindowBytes))
            hash = ((hash << 8) | entering) ^ _reduced[hash >> TopBits];
        return hash;
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    private ulong Next(ulong hash, byte entering, byte leaving) =>
        ((hash << 8) | entering) ^ _reduced[(byte)(hash >> TopBits)] ^ _leaving[leaving];
}
