namespace DocIngest.Backup.Chunking;

/// <summary>
/// Finds where the Rabin fingerprint of the last 64 bytes allows a cut. The fingerprint depends on nothing else, so places are looked
/// at in several lanes at once, in any order.
/// </summary>
/// <remarks>
/// The fingerprint of bytes b0 to b63 is the polynomial of these 512 bits modulo the repository's. One byte on it is
/// <c>h·x^8 + entering + leaving·x^512</c>. Immutable, for any number of threads.
/// </remarks>
internal abstract class Fingerprints
{
    /// <summary>Bytes that a fingerprint is of.</summary>
    internal const int WindowBytes = 64;

    /// <summary>A cut is allowed where these bits are zero: about every MiB.</summary>
    internal const ulong CutMask = (1 << 20) - 1;

    /// <summary>The way that is fastest on this machine. All give the same cuts.</summary>
    internal static Fingerprints Of(Polynomial polynomial) =>
        VectorFingerprints.IsSupported ? new VectorFingerprints(polynomial) : new ScalarFingerprints(polynomial);

    /// <summary>The smallest length between the two, both included, at which the first so many bytes may be cut off.</summary>
    /// <param name="data">At least <paramref name="to"/> bytes.</param>
    /// <param name="from">More than <see cref="WindowBytes"/>.</param>
    /// <returns>Zero where there is none.</returns>
    internal int FirstCut(ReadOnlySpan<byte> data, int from, int to)
    {
        // The lanes below read without bounds of their own.
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(from, WindowBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, data.Length);
        return Find(data, from, to);
    }

    /// <inheritdoc cref="FirstCut" />
    private protected abstract int Find(ReadOnlySpan<byte> data, int from, int to);
}
