using System.Security.Cryptography;

namespace DocIngest.Backup.Crypto;

/// <summary>
/// The 64 secret bytes that seal everything in a repository: AES-256-CTR, then Poly1305-AES over the ciphertext (restic-format 2).
/// A key derived from a password, which seals the master key, is of the same kind.
/// </summary>
/// <remarks>
/// May be used from several threads. Sealing and opening allocate nothing once each thread has been here. A sealed thing carries no
/// name and no kind: one may be put in place of another, and only names, index and blob ids tell.
/// </remarks>
public sealed class MasterKey : IDisposable
{
    /// <summary>Bytes by which a sealed thing is longer than its plaintext.</summary>
    public const int Overhead = NonceBytes + Poly1305.TagBytes;

    /// <summary>Bytes of a key: encryption, then MAC.</summary>
    public const int SizeBytes = EncryptionBytes + MacKeyBytes + MacFactorBytes;

    /// <summary>Where the ciphertext begins in a sealed thing.</summary>
    internal const int NonceBytes = AesCtr.BlockBytes;

    private const int EncryptionBytes = 32;
    private const int MacKeyBytes = 16;
    private const int MacFactorBytes = 16;

    private readonly byte[] _encryption;
    private readonly byte[] _macKey;
    private readonly byte[] _macFactor;
    private readonly IdlePool<KeyState> _states;

    /// <param name="key">E (32 bytes), k (16), r (16).</param>
    /// <exception cref="ArgumentException">One of the three is all zeros: no such key was ever drawn.</exception>
    public MasterKey(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, SizeBytes);
        if (!IsValid(key))
            throw new ArgumentException("A part of the key is all zeros.", nameof(key));
        _encryption = key[..EncryptionBytes].ToArray();
        _macKey = key.Slice(EncryptionBytes, MacKeyBytes).ToArray();
        _macFactor = key[^MacFactorBytes..].ToArray();
        _states = new IdlePool<KeyState>(() => new KeyState(_encryption, _macKey, _macFactor));
    }

    /// <summary>Draws a new key.</summary>
    public static MasterKey Draw()
    {
        Span<byte> key = stackalloc byte[SizeBytes];
        RandomNumberGenerator.Fill(key);
        var drawn = new MasterKey(key);
        CryptographicOperations.ZeroMemory(key);
        return drawn;
    }

    internal static bool IsValid(ReadOnlySpan<byte> key) =>
        key[..EncryptionBytes].ContainsAnyExcept((byte)0) && key.Slice(EncryptionBytes, MacKeyBytes).ContainsAnyExcept((byte)0)
        && key[^MacFactorBytes..].ContainsAnyExcept((byte)0);

    /// <summary>Encrypts under a fresh nonce and authenticates.</summary>
    /// <param name="plaintext">May be the very memory <paramref name="output"/> has for the ciphertext (its 16th byte on), or lie apart.</param>
    /// <param name="output">Longer by <see cref="Overhead"/>.</param>
    public void Seal(ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(output.Length, plaintext.Length + Overhead);
        var nonce = output[..NonceBytes];
        RandomNumberGenerator.Fill(nonce);
        Seal(nonce, plaintext, output);
    }

    /// <summary>As <see cref="Seal(ReadOnlySpan{byte}, Span{byte})"/>, under a nonce that must never come twice.</summary>
    internal void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        if (!nonce.ContainsAnyExcept((byte)0))
            throw new CryptographicException("The random number generator gave zeros.");
        var state = _states.Take();
        nonce.CopyTo(output);
        var ciphertext = output[NonceBytes..^Poly1305.TagBytes];
        state.Cipher.Transform(nonce, plaintext, ciphertext);
        state.Authenticate(nonce, ciphertext, output[^Poly1305.TagBytes..]);
        _states.Return(state);
    }

    /// <summary>Authenticates, and only then decrypts.</summary>
    /// <param name="input">A sealed thing.</param>
    /// <param name="plaintext">Shorter by <see cref="Overhead"/>. May be the very memory of the ciphertext, or lie apart.</param>
    /// <returns>False, leaving <paramref name="plaintext"/> as it was, where it was not sealed with this key, or changed since.</returns>
    public bool TryOpen(ReadOnlySpan<byte> input, Span<byte> plaintext)
    {
        if (input.Length < Overhead)
            return false;
        ArgumentOutOfRangeException.ThrowIfNotEqual(plaintext.Length, input.Length - Overhead);
        var nonce = input[..NonceBytes];
        if (!nonce.ContainsAnyExcept((byte)0))
            return false;

        var state = _states.Take();
        var ciphertext = input[NonceBytes..^Poly1305.TagBytes];
        Span<byte> tag = stackalloc byte[Poly1305.TagBytes];
        state.Authenticate(nonce, ciphertext, tag);
        bool isAuthentic = CryptographicOperations.FixedTimeEquals(tag, input[^Poly1305.TagBytes..]);
        if (isAuthentic)
            state.Cipher.Transform(nonce, ciphertext, plaintext);
        _states.Return(state);
        return isAuthentic;
    }

    /// <summary>The 64 bytes, to be wrapped by a password or a certificate. The caller wipes them.</summary>
    internal void Export(Span<byte> key)
    {
        _encryption.CopyTo(key);
        _macKey.CopyTo(key[EncryptionBytes..]);
        _macFactor.CopyTo(key[(EncryptionBytes + MacKeyBytes)..]);
    }

    /// <summary>Wipes the key. Nobody may be using it any more.</summary>
    public void Dispose()
    {
        _states.Dispose();
        CryptographicOperations.ZeroMemory(_encryption);
        CryptographicOperations.ZeroMemory(_macKey);
        CryptographicOperations.ZeroMemory(_macFactor);
    }
}
