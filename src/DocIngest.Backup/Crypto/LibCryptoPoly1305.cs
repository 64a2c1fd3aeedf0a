namespace DocIngest.Backup.Crypto;

/// <summary>OpenSSL's Poly1305.</summary>
internal sealed unsafe class LibCryptoPoly1305 : Poly1305
{
    private readonly LibCrypto.MacState _state = LibCrypto.NewMac(LibCrypto.Poly1305);

    /// <inheritdoc />
    internal override void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> tag)
    {
        CheckLengths(key, tag);
        fixed (byte* keyAt = key, messageAt = message, tagAt = tag)
        {
            LibCrypto.Demand(LibCrypto.StartMac(_state, keyAt, KeyBytes, 0));
            LibCrypto.Demand(LibCrypto.AddToMac(_state, messageAt, (nuint)message.Length));
            LibCrypto.Demand(LibCrypto.FinishMac(_state, tagAt, out nuint length, TagBytes));
            LibCrypto.Demand(length == TagBytes ? 1 : 0);
        }
    }

    public override void Dispose() => _state.Dispose();
}
