using System.Security.Cryptography;

namespace DocIngest.Backup.Crypto;

/// <summary>What one thread needs to use a key: ciphers with their round keys, and room for one-time keys.</summary>
internal sealed class KeyState : IDisposable
{
    private readonly ICryptoTransform _oneTimePad;
    private readonly Poly1305 _mac = Poly1305.Create();
    private readonly byte[] _oneTimeKey = new byte[Poly1305.KeyBytes];   // r, then s
    private readonly byte[] _block = new byte[AesCtr.BlockBytes];

    internal KeyState(byte[] encryption, byte[] macKey, byte[] macFactor)
    {
        Cipher = AesCtr.Create(encryption);
        _oneTimePad = AesBlocks.Encryptor(macKey);
        macFactor.CopyTo(_oneTimeKey, 0);
    }

    internal AesCtr Cipher { get; }

    /// <summary>Poly1305-AES: the pad is the encrypted nonce.</summary>
    internal void Authenticate(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, Span<byte> tag)
    {
        nonce.CopyTo(_block);
        _oneTimePad.TransformBlock(_block, 0, _block.Length, _oneTimeKey, Poly1305.KeyBytes - AesCtr.BlockBytes);
        _mac.Compute(_oneTimeKey, ciphertext, tag);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_oneTimeKey);
        Cipher.Dispose();
        _oneTimePad.Dispose();
        _mac.Dispose();
    }
}
