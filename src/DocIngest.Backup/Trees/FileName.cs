using System.Buffers;
using System.Text;
using DocIngest.Storage;

namespace DocIngest.Backup.Trees;

/// <summary>The name of an entry: bytes on Linux, and WTF-8 (UTF-8 that may hold lone surrogates) on Windows (restic-format 9.3).</summary>
/// <remarks>Ordered by unsigned bytes, which is the order of a tree. Ordinal strings order U+E000 to U+FFFF differently.</remarks>
public readonly struct FileName : IEquatable<FileName>, IComparable<FileName>
{
    private readonly byte[]? _bytes;

    /// <summary>A name of these bytes, whatever they are.</summary>
    public FileName(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    private FileName(byte[] owned) => _bytes = owned;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Whether a file system may be given this name: not empty, not <c>.</c> or <c>..</c>, without <c>/</c> and NUL.</summary>
    /// <remarks>Windows forbids more; who restores there checks that too. A backslash is a character like any other on Linux.</remarks>
    public bool IsSafe => !Bytes.IsEmpty && !Bytes.ContainsAny((byte)'/', (byte)0) && !Bytes.SequenceEqual("."u8) && !Bytes.SequenceEqual(".."u8);

    /// <summary>From a string in the form of <see cref="RawName"/>, which carries bytes that are no UTF-8 as lone surrogates.</summary>
    /// <exception cref="ArgumentException">A lone surrogate that stands for no byte.</exception>
    public static FileName FromRaw(string name) => new(RawName.ToBytes(name));

    /// <summary>From a Windows name, which may hold lone surrogates; each becomes the three bytes it would have in UTF-8.</summary>
    public static FileName FromUtf16(string name)
    {
        var bytes = new ArrayBufferWriter<byte>(name.Length + 8);
        for (int at = 0; at < name.Length;)
        {
            if (Rune.TryGetRuneAt(name, at, out var rune))
            {
                bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
                at += rune.Utf16SequenceLength;
            }
            else
            {
                char lone = name[at++];
                bytes.Write([(byte)(0xe0 | (lone >> 12)), (byte)(0x80 | ((lone >> 6) & 0x3f)), (byte)(0x80 | (lone & 0x3f))]);
            }
        }

        return new FileName(bytes.WrittenSpan.ToArray());
    }

    /// <summary>A name that takes over an array nobody else writes to.</summary>
    internal static FileName Owning(byte[] bytes) => new(bytes);

    /// <summary>The form of <see cref="RawName"/>.</summary>
    public string ToRaw() => RawName.FromBytes(Bytes);

    /// <summary>The Windows name. False where the bytes are not WTF-8: no Windows name gives them.</summary>
    public bool TryToUtf16(out string name)
    {
        var text = new StringBuilder(Bytes.Length);
        Span<char> pair = stackalloc char[2];
        for (var rest = Bytes; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(rest, out var rune, out int used) == OperationStatus.Done)
            {
                text.Append(pair[..rune.EncodeToUtf16(pair)]);
            }
            else if (rest is [0xed, >= 0xa0 and <= 0xbf, >= 0x80 and <= 0xbf, ..])
            {
                text.Append((char)(0xd000 | ((rest[1] & 0x3f) << 6) | (rest[2] & 0x3f)));
                used = 3;
            }
            else
            {
                name = "";
                return false;
            }

            rest = rest[used..];
        }

        name = text.ToString();
        return true;
    }

    /// <inheritdoc />
    public bool Equals(FileName other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is FileName other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <inheritdoc />
    public int CompareTo(FileName other) => Bytes.SequenceCompareTo(other.Bytes);

    /// <summary>The name fit for people, as <see cref="RawName.ToDisplay"/> shows it.</summary>
    public override string ToString() => RawName.ToDisplay(ToRaw());

    /// <summary>The same bytes.</summary>
    public static bool operator ==(FileName left, FileName right) => left.Equals(right);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(FileName left, FileName right) => !left.Equals(right);
}
