using System.Runtime.InteropServices;

namespace DocIngest.Archive.Validation;

/// <summary>libsodium: the digests that the framework lacks.</summary>
internal static unsafe partial class Sodium
{
    /// <summary>Size of <c>crypto_generichash_blake2b_state</c>, which must lie at a multiple of 64.</summary>
    public const int Blake2bStateBytes = 384;

    private const string Library = "libsodium";

    /// <summary>libsodium has looked at the processor and picked its fastest code. To be read before the first call.</summary>
    public static bool IsReady { get; } =
        Initialize() >= 0 ? true : throw new PlatformNotSupportedException("libsodium cannot start on this machine.");

    [LibraryImport(Library, EntryPoint = "crypto_generichash_blake2b_init")]
    public static partial int Blake2bInitialize(void* state, byte* key, nuint keyLength, nuint digestLength);

    [LibraryImport(Library, EntryPoint = "crypto_generichash_blake2b_update")]
    public static partial int Blake2bUpdate(void* state, byte* block, ulong blockLength);

    [LibraryImport(Library, EntryPoint = "crypto_generichash_blake2b_final")]
    public static partial int Blake2bFinal(void* state, byte* digest, nuint digestLength);

    [LibraryImport(Library, EntryPoint = "crypto_hash_sha512_update")]
    public static partial int Sha512Update(Sha512State* state, byte* block, ulong blockLength);

    [LibraryImport(Library, EntryPoint = "crypto_hash_sha512_final")]
    public static partial int Sha512Final(Sha512State* state, byte* digest);

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    private static partial int Initialize();

    /// <summary><c>crypto_hash_sha512_state</c>, public in libsodium's header.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Sha512State
    {
        public fixed ulong State[8];
        public fixed ulong Count[2];
        public fixed byte Buffer[128];
    }
}
