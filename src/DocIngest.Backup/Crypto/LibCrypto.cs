using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Crypto;

/// <summary>OpenSSL's libcrypto, which the framework itself needs on Linux: counter mode and Poly1305 in the widest vectors of the processor (ADR 0010).</summary>
internal static unsafe partial class LibCrypto
{
    private const string Library = "libcrypto.so.3";

    /// <summary>Whether it is there, and gives what is asked for: a machine in FIPS mode has no Poly1305.</summary>
    internal static bool IsThere { get; } = Look();

    internal static Algorithm Poly1305 { get; } = IsThere ? FetchMac(0, "POLY1305", null) : new Algorithm();

    internal static nint Aes256Ctr { get; } = IsThere ? GetAes256Ctr() : 0;

    /// <summary>A call that has no reason to fail but want of memory.</summary>
    internal static void Demand(int result)
    {
        if (result != 1)
            throw new InvalidOperationException("libcrypto refuses to work.");
    }

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_new")]
    internal static partial CipherState NewCipher();

    /// <summary>What is 0 or null stays as it is.</summary>
    [LibraryImport(Library, EntryPoint = "EVP_EncryptInit_ex")]
    internal static partial int StartCipher(CipherState state, nint cipher, nint engine, byte* key, byte* start);

    [LibraryImport(Library, EntryPoint = "EVP_EncryptUpdate")]
    internal static partial int Encrypt(CipherState state, byte* output, out int outputLength, byte* input, int inputLength);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_CTX_new")]
    internal static partial MacState NewMac(Algorithm mac);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_init")]
    internal static partial int StartMac(MacState state, byte* key, nuint keyLength, nint parameters);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_update")]
    internal static partial int AddToMac(MacState state, byte* data, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_final")]
    internal static partial int FinishMac(MacState state, byte* tag, out nuint length, nuint room);

    private static bool Look()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad(Library, typeof(LibCrypto).Assembly, null, out _))
            return false;
        using var mac = FetchMac(0, "POLY1305", null);
        return !mac.IsInvalid && GetAes256Ctr() != 0;
    }

    [LibraryImport(Library, EntryPoint = "EVP_aes_256_ctr")]
    private static partial nint GetAes256Ctr();

    [LibraryImport(Library, EntryPoint = "EVP_MAC_fetch", StringMarshalling = StringMarshalling.Utf8)]
    private static partial Algorithm FetchMac(nint library, string name, string? properties);

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_free")]
    private static partial void FreeCipher(nint state);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_CTX_free")]
    private static partial void FreeMacState(nint state);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_free")]
    private static partial void FreeMac(nint mac);

    /// <summary>EVP_MAC.</summary>
    internal sealed class Algorithm() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeMac(handle);
            return true;
        }
    }

    /// <summary>EVP_CIPHER_CTX. Freeing it wipes the key.</summary>
    internal sealed class CipherState() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeCipher(handle);
            return true;
        }
    }

    /// <summary>EVP_MAC_CTX. Freeing it wipes the key.</summary>
    internal sealed class MacState() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeMacState(handle);
            return true;
        }
    }
}
