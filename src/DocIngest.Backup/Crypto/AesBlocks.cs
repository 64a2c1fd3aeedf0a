using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace DocIngest.Backup.Crypto;

/// <summary>AES as a permutation of single blocks, from which restic builds its counter mode and its one-time keys.</summary>
internal static class AesBlocks
{
    /// <summary>Stays usable block by block, and keeps its own copy of the key.</summary>
    [SuppressMessage("Security", "CA5358", Justification = "Never used on content: on counters, and on one random block a sealing.")]
    internal static ICryptoTransform Encryptor(byte[] key)
    {
        using var aes = Aes.Create();
        aes.Mode = CipherMode.ECB;
        aes.Padding = PaddingMode.None;
        return aes.CreateEncryptor(key, null);
    }
}
