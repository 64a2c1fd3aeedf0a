using System.Buffers;
using System.Text;

namespace DocIngest.Storage;

/// <summary>Carries a file name between <see cref="string"/> and bytes without loss.</summary>
/// <remarks>
/// A Linux name is bytes: valid UTF-8 is carried as itself, each other byte 0x80 to 0xFF as the lone surrogate U+DC80 to U+DCFF
/// (PEP 383, "surrogateescape"). A Windows name is UTF-16 that need not be well formed: a lone surrogate is carried as the three
/// bytes UTF-8 would give it (WTF-8).
/// </remarks>
public static class RawName
{
    private const char EscapeStart = '\uDC00';

    private static readonly bool NamesAreBytes = !OperatingSystem.IsWindows();

    /// <summary>The string that carries these bytes.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes) => FromBytes(bytes, NamesAreBytes);

    /// <summary>The bytes this string carries.</summary>
    /// <exception cref="ArgumentException">Not on Windows: a lone surrogate that <see cref="FromBytes(ReadOnlySpan{byte})"/> never makes.</exception>
    public static byte[] ToBytes(string name) => ToBytes(name, NamesAreBytes);

    internal static string FromBytes(ReadOnlySpan<byte> bytes, bool namesAreBytes)
    {
        var text = new StringBuilder(bytes.Length);
        Span<char> pair = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out int used) == OperationStatus.Done)
            {
                text.Append(pair[..rune.EncodeToUtf16(pair)]);
            }
            else if (!namesAreBytes && bytes is [0xED, >= 0xA0 and <= 0xBF, >= 0x80 and <= 0xBF, ..])
            {
                used = 3;
                text.Append((char)(0xD000 | ((bytes[1] & 0x3F) << 6) | (bytes[2] & 0x3F)));
            }
            else
            {
                used = 1;
                text.Append((char)(EscapeStart + bytes[0]));
            }

            bytes = bytes[used..];
        }

        return text.ToString();
    }

    internal static byte[] ToBytes(string name, bool namesAreBytes)
    {
        var bytes = new ArrayBufferWriter<byte>(name.Length + 8);
        for (int at = 0; at < name.Length;)
        {
            if (Rune.TryGetRuneAt(name, at, out var rune))
            {
                bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
                at += rune.Utf16SequenceLength;
                continue;
            }

            char half = name[at++];
            bytes.Write(half switch
            {
                _ when !namesAreBytes => [0xED, (byte)(0x80 | ((half >> 6) & 0x3F)), (byte)(0x80 | (half & 0x3F))],
                >= '\uDC80' and <= '\uDCFF' => [(byte)(half - EscapeStart)],
                _ => throw new ArgumentException("The name holds a lone surrogate that stands for no byte.", nameof(name)),
            });
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The name fit for people: escaped bytes as <c>\xE9</c>, other lone surrogates as <c>\uD800</c>, control characters as <c>\n</c>, <c>\x1B</c>, backslashes doubled.</summary>
    public static string ToDisplay(string name)
    {
        if (!name.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c == '\\'))
        {
            return name;
        }

        var text = new StringBuilder(name.Length + 8);
        for (int at = 0; at < name.Length; at++)
        {
            char c = name[at];
            _ = c switch
            {
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '\r' => text.Append(@"\r"),
                '\t' => text.Append(@"\t"),
                _ when char.IsControl(c) => text.Append($"\\x{(int)c:X2}"),
                _ when at + 1 < name.Length && char.IsSurrogatePair(name, at) => text.Append(c).Append(name[++at]),
                >= '\uDC80' and <= '\uDCFF' => text.Append($"\\x{c - EscapeStart:X2}"),
                _ when char.IsSurrogate(c) => text.Append($"\\u{(int)c:X4}"),
                _ => text.Append(c),
            };
        }

        return text.ToString();
    }
}
