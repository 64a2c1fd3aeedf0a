namespace DocIngest.Backup.Crypto;

/// <summary>The one-time authenticator of RFC 8439, 2.5. r is clamped on use, so that it is stored as it was drawn (restic-format 2.2).</summary>
/// <remarks>Not for several threads. Nothing is allocated after construction.</remarks>
internal abstract class Poly1305 : IDisposable
{
    internal const int TagBytes = 16;
    internal const int KeyBytes = 32;

    /// <summary>The fastest that this machine has.</summary>
    internal static Poly1305 Create() => LibCrypto.IsThere ? new LibCryptoPoly1305() : new SodiumPoly1305();

    /// <param name="key">r, then s.</param>
    /// <param name="message">Of any length.</param>
    /// <param name="tag">16 bytes.</param>
    internal abstract void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> tag);

    public abstract void Dispose();

    private protected static void CheckLengths(ReadOnlySpan<byte> key, ReadOnlySpan<byte> tag)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tag.Length, TagBytes);
    }
}
