using System.Runtime.CompilerServices;

namespace DocIngest.Archive.Validation;

/// <summary>BLAKE2b without a key (RFC 7693), of any length.</summary>
internal sealed unsafe class Blake2bDigest : RunningDigest
{
    private const int Alignment = 64;

    private readonly int _lengthBytes;

    // Pinned, so that the aligned place in it stays where it is.
    private readonly byte[] _memory = GC.AllocateArray<byte>(Sodium.Blake2bStateBytes + Alignment, pinned: true);

    public Blake2bDigest(int lengthBytes)
    {
        _lengthBytes = lengthBytes;
        Check(Sodium.IsReady && Sodium.Blake2bInitialize(State, null, 0, (nuint)lengthBytes) == 0);
    }

    private void* State => (void*)(((nuint)Unsafe.AsPointer(ref _memory[0]) + Alignment - 1) / Alignment * Alignment);

    public override void Append(ReadOnlySpan<byte> block)
    {
        fixed (byte* at = block)
        {
            Check(Sodium.Blake2bUpdate(State, at, (ulong)block.Length) == 0);
        }
    }

    public override string Finish()
    {
        byte[] digest = new byte[_lengthBytes];
        fixed (byte* at = digest)
        {
            Check(Sodium.Blake2bFinal(State, at, (nuint)_lengthBytes) == 0);
        }

        return Convert.ToHexStringLower(digest);
    }

    public override void Dispose()
    {
        // The collector frees the state.
    }

    private static void Check(bool succeeded)
    {
        if (!succeeded)
        {
            throw new InvalidOperationException("libsodium cannot compute BLAKE2b.");
        }
    }
}

/// <summary>SHA-512/256 (FIPS 180-4, 6.7): SHA-512 from other initial values, cut to its first half.</summary>
internal sealed unsafe class Sha512Of256Digest : RunningDigest
{
    private const int LengthBytes = 32;

    private Sodium.Sha512State _state;

    public Sha512Of256Digest()
    {
        Check(Sodium.IsReady);
        for (int word = 0; word < InitialValues.Length; word++)
        {
            _state.State[word] = InitialValues[word];
        }
    }

    // FIPS 180-4, 5.3.6.2.
    private static ReadOnlySpan<ulong> InitialValues =>
    [
        0x22312194FC2BF72C, 0x9F555FA3C84C64C2, 0x2393B86B6F53B151, 0x963877195940EABD,
        0x96283EE2A88EFFE3, 0xBE5E1E2553863992, 0x2B0199FC2C85B8AA, 0x0EB72DDC81C52CA2,
    ];

    public override void Append(ReadOnlySpan<byte> block)
    {
        fixed (Sodium.Sha512State* state = &_state)
        fixed (byte* at = block)
        {
            Check(Sodium.Sha512Update(state, at, (ulong)block.Length) == 0);
        }
    }

    public override string Finish()
    {
        byte[] digest = new byte[64];
        fixed (Sodium.Sha512State* state = &_state)
        fixed (byte* at = digest)
        {
            Check(Sodium.Sha512Final(state, at) == 0);
        }

        return Convert.ToHexStringLower(digest.AsSpan(0, LengthBytes));
    }

    public override void Dispose()
    {
        // Nothing is held.
    }

    private static void Check(bool succeeded)
    {
        if (!succeeded)
        {
            throw new InvalidOperationException("libsodium cannot compute SHA-512.");
        }
    }
}
