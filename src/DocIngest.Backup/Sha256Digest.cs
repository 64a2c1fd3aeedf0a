using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace DocIngest.Backup;

/// <summary>A SHA-256 digest in 32 bytes without an object of its own: an index holds millions.</summary>
public readonly record struct Sha256Digest : IComparable<Sha256Digest>
{
    /// <summary>Bytes of a digest.</summary>
    public const int SizeBytes = SHA256.HashSizeInBytes;

    /// <summary>Hexadecimal digits of a digest.</summary>
    public const int HexLength = 2 * SizeBytes;

    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    /// <param name="hash">32 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another length.</exception>
    public Sha256Digest(ReadOnlySpan<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, SizeBytes);
        _first = BinaryPrimitives.ReadUInt64BigEndian(hash);
        _second = BinaryPrimitives.ReadUInt64BigEndian(hash[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(hash[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(hash[24..]);
    }

    /// <summary>Hashes bytes in memory.</summary>
    public static Sha256Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SizeBytes];
        SHA256.HashData(content, hash);
        return new Sha256Digest(hash);
    }

    /// <summary>Reads 64 hexadecimal digits of either case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? hex, out Sha256Digest digest)
    {
        Span<byte> hash = stackalloc byte[SizeBytes];
        bool isDigest = hex?.Length == HexLength && Convert.FromHexString(hex, hash, out _, out _) == OperationStatus.Done;
        digest = isDigest ? new Sha256Digest(hash) : default;
        return isDigest;
    }

    /// <summary>Reads 64 hexadecimal digits of either case in ASCII.</summary>
    public static bool TryParse(ReadOnlySpan<byte> hex, out Sha256Digest digest)
    {
        Span<byte> hash = stackalloc byte[SizeBytes];
        bool isDigest = hex.Length == HexLength && Convert.FromHexString(hex, hash, out _, out _) == OperationStatus.Done;
        digest = isDigest ? new Sha256Digest(hash) : default;
        return isDigest;
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _first);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _fourth);
    }

    /// <summary>By the bytes, which is the order of the hexadecimal digits.</summary>
    public int CompareTo(Sha256Digest other)
    {
        int order = _first.CompareTo(other._first);
        order = order != 0 ? order : _second.CompareTo(other._second);
        order = order != 0 ? order : _third.CompareTo(other._third);
        return order != 0 ? order : _fourth.CompareTo(other._fourth);
    }

    /// <summary>64 of the bits, for tables of one's own.</summary>
    internal ulong Hash => _first;

    /// <inheritdoc />
    public override int GetHashCode() => _first.GetHashCode();   // uniform as it is

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> hash = stackalloc byte[SizeBytes];
        WriteTo(hash);
        return Convert.ToHexStringLower(hash);
    }
}
