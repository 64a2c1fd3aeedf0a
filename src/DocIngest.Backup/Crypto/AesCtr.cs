namespace DocIngest.Backup.Crypto;

/// <summary>AES-256 in counter mode. The whole block is the counter: 128 bits, big-endian, wrapping (restic-format 2.2).</summary>
/// <remarks>Not for several threads. Nothing is allocated after construction.</remarks>
internal abstract class AesCtr : IDisposable
{
    internal const int BlockBytes = 16;

    /// <summary>The fastest that this machine has.</summary>
    /// <param name="key">32 bytes; a copy is kept.</param>
    internal static AesCtr Create(byte[] key) => LibCrypto.IsThere ? new LibCryptoAesCtr(key) : new FrameworkAesCtr(key);

    /// <summary>Encrypts or decrypts, which is the same.</summary>
    /// <param name="start">The first counter block.</param>
    /// <param name="input">Of any length.</param>
    /// <param name="output">As long; the very same memory, or apart from it.</param>
    internal abstract void Transform(ReadOnlySpan<byte> start, ReadOnlySpan<byte> input, Span<byte> output);

    public abstract void Dispose();
}
