namespace DocIngest.Backup.Chunking;

/// <summary>Says where content is cut into chunks, so that equal stretches of files become equal blobs (restic-format 10).</summary>
/// <remarks>
/// A chunk is at least <see cref="ShortestChunk"/> long (but the last of a file) and at most <see cref="LongestChunk"/>, and ends where the
/// fingerprint of its last 64 bytes has twenty zero bits. Immutable, for any number of threads.
/// </remarks>
internal sealed class Chunker
{
    internal const int ShortestChunk = 512 * 1024;
    internal const int LongestChunk = 8 * 1024 * 1024;

    private readonly Fingerprints _fingerprints;

    /// <exception cref="ArgumentException">No repository can have this polynomial.</exception>
    internal Chunker(Polynomial polynomial)
        : this(polynomial.IsUsable ? Fingerprints.Of(polynomial) : throw new ArgumentException("The polynomial is reducible or not of degree 53.", nameof(polynomial)))
    {
    }

    internal Chunker(Fingerprints fingerprints) => _fingerprints = fingerprints;

    /// <summary>The chunk of nothing but zeros, whatever the polynomial: a run of zeros is cut into these.</summary>
    internal static BlobId ZeroChunk { get; } = BlobId.Of(new byte[ShortestChunk]);

    /// <summary>Whether this is <see cref="ZeroChunk"/>, which a look tells faster than a hash.</summary>
    internal static bool IsZeroChunk(ReadOnlySpan<byte> chunk) => chunk.Length == ShortestChunk && chunk.IndexOfAnyExcept((byte)0) < 0;

    /// <summary>The length of the chunk that this content begins with.</summary>
    /// <param name="content">From the chunk's first byte on, as far as it has been read.</param>
    /// <param name="examined">How much of it an earlier call has found no end in.</param>
    /// <returns>Zero where the content does not reach the end of the chunk; if nothing follows, all of it is the last chunk.</returns>
    internal int FindEnd(ReadOnlySpan<byte> content, int examined = 0)
    {
        int from = Math.Max(examined + 1, ShortestChunk);
        int to = Math.Min(content.Length, LongestChunk);
        int end = from <= to ? _fingerprints.FirstCut(content, from, to) : 0;
        return end == 0 && content.Length >= LongestChunk ? LongestChunk : end;
    }
}
