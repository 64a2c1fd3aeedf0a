namespace DocIngest.Backup.Crypto;

/// <summary>The one-time authenticator of RFC 8439, 2.5. r is clamped on use, so that it is stored as it was drawn (restic-format 2.2).</summary>
internal static class Poly1305
{
    internal const int TagBytes = 16;
    internal const int KeyBytes = 32;

    private static readonly bool IsReady = Sodium.IsReady;

    /// <param name="key">r, then s.</param>
    /// <param name="message">Of any length.</param>
    /// <param name="tag">16 bytes.</param>
    internal static unsafe void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> tag)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tag.Length, TagBytes);
        fixed (byte* keyAt = key, messageAt = message, tagAt = tag)
        {
            if (!IsReady || Sodium.OneTimeAuth(tagAt, messageAt, (ulong)message.Length, keyAt) != 0)
                throw new InvalidOperationException("libsodium cannot authenticate.");
        }
    }
}
