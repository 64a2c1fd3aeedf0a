namespace DocIngest.Backup.Crypto;

/// <summary>The password-based key derivation of key files (restic-format 3.2).</summary>
internal static class Scrypt
{
    internal const int SaltBytes = 64;

    private static readonly bool IsReady = Sodium.IsReady;

    /// <summary>Derives a key. Takes the time and memory that the parameters ask for.</summary>
    /// <exception cref="KeyDerivationException">The machine does not have 128 * N * r bytes.</exception>
    internal static unsafe void Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, ScryptParameters parameters, Span<byte> derived)
    {
        fixed (byte* passwordAt = password, saltAt = salt, derivedAt = derived)
        {
            int result = IsReady ? Sodium.Scrypt(
                passwordAt, (nuint)password.Length, saltAt, (nuint)salt.Length, (ulong)parameters.N, (uint)parameters.R, (uint)parameters.P, derivedAt, (nuint)derived.Length) : -1;
            if (result != 0)
                throw new KeyDerivationException($"The key derivation needs {parameters.MemoryBytes >> 20} MiB of memory and did not get them.");
        }
    }
}
