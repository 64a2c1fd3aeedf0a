namespace DocIngest.Backup.Crypto;

/// <summary>libsodium's: on every machine, and without state.</summary>
internal sealed class SodiumPoly1305 : Poly1305
{
    private static readonly bool IsReady = Sodium.IsReady;

    /// <inheritdoc />
    internal override unsafe void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> tag)
    {
        CheckLengths(key, tag);
        fixed (byte* keyAt = key, messageAt = message, tagAt = tag)
        {
            if (!IsReady || Sodium.OneTimeAuth(tagAt, messageAt, (ulong)message.Length, keyAt) != 0)
                throw new InvalidOperationException("libsodium cannot authenticate.");
        }
    }

    public override void Dispose()
    {
        // There is no state.
    }
}
