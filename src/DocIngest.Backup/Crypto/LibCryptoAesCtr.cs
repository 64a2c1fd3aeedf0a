namespace DocIngest.Backup.Crypto;

/// <summary>OpenSSL's counter mode.</summary>
internal sealed unsafe class LibCryptoAesCtr : AesCtr
{
    private const int KeyBytes = 32;

    private readonly LibCrypto.CipherState _state = LibCrypto.NewCipher();

    internal LibCryptoAesCtr(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        fixed (byte* keyAt = key)
            LibCrypto.Demand(LibCrypto.StartCipher(_state, LibCrypto.Aes256Ctr, 0, keyAt, null));
    }

    /// <inheritdoc />
    internal override void Transform(ReadOnlySpan<byte> start, ReadOnlySpan<byte> input, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(start.Length, BlockBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(output.Length, input.Length);
        fixed (byte* startAt = start, inputAt = input, outputAt = output)
        {
            LibCrypto.Demand(LibCrypto.StartCipher(_state, 0, 0, null, startAt));
            if (input.IsEmpty)
                return;
            LibCrypto.Demand(LibCrypto.Encrypt(_state, outputAt, out int done, inputAt, input.Length));
            LibCrypto.Demand(done == input.Length ? 1 : 0);
        }
    }

    public override void Dispose() => _state.Dispose();
}
