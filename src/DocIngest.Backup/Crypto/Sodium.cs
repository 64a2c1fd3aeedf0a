using System.Runtime.InteropServices;

namespace DocIngest.Backup.Crypto;

/// <summary>libsodium: the primitives that the framework lacks.</summary>
internal static unsafe partial class Sodium
{
    private const string Library = "libsodium";

    /// <summary>libsodium has looked at the processor and picked its fastest code. To be read before the first call.</summary>
    internal static bool IsReady { get; } =
        Initialize() >= 0 ? true : throw new PlatformNotSupportedException("libsodium cannot start on this machine.");

    [LibraryImport(Library, EntryPoint = "crypto_onetimeauth_poly1305")]
    internal static partial int OneTimeAuth(byte* tag, byte* message, ulong messageLength, byte* key);

    [LibraryImport(Library, EntryPoint = "crypto_pwhash_scryptsalsa208sha256_ll")]
    internal static partial int Scrypt(
        byte* password, nuint passwordLength, byte* salt, nuint saltLength, ulong n, uint r, uint p, byte* derived, nuint derivedLength);

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    private static partial int Initialize();
}
